//! The run record: what the journal says, arranged by test.
//!
//! [`RunRecord::apply`] is the only way to change a record. It takes entries as they come, so the same
//! record serves a run that goes on (JUnit is written again after each test) and a journal read back.

mod apply;
mod kept;
mod run;
mod test;

pub use run::{RunRecord, SessionRecord};
pub use test::{At, AttemptRecord, Evidence, Moment, Observation, Observed, StepRecord, TestRecord};
