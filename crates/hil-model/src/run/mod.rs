//! The record of a finished run: what the store keeps and every export shows (REC-01 to REC-09).
//!
//! A [`Run`] is one execution of a procedure on one unit under test. It holds phases, a phase holds measurements.
//! These are core types: wire and disk formats are types of their own at the edge, so nothing here is serialised.

mod attachment;
mod judge;
mod log;
mod measurement;
mod number;
mod outcome;
mod phase;
mod record;
mod unit;
mod validator;
mod value;

pub use attachment::{Attachment, AttachmentError, AttachmentLimits, Digest, DigestError};
pub use log::{Log, LogLevel};
pub use measurement::Measurement;
pub use number::{
    BatchNumber, FieldError, FieldProblem, OperatorName, PartName, PartNumber, ProcedureName, RevisionNumber,
    SerialNumber, StationName, VersionTag,
};
pub use outcome::{MeasurementOutcome, PhaseOutcome, RunOutcome, UnknownOutcome};
pub use phase::Phase;
pub use record::{Procedure, Run};
pub use unit::UnitUnderTest;
pub use validator::{Aggregation, Expected, Operator, Scalar, Validator};
pub use value::{Axis, Cell, MeasuredValue, Series};
