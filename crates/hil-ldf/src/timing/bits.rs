//! Lengths in bits, and how long they take at a bit rate.

use std::num::NonZeroU32;
use std::ops::Add;
use std::time::Duration;

/// A length in millionths of a bit, so that 47.6 bits and tolerances in percent are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bits(u64);

/// Beyond any length that a file can mean; keeps sums and products in their range.
const MOST: f64 = 1e6;

impl Bits {
    /// A whole number of bits.
    pub(super) const fn whole(bits: u32) -> Self {
        // A `u32` times a million is less than 2^52.
        Self(bits as u64 * 1_000_000)
    }

    /// A length as a file gives it; what is no length counts as the nearest that is.
    pub(super) fn from_file(bits: f64) -> Self {
        // The range is checked.
        Self((bits.clamp(0.0, MOST) * 1e6).round() as u64)
    }

    /// This length and `percent` of it, as a file gives them.
    pub(super) fn plus_percent(self, percent: f64) -> Self {
        let Self(hundred) = Self::from_file(percent);
        // Percent in millionths: a hundred of them is 10^8.
        let more = u128::from(self.0) * u128::from(hundred);
        Self(self.0.saturating_add(u64::try_from(more.div_ceil(100_000_000)).unwrap_or(u64::MAX)))
    }

    /// The time at a bit rate in bit/s, rounded up to the next nanosecond: a slot that holds it holds it.
    pub(super) fn at(self, bitrate: NonZeroU32) -> Duration {
        let nanoseconds = (u128::from(self.0) * 1_000).div_ceil(u128::from(bitrate.get()));
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

impl Add for Bits {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
