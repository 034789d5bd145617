//! What can go wrong with an archive, sorted by what to do about it.

use std::io;

use hil_exchange::document::DocumentError;
use hil_model::RunId;
use hil_store::{ErrorKind, StoreError};

/// What stands in the way of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The run itself: sent again, it would come to the same.
    Run,
    /// The run as things are now: it may be taken later, and another one may be taken now.
    RunForNow,
    /// Whoever should take it: no other run would fare better now.
    Archive,
}

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
    #[error("the server {url} does not take the key (401): {message}")]
    Unauthorized {
        /// Where it is.
        url: String,
        /// What it says.
        message: String,
    },
    /// The server knows the key, and does not let it do this.
    #[error("the server {url} does not allow it (403): {message}")]
    Forbidden {
        /// Where it is.
        url: String,
        /// What it says.
        message: String,
    },
    /// The server refuses what was asked of it.
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
    /// The server has another run under the id of this one.
    #[error("the server {url} has another run with the id {id}")]
    RunDiffers {
        /// Where it is.
        url: String,
        /// The id.
        id: RunId,
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
    /// The error for an answer with `status` that is none of ours.
    pub(crate) fn foreign(url: String, status: u16, said: &str) -> Self {
        Self::Foreign { url, problem: format!("it answers with status {status}: {said}") }
    }

    /// What stands in the way of a run that was sent.
    pub fn obstacle(&self) -> Obstacle {
        match self {
            Self::RunDiffers { .. } | Self::ContentDiffers { .. } => Obstacle::Run,
            Self::Refused { status: 400 | 413 | 422, .. } => Obstacle::Run,
            // A sub-unit or a content that is not there yet.
            Self::Refused { .. } => Obstacle::RunForNow,
            // It will do for a newer program.
            Self::Document(DocumentError::Newer { .. }) => Obstacle::RunForNow,
            Self::Document(_) => Obstacle::Run,
            // A file that is gone stays gone; one that cannot be read now may be readable later.
            Self::Content { source, .. } if source.kind() == io::ErrorKind::NotFound => Obstacle::Run,
            Self::Content { .. } => Obstacle::RunForNow,
            // What breaks a server may be in the run.
            Self::Unavailable { status: 500, .. } => Obstacle::RunForNow,
            Self::Store(StoreError::RunDiffers { .. } | StoreError::EndsBeforeStart { .. }) => Obstacle::Run,
            Self::Store(error) => match error.kind() {
                ErrorKind::Invalid | ErrorKind::TooLarge => Obstacle::Run,
                ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Internal => {
                    Obstacle::RunForNow
                }
                ErrorKind::Unauthorized | ErrorKind::DiskFull | ErrorKind::Unavailable => Obstacle::Archive,
            },
            Self::Url
            | Self::Unreachable { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::Unavailable { .. }
            | Self::Foreign { .. }
            | Self::Receiver(_) => Obstacle::Archive,
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
            | Self::RunDiffers { .. }
            | Self::Document(_)
            | Self::Content { .. }
            | Self::ContentDiffers { .. }
            | Self::Receiver(_) => false,
        }
    }
}
