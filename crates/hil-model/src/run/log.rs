//! What a run logged (REC-07).

use std::fmt;
use std::str::FromStr;

use crate::{Level, WallTime};

/// How much a line matters, in the words of foreign clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// For whoever debugs the test.
    Debug,
    /// For the reader of the record.
    Info,
    /// Something is odd.
    Warning,
    /// Something is broken.
    Error,
    /// Nothing works any more.
    Critical,
}

impl LogLevel {
    /// All of them, least important first.
    pub const ALL: &'static [Self] = &[Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The word that records use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
            Level::Critical => Self::Critical,
        }
    }
}

impl FromStr for LogLevel {
    type Err = super::UnknownOutcome;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|level| level.word() == word)
            .ok_or_else(|| super::UnknownOutcome { of: "log line", word: word.to_owned() })
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// How much it matters.
    pub level: LogLevel,
    /// When it was written.
    pub at: WallTime,
    /// The text.
    pub message: String,
    /// The file that wrote it; empty if nobody knows.
    pub source_file: String,
    /// The line in that file; 0 if nobody knows.
    pub line_number: u32,
}
