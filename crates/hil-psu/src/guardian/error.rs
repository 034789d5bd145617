//! Why there is no guardian.

use std::io;
use std::path::PathBuf;

/// Why there is no guardian, or why it is not known whether there is one.
#[derive(Debug, thiserror::Error)]
pub enum GuardianError {
    /// Its process cannot be started.
    #[error("the guardian cannot be started")]
    Start(#[source] io::Error),
    /// It will not stand guard, and says why.
    #[error("the guardian refuses: {why}")]
    Refused {
        /// Why.
        why: String,
    },
    /// It does not answer in time.
    #[error("the guardian did not say `{awaited}` in time")]
    Silent {
        /// What it should have said.
        awaited: &'static str,
    },
    /// It answers something that is no answer.
    #[error("the guardian said {answer:?} instead of `{awaited}`")]
    Garbled {
        /// What it should have said.
        awaited: &'static str,
        /// What it said.
        answer: String,
    },
    /// Its process has ended, or its pipe is broken.
    #[error("the guardian is gone")]
    Gone(#[source] io::Error),
    /// It did not end after it was disarmed, and was killed.
    #[error("the guardian did not end after it was disarmed, and was killed")]
    Stuck,
    /// The guardian of an earlier run on this bench is still at work.
    #[error("the guardian of an earlier run is still at work ({})", lock.display())]
    Busy {
        /// Its lock file.
        lock: PathBuf,
    },
    /// The lock file that lets guardians follow one another cannot be used.
    #[error("cannot lock {}", lock.display())]
    Turn {
        /// The lock file.
        lock: PathBuf,
        /// Why.
        source: io::Error,
    },
}
