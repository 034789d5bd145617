//! A run as a whole.

use std::time::Duration;

use crate::{Property, ReqId, RunId, WallTime};

use super::{
    Attachment, Log, Phase, ProcedureName, RunOutcome, SerialNumber, StationName, UnitUnderTest, VersionTag,
};

/// What was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// Its id: a UUID, or an identifier such as `FVT1`.
    pub id: String,
    /// Its name, which says nothing about which one it is.
    pub name: Option<ProcedureName>,
    /// The version that was executed.
    pub version: Option<VersionTag>,
}

/// One execution of a procedure on one unit under test (REC-01).
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its id. A run that is sent twice has one id, and is stored once.
    pub id: RunId,
    /// What was executed.
    pub procedure: Procedure,
    /// What it was executed on.
    pub unit: UnitUnderTest,
    /// Units that were tested before and are now part of this one (REC-09).
    pub sub_units: Vec<SerialNumber>,
    /// Where it was executed.
    pub station: Option<StationName>,
    /// Who executed it: an e-mail address, or a name.
    pub operator: Option<String>,
    /// When it began.
    pub started_at: WallTime,
    /// When it ended.
    pub ended_at: WallTime,
    /// How long it took, to the microsecond.
    pub duration: Duration,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What the author says about it.
    pub docstring: Option<String>,
    /// What was done, in order.
    pub phases: Vec<Phase>,
    /// What was logged beside the phases, in order.
    pub logs: Vec<Log>,
    /// The files that belong to it.
    pub attachments: Vec<Attachment>,
    /// What else is known of it: key and value.
    pub properties: Vec<Property>,
    /// The requirements that it touched.
    pub requirements: Vec<ReqId>,
}
