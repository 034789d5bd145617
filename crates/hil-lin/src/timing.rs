//! How long things take on the bus.

use std::fmt;
use std::time::Duration;

use crate::FrameError;

/// A header's nominal length: 13 bits break, 1 delimiter, 10 sync, 10 protected id (hardware reference 1.3).
const HEADER_BITS: u32 = 34;

/// A bit rate, 1000–20000 bit/s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bitrate(u32);

impl Bitrate {
    /// The usual rate of LIN 2.x.
    pub const LIN_2: Self = Self(19_200);

    /// The bit rate of `bits_per_second`.
    ///
    /// # Errors
    ///
    /// [`FrameError::Bitrate`] outside 1000–20000.
    pub const fn new(bits_per_second: u32) -> Result<Self, FrameError> {
        if bits_per_second >= 1_000 && bits_per_second <= 20_000 {
            Ok(Self(bits_per_second))
        } else {
            Err(FrameError::Bitrate(bits_per_second))
        }
    }

    /// Bits per second.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The time of `bits` bits.
    pub fn time_of(self, bits: u32) -> Duration {
        Duration::from_nanos(u64::from(bits) * 1_000_000_000 / u64::from(self.0))
    }

    /// The nominal time of a header.
    pub fn header(self) -> Duration {
        self.time_of(HEADER_BITS)
    }

    /// The nominal time of a frame with `data_bytes` data bytes, checksum included.
    pub fn nominal_frame(self, data_bytes: usize) -> Duration {
        self.time_of(HEADER_BITS + 10 * (data_bytes as u32 + 1))
    }

    /// The longest time that the standard allows the same frame: 1.4 times the nominal one.
    pub fn maximum_frame(self, data_bytes: usize) -> Duration {
        self.nominal_frame(data_bytes) * 14 / 10
    }
}

impl fmt::Display for Bitrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bit/s", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// The table of hardware reference 1.3, in microseconds.
    #[rstest]
    #[case(19_200, 1, 2_813, 3_938)]
    #[case(19_200, 8, 6_458, 9_042)]
    #[case(10_417, 4, 8_064, 11_289)]
    #[case(9_600, 2, 6_667, 9_333)]
    fn frame_times_are_those_of_the_table(
        #[case] rate: u32,
        #[case] bytes: usize,
        #[case] nominal: u128,
        #[case] max: u128,
    ) {
        let rate = Bitrate::new(rate).unwrap();
        let micros = |time: Duration| (time.as_nanos() + 500) / 1000;
        assert_eq!((micros(rate.nominal_frame(bytes)), micros(rate.maximum_frame(bytes))), (nominal, max));
    }
}
