//! Units: what is tested, what it is made of and part of.

mod change;
mod family;
mod list;
mod load;

pub use change::UnitChange;
pub(crate) use change::{expect, known};
pub(crate) use family::adopt;
pub use list::{UnitFilter, UnitOrder};

use std::time::Duration;

use hil_model::run::{RevisionNumber, RunOutcome, SerialNumber};
use hil_model::{RunId, WallTime};

use crate::batch::BatchBrief;
use crate::part::PartBrief;
use crate::procedure::ProcedureBrief;
use crate::sql::Row;
use crate::upload::Upload;
use crate::{Creator, Result, RevisionId, UnitId};

/// As much of a unit as goes with its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitBrief {
    /// The id.
    pub id: UnitId,
    /// The serial number.
    pub serial_number: SerialNumber,
}

impl UnitBrief {
    /// From the columns id, serial.
    pub(crate) fn take(row: &mut Row) -> Result<Self> {
        Ok(Self { id: row.take()?, serial_number: row.take()? })
    }
}

/// The revision of a unit, without its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRevision {
    /// The id.
    pub id: RevisionId,
    /// The number.
    pub number: RevisionNumber,
}

/// A unit that another one is part of, or made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relative {
    /// The id.
    pub id: UnitId,
    /// The serial number.
    pub serial_number: SerialNumber,
    /// What part it is one of.
    pub part: PartBrief,
    /// The part's revision.
    pub revision: UnitRevision,
}

/// As much of a run as goes with its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRun {
    /// The id.
    pub id: RunId,
    /// When it was stored.
    pub created_at: WallTime,
    /// When it began.
    pub started_at: WallTime,
    /// When it ended.
    pub ended_at: WallTime,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What was executed.
    pub procedure: ProcedureBrief,
}

/// A unit as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The id.
    pub id: UnitId,
    /// The serial number.
    pub serial_number: SerialNumber,
    /// When it became known.
    pub created_at: WallTime,
    /// What part it is one of.
    pub part: PartBrief,
    /// The part's revision.
    pub revision: UnitRevision,
    /// The batch that it was made in.
    pub batch: Option<BatchBrief>,
    /// The unit that it is part of.
    pub parent: Option<Relative>,
    /// The units that it is made of, in the order in which they became known.
    pub children: Vec<Relative>,
    /// Who made it known.
    pub created_by: Creator,
    /// The run that made it known, if it is still there.
    pub created_during: Option<UnitRun>,
    /// The latest run.
    pub last_run: Option<UnitRun>,
    /// Files that belong to it.
    pub attachments: Vec<Upload>,
}
