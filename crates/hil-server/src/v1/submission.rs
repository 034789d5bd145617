//! A run as the client sends it, and the run that it is.

use std::time::Duration;

use hil_model::run::{
    BatchNumber, Log, LogLevel, Measurement, MeasurementOutcome, Operator, PartName, PartNumber, Phase,
    PhaseOutcome, Procedure, RevisionNumber, Run, RunOutcome, SerialNumber, UnitUnderTest, Validator,
    VersionTag,
};
use hil_model::{RunId, WallTime};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::value::measured;
use super::wire::{Millis, Moment, Span, Units, maybe_parsed, parsed};
use crate::error::{ApiError, ApiResult};
use crate::iso;

/// A run. What is not listed here is ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::Submission)]
pub(super) struct Submission {
    unit_under_test: Unit,
    /// PASS or FAIL; whatever the phases say.
    run_passed: bool,
    /// UUID or identifier, such as `FVT1`.
    procedure_id: Option<String>,
    #[serde(default, deserialize_with = "maybe_parsed")]
    #[schema(value_type = Option<String>)]
    procedure_version: Option<VersionTag>,
    /// The earliest phase, or now, if it is missing.
    #[schema(value_type = Option<String>)]
    started_at: Option<Moment>,
    /// To the end of the last phase, if it is missing.
    #[schema(value_type = Option<String>)]
    duration: Option<Span>,
    phases: Option<Vec<PhaseSent>>,
    logs: Option<Vec<LogSent>>,
    sub_units: Option<Vec<SubUnitSent>>,
    /// What phases were called once.
    #[schema(deprecated)]
    steps: Option<Vec<Step>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::Unit)]
struct Unit {
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String)]
    serial_number: SerialNumber,
    #[serde(default, deserialize_with = "maybe_parsed")]
    #[schema(value_type = Option<String>)]
    part_number: Option<PartNumber>,
    #[serde(default, deserialize_with = "maybe_parsed")]
    #[schema(value_type = Option<String>)]
    part_name: Option<PartName>,
    #[serde(default, deserialize_with = "maybe_parsed")]
    #[schema(value_type = Option<String>)]
    revision: Option<RevisionNumber>,
    #[serde(default, deserialize_with = "maybe_parsed")]
    #[schema(value_type = Option<String>)]
    batch_number: Option<BatchNumber>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::SubUnitSent)]
pub(super) struct SubUnitSent {
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String)]
    pub(super) serial_number: SerialNumber,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::PhaseSent)]
struct PhaseSent {
    name: String,
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String)]
    outcome: PhaseOutcome,
    /// Milliseconds since 1970, whole or not.
    #[schema(value_type = f64)]
    start_time_millis: Millis,
    #[schema(value_type = Option<f64>)]
    end_time_millis: Option<Millis>,
    docstring: Option<String>,
    measurements: Option<Vec<MeasurementSent>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::MeasurementSent)]
struct MeasurementSent {
    name: String,
    /// What follows from value and limits, if it is missing.
    #[serde(default, deserialize_with = "maybe_parsed")]
    #[schema(value_type = Option<String>)]
    outcome: Option<MeasurementOutcome>,
    measured_value: Option<Value>,
    /// One, or one for each column of a table.
    #[schema(value_type = Option<Value>)]
    units: Option<Units>,
    lower_limit: Option<f64>,
    upper_limit: Option<f64>,
    validators: Option<Vec<String>>,
    docstring: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::LogSent)]
struct LogSent {
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String)]
    level: LogLevel,
    #[schema(value_type = String)]
    timestamp: Moment,
    message: String,
    source_file: Option<String>,
    line_number: Option<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::Step)]
struct Step {
    name: String,
    #[schema(value_type = String)]
    started_at: Moment,
    #[schema(value_type = Option<String>)]
    duration: Option<Span>,
    step_passed: bool,
    measurement_value: Option<Value>,
    #[schema(value_type = Option<Value>)]
    measurement_unit: Option<Units>,
    limit_low: Option<f64>,
    limit_high: Option<f64>,
}

impl Submission {
    /// The run, which arrived at `now`.
    pub(super) fn into_run(self, id: RunId, now: WallTime) -> ApiResult<Run> {
        let procedure = self
            .procedure_id
            .filter(|id| !id.trim().is_empty())
            .ok_or_else(|| ApiError::invalid("procedure_id: missing; names of procedures are not unique"))?;
        let mut phases: Vec<Phase> = self.phases.into_iter().flatten().map(PhaseSent::into_phase).collect();
        for step in self.steps.into_iter().flatten() {
            phases.push(step.into_phase()?);
        }
        let first = phases.iter().map(|phase| phase.started_at).min();
        let started_at = self.started_at.map(|moment| moment.0).or(first).unwrap_or(now);
        let ended_at = match self.duration {
            Some(Span(duration)) => {
                after(started_at, duration).ok_or_else(|| ApiError::invalid("duration: is too long"))?
            }
            None => {
                phases.iter().filter_map(|phase| phase.ended_at).max().unwrap_or(started_at).max(started_at)
            }
        };
        let duration = self.duration.map_or_else(|| between(started_at, ended_at), |span| span.0);
        Ok(Run {
            id,
            procedure: Procedure { id: procedure, name: None, version: self.procedure_version },
            unit: UnitUnderTest {
                serial_number: self.unit_under_test.serial_number,
                part_number: self.unit_under_test.part_number,
                part_name: self.unit_under_test.part_name,
                revision: self.unit_under_test.revision,
                batch: self.unit_under_test.batch_number,
            },
            sub_units: self.sub_units.into_iter().flatten().map(|unit| unit.serial_number).collect(),
            station: None,
            operator: None,
            started_at,
            ended_at,
            duration,
            outcome: if self.run_passed { RunOutcome::Pass } else { RunOutcome::Fail },
            docstring: None,
            phases,
            logs: self.logs.into_iter().flatten().map(LogSent::into_log).collect(),
            attachments: Vec::new(),
            properties: Vec::new(),
            requirements: Vec::new(),
        })
    }
}

/// `duration` later, if there is such a time.
fn after(start: WallTime, duration: Duration) -> Option<WallTime> {
    let millis = i64::try_from(duration.as_millis()).ok()?;
    let end = start.unix_millis().checked_add(millis).map(WallTime::from_unix_millis);
    end.filter(|end| iso::has_date(*end))
}

fn between(start: WallTime, end: WallTime) -> Duration {
    let millis = end.unix_millis().saturating_sub(start.unix_millis());
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

impl PhaseSent {
    fn into_phase(self) -> Phase {
        Phase {
            name: self.name,
            outcome: self.outcome,
            started_at: self.start_time_millis.0,
            ended_at: self.end_time_millis.map(|millis| millis.0),
            retry_count: 0,
            docstring: self.docstring,
            requirements: Vec::new(),
            measurements: self
                .measurements
                .into_iter()
                .flatten()
                .map(MeasurementSent::into_measurement)
                .collect(),
            logs: Vec::new(),
        }
    }
}

impl MeasurementSent {
    fn into_measurement(self) -> Measurement {
        let (value, unit) = measured(self.measured_value, self.units);
        let mut validators = limits(self.lower_limit, self.upper_limit);
        validators.extend(self.validators.into_iter().flatten().map(Validator::expression));
        let mut measurement =
            Measurement { value, unit, validators, docstring: self.docstring, ..Measurement::new(self.name) };
        measurement.judge();
        match self.outcome {
            Some(outcome @ (MeasurementOutcome::Pass | MeasurementOutcome::Fail)) => {
                measurement.outcome = outcome
            }
            // Foreign servers know no others, and their clients send these for what has no verdict.
            Some(MeasurementOutcome::Unset | MeasurementOutcome::Skip | MeasurementOutcome::Error) => {
                measurement.outcome = MeasurementOutcome::Unset;
            }
            None => {}
        }
        measurement
    }
}

/// Limits as the conditions that they are.
fn limits(low: Option<f64>, high: Option<f64>) -> Vec<Validator> {
    let low = low.map(|low| Validator::new(Operator::AtLeast, low));
    let high = high.map(|high| Validator::new(Operator::AtMost, high));
    low.into_iter().chain(high).collect()
}

impl LogSent {
    fn into_log(self) -> Log {
        Log {
            level: self.level,
            at: self.timestamp.0,
            message: self.message,
            source_file: self.source_file.unwrap_or_default(),
            line_number: self.line_number.unwrap_or_default(),
        }
    }
}

impl Step {
    fn into_phase(self) -> ApiResult<Phase> {
        let ended_at =
            match self.duration {
                Some(Span(duration)) => Some(after(self.started_at.0, duration).ok_or_else(|| {
                    ApiError::invalid(format!("step {:?}: duration is too long", self.name))
                })?),
                None => None,
            };
        let (value, unit) = measured(self.measurement_value, self.measurement_unit);
        let validators = limits(self.limit_low, self.limit_high);
        let mut measurements = Vec::new();
        if !value.is_unset() || !validators.is_empty() {
            let mut measurement =
                Measurement { value, unit, validators, ..Measurement::new(self.name.clone()) };
            measurement.judge();
            measurements.push(measurement);
        }
        Ok(Phase {
            outcome: if self.step_passed { PhaseOutcome::Pass } else { PhaseOutcome::Fail },
            started_at: self.started_at.0,
            ended_at,
            measurements,
            ..Phase::new(self.name)
        })
    }
}
