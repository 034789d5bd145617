//! A run by its id, whole.

use hil_model::run::{
    Attachment, Log, MeasuredValue, Measurement, Phase, Procedure, Run, SerialNumber, Series, UnitUnderTest,
};
use hil_model::{Limits, NameError, Property, ReqId, RunId, WallTime};

use super::disk::{self, DiskConditions, DiskSeries};
use super::insert::NO_PHASE;
use super::list::{ONE, RunSummary};
use crate::engine::Link;
use crate::sql::Row;
use crate::upload::{self, Upload};
use crate::{Entity, ImportId, Result, Store, StoreError, UnitId};

/// A sub-unit of a run, as it was when the run was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubUnit {
    /// The id.
    pub id: UnitId,
    /// The serial number.
    pub serial_number: SerialNumber,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
}

/// What a run was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileImport {
    /// The id.
    pub id: ImportId,
    /// What read the file.
    pub importer: String,
    /// When.
    pub created_at: WallTime,
    /// The file, if it is still there.
    pub upload: Option<Upload>,
}

/// A run as the store has it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRun {
    /// The record, with the numbers of its unit in the spelling under which they became known.
    pub run: Run,
    /// The same without what it holds, with the ids of what it refers to.
    pub summary: RunSummary,
    /// The units that became part of its unit.
    pub sub_units: Vec<SubUnit>,
    /// Its files, those that are announced and not yet stored too.
    pub attachments: Vec<Upload>,
    /// The file that it was made from.
    pub import: Option<FileImport>,
}

impl Store {
    /// A run, whole.
    pub async fn run(&self, id: RunId) -> Result<StoredRun> {
        self.read(id, |link, id| Box::pin(load(link, id))).await
    }
}

pub(super) async fn load(link: &mut Link, id: &RunId) -> Result<StoredRun> {
    let mut row = link.expect(ONE, &[id.as_str().into()], Entity::Run, id).await?;
    let summary = RunSummary::take(&mut row)?;
    let (seq, properties): (i64, Option<String>) = (row.take()?, row.take()?);

    let mut phases = phases(link, seq).await?;
    let logs = logs(link, seq, &mut phases).await?;
    let sub_units = sub_units(link, seq).await?;
    let attachments = upload::of_run(link, seq).await?;
    let select = "SELECT requirement FROM run_requirements WHERE run = $1 ORDER BY position";
    let requirements = link.rows(select, &[seq.into()]).await?;
    let import = import(link, seq, &attachments).await?;

    let properties: Vec<(String, String)> = properties.as_deref().map_or(Ok(Vec::new()), disk::read)?;
    let run = Run {
        id: summary.id.clone(),
        procedure: Procedure {
            id: summary.procedure.id.to_string(),
            name: Some(summary.procedure.name.parse()?),
            version: summary.version.as_ref().map(|version| version.tag.clone()),
        },
        unit: UnitUnderTest {
            serial_number: summary.unit.serial_number.clone(),
            part_number: Some(summary.unit.part.number.clone()),
            part_name: Some(summary.unit.part.name.clone()),
            revision: Some(summary.unit.revision.number.clone()),
            batch: summary.unit.batch.as_ref().map(|batch| batch.number.clone()),
        },
        sub_units: sub_units.iter().map(|unit| unit.serial_number.clone()).collect(),
        station: summary.station.clone(),
        operator: summary.operator.clone(),
        started_at: summary.started_at,
        ended_at: summary.ended_at,
        duration: summary.duration,
        outcome: summary.outcome,
        docstring: summary.docstring.clone(),
        phases,
        logs,
        attachments: attachments.iter().filter_map(attachment).collect(),
        properties: properties.into_iter().map(|(key, value)| Property { key, value }).collect(),
        requirements: requirements.into_iter().map(|mut row| row.take()).collect::<Result<_>>()?,
    };
    Ok(StoredRun { run, summary, sub_units, attachments, import })
}

/// A file that is stored.
fn attachment(upload: &Upload) -> Option<Attachment> {
    let (size, digest) = Option::zip(upload.size, upload.digest)?;
    let (name, content_type) = (upload.name.clone(), upload.content_type.clone());
    Some(Attachment { name, content_type, size, digest, is_report: upload.is_report })
}

async fn phases(link: &mut Link, seq: i64) -> Result<Vec<Phase>> {
    let select = "
        SELECT name, outcome, started_at, ended_at, retry_count, docstring, requirements
        FROM phases WHERE run = $1 ORDER BY position";
    let mut phases = Vec::new();
    for mut row in link.rows(select, &[seq.into()]).await? {
        phases.push(Phase {
            name: row.take()?,
            outcome: row.take()?,
            started_at: row.take()?,
            ended_at: row.take()?,
            retry_count: row.take()?,
            docstring: row.take()?,
            requirements: touched(row.take()?)?,
            measurements: Vec::new(),
            logs: Vec::new(),
        });
    }
    let select = "
        SELECT phase, name, outcome, marginal, optional, kind, number, text, unit, docstring, conditions
        FROM measurements WHERE run = $1 ORDER BY phase, position";
    for mut row in link.rows(select, &[seq.into()]).await? {
        let phase = row.take()?;
        at(&mut phases, phase)?.measurements.push(measurement(&mut row)?);
    }
    Ok(phases)
}

/// The requirements that a phase touches, from their disk form.
fn touched(requirements: Option<String>) -> Result<Vec<ReqId>> {
    let requirements: Vec<String> = requirements.as_deref().map_or(Ok(Vec::new()), disk::read)?;
    let requirements = requirements.iter().map(|requirement| requirement.parse());
    requirements
        .collect::<std::result::Result<_, _>>()
        .map_err(|error: NameError| StoreError::damaged(error.to_string()))
}

fn at(phases: &mut [Phase], position: i64) -> Result<&mut Phase> {
    let phase = usize::try_from(position).ok().and_then(|position| phases.get_mut(position));
    phase.ok_or_else(|| StoreError::damaged("something belongs to a phase that is not there"))
}

fn measurement(row: &mut Row) -> Result<Measurement> {
    let (name, outcome, marginal, optional) = (row.take()?, row.take()?, row.take()?, row.take()?);
    let kind: String = row.take()?;
    let value = value(&kind, row.take()?, row.take()?)?;
    let (unit, docstring) = (row.take()?, row.take()?);
    let conditions: Option<String> = row.take()?;
    let (limits, marginal_limits, validators, aggregations) = match conditions {
        None => (Limits::default(), Limits::default(), Vec::new(), Vec::new()),
        Some(conditions) => disk::read::<DiskConditions>(&conditions)?.parts()?,
    };
    Ok(Measurement {
        name,
        outcome,
        marginal,
        optional,
        value,
        unit,
        limits,
        marginal_limits,
        validators,
        aggregations,
        docstring,
    })
}

fn value(kind: &str, number: Option<f64>, text: Option<String>) -> Result<MeasuredValue> {
    let value = match (kind, number, text) {
        ("unset", ..) => MeasuredValue::Unset,
        ("number", Some(number), None) => MeasuredValue::Number(number),
        ("number", _, Some(text)) => MeasuredValue::Number(
            text.parse().map_err(|_| StoreError::damaged(format!("{text:?} is no number")))?,
        ),
        ("text", _, Some(text)) => MeasuredValue::Text(text),
        ("bool", _, Some(text)) => MeasuredValue::Bool(text == "true"),
        ("json", _, Some(text)) => MeasuredValue::Json(disk::read(&text)?),
        ("series", _, Some(text)) => {
            MeasuredValue::Series(Series::try_from(disk::read::<DiskSeries>(&text)?)?)
        }
        (kind, ..) => return Err(StoreError::damaged(format!("a value of kind {kind:?} is not there"))),
    };
    Ok(value)
}

/// The lines of the phases go to the phases, the others are the answer.
async fn logs(link: &mut Link, seq: i64, phases: &mut [Phase]) -> Result<Vec<Log>> {
    let select = "
        SELECT phase, level, at, message, source_file, line_number
        FROM logs WHERE run = $1 ORDER BY phase, position";
    let mut logs = Vec::new();
    for mut row in link.rows(select, &[seq.into()]).await? {
        let phase: i64 = row.take()?;
        let log = Log {
            level: row.take()?,
            at: row.take()?,
            message: row.take()?,
            source_file: row.take()?,
            line_number: row.take()?,
        };
        if phase == NO_PHASE { logs.push(log) } else { at(phases, phase)?.logs.push(log) }
    }
    Ok(logs)
}

async fn sub_units(link: &mut Link, seq: i64) -> Result<Vec<SubUnit>> {
    let select = "
        SELECT unit_id, serial, part_number, part_name FROM run_sub_units WHERE run = $1 ORDER BY position";
    let mut units = Vec::new();
    for mut row in link.rows(select, &[seq.into()]).await? {
        units.push(SubUnit {
            id: row.take()?,
            serial_number: row.take()?,
            part_number: row.take()?,
            part_name: row.take()?,
        });
    }
    Ok(units)
}

async fn import(link: &mut Link, seq: i64, attachments: &[Upload]) -> Result<Option<FileImport>> {
    let select = "SELECT id, importer, created_at, upload_id FROM imports WHERE run = $1";
    let Some(mut row) = link.row(select, &[seq.into()]).await? else { return Ok(None) };
    let (id, importer, created_at) = (row.take()?, row.take()?, row.take()?);
    let upload: Option<crate::UploadId> = row.take()?;
    let upload = attachments.iter().find(|attachment| Some(attachment.id) == upload).cloned();
    Ok(Some(FileImport { id, importer, created_at, upload }))
}
