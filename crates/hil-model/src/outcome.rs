//! How a test ended. A verdict is not an error: "the requirement was not met", "the bench broke" and "the
//! test broke" are different things to whoever has to act on them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in a test's source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLocation {
    /// The file, as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl SourceLocation {
    /// Where the caller of the function that calls this stands.
    #[track_caller]
    pub fn caller() -> Self {
        let location = std::panic::Location::caller();
        Self { file: location.file().to_owned(), line: location.line() }
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A requirement that was not met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// One line: what was not met.
    pub message: String,
    /// What was expected, if the check can say so.
    pub expected: Option<String>,
    /// What came instead.
    pub got: Option<String>,
    /// Where the check stands in the source.
    pub location: Option<SourceLocation>,
    /// More evidence, a line each: raw bytes, rail voltage, traces.
    pub details: Vec<String>,
}

impl Failure {
    /// A failure with a message and nothing else.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), expected: None, got: None, location: None, details: Vec::new() }
    }

    /// The same with what was expected and what came.
    #[must_use]
    pub fn with_values(self, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { expected: Some(expected.into()), got: Some(got.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Who is to blame for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The bench: adapter gone, rail not settled, supply silent. No verdict on the unit under test.
    Bench,
    /// The test: a panic or misuse.
    Test,
    /// The test took longer than it may.
    Timeout,
    /// The run was interrupted while the test was in flight.
    Interrupted,
}

impl FaultKind {
    /// The word for reports and for JUnit's `type`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bench => "bench-fault",
            Self::Test => "test-error",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Something that kept the test from reaching a verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Who is to blame.
    pub kind: FaultKind,
    /// One line: what happened.
    pub message: String,
    /// Where it was noticed.
    pub location: Option<SourceLocation>,
    /// More evidence, a line each.
    pub details: Vec<String>,
}

impl Fault {
    /// A fault with a message and nothing else.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), location: None, details: Vec::new() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every check held.
    Passed,
    /// A requirement was not met.
    Failed(Failure),
    /// It did not run; the reason names the missing thing.
    Skipped {
        /// The missing thing, in words.
        reason: String,
    },
    /// It could not reach a verdict.
    Errored(Fault),
}

impl Outcome {
    /// The outcome in one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Skipped { .. } => "skipped",
            Self::Errored(_) => "errored",
        }
    }

    /// Whether the test is red: failed or errored.
    pub const fn is_red(&self) -> bool {
        match self {
            Self::Failed(_) | Self::Errored(_) => true,
            Self::Passed | Self::Skipped { .. } => false,
        }
    }
}
