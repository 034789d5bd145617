//! Runs as answers have them. The client requires some keys of which `hil` knows nothing: they are null or empty.
//!
//! What a run holds has no id of its own in the store: its place in the run is its id.

use std::collections::BTreeMap;

use hil_model::run::{Log, Phase};
use hil_model::{RunId, WallTime};
use hil_store::{
    BatchBrief, ProcedureBrief, RunSummary, RunUnit, StoredRun, SubUnit, UnitRevision, VersionBrief,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::attachment::{AttachmentView, Downloads};
use super::creator::{CreatedBy, Person};
use super::measurement_view::MeasurementView;
use super::moment::{Moment, Span};

/// A run, whole.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunView {
    #[serde(flatten)]
    head: RunHead,
    phases: Vec<PhaseView>,
    attachments: Vec<AttachmentView>,
    logs: Vec<LogView>,
    sub_units: Vec<SubUnitView>,
    /// What else is known of the run.
    metadata: BTreeMap<String, String>,
    /// Of later clients: always empty.
    config: Vec<String>,
    /// Of later clients: always empty.
    secrets: Vec<String>,
}

/// A run without what it holds.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunHead {
    id: String,
    created_at: Moment,
    started_at: Moment,
    ended_at: Moment,
    duration: Span,
    /// PASS, FAIL, ERROR, TIMEOUT or ABORTED.
    outcome: &'static str,
    docstring: Option<String>,
    #[serde(flatten)]
    created_by: CreatedBy,
    operated_by: Option<Person>,
    procedure: RunProcedure,
    unit: RunUnitView,
    /// Of later clients: always null.
    execution_id: Option<String>,
    /// Of later clients: always null.
    slot_key: Option<String>,
    /// Of later clients: always null.
    slot_name: Option<String>,
}

/// What was executed.
#[derive(Serialize, ToSchema)]
struct RunProcedure {
    id: String,
    name: String,
    version: Option<VersionName>,
}

/// A version of a procedure.
#[derive(Serialize, ToSchema)]
struct VersionName {
    id: String,
    tag: String,
}

impl RunProcedure {
    fn new(procedure: &ProcedureBrief, version: Option<&VersionBrief>) -> Self {
        let version =
            version.map(|version| VersionName { id: version.id.to_string(), tag: version.tag.to_string() });
        Self { id: procedure.id.to_string(), name: procedure.name.clone(), version }
    }
}

/// The unit under test, as it was then.
#[derive(Serialize, ToSchema)]
struct RunUnitView {
    id: String,
    serial_number: String,
    /// Of later clients: always null.
    sample: Option<String>,
    part: PartRevision,
    batch: Option<BatchName>,
}

impl From<&RunUnit> for RunUnitView {
    fn from(unit: &RunUnit) -> Self {
        Self {
            id: unit.id.to_string(),
            serial_number: unit.serial_number.to_string(),
            sample: None,
            part: PartRevision {
                id: unit.part.id.to_string(),
                number: unit.part.number.to_string(),
                name: unit.part.name.to_string(),
                revision: RevisionName::from(&unit.revision),
            },
            batch: unit.batch.as_ref().map(BatchName::from),
        }
    }
}

/// A part, with one of its revisions.
#[derive(Serialize, ToSchema)]
pub(crate) struct PartRevision {
    id: String,
    number: String,
    name: String,
    revision: RevisionName,
}

impl PartRevision {
    pub(crate) fn new(part: &hil_store::PartBrief, revision: &UnitRevision) -> Self {
        Self {
            id: part.id.to_string(),
            number: part.number.to_string(),
            name: part.name.to_string(),
            revision: RevisionName::from(revision),
        }
    }
}

/// A revision of a part.
#[derive(Serialize, ToSchema)]
struct RevisionName {
    id: String,
    number: String,
}

impl From<&UnitRevision> for RevisionName {
    fn from(revision: &UnitRevision) -> Self {
        Self { id: revision.id.to_string(), number: revision.number.to_string() }
    }
}

/// A batch.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchName {
    id: String,
    number: String,
}

impl From<&BatchBrief> for BatchName {
    fn from(batch: &BatchBrief) -> Self {
        Self { id: batch.id.to_string(), number: batch.number.to_string() }
    }
}

impl From<&RunSummary> for RunHead {
    fn from(run: &RunSummary) -> Self {
        Self {
            id: run.id.to_string(),
            created_at: Moment(run.created_at),
            started_at: Moment(run.started_at),
            ended_at: Moment(run.ended_at),
            duration: Span(run.duration),
            outcome: run.outcome.word(),
            docstring: run.docstring.clone(),
            created_by: CreatedBy::from(&run.created_by),
            operated_by: run.operated_by.as_ref().map(Person::from),
            procedure: RunProcedure::new(&run.procedure, run.version.as_ref()),
            unit: RunUnitView::from(&run.unit),
            execution_id: None,
            slot_key: None,
            slot_name: None,
        }
    }
}

impl RunView {
    pub(crate) fn new(stored: &StoredRun, downloads: &Downloads<'_>) -> Self {
        let properties = stored.run.properties.iter();
        Self {
            head: RunHead::from(&stored.summary),
            phases: phases(stored),
            attachments: stored.attachments.iter().map(|upload| downloads.view(upload)).collect(),
            logs: logs(stored),
            sub_units: stored.sub_units.iter().map(SubUnitView::from).collect(),
            metadata: properties.map(|property| (property.key.clone(), property.value.clone())).collect(),
            config: Vec::new(),
            secrets: Vec::new(),
        }
    }
}

/// A phase of a run.
#[derive(Serialize, ToSchema)]
pub(crate) struct PhaseView {
    id: String,
    name: String,
    /// PASS, FAIL, ERROR or SKIP.
    outcome: &'static str,
    started_at: Moment,
    ended_at: Moment,
    duration: Span,
    retry_count: u32,
    docstring: Option<String>,
    /// Of later clients: always null.
    sequence_path: Option<String>,
    measurements: Vec<MeasurementView>,
}

impl PhaseView {
    /// `end` is when a phase ended that was cut short: with its run.
    fn new(id: &str, phase: &Phase, end: WallTime) -> Self {
        let ended_at = phase.ended_at.unwrap_or(end);
        let measurements = phase.measurements.iter().enumerate();
        Self {
            id: id.to_owned(),
            name: phase.name.clone(),
            outcome: phase.outcome.word(),
            started_at: Moment(phase.started_at),
            ended_at: Moment(ended_at),
            duration: Span::between(phase.started_at, ended_at),
            retry_count: phase.retry_count,
            docstring: phase.docstring.clone(),
            sequence_path: None,
            measurements: measurements
                .map(|(position, measurement)| MeasurementView::new(format!("{id}.{position}"), measurement))
                .collect(),
        }
    }
}

/// The phases of a run, in order.
pub(crate) fn phases(stored: &StoredRun) -> Vec<PhaseView> {
    let (run, phases) = (&stored.run, stored.run.phases.iter().enumerate());
    phases
        .map(|(position, phase)| PhaseView::new(&format!("{}.{position}", run.id), phase, run.ended_at))
        .collect()
}

/// A line of the log.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogView {
    id: String,
    /// DEBUG, INFO, WARNING, ERROR or CRITICAL.
    level: &'static str,
    timestamp: Moment,
    message: String,
    source_file: String,
    line_number: u32,
}

impl LogView {
    fn new(run: &RunId, position: usize, log: &Log) -> Self {
        Self {
            id: format!("{run}.log.{position}"),
            level: log.level.word(),
            timestamp: Moment(log.at),
            message: log.message.clone(),
            source_file: log.source_file.clone(),
            line_number: log.line_number,
        }
    }
}

/// What a run and its phases logged. Lines of phases stand where their times put them.
pub(crate) fn logs(stored: &StoredRun) -> Vec<LogView> {
    let run = &stored.run;
    let mut lines: Vec<&Log> = run.logs.iter().collect();
    if run.phases.iter().any(|phase| !phase.logs.is_empty()) {
        lines.extend(run.phases.iter().flat_map(|phase| &phase.logs));
        lines.sort_by_key(|log| log.at);
    }
    lines.iter().enumerate().map(|(position, log)| LogView::new(&run.id, position, log)).collect()
}

/// A unit that became part of the run's unit.
#[derive(Serialize, ToSchema)]
struct SubUnitView {
    id: String,
    serial_number: String,
    part_number: String,
    part_name: Option<String>,
}

impl From<&SubUnit> for SubUnitView {
    fn from(unit: &SubUnit) -> Self {
        Self {
            id: unit.id.to_string(),
            serial_number: unit.serial_number.to_string(),
            part_number: unit.part_number.clone(),
            part_name: Some(unit.part_name.clone()),
        }
    }
}
