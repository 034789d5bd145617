//! From a report to a run.

use std::collections::HashMap;
use std::time::Duration;

use hil_model::run::{
    Log, LogLevel, Phase, PhaseOutcome, Procedure, Run, RunOutcome, SerialNumber, UnitUnderTest,
};
use hil_model::{RunId, WallTime};
use serde_json::Value;

use super::metadata::{self, Metadata};
use super::wire::{Content, Millis, WireLog, WirePhase, WireReport, Word};
use super::{FORMAT, measurement};
use crate::error::excerpt;
use crate::property::{Cut, Properties};
use crate::{ExchangeError, Result, python_json};

/// What a report holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The run, without attachments: their contents have to be stored first.
    pub run: Run,
    /// The files that are written into the report.
    pub attachments: Vec<Embedded>,
    /// What the test is called: `openhtf_test`, if its author says nothing.
    pub test_name: Option<String>,
    /// What the run does not have of what the station's author wrote.
    pub cut: Cut,
}

/// What a report may lack, and somebody else knows.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The unit under test, if the report has no `dut_id`.
    pub serial_number: Option<SerialNumber>,
    /// What was executed, if the metadata have no `procedure_id`.
    pub procedure: Option<String>,
}

/// A file that is written into a report.
#[derive(Clone, PartialEq, Eq)]
pub struct Embedded {
    /// What it is called. The name comes from outside and is not a path.
    pub name: String,
    /// Its media type, if the station knew.
    pub content_type: Option<String>,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The phase that attached it.
    pub phase: String,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedded")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("bytes", &self.bytes.len())
            .field("phase", &self.phase)
            .finish()
    }
}

/// Reads a report. The run gets the id `id`, and what it lacks of what is `given`.
///
/// A run cannot end before it begins: if the station's clock was set back meanwhile, it ends where it begins.
///
/// # Errors
///
/// [`ExchangeError::Malformed`] for what is no such report, with the place; [`ExchangeError::Missing`] without a serial
/// number, a procedure id or a start; [`ExchangeError::Field`] and [`ExchangeError::Invalid`] for a value that no run
/// can have.
pub fn read(bytes: &[u8], id: RunId, given: Given) -> Result<Report> {
    let wire = parse(bytes)?;
    let mut metadata = Metadata::from(wire.metadata);
    let procedure = Procedure {
        id: metadata.procedure(given.procedure)?,
        name: None,
        version: metadata.parsed("procedure_version")?,
    };
    let serial = match (wire.dut_id, given.serial_number) {
        (Some(Word(serial)), None) => metadata::parsed(serial, "dut_id")?,
        (Some(Word(serial)), Some(_)) if !serial.trim().is_empty() => metadata::parsed(serial, "dut_id")?,
        (_, Some(given)) => given,
        (None, None) => return Err(missing("serial number", "dut_id")),
    };
    let unit = UnitUnderTest {
        part_number: metadata.parsed("part_number")?,
        part_name: None,
        revision: metadata.parsed("revision")?,
        batch: metadata.parsed("batch_number")?,
        ..UnitUnderTest::new(serial)
    };
    let sub_units = sub_units(metadata.take("sub_units"))?;
    let station = wire.station_id.filter(|Word(name)| !name.trim().is_empty());
    let station = station.map(|Word(name)| metadata::parsed(name, "station_id")).transpose()?;
    let test_name = metadata.text("test_name")?;

    let mut contents = Contents::default();
    for phase in wire.phases.unwrap_or_default() {
        contents.add(phase, metadata.allows_unset())?;
    }
    let Contents { phases, attachments, mut subtests, .. } = contents;

    let started = phases.iter().map(|phase| phase.started_at).min();
    let started_at = wire.start_time_millis.map(|Millis(at)| at).or(started);
    let started_at = started_at.ok_or(missing("start", "start_time_millis"))?;
    let ended = phases.iter().filter_map(|phase| phase.ended_at).max();
    let ended_at = wire.end_time_millis.map(|Millis(at)| at).or(ended).unwrap_or(started_at).max(started_at);
    let outcome = match wire.outcome {
        Some(word) => word.parse().map_err(|_| invalid("outcome", "a run", &word))?,
        None => RunOutcome::from_phases(&phases),
    };
    let mut properties = Properties::default();
    if let Some(name) = &test_name {
        properties.push("test_name", name);
    }
    for detail in wire.outcome_details.unwrap_or_default() {
        properties.push("outcome_details", &detail.words());
    }
    for subtest in wire.subtests.unwrap_or_default() {
        let phases = subtests.remove(&subtest.name).unwrap_or_default();
        let value = format!("{}: {}", subtest.outcome.unwrap_or_default(), phases.join(", "));
        properties.push(&format!("subtest.{}", subtest.name), &value);
    }
    for diagnosis in wire.diagnoses.unwrap_or_default() {
        let result = diagnosis.result.map_or(String::new(), |Word(result)| result);
        let value = diagnosis.description.unwrap_or_default();
        properties.push(&format!("diagnosis.{result}"), &value);
    }
    metadata.properties(&mut properties);
    let (properties, cut) = properties.finish();

    let logs = wire.log_records.unwrap_or_default();
    let run = Run {
        id,
        procedure,
        unit,
        sub_units,
        station,
        operator: None,
        started_at,
        ended_at,
        duration: between(started_at, ended_at),
        outcome,
        docstring: wire.code_info.and_then(|code| code.docstring),
        phases,
        logs: logs.into_iter().map(|log| read_log(log, started_at)).collect(),
        attachments: Vec::new(),
        properties,
        requirements: Vec::new(),
    };
    Ok(Report { run, attachments, test_name, cut })
}

fn parse(bytes: &[u8]) -> Result<WireReport> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let json = python_json::quoted(bytes);
    let malformed = |path: String, error: &serde_json::Error| {
        let position = format!(" at line {} column {}", error.line(), error.column());
        let problem = error.to_string();
        ExchangeError::Malformed {
            format: FORMAT,
            path: excerpt(path.trim_start_matches('.')),
            line: error.line(),
            column: python_json::original_column(bytes, error.line(), error.column()),
            problem: excerpt(problem.strip_suffix(&position).unwrap_or(&problem)),
        }
    };
    let mut json = serde_json::Deserializer::from_slice(&json);
    let report = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        // Broken text has no place in the document that would help anybody.
        let path = if error.inner().is_data() { error.path().to_string() } else { String::new() };
        malformed(path, error.inner())
    })?;
    json.end().map_err(|error| malformed(String::new(), &error))?;
    Ok(report)
}

fn missing(what: &'static str, path: &'static str) -> ExchangeError {
    ExchangeError::Missing { format: FORMAT, what, path }
}

fn invalid(path: impl Into<String>, of: &str, word: &str) -> ExchangeError {
    let problem = format!("is {:?}, which is not the outcome of {of}", excerpt(word));
    ExchangeError::Invalid { format: FORMAT, path: path.into(), problem }
}

fn sub_units(value: Option<Value>) -> Result<Vec<SerialNumber>> {
    let path = "metadata.sub_units";
    let units = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(units)) => units,
        Some(other) => {
            let problem = format!("is {}, where a list is expected", excerpt(&other.to_string()));
            return Err(ExchangeError::Invalid { format: FORMAT, path: path.to_owned(), problem });
        }
    };
    let serial = |(index, unit): (usize, Value)| {
        let (value, path) = match unit {
            Value::Object(mut fields) => {
                (fields.remove("serial_number").unwrap_or_default(), format!("{path}[{index}].serial_number"))
            }
            other => (other, format!("{path}[{index}]")),
        };
        metadata::parsed(metadata::text(value, &path)?, &path)
    };
    units.into_iter().enumerate().map(serial).collect()
}

/// What the phases add up to.
#[derive(Default)]
struct Contents {
    phases: Vec<Phase>,
    attachments: Vec<Embedded>,
    /// The phases of each subtest.
    subtests: HashMap<String, Vec<String>>,
    /// Name and descriptor of the phase before, and how often that had been tried.
    before: Option<((String, Option<Word>), u32)>,
}

impl Contents {
    /// `optional`: measurements need not be set.
    fn add(&mut self, mut wire: WirePhase, optional: bool) -> Result<()> {
        for (name, attachment) in std::mem::take(&mut wire.attachments).0 {
            if let Some(Content(bytes)) = attachment.data {
                let (content_type, phase) = (attachment.mimetype, wire.name.clone());
                self.attachments.push(Embedded { name, content_type, bytes, phase });
            }
        }
        if let Some(subtest) = wire.subtest_name.take() {
            self.subtests.entry(subtest).or_default().push(wire.name.clone());
        }
        // OpenHTF repeats a phase at once, so that its attempts follow each other.
        let identity = (wire.name.clone(), wire.descriptor_id.take());
        let retry_count = match &self.before {
            Some((before, retries)) if *before == identity => retries.saturating_add(1),
            Some(_) | None => 0,
        };
        self.before = Some((identity, retry_count));
        self.phases.push(read_phase(self.phases.len(), wire, retry_count, optional)?);
        Ok(())
    }
}

fn read_phase(index: usize, wire: WirePhase, retry_count: u32, optional: bool) -> Result<Phase> {
    let outcome = match wire.outcome.as_deref() {
        Some(word) => {
            word.parse().map_err(|_| invalid(format!("phases[{index}].outcome"), "a phase", word))?
        }
        // It was under way when the station went down.
        None => PhaseOutcome::Error,
    };
    let ended_at = wire.end_time_millis.map(|Millis(at)| at);
    let measurements = wire.measurements.0.into_iter();
    Ok(Phase {
        name: wire.name,
        outcome,
        started_at: wire.start_time_millis.map(|Millis(at)| at).or(ended_at).unwrap_or_default(),
        ended_at,
        retry_count,
        docstring: wire.codeinfo.and_then(|code| code.docstring),
        requirements: Vec::new(),
        measurements: measurements
            .map(|(key, wire)| measurement::read(index, key, wire, optional))
            .collect::<Result<_>>()?,
        logs: Vec::new(),
    })
}

fn read_log(wire: WireLog, started_at: WallTime) -> Log {
    let level = match wire.level.unwrap_or(0.0) {
        level if level >= 50.0 => LogLevel::Critical,
        level if level >= 40.0 => LogLevel::Error,
        level if level >= 30.0 => LogLevel::Warning,
        level if level >= 20.0 => LogLevel::Info,
        _ => LogLevel::Debug,
    };
    Log {
        level,
        at: wire.timestamp_millis.map_or(started_at, |Millis(at)| at),
        message: wire.message.unwrap_or_default(),
        source_file: wire.source.unwrap_or_default(),
        line_number: wire.lineno.map_or(0, |line| line as u32),
    }
}

fn between(start: WallTime, end: WallTime) -> Duration {
    Duration::from_millis(u64::try_from(end.unix_millis() - start.unix_millis()).unwrap_or(0))
}
