//! The run's journal, the record that is folded from it, and every report.
//!
//! ```text
//! events ──► journal::Writer ──► events.jsonl ──► journal::read ──┐
//!    └──────────────────────► RunRecord::apply ◄──────────────────┘
//!                                   │
//!         junit.xml · summary.md · report.html · requirements_coverage.json · flight recorders
//! ```
//!
//! The same entries give the same bytes, whether a record was folded while the run went on or rebuilt
//! from the journal after a crash (REP-05).
//!
//! Invariant: a report never changes a verdict and contains nothing that the journal does not.
//!
//! Invariant: nothing here asks for the time of day; every time in a report stands in the journal.

#![forbid(unsafe_code)]

mod coverage;
mod error;
mod files;
mod flight;
mod html;
mod journal;
mod junit;
mod markdown;
pub mod present;
mod record;
mod reports;
mod summary;
mod svg;
mod text;
mod time;
mod timeline;
mod words;

pub use coverage::{Coverage, CoverageRun, CoverageTest, RequirementCoverage, RequirementStatus, Titled};
pub use error::{JournalError, ReportError};
pub use html::render_single_file;
pub use journal::{FILE_NAME as JOURNAL_FILE, Journal, Writer, read};
pub use junit::JunitFile;
pub use record::{
    At, AttemptRecord, Evidence, Moment, Observation, Observed, RunRecord, SessionRecord, StepRecord,
    TestRecord,
};
pub use reports::{Reports, Written};
pub use summary::{Counts, Ending, Summary, exit_status};
