//! What can go wrong with an archive, sorted by what to do about it.

use std::io;

use hil_exchange::document::DocumentError;
use hil_store::{ErrorKind, StoreError};

/// What can go wrong with an archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The URL of a server is not one. It is not shown: it may hold a password.
    #[error("the server's URL is not http://HOST[:PORT] or https://HOST[:PORT], with a path or without")]
    Url,
    /// Nobody answers, or the connection broke.
    #[error("the server {url} cannot be reached")]
    Unreachable {
        /// Where it should be.
        url: String,
        /// What the client says.
        source: Box<ureq::Error>,
    },
    /// The server does not know the key.
    #[error("the server {url} does not take the key: {message}")]
    Unauthorized {
        /// Where it is.
        url: String,
        /// What it says.
        message: String,
    },
    /// The server knows the key, and does not let it do this.
    #[error("the server {url} does not allow it: {message}")]
    Forbidden {
        /// Where it is.
        url: String,
        /// What it says.
        message: String,
    },
    /// The server refuses what was asked of it, and always would.
    #[error("the server {url} refuses it ({status}): {message}")]
    Refused {
        /// Where it is.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What it says.
        message: String,
    },
    /// The server cannot do now what was asked of it.
    #[error("the server {url} cannot do it now ({status}): {message}")]
    Unavailable {
        /// Where it is.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What it says.
        message: String,
    },
    /// What answers is not `hil`'s server, or a much different version.
    #[error("what answers at {url} is no server of hil: {problem}")]
    Foreign {
        /// Where it is.
        url: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// The store does not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run cannot be written as a document, or not be read from one.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A file that belongs to a run cannot be read.
    #[error("cannot read attachment {name:?}")]
    Content {
        /// What the run calls it.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// A file that belongs to a run has changed since.
    #[error("attachment {name:?} is not the file that the run was made with")]
    ContentDiffers {
        /// What the run calls it.
        name: String,
    },
    /// Whoever asked for the runs does not want any more.
    #[error("cannot pass on a run")]
    Receiver(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What an archive answers.
pub type Result<T, E = ArchiveError> = std::result::Result<T, E>;

impl ArchiveError {
    /// Whether it is about what was sent, so that sending it again would come to the same.
    pub fn is_about_the_run(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Document(_) | Self::ContentDiffers { .. } => true,
            // A file that is gone stays gone; one that cannot be read now may be readable later.
            Self::Content { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Store(error) => match error.kind() {
                ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::TooLarge => true,
                ErrorKind::Unauthorized
                | ErrorKind::DiskFull
                | ErrorKind::Unavailable
                | ErrorKind::Internal => false,
            },
            Self::Url
            | Self::Unreachable { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::Unavailable { .. }
            | Self::Foreign { .. }
            | Self::Receiver(_) => false,
        }
    }

    /// Whether what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status == 404,
            Self::Store(error) => error.kind() == ErrorKind::NotFound,
            Self::Url
            | Self::Unreachable { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::Unavailable { .. }
            | Self::Foreign { .. }
            | Self::Document(_)
            | Self::Content { .. }
            | Self::ContentDiffers { .. }
            | Self::Receiver(_) => false,
        }
    }
}
