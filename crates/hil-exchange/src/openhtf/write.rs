//! From a run to a report.

use std::collections::HashMap;
use std::io;

use hil_model::run::{
    Axis, Log, LogLevel, MeasuredValue, Measurement, MeasurementOutcome, Phase, PhaseOutcome, Run, Series,
    Validator,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{validator, value};
use crate::export::Format;
use crate::{ExchangeError, Result};

/// What the name of every logger begins with.
const LOGGER: &str = "openhtf.test_record.hil";

/// The keys of the metadata that mean something.
const RESERVED: [&str; 7] =
    ["procedure_id", "procedure_version", "part_number", "revision", "batch_number", "sub_units", "config"];

/// Writes a run as a report, on one line, so that tools for OpenHTF read it.
///
/// What [`read`](super::read) makes of it has the same unit, times, outcomes, phases, measurements and logs, but for
/// this:
///
/// * the logs of a phase follow those of the run, and the logger's name says whose they were;
/// * a measurement that was skipped or could not be taken is UNSET, and whether one may stay unset is not said, as
///   OpenHTF has no words for that;
/// * the texts `nan`, `inf` and `-inf` become numbers, and JSON that is a mere number, text or truth value becomes one;
/// * limits come back as validators too, and of validators only the words and what follows from them; those that do not
///   decide come back if they are marginal limits of a number;
/// * a series loses its aggregations, its validators, and all of its last axis but the values;
/// * operator, requirements, run id and procedure name come back as properties; part name and attachments do not.
///
/// # Errors
///
/// [`ExchangeError::Write`] if `out` refuses.
pub fn write(run: &Run, out: impl io::Write) -> Result<()> {
    serde_json::to_writer(out, &TestRecord::from(run)).map_err(ExchangeError::write(Format::OpenHtf))
}

#[derive(Serialize)]
struct TestRecord<'a> {
    dut_id: &'a str,
    start_time_millis: i64,
    end_time_millis: i64,
    outcome: &'a str,
    outcome_details: [(); 0],
    marginal: bool,
    metadata: Map<String, Value>,
    phases: Vec<PhaseRecord<'a>>,
    subtests: [(); 0],
    branches: [(); 0],
    checkpoints: [(); 0],
    diagnosers: [(); 0],
    diagnoses: [(); 0],
    log_records: Vec<LogRecord<'a>>,
    station_id: &'a str,
    code_info: CodeInfo<'a>,
}

#[derive(Serialize)]
struct CodeInfo<'a> {
    name: &'a str,
    docstring: Option<&'a str>,
    sourcecode: &'a str,
}

#[derive(Serialize)]
struct PhaseRecord<'a> {
    #[serde(serialize_with = "object")]
    measurements: Vec<(String, MeasurementRecord<'a>)>,
    options: Map<String, Value>,
    diagnosers: [(); 0],
    subtest_name: Option<&'a str>,
    start_time_millis: i64,
    end_time_millis: Option<i64>,
    attachments: Map<String, Value>,
    diagnosis_results: [(); 0],
    failure_diagnosis_results: [(); 0],
    result: Value,
    outcome: &'a str,
    marginal: bool,
    descriptor_id: usize,
    name: &'a str,
    codeinfo: CodeInfo<'a>,
}

#[derive(Serialize)]
struct MeasurementRecord<'a> {
    name: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    validators: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<Vec<UnitRecord<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<UnitRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    docstring: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured_value: Option<Value>,
    marginal: bool,
}

/// A unit or a dimension. Without a unit there is no code: see [`value::unit`].
#[derive(Serialize)]
struct UnitRecord<'a> {
    name: &'a str,
    code: &'a str,
    suffix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct LogRecord<'a> {
    level: u8,
    logger_name: String,
    source: &'a str,
    lineno: u32,
    timestamp_millis: i64,
    message: &'a str,
}

/// An object of entries that keep their order.
fn object<S: serde::Serializer, T: Serialize>(
    entries: &[(String, T)],
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
}

impl<'a> From<&'a Run> for TestRecord<'a> {
    fn from(run: &'a Run) -> Self {
        let mut descriptor_id = 0;
        let phases: Vec<_> = run
            .phases
            .iter()
            .map(|phase| {
                // Attempts at one phase share a descriptor.
                descriptor_id += usize::from(phase.retry_count == 0);
                PhaseRecord::new(phase, descriptor_id)
            })
            .collect();
        let own = run.logs.iter().map(|log| LogRecord::new(log, LOGGER.to_owned()));
        let of_phases = run.phases.iter().flat_map(|phase| {
            let logger = format!("{LOGGER}.phase.{}", phase.name);
            phase.logs.iter().map(move |log| LogRecord::new(log, logger.clone()))
        });
        Self {
            dut_id: run.unit.serial_number.as_str(),
            start_time_millis: run.started_at.unix_millis(),
            end_time_millis: run.ended_at.unix_millis(),
            outcome: run.outcome.word(),
            outcome_details: [],
            marginal: phases.iter().any(|phase| phase.marginal),
            metadata: metadata(run),
            phases,
            subtests: [],
            branches: [],
            checkpoints: [],
            diagnosers: [],
            diagnoses: [],
            log_records: own.chain(of_phases).collect(),
            station_id: run.station.as_ref().map_or("", |station| station.as_str()),
            code_info: CodeInfo::new("", run.docstring.as_deref()),
        }
    }
}

impl<'a> CodeInfo<'a> {
    fn new(name: &'a str, docstring: Option<&'a str>) -> Self {
        Self { name, docstring, sourcecode: "" }
    }
}

fn metadata(run: &Run) -> Map<String, Value> {
    let mut metadata = Map::new();
    let mut known = |key: &str, text: Option<&str>| {
        if let Some(text) = text {
            metadata.insert(key.to_owned(), text.into());
        }
    };
    known("procedure_id", Some(&run.procedure.id));
    known("procedure_version", run.procedure.version.as_ref().map(AsRef::as_ref));
    known("part_number", run.unit.part_number.as_ref().map(AsRef::as_ref));
    known("revision", run.unit.revision.as_ref().map(AsRef::as_ref));
    known("batch_number", run.unit.batch.as_ref().map(AsRef::as_ref));
    let sub_units = run.sub_units.iter().map(|serial| json!({ "serial_number": serial.as_str() }));
    metadata.insert("sub_units".to_owned(), sub_units.collect());
    let requirements: Vec<&str> = run.requirements.iter().map(AsRef::as_ref).collect();
    let requirements = Some(requirements.join(", ")).filter(|list| !list.is_empty());
    let noted = run.properties.iter().map(|property| (property.key.as_str(), Some(property.value.clone())));
    let facts = [
        ("run_id", Some(run.id.to_string())),
        ("operator", run.operator.clone()),
        ("procedure_name", run.procedure.name.as_ref().map(ToString::to_string)),
        ("requirements", requirements),
    ];
    for (key, text) in noted.chain(facts) {
        if let Some(text) = text
            && !RESERVED.contains(&key)
        {
            metadata.entry(key).or_insert_with(|| text.into());
        }
    }
    metadata
}

impl<'a> PhaseRecord<'a> {
    fn new(phase: &'a Phase, descriptor_id: usize) -> Self {
        let result = match phase.outcome {
            PhaseOutcome::Pass => json!({ "phase_result": "CONTINUE" }),
            PhaseOutcome::Fail => json!({ "phase_result": "FAIL_AND_CONTINUE" }),
            PhaseOutcome::Skip => json!({ "phase_result": "SKIP" }),
            PhaseOutcome::Error => json!({ "phase_result": null }),
        };
        let mut names = HashMap::new();
        let measurements = phase
            .measurements
            .iter()
            .map(|measurement| (unused(&mut names, &measurement.name), MeasurementRecord::from(measurement)));
        Self {
            measurements: measurements.collect(),
            options: Map::new(),
            diagnosers: [],
            subtest_name: None,
            start_time_millis: phase.started_at.unix_millis(),
            end_time_millis: phase.ended_at.map(|at| at.unix_millis()),
            attachments: Map::new(),
            diagnosis_results: [],
            failure_diagnosis_results: [],
            result,
            outcome: phase.outcome.word(),
            marginal: phase.measurements.iter().any(|measurement| measurement.marginal),
            descriptor_id,
            name: &phase.name,
            codeinfo: CodeInfo::new(&phase.name, phase.docstring.as_deref()),
        }
    }
}

/// The name, or, if it is taken, the name with a number that is not: most readers keep one entry a key.
fn unused(names: &mut HashMap<String, usize>, name: &str) -> String {
    let mut key = name.to_owned();
    let mut number = names.get(name).copied().unwrap_or(1);
    while names.contains_key(&key) {
        number += 1;
        key = format!("{name}#{number}");
    }
    names.insert(key.clone(), 1);
    // The next of this name need not try the same numbers again.
    names.insert(name.to_owned(), number);
    key
}

impl<'a> From<&'a Measurement> for MeasurementRecord<'a> {
    fn from(measurement: &'a Measurement) -> Self {
        let (measured_value, dimensions) = match &measurement.value {
            MeasuredValue::Unset => (None, None),
            MeasuredValue::Number(number) => (Some(value::number_to_json(*number)), None),
            MeasuredValue::Text(text) => (Some(Value::from(text.as_str())), None),
            MeasuredValue::Bool(value) => (Some(Value::from(*value)), None),
            MeasuredValue::Json(json) => (Some(json.clone()), None),
            MeasuredValue::Series(series) => (Some(rows(series)), Some(dimensions(series))),
        };
        let last = match &measurement.value {
            MeasuredValue::Series(series) => series.axes.last().and_then(|axis| axis.unit.as_deref()),
            MeasuredValue::Unset
            | MeasuredValue::Number(_)
            | MeasuredValue::Text(_)
            | MeasuredValue::Bool(_)
            | MeasuredValue::Json(_) => None,
        };
        Self {
            name: &measurement.name,
            outcome: match measurement.outcome {
                MeasurementOutcome::Pass => "PASS",
                MeasurementOutcome::Fail => "FAIL",
                MeasurementOutcome::Skip | MeasurementOutcome::Error | MeasurementOutcome::Unset => "UNSET",
            },
            validators: validators(measurement),
            dimensions,
            units: measurement.unit.as_deref().or(last).map(UnitRecord::new),
            docstring: measurement.docstring.as_deref(),
            measured_value,
            marginal: measurement.marginal,
        }
    }
}

/// The words of the validators, and the band of the limits unless the words say it already.
fn validators(measurement: &Measurement) -> Vec<String> {
    let decides = |words: &str| validator::parse(words).iter().any(Validator::decides);
    // What does not decide has no words of its own in OpenHTF, unless it stands behind a limit that nothing reaches.
    let words = |validator: &Validator| {
        validator::words(validator).filter(|words| validator.decides() || !decides(words))
    };
    let mut words: Vec<String> = measurement.validators.iter().filter_map(words).collect();
    let said: Vec<_> = words.iter().flat_map(|words| validator::parse(words)).collect();
    let band = (measurement.limits, measurement.marginal_limits);
    if validator::limits(&said) != band
        && let Some(band) = validator::band_words(band.0, band.1)
    {
        words.insert(0, band);
    }
    words
}

impl<'a> UnitRecord<'a> {
    /// Only the symbol is known.
    fn new(symbol: &'a str) -> Self {
        Self { name: symbol, code: "", suffix: Some(symbol), description: None }
    }
}

fn dimensions(series: &Series) -> Vec<UnitRecord<'_>> {
    fn dimension(axis: &Axis) -> UnitRecord<'_> {
        UnitRecord {
            name: axis.name.as_deref().unwrap_or_default(),
            code: "",
            suffix: axis.unit.as_deref(),
            description: axis.description.as_deref(),
        }
    }
    series.axes.split_last().map_or(&[][..], |(_, axes)| axes).iter().map(dimension).collect()
}

fn rows(series: &Series) -> Value {
    series.rows().map(|row| row.into_iter().map(value::cell_to_json).collect::<Value>()).collect()
}

impl<'a> LogRecord<'a> {
    fn new(log: &'a Log, logger_name: String) -> Self {
        Self {
            level: match log.level {
                LogLevel::Debug => 10,
                LogLevel::Info => 20,
                LogLevel::Warning => 30,
                LogLevel::Error => 40,
                LogLevel::Critical => 50,
            },
            logger_name,
            source: &log.source_file,
            lineno: log.line_number,
            timestamp_millis: log.at.unix_millis(),
            message: &log.message,
        }
    }
}
