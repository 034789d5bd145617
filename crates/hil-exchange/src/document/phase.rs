//! Phases and lines of log.

use std::borrow::Cow;

use hil_model::run::{Log, LogLevel, Measurement, Phase, PhaseOutcome};
use hil_model::{ReqId, WallTime};
use serde::{Deserialize, Serialize};

use super::cell::Word;
use super::measurement::DocumentMeasurement;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentPhase<'a> {
    name: Cow<'a, str>,
    outcome: Word<PhaseOutcome>,
    started_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_ms: Option<i64>,
    #[serde(default)]
    retry_count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    docstring: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requirements: Vec<Word<ReqId>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    measurements: Vec<DocumentMeasurement<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    logs: Vec<DocumentLog<'a>>,
}

impl<'a> From<&'a Phase> for DocumentPhase<'a> {
    fn from(phase: &'a Phase) -> Self {
        let Phase {
            name,
            outcome,
            started_at,
            ended_at,
            retry_count,
            docstring,
            requirements,
            measurements,
            logs,
        } = phase;
        Self {
            name: name.into(),
            outcome: Word(*outcome),
            started_ms: started_at.unix_millis(),
            ended_ms: ended_at.map(WallTime::unix_millis),
            retry_count: *retry_count,
            docstring: docstring.as_deref().map(Cow::from),
            requirements: requirements.iter().cloned().map(Word).collect(),
            measurements: measurements.iter().map(DocumentMeasurement::from).collect(),
            logs: logs.iter().map(DocumentLog::from).collect(),
        }
    }
}

impl From<DocumentPhase<'_>> for Phase {
    fn from(phase: DocumentPhase<'_>) -> Self {
        Self {
            name: phase.name.into_owned(),
            outcome: phase.outcome.0,
            started_at: WallTime::from_unix_millis(phase.started_ms),
            ended_at: phase.ended_ms.map(WallTime::from_unix_millis),
            retry_count: phase.retry_count,
            docstring: phase.docstring.map(Cow::into_owned),
            requirements: phase.requirements.into_iter().map(|requirement| requirement.0).collect(),
            measurements: phase.measurements.into_iter().map(Measurement::from).collect(),
            logs: phase.logs.into_iter().map(Log::from).collect(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentLog<'a> {
    level: Word<LogLevel>,
    at_ms: i64,
    message: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    source_file: Cow<'a, str>,
    #[serde(default)]
    line_number: u32,
}

impl<'a> From<&'a Log> for DocumentLog<'a> {
    fn from(log: &'a Log) -> Self {
        let Log { level, at, message, source_file, line_number } = log;
        Self {
            level: Word(*level),
            at_ms: at.unix_millis(),
            message: message.into(),
            source_file: source_file.into(),
            line_number: *line_number,
        }
    }
}

impl From<DocumentLog<'_>> for Log {
    fn from(log: DocumentLog<'_>) -> Self {
        Self {
            level: log.level.0,
            at: WallTime::from_unix_millis(log.at_ms),
            message: log.message.into_owned(),
            source_file: log.source_file.into_owned(),
            line_number: log.line_number,
        }
    }
}
