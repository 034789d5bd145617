//! A run as a client sends it.

use std::collections::BTreeMap;

use hil_model::run::{
    BatchNumber, Log, LogLevel, PartNumber, Phase, PhaseOutcome, Procedure, RevisionNumber, Run, RunOutcome,
    SerialNumber, UnitUnderTest, VersionTag,
};
use hil_model::{Property, RunId};
use hil_store::{Actor, Email, ProcedureId};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::measurement::NewMeasurement;
use crate::error::{ApiError, ApiResult};
use crate::v2::field;
use crate::v2::moment::{Moment, Span};

/// A run that has ended. Outcomes are stored as they are given.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewRun {
    /// PASS, FAIL, ERROR, TIMEOUT or ABORTED.
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String)]
    outcome: RunOutcome,
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, format = "uuid")]
    procedure_id: ProcedureId,
    started_at: Moment,
    ended_at: Moment,
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 60)]
    serial_number: SerialNumber,
    /// The version that was executed; it is made if the procedure has none with that tag.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    procedure_version: Option<VersionTag>,
    /// The e-mail address of whoever executed it.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, format = "email")]
    operated_by: Option<Email>,
    /// What part the unit is one of. It is made if it is not there.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    part_number: Option<PartNumber>,
    /// The part's revision; the default one if nobody says. It is made if it is not there.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    revision_number: Option<RevisionNumber>,
    /// The batch that the unit was made in. It is made if it is not there.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = "^[A-Za-z0-9_-]+$")]
    batch_number: Option<BatchNumber>,
    /// Serial numbers of units that were tested before and are now part of this one.
    #[serde(default, deserialize_with = "field::list")]
    #[schema(value_type = Vec<String>)]
    sub_units: Vec<SerialNumber>,
    #[serde(default)]
    docstring: Option<String>,
    #[serde(default, deserialize_with = "field::items")]
    phases: Vec<NewPhase>,
    #[serde(default, deserialize_with = "field::items")]
    logs: Vec<NewLog>,
    /// What else is known of the run. Of a name that is there twice the last value counts.
    #[serde(default)]
    metadata: Option<BTreeMap<String, Value>>,
    /// The client's own name for the run. Sent twice by the same client it is stored once.
    #[serde(default)]
    client_run_ref: Option<String>,
}

/// A phase of a run.
#[derive(Deserialize, ToSchema)]
struct NewPhase {
    name: String,
    /// PASS, FAIL, ERROR or SKIP.
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String)]
    outcome: PhaseOutcome,
    started_at: Moment,
    ended_at: Moment,
    #[serde(default)]
    docstring: Option<String>,
    #[serde(default, deserialize_with = "field::items")]
    measurements: Vec<NewMeasurement>,
    /// How often it had been tried before.
    #[serde(default)]
    retry_count: Option<u32>,
}

/// A line of the log.
#[derive(Deserialize, ToSchema)]
struct NewLog {
    /// DEBUG, INFO, WARNING, ERROR or CRITICAL.
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String)]
    level: LogLevel,
    timestamp: Moment,
    message: String,
    #[serde(default)]
    source_file: Option<String>,
    /// The client writes whole numbers as `12.0`.
    #[serde(default)]
    line_number: Option<f64>,
}

impl NewRun {
    /// The run, under its id.
    pub(super) fn into_run(self, by: Actor) -> ApiResult<Run> {
        let id = match self.client_run_ref.as_deref() {
            None | Some("") => uuid::Uuid::now_v7(),
            Some(reference) => derived_id(by, reference),
        };
        let id: RunId = id.to_string().parse()?;
        let phases = self.phases.into_iter().map(Phase::try_from);
        Ok(Run {
            id,
            procedure: Procedure {
                id: self.procedure_id.to_string(),
                name: None,
                version: self.procedure_version,
            },
            unit: UnitUnderTest {
                part_number: self.part_number,
                revision: self.revision_number,
                batch: self.batch_number,
                ..UnitUnderTest::new(self.serial_number)
            },
            sub_units: self.sub_units,
            station: None,
            operator: self.operated_by.map(|email| email.to_string()),
            started_at: self.started_at.0,
            ended_at: self.ended_at.0,
            duration: Span::between(self.started_at.0, self.ended_at.0).0,
            outcome: self.outcome,
            docstring: self.docstring,
            phases: phases.collect::<ApiResult<_>>()?,
            logs: self.logs.into_iter().map(Log::from).collect(),
            attachments: Vec::new(),
            properties: self.metadata.into_iter().flatten().map(property).collect(),
            requirements: Vec::new(),
        })
    }
}

/// The id of a run that its client can name. Two clients may use the same name for two runs.
fn derived_id(by: Actor, reference: &str) -> uuid::Uuid {
    let owner = match by {
        Actor::Local => String::new(),
        Actor::User(id) => id.to_string(),
        Actor::Station(id) => id.to_string(),
    };
    let digest = Sha256::new_with_prefix(owner).chain_update([0]).chain_update(reference).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Properties are texts; other values become theirs.
fn property((key, value): (String, Value)) -> Property {
    let value = match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Property { key, value }
}

impl TryFrom<NewPhase> for Phase {
    type Error = ApiError;

    fn try_from(phase: NewPhase) -> ApiResult<Self> {
        let measurements = phase.measurements.into_iter().map(TryFrom::try_from);
        Ok(Self {
            name: phase.name,
            outcome: phase.outcome,
            started_at: phase.started_at.0,
            ended_at: Some(phase.ended_at.0),
            retry_count: phase.retry_count.unwrap_or(0),
            docstring: phase.docstring,
            requirements: Vec::new(),
            measurements: measurements.collect::<ApiResult<_>>()?,
            logs: Vec::new(),
        })
    }
}

impl From<NewLog> for Log {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a line that no file has is the last or the first one that a file could have"
    )]
    fn from(log: NewLog) -> Self {
        Self {
            level: log.level,
            at: log.timestamp.0,
            message: log.message,
            source_file: log.source_file.unwrap_or_default(),
            line_number: log.line_number.unwrap_or(0.0) as u32,
        }
    }
}
