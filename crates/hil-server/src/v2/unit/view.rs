//! Units as answers have them.

use hil_store::{ProcedureBrief, Relative, Unit, UnitRun};
use serde::Serialize;
use utoipa::ToSchema;

use crate::v2::attachment::{AttachmentView, Downloads};
use crate::v2::creator::CreatedBy;
use crate::v2::moment::{Moment, Span};
use crate::v2::run_view::{BatchName, PartRevision};

/// A unit, with everything around it.
#[derive(Serialize, ToSchema)]
pub(super) struct UnitView {
    #[serde(flatten)]
    head: UnitHead,
    /// The unit that it is part of.
    parent: Option<RelativeView>,
    /// The units that it is made of.
    children: Vec<RelativeView>,
    /// The run that made it known, if it is still there.
    created_during: Option<UnitRunView>,
    attachments: Vec<AttachmentView>,
}

/// A unit in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct UnitItem {
    #[serde(flatten)]
    head: UnitHead,
    /// The unit that it is part of.
    parent: Option<RelativeView>,
    /// The units that it is made of.
    children: Vec<RelativeView>,
    /// The latest run.
    last_run: Option<UnitRunView>,
}

/// A unit as such.
#[derive(Serialize, ToSchema)]
struct UnitHead {
    id: String,
    serial_number: String,
    created_at: Moment,
    /// Of later clients: always null.
    sample: Option<String>,
    part: PartRevision,
    batch: Option<BatchName>,
    #[serde(flatten)]
    created_by: CreatedBy,
}

/// A unit that another one is part of, or made of.
#[derive(Serialize, ToSchema)]
struct RelativeView {
    id: String,
    serial_number: String,
    part: Option<PartRevision>,
}

/// A run of a unit.
#[derive(Serialize, ToSchema)]
struct UnitRunView {
    id: String,
    created_at: Moment,
    started_at: Moment,
    ended_at: Moment,
    duration: Span,
    /// PASS, FAIL, ERROR, TIMEOUT or ABORTED.
    outcome: &'static str,
    procedure: UnitProcedure,
}

/// What was executed on a unit.
#[derive(Serialize, ToSchema)]
struct UnitProcedure {
    id: String,
    name: String,
}

impl From<&ProcedureBrief> for UnitProcedure {
    fn from(procedure: &ProcedureBrief) -> Self {
        Self { id: procedure.id.to_string(), name: procedure.name.clone() }
    }
}

impl From<&Unit> for UnitHead {
    fn from(unit: &Unit) -> Self {
        Self {
            id: unit.id.to_string(),
            serial_number: unit.serial_number.to_string(),
            created_at: Moment(unit.created_at),
            sample: None,
            part: PartRevision::new(&unit.part, &unit.revision),
            batch: unit.batch.as_ref().map(BatchName::from),
            created_by: CreatedBy::from(&unit.created_by),
        }
    }
}

impl From<&Relative> for RelativeView {
    fn from(unit: &Relative) -> Self {
        Self {
            id: unit.id.to_string(),
            serial_number: unit.serial_number.to_string(),
            part: Some(PartRevision::new(&unit.part, &unit.revision)),
        }
    }
}

impl From<&UnitRun> for UnitRunView {
    fn from(run: &UnitRun) -> Self {
        Self {
            id: run.id.to_string(),
            created_at: Moment(run.created_at),
            started_at: Moment(run.started_at),
            ended_at: Moment(run.ended_at),
            duration: Span(run.duration),
            outcome: run.outcome.word(),
            procedure: UnitProcedure::from(&run.procedure),
        }
    }
}

impl UnitView {
    pub(super) fn new(unit: &Unit, downloads: &Downloads<'_>) -> Self {
        Self {
            head: UnitHead::from(unit),
            parent: unit.parent.as_ref().map(RelativeView::from),
            children: unit.children.iter().map(RelativeView::from).collect(),
            created_during: unit.created_during.as_ref().map(UnitRunView::from),
            attachments: unit.attachments.iter().map(|upload| downloads.view(upload)).collect(),
        }
    }
}

impl From<Unit> for UnitItem {
    fn from(unit: Unit) -> Self {
        Self {
            head: UnitHead::from(&unit),
            parent: unit.parent.as_ref().map(RelativeView::from),
            children: unit.children.iter().map(RelativeView::from).collect(),
            last_run: unit.last_run.as_ref().map(UnitRunView::from),
        }
    }
}
