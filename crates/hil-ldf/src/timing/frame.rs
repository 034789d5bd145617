//! How long a frame takes.

use std::num::NonZeroU32;
use std::time::Duration;

use super::bits::Bits;
use crate::model::Database;

/// Break of 13 bits, delimiter of 1, sync and protected id of 10 each (hardware reference 1.3).
const HEADER: Bits = Bits::whole(34);

/// How much longer than nominal headers and responses of LIN 2.x may be, in percent: 1.4 times.
const TOLERANCE: f64 = 40.0;

/// A start bit, eight data bits and a stop bit.
const BITS_PER_BYTE: u32 = 10;

/// Length and times of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FrameTime {
    pub(super) bytes: usize,
    pub(super) nominal: Duration,
    pub(super) maximum: Duration,
}

impl FrameTime {
    /// What is enough for both.
    pub(super) fn longer(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.max(other.bytes),
            nominal: self.nominal.max(other.nominal),
            maximum: self.maximum.max(other.maximum),
        }
    }
}

/// By which rule the frames of a database are measured.
pub(super) struct FrameRule<'d> {
    database: &'d Database,
    bitrate: NonZeroU32,
    longest_header: Bits,
    /// Of responses, in percent.
    tolerance: f64,
}

impl<'d> FrameRule<'d> {
    pub(super) fn of(database: &'d Database, bitrate: NonZeroU32) -> Self {
        let j2602 = database.master().and_then(|master| master.j2602());
        let (longest_header, tolerance) = match j2602 {
            // Public files say "24 bits", which no header of 34 bits has: such a number limits nothing.
            Some(j2602) => (Bits::from_file(j2602.max_header_bits).max(HEADER), j2602.response_tolerance),
            None => (HEADER.plus_percent(TOLERANCE), TOLERANCE),
        };
        Self { database, bitrate, longest_header, tolerance }
    }

    /// A frame of that many bytes, whose response comes from the node called `publisher`.
    pub(super) fn frame(&self, bytes: usize, publisher: &str) -> FrameTime {
        self.measured(bytes, self.tolerance_of(publisher).unwrap_or(self.tolerance))
    }

    /// A frame of that many bytes that the master sends.
    pub(super) fn frame_of_master(&self, bytes: usize) -> FrameTime {
        self.measured(bytes, self.tolerance)
    }

    /// A frame of that many bytes which any slave may answer.
    pub(super) fn frame_of_any_slave(&self, bytes: usize) -> FrameTime {
        let mut tolerance = self.tolerance;
        for slave in self.database.slaves() {
            tolerance = tolerance.max(self.tolerance_of(slave.name()).unwrap_or(tolerance));
        }
        self.measured(bytes, tolerance)
    }

    /// A header that nobody answers.
    pub(super) fn header(&self) -> FrameTime {
        FrameTime {
            bytes: 0,
            nominal: HEADER.at(self.bitrate),
            maximum: self.longest_header.at(self.bitrate),
        }
    }

    fn measured(&self, bytes: usize, tolerance: f64) -> FrameTime {
        // A frame has eight bytes at most, and then its checksum.
        let response = Bits::whole(BITS_PER_BYTE * (u32::try_from(bytes).unwrap_or(8) + 1));
        FrameTime {
            bytes,
            nominal: (HEADER + response).at(self.bitrate),
            maximum: (self.longest_header + response.plus_percent(tolerance)).at(self.bitrate),
        }
    }

    /// The tolerance of the slave called `node`, where J2602 lets it have its own.
    fn tolerance_of(&self, node: &str) -> Option<f64> {
        self.database.master()?.j2602()?;
        self.database.node_attributes(node)?.response_tolerance()
    }
}
