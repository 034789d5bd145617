//! What can go wrong on a bus.

use std::time::Duration;

use crate::{Data, FrameId};

/// A frame, or a part of one, that cannot exist on a LIN bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Frame ids have six bits.
    #[error("frame id {0:#04x} is beyond 0x3f")]
    Id(u8),
    /// A protected id whose parity bits do not belong to its id.
    #[error("protected id {0:#04x} has wrong parity")]
    Parity(u8),
    /// A frame carries at most eight bytes.
    #[error("{0} data bytes are more than 8")]
    Length(usize),
    /// A slave's address lies in 0x01–0x7D; 0x00, 0x7E and 0x7F have a meaning of their own.
    #[error("node address {0:#04x} is not in 0x01–0x7d")]
    Nad(u8),
    /// LIN runs at 1 to 20 kbit/s.
    #[error("{0} bit/s is not in 1000–20000")]
    Bitrate(u32),
    /// Boot loaders run at 25 to 300 kbit/s.
    #[error("{0} bit/s is not in 25000–300000")]
    LoaderBitrate(u32),
    /// A supplier is 0x0000–0x7FFE; 0x7FFF means any.
    #[error("supplier {0:#06x} is not in 0x0000–0x7ffe")]
    Supplier(u16),
    /// A function is 0x0000–0xFFFE; 0xFFFF means any.
    #[error("function {0:#06x} is not in 0x0000–0xfffe")]
    Function(u16),
    /// A wake-up pulse takes 250 µs to 5 ms.
    #[error("a wake-up pulse of {} µs is not in 250–5000 µs", .0.as_micros())]
    WakePulse(Duration),
}

/// An operation on the bus that did not do what it should.
///
/// "No response" is not among them: on a LIN bus that is an answer, see [`crate::Response`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinError {
    /// The adapter is not connected.
    #[error("{adapter} is not connected")]
    NotConnected {
        /// The adapter's name.
        adapter: &'static str,
    },
    /// The adapter cannot do this.
    #[error("{adapter} cannot {what}")]
    Unsupported {
        /// The ability that is missing, as a verb.
        what: &'static str,
        /// The adapter's name.
        adapter: &'static str,
    },
    /// The response's checksum is wrong.
    #[error("frame {id}: checksum {got:#04x} instead of {expected:#04x} (data {data})")]
    Checksum {
        /// The frame's id.
        id: FrameId,
        /// The data bytes that came.
        data: Data,
        /// The checksum that came.
        got: u8,
        /// The checksum that belongs to the data.
        expected: u8,
    },
    /// A response broke off.
    #[error("frame {id}: the response broke off after {} of {expected} bytes ({data})", data.len())]
    Incomplete {
        /// The frame's id.
        id: FrameId,
        /// The data bytes that came.
        data: Data,
        /// How many bytes were expected.
        expected: usize,
    },
    /// The echo differs from what was sent: something else drives the bus.
    #[error("frame {id}: byte {at} of the echo is {got:#04x} instead of {sent:#04x}")]
    BitError {
        /// The frame's id.
        id: FrameId,
        /// The index of the byte, counted from the sync byte.
        at: usize,
        /// The byte that was sent.
        sent: u8,
        /// The byte that came back.
        got: u8,
    },
    /// The bus is dominant all the time.
    #[error("the bus is shorted to ground")]
    ShortedToGround,
    /// The adapter cannot be had here: software or device is missing. Tests that need it skip.
    #[error("{adapter} cannot be had: {reason}")]
    Unavailable {
        /// The adapter's name.
        adapter: &'static str,
        /// What is missing.
        reason: String,
    },
    /// The adapter is there, or somebody in its place, and no connection comes about.
    #[error("{adapter} cannot be used: {reason}")]
    Unusable {
        /// The adapter's name.
        adapter: &'static str,
        /// What came in between.
        reason: String,
    },
    /// The adapter was there and is gone.
    #[error("{adapter} is gone: {reason}")]
    AdapterLost {
        /// The adapter's name.
        adapter: &'static str,
        /// What was noticed.
        reason: String,
    },
    /// The adapter is connected and does not answer. What was asked for may have happened.
    #[error("{adapter} did not {operation} within {:.2} s", timeout.as_secs_f64())]
    Timeout {
        /// The adapter's name.
        adapter: &'static str,
        /// What was asked for, as a verb.
        operation: &'static str,
        /// How long was waited.
        timeout: Duration,
    },
    /// The adapter says that it cannot do it now.
    #[error("{adapter} refuses to {operation}: {reason}")]
    Refused {
        /// The adapter's name.
        adapter: &'static str,
        /// What was asked for, as a verb.
        operation: &'static str,
        /// What it says.
        reason: String,
    },
    /// What the adapter answers makes no sense.
    #[error("{adapter} talks nonsense: {what}")]
    Garbled {
        /// The adapter's name.
        adapter: &'static str,
        /// What came, shortened.
        what: String,
    },
    /// The adapter heard a disturbed response and does not say more.
    #[error("frame {id}: the adapter reports {what}")]
    Disturbed {
        /// The frame's id.
        id: FrameId,
        /// What the adapter says.
        what: String,
    },
}

impl LinError {
    /// Whether it is the adapter that failed, and not what is on the bus.
    pub const fn is_adapter(&self) -> bool {
        match self {
            Self::NotConnected { .. }
            | Self::Unsupported { .. }
            | Self::Unavailable { .. }
            | Self::Unusable { .. }
            | Self::AdapterLost { .. }
            | Self::Timeout { .. }
            | Self::Refused { .. }
            | Self::Garbled { .. } => true,
            Self::Checksum { .. }
            | Self::Incomplete { .. }
            | Self::BitError { .. }
            | Self::ShortedToGround
            | Self::Disturbed { .. } => false,
        }
    }
}
