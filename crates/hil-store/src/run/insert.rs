//! The rows of a run.

use hil_model::ReqId;
use hil_model::run::{Log, MeasuredValue, Measurement, Run, StationName};

use super::disk::{self, DiskConditions, DiskSeries};
use super::place::Place;
use crate::engine::Link;
use crate::sql::Param;
use crate::store::now;
use crate::{Actor, ProcedureId, Result, StoreError, UploadId, VersionId};

/// How many rows are gathered before they are sent.
const CHUNK: usize = 512;
/// The phase of those log lines that no phase wrote.
pub(super) const NO_PHASE: i64 = -1;

/// Rows on their way into one table.
struct Rows<'a> {
    sql: &'static str,
    waiting: Vec<Vec<Param<'a>>>,
}

impl<'a> Rows<'a> {
    fn new(sql: &'static str) -> Self {
        Self { sql, waiting: Vec::new() }
    }

    async fn push(&mut self, link: &mut Link, row: Vec<Param<'a>>) -> Result<()> {
        self.waiting.push(row);
        if self.waiting.len() >= CHUNK { self.flush(link).await } else { Ok(()) }
    }

    async fn flush(&mut self, link: &mut Link) -> Result<()> {
        link.execute_all(self.sql, self.waiting.drain(..)).await
    }
}

/// The row of the run itself, with its requirements; answers its number.
pub(super) async fn run(
    link: &mut Link,
    run: &Run,
    place: &Place,
    (procedure, version): (ProcedureId, Option<VersionId>),
    by: Actor,
) -> Result<i64> {
    let [user, station] = by.params();
    let properties = match &run.properties[..] {
        [] => None,
        properties => {
            let pairs: Vec<_> = properties.iter().map(|property| (&property.key, &property.value)).collect();
            Some(disk::write(&pairs)?)
        }
    };
    let batch = place.batch.as_ref();
    let row = link
        .row(
            "INSERT INTO runs (id, procedure_id, version_id, unit_id, serial, serial_key,
                 part_id, part_number, part_key, part_name, revision_id, revision, revision_key,
                 batch_id, batch, batch_key, station, station_key, operator, operated_by, outcome,
                 started_at, ended_at, duration_us, docstring, properties, created_at,
                 created_by_user, created_by_station)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                 (SELECT id FROM users WHERE email_key = $20), $21, $22, $23, $24, $25, $26, $27, $28, $29)
             RETURNING seq",
            &[
                run.id.as_str().into(),
                procedure.into(),
                version.into(),
                place.unit.into(),
                place.serial.as_str().into(),
                place.serial.key().into(),
                place.part.id.into(),
                place.part.number.as_str().into(),
                place.part.number.key().into(),
                place.part_name.as_str().into(),
                place.revision.id.into(),
                place.revision.number.as_str().into(),
                place.revision.number.key().into(),
                batch.map(|batch| batch.id).into(),
                batch.map(|batch| batch.number.as_str()).into(),
                batch.map(|batch| batch.number.key()).into(),
                place.station.as_ref().map(StationName::as_str).into(),
                place.station.as_ref().map(StationName::key).into(),
                run.operator.as_ref().into(),
                run.operator.as_ref().map(|operator| operator.to_lowercase()).into(),
                run.outcome.word().into(),
                run.started_at.into(),
                run.ended_at.into(),
                i64::try_from(run.duration.as_micros()).unwrap_or(i64::MAX).into(),
                run.docstring.as_ref().into(),
                properties.into(),
                now().into(),
                user,
                station,
            ],
        )
        .await?;
    let seq: i64 = row.ok_or_else(|| StoreError::damaged("a run without a number"))?.take()?;
    let mut rows = Rows::new(
        "INSERT INTO run_requirements (run, position, requirement, requirement_key) VALUES ($1, $2, $3, $4)",
    );
    for (position, requirement) in (0_i64..).zip(&run.requirements) {
        let text = requirement.as_str();
        rows.push(link, vec![seq.into(), position.into(), text.into(), text.to_lowercase().into()]).await?;
    }
    rows.flush(link).await?;
    Ok(seq)
}

/// The rows of the phases and of their measurements.
pub(super) async fn phases(link: &mut Link, run: &Run, seq: i64) -> Result<()> {
    let mut rows = Rows::new(
        "INSERT INTO phases (run, position, name, outcome, started_at, ended_at, retry_count, docstring, requirements)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    for (position, phase) in (0_i64..).zip(&run.phases) {
        let requirements: Vec<&str> = phase.requirements.iter().map(ReqId::as_str).collect();
        let requirements = if requirements.is_empty() { None } else { Some(disk::write(&requirements)?) };
        let row = vec![
            seq.into(),
            position.into(),
            phase.name.as_str().into(),
            phase.outcome.word().into(),
            phase.started_at.into(),
            phase.ended_at.into(),
            phase.retry_count.into(),
            phase.docstring.as_ref().into(),
            requirements.into(),
        ];
        rows.push(link, row).await?;
    }
    rows.flush(link).await?;
    let mut rows = Rows::new(
        "INSERT INTO measurements (run, phase, position, name, outcome, marginal, optional, kind, number, text,
                                   unit, low, high, docstring, conditions)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    );
    for (phase_position, phase) in (0_i64..).zip(&run.phases) {
        for (position, measurement) in (0_i64..).zip(&phase.measurements) {
            let mut row = vec![seq.into(), phase_position.into(), position.into()];
            row.extend(measured(measurement)?);
            rows.push(link, row).await?;
        }
    }
    rows.flush(link).await
}

/// A measurement's columns from `name` on.
fn measured(measurement: &Measurement) -> Result<[Param<'_>; 12]> {
    let (kind, number, text) = match &measurement.value {
        MeasuredValue::Unset => ("unset", Param::Null, Param::Null),
        // A text beside a number is what the column cannot hold: NaN, an infinity, or, on SQLite, a negative zero.
        MeasuredValue::Number(number)
            if !number.is_finite() || (*number == 0.0 && number.is_sign_negative()) =>
        {
            ("number", (*number).into(), number.to_string().into())
        }
        MeasuredValue::Number(number) => ("number", (*number).into(), Param::Null),
        MeasuredValue::Text(text) => ("text", Param::Null, text.as_str().into()),
        MeasuredValue::Bool(value) => ("bool", Param::Null, if *value { "true" } else { "false" }.into()),
        MeasuredValue::Json(value) => ("json", Param::Null, disk::write(value)?.into()),
        MeasuredValue::Series(series) => {
            ("series", Param::Null, disk::write(&DiskSeries::from(series))?.into())
        }
    };
    let conditions = DiskConditions::new(
        &measurement.limits,
        &measurement.marginal_limits,
        &measurement.validators,
        &measurement.aggregations,
    );
    let conditions = if conditions.is_empty() { None } else { Some(disk::write(&conditions)?) };
    let bounds = measurement.bounds();
    Ok([
        measurement.name.as_str().into(),
        measurement.outcome.word().into(),
        measurement.marginal.into(),
        measurement.optional.into(),
        kind.into(),
        number,
        text,
        measurement.unit.as_ref().into(),
        bounds.low.into(),
        bounds.high.into(),
        measurement.docstring.as_ref().into(),
        conditions.into(),
    ])
}

/// The rows of what the run and its phases logged.
pub(super) async fn logs(link: &mut Link, run: &Run, seq: i64) -> Result<()> {
    let mut rows = Rows::new(
        "INSERT INTO logs (run, phase, position, level, at, message, source_file, line_number)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let phases = (0_i64..).zip(run.phases.iter().map(|phase| &phase.logs));
    for (phase, logs) in std::iter::once((NO_PHASE, &run.logs)).chain(phases) {
        for (position, log) in (0_i64..).zip(logs) {
            rows.push(link, logged(seq, phase, position, log)).await?;
        }
    }
    rows.flush(link).await
}

fn logged(run: i64, phase: i64, position: i64, log: &Log) -> Vec<Param<'_>> {
    vec![
        run.into(),
        phase.into(),
        position.into(),
        log.level.word().into(),
        log.at.into(),
        log.message.as_str().into(),
        log.source_file.as_str().into(),
        log.line_number.into(),
    ]
}

/// The rows of the attachments, whose contents are there.
pub(super) async fn attachments(link: &mut Link, run: &Run, seq: i64, by: Actor) -> Result<()> {
    let mut rows = Rows::new(
        "INSERT INTO uploads (id, name, content_type, size, digest, finalized, is_report, run, position, created_at,
                              created_by_user, created_by_station)
         VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11)",
    );
    for (position, attachment) in (0_i64..).zip(&run.attachments) {
        let [user, station] = by.params();
        let row = vec![
            UploadId::fresh().into(),
            attachment.name.as_str().into(),
            attachment.content_type.as_ref().into(),
            i64::try_from(attachment.size).unwrap_or(i64::MAX).into(),
            attachment.digest.to_string().into(),
            attachment.is_report.into(),
            seq.into(),
            position.into(),
            now().into(),
            user,
            station,
        ];
        rows.push(link, row).await?;
    }
    rows.flush(link).await
}
