//! What can go wrong with a spool.

use std::io;
use std::path::PathBuf;

use hil_exchange::document::DocumentError;

use crate::ArchiveError;

/// What can go wrong with a spool.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The disk is full, or the folder is not ours.
    #[error("cannot write to the spool: {}", path.display())]
    Write {
        /// What cannot be written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What waits cannot be read.
    #[error("cannot read the spool: {}", path.display())]
    Read {
        /// What cannot be read.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The run cannot be written as a document.
    #[error("the run cannot be written to the spool")]
    Document(#[from] DocumentError),
    /// The run's attachments cannot be read.
    #[error("the run cannot be written to the spool")]
    Content(#[source] Box<ArchiveError>),
    /// Somebody else empties the spool.
    #[error("another process empties the spool {}", path.display())]
    Locked {
        /// The spool.
        path: PathBuf,
    },
    /// The archive does not take the run as things are now. It goes on waiting, and those behind it go.
    #[error("the run is not taken now")]
    NotNow(#[source] Box<ArchiveError>),
    /// The archive takes nothing now. What waits goes on waiting.
    #[error("{left} runs go on waiting")]
    Stopped {
        /// How many.
        left: usize,
        /// Why.
        source: Box<ArchiveError>,
    },
}
