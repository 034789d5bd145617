//! What a file holds, before it is a run.

use hil_model::WallTime;

/// A file: the suites in order, those inside others behind them.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) timestamp: Option<WallTime>,
    /// In milliseconds.
    pub(super) time: i64,
    pub(super) suites: Vec<Suite>,
}

#[derive(Debug, Default)]
pub(super) struct Suite {
    pub(super) name: String,
    pub(super) timestamp: Option<WallTime>,
    pub(super) hostname: Option<String>,
    pub(super) properties: Vec<(String, String)>,
    pub(super) cases: Vec<Case>,
    pub(super) output: Output,
    /// What went wrong outside its cases.
    pub(super) verdicts: Vec<Verdict>,
}

#[derive(Debug, Default)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) timestamp: Option<WallTime>,
    /// In milliseconds.
    pub(super) time: i64,
    pub(super) file: String,
    pub(super) line: u32,
    /// GoogleTest and CTest say in an attribute that a case did not run.
    pub(super) not_run: bool,
    pub(super) properties: Vec<(String, String)>,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) output: Output,
}

#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) out: String,
    pub(super) err: String,
}

/// One element that says how something ended.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) kind: Kind,
    pub(super) message: String,
    pub(super) class: String,
    pub(super) text: String,
    pub(super) timestamp: Option<WallTime>,
    /// In milliseconds.
    pub(super) time: i64,
    pub(super) output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Failure,
    Error,
    Skipped,
    /// An attempt before the last that failed.
    EarlierFailure,
    /// An attempt before the last that broke.
    EarlierError,
}

impl Kind {
    pub(super) fn of(element: &[u8]) -> Option<Self> {
        match element {
            b"failure" => Some(Self::Failure),
            b"error" => Some(Self::Error),
            b"skipped" => Some(Self::Skipped),
            b"rerunFailure" | b"flakyFailure" => Some(Self::EarlierFailure),
            b"rerunError" | b"flakyError" => Some(Self::EarlierError),
            _ => None,
        }
    }

    pub(super) const fn is_earlier(self) -> bool {
        match self {
            Self::EarlierFailure | Self::EarlierError => true,
            Self::Failure | Self::Error | Self::Skipped => false,
        }
    }
}
