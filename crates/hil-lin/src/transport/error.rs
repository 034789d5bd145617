//! What can go wrong between two messages.

use std::time::Duration;

use crate::{HexBytes, LinError};

/// A message that could not be sent or received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The bus or the adapter failed.
    #[error("the bus failed under the transport layer")]
    Bus(#[from] LinError),
    /// A message has 1 to 4095 bytes; to the functional address it fits into a single frame.
    #[error("a message of {length} bytes is not in 1–{max}")]
    Length {
        /// Its length.
        length: usize,
        /// What is allowed.
        max: usize,
    },
    /// One of the frames got onto the bus later than N_As allows; the rest was not sent.
    #[error("frame {frame} of the message took longer than {:.3} s to get onto the bus; the rest was not sent", timeout.as_secs_f64())]
    NotSent {
        /// Its index in the message.
        frame: usize,
        /// N_As.
        timeout: Duration,
    },
    /// The message broke off: no consecutive frame came within N_Cr.
    #[error("the message broke off after {got} of {expected} bytes: no consecutive frame within {:.3} s", timeout.as_secs_f64())]
    BrokeOff {
        /// How many bytes came.
        got: usize,
        /// How many were announced.
        expected: usize,
        /// N_Cr.
        timeout: Duration,
    },
    /// A consecutive frame has the wrong number.
    #[error("consecutive frame {got} instead of {expected}: a frame was lost")]
    Sequence {
        /// The number that was due, 0–15.
        expected: u8,
        /// The number that came.
        got: u8,
    },
    /// A frame that is no part of a message.
    #[error("{} is no frame of the transport layer: {why}", HexBytes(frame))]
    Malformed {
        /// The frame.
        frame: [u8; 8],
        /// What is wrong with it.
        why: &'static str,
    },
}
