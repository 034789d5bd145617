//! What a run is made of.
//!
//! Everything that happens on a bench becomes an [`Event`]. The journal is a list of events; reports, the
//! run record, the store and the live view are folds over it. This crate declares those types, the
//! quantities that appear in them and the [`Clock`] that every wait goes through. It opens no file or
//! socket, starts no thread and never asks for the time of day.

#![forbid(unsafe_code)]

mod chain;
mod clock;
mod description;
mod event;
mod exit;
mod measurement;
mod mutation;
mod name;
mod operation;
mod outcome;
mod plan;
mod quantity;
pub mod run;
mod shown;
mod start_up;
mod status;

pub use chain::chain;
pub use clock::{BenchTime, Clock, Periodic, PollError, poll_until};
pub use description::{Description, DescriptionError};
pub use event::{
    Attachment, CheckSeen, Direction, Entry, Event, FrameSeen, Level, LogLine, OutputVerified, Property,
    RunFinished, RunStarted, SCHEMA, SessionPhase, SessionStep, Simulated, StepEnd, StepId, Subject,
    SupplySample, WallTime,
};
pub use exit::{ExitStatus, SmokeEnd};
pub use measurement::{Limits, Unit};
pub use mutation::{Mutation, listed as listed_mutations};
pub use name::{Marker, NameError, ReqId, RunId, TestName};
pub use operation::Operation;
pub use outcome::{Failure, Fault, FaultKind, Outcome, SourceLocation};
pub use plan::{Decision, PlannedTest, Resource, TestMeta};
pub use quantity::{Amps, QuantityError, Seconds, Volts, Watts};
pub use shown::shown_url;
pub use start_up::{Entity, Known, LiveRunning, MutationRule, Standing, StartUp};
pub use status::StatusWord;
