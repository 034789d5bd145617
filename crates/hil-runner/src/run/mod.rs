//! A run from its options to its exit code.
//!
//! Three parties: the dispatcher owns what the user sees and puts every source (the bench thread, signals,
//! time-outs) in one order; the bench thread does everything that touches the bench; the event log is
//! where both say what happened.

mod attempt;
mod dispatcher;
mod error;
mod listeners;
mod options;
pub(crate) mod panics;
mod plan;
mod signals;
mod subject;
mod trials;
mod tries;
mod whole;
mod worker;

pub use dispatcher::Format;
pub use error::RunError;
pub use options::RunOptions;
pub use plan::{Plan, PlannedRun, Schedule, plan};
pub use whole::{RunResult, planned, run};
