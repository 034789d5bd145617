//! Why a schedule table of the LDF cannot be run.

use hil_ldf::{CodecError, LookupError};
use hil_lin::{FrameError, ScheduleError};

/// A schedule table of the LDF that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The LDF has no table, or no frame, of the name.
    #[error(transparent)]
    Unknown(#[from] LookupError),
    /// The init values of a frame do not fit into it.
    #[error(transparent)]
    Initial(#[from] CodecError),
    /// A frame of the LDF that cannot be on a bus.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A table of the LDF that cannot be run as it is.
    #[error(transparent)]
    Table(#[from] ScheduleError),
    /// LIN 1.x files may leave the identifiers of frames open.
    #[error("frame {frame} has no identifier in the LDF")]
    NoIdentifier {
        /// The frame's name.
        frame: String,
    },
    /// A slot for an event-triggered frame that is not declared.
    #[error("the LDF has no event-triggered frame {frame}")]
    UnknownEvent {
        /// The frame's name.
        frame: String,
    },
    /// An event-triggered frame that no slave can answer.
    #[error("event-triggered frame {frame} stands for no frame")]
    EmptyEvent {
        /// The frame's name.
        frame: String,
    },
    /// A configuration slot for a node of which the LDF does not say enough.
    #[error("node {node} has no {what} in the LDF, which its configuration slot needs")]
    NodeLacks {
        /// The node's name.
        node: String,
        /// What is missing.
        what: String,
    },
}
