//! Runs that wait: each in a folder of its own, whole, in the order in which they began (API-06).
//!
//! ```text
//! spool/
//!   runs/09223373709489008032-0193…/   run.json, the contents of its attachments under their digests, and `owner`,
//!                                      which whoever sends the run has locked
//!   incoming/                          what is being written; nothing here counts
//!   leaving/                           what has arrived; nothing here counts
//!   rejected/                          what was refused, with reason.txt
//!   lock
//! ```
//!
//! A run is written in `incoming`, flushed to the disk, and then renamed into its place; what has arrived is renamed to
//! `leaving` before it is removed. So a process that is killed at any point leaves each run whole, and a run that was
//! sent by somebody who was killed before the renaming is sent again, which the archive takes for the same. Whatever
//! else somebody puts between the runs is none, and stays.

mod drain;
mod entry;
mod error;

use std::path::{Path, PathBuf};

pub use drain::{Drained, Fate};
pub use entry::Waiting;
pub use error::SpoolError;

/// What the spool answers.
type Result<T, E = SpoolError> = std::result::Result<T, E>;

/// A folder of finished runs.
#[derive(Clone, Debug)]
pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// The spool in `folder`, which is made with the first run.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn runs(&self) -> PathBuf {
        self.folder.join("runs")
    }

    fn incoming(&self) -> PathBuf {
        self.folder.join("incoming")
    }

    fn leaving(&self) -> PathBuf {
        self.folder.join("leaving")
    }

    /// Where runs lie that were refused.
    pub fn rejected(&self) -> PathBuf {
        self.folder.join("rejected")
    }
}
