//! A run as the client lists it.

use hil_model::run::{Expected, Log, Measurement, Phase, Scalar, Validator};
use hil_model::{RunId, WallTime};
use hil_store::{Creator, StoredRun, Upload};
use serde_json::{Value, json};

use super::value;
use crate::iso;
use crate::link::{Origin, Permission};
use crate::state::AppState;

/// A run, whole.
pub(super) fn run(stored: &StoredRun, state: &AppState, origin: &Origin) -> Value {
    let (summary, unit) = (&stored.summary, &stored.summary.unit);
    let attachments = stored.attachments.iter().map(|upload| attachment(upload, state, origin));
    let phases = (0..).zip(&stored.run.phases).map(|(i, phase)| phase_json(&summary.id, i, phase));
    let phase_logs = stored.run.phases.iter().flat_map(|phase| &phase.logs);
    let logs =
        (0..).zip(stored.run.logs.iter().chain(phase_logs)).map(|(i, log)| log_json(&summary.id, i, log));
    let Creator { user, station } = &summary.created_by;
    json!({
        "id": summary.id.as_str(),
        "created_at": iso::time(summary.created_at),
        "started_at": iso::time(summary.started_at),
        "ended_at": iso::time(summary.ended_at),
        "duration": iso::duration(summary.duration),
        "outcome": summary.outcome.word(),
        "unit": {
            "id": unit.id.to_string(),
            "serial_number": unit.serial_number.as_str(),
            "batch": unit.batch.as_ref().map(|batch| json!({
                "id": batch.id.to_string(),
                "number": batch.number.as_str(),
            })),
            "revision": {
                "id": unit.revision.id.to_string(),
                "identifier": unit.revision.number.as_str(),
                "component": {
                    "id": unit.part.id.to_string(),
                    "part_number": unit.part.number.as_str(),
                    "name": unit.part.name.as_str(),
                },
            },
        },
        "procedure": { "id": summary.procedure.id.to_string(), "name": summary.procedure.name },
        "procedure_version": summary.version.as_ref().map(|version| json!({
            "id": version.id.to_string(),
            "value": version.tag.as_str(),
        })),
        "created_by_user": user.as_ref().map(|user| json!({ "id": user.id.to_string(), "name": user.name })),
        "created_by_station":
            station.as_ref().map(|station| json!({ "id": station.id.to_string(), "name": station.name })),
        "phases": phases.collect::<Value>(),
        "attachments": attachments.collect::<Value>(),
        "logs": logs.collect::<Value>(),
        "file_import": stored.import.as_ref().map(|import| json!({
            "id": import.id.to_string(),
            "upload": import.upload.as_ref().map(|upload| json!({
                "id": upload.id.to_string(),
                "name": upload.name,
                "size": upload.size,
                "content_type": upload.content_type,
            })),
        })),
    })
}

/// A file; what is announced and not yet stored has no URL.
fn attachment(upload: &Upload, state: &AppState, origin: &Origin) -> Value {
    let url = upload.digest.map(|_| origin.url(&state.links.sign(upload.id, Permission::Read)));
    json!({
        "id": upload.id.to_string(),
        "name": upload.name,
        "filename": upload.name,
        "content_type": upload.content_type,
        "size": upload.size,
        "url": url,
    })
}

fn phase_json(run: &RunId, number: usize, phase: &Phase) -> Value {
    let ended_at = phase.ended_at.map_or_else(|| iso::time(phase.started_at), iso::time);
    json!({
        "id": format!("{run}-{number}"),
        "name": phase.name,
        "started_at": iso::time(phase.started_at),
        "ended_at": ended_at,
        "duration": iso::duration(took(phase.started_at, phase.ended_at)),
        "outcome": phase.outcome.word(),
        "docstring": phase.docstring,
        "measurements": phase.measurements.iter().map(measurement).collect::<Value>(),
    })
}

fn took(started_at: WallTime, ended_at: Option<WallTime>) -> std::time::Duration {
    let millis =
        ended_at.map_or(0, |ended_at| ended_at.unix_millis().saturating_sub(started_at.unix_millis()));
    std::time::Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn measurement(measurement: &Measurement) -> Value {
    let bounds = measurement.bounds();
    let units = match &measurement.value {
        hil_model::run::MeasuredValue::Series(series) => {
            series.axes.iter().map(|axis| axis.unit.clone()).collect()
        }
        _ => json!(measurement.unit),
    };
    json!({
        "name": measurement.name,
        "outcome": measurement.outcome.word(),
        "measured_value": value::json(&measurement.value),
        "units": units,
        "lower_limit": bounds.low.map(value::number),
        "upper_limit": bounds.high.map(value::number),
        "validators": measurement.validators.iter().map(words).collect::<Value>(),
        "docstring": measurement.docstring,
    })
}

/// A condition in words.
fn words(validator: &Validator) -> String {
    if !validator.expression.is_empty() {
        return validator.expression.clone();
    }
    let operator = validator.operator.as_ref().map_or("", |operator| operator.as_str());
    let expected = match &validator.expected {
        None => String::new(),
        Some(Expected::One(Scalar::Number(number))) => value::number(*number).to_string(),
        Some(Expected::One(Scalar::Text(text))) => format!("'{text}'"),
        Some(Expected::One(Scalar::Bool(value))) => value.to_string(),
        Some(Expected::Numbers(numbers)) => {
            numbers.iter().copied().map(value::number).collect::<Value>().to_string()
        }
        Some(Expected::Texts(texts)) => json!(texts).to_string(),
    };
    format!("x {operator} {expected}")
}

fn log_json(run: &RunId, number: usize, log: &Log) -> Value {
    json!({
        "id": format!("{run}-log-{number}"),
        "timestamp": iso::time(log.at),
        "level": log.level.word(),
        "message": log.message,
        "source_file": log.source_file,
        "line_number": log.line_number,
    })
}
