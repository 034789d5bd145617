//! What can be published.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::class::{Class, Key};
use crate::{JobId, Kind, Percent, PluginName};

/// A message before it has a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What it says.
    pub payload: Payload,
    /// The job that it is about.
    pub job: Option<JobId>,
    /// The number of the journal's entry that it was made from.
    pub event: Option<u64>,
}

impl Message {
    /// A message of a job.
    pub fn of(job: &JobId, payload: impl Into<Payload>) -> Self {
        Self { payload: payload.into(), job: Some(job.clone()), event: None }
    }

    /// The same, made from the journal's entry with this number.
    pub fn from_event(self, event: u64) -> Self {
        Self { event: Some(event), ..self }
    }
}

/// What a message says, by type.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Payload {
    /// A unit of live data.
    Frame(Frame),
    /// A part of a plugin's result, before all of it is there.
    PartialResult(PartialResult),
    /// How far the job is.
    Progress(Progress),
    /// How far a plugin is.
    PluginStatus(PluginStatus),
    /// Something is odd.
    Warning(Warning),
    /// Something is broken.
    Error(Trouble),
    /// What a plugin is.
    Metadata(Metadata),
    /// Are you there?
    Ping(Ping),
}

impl Payload {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Frame(_) => Kind::Frame,
            Self::PartialResult(_) => Kind::PartialResult,
            Self::Progress(_) => Kind::Progress,
            Self::PluginStatus(_) => Kind::PluginStatus,
            Self::Warning(_) => Kind::Warning,
            Self::Error(_) => Kind::Error,
            Self::Metadata(_) => Kind::Metadata,
            Self::Ping(_) => Kind::Ping,
        }
    }

    /// The payload as it goes over the wire.
    pub fn to_json(&self) -> Value {
        // It is made of texts, numbers and what is JSON already.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What may become of it in a full queue, and what it makes old.
    pub(crate) fn class(&self, job: Option<&JobId>) -> (Class, Option<Key>) {
        match self {
            Self::Frame(_) | Self::PartialResult(_) | Self::Ping(_) => (Class::Droppable, None),
            Self::Progress(progress) => {
                let key = Key::Job(progress.job_id.clone());
                let ends = matches!(progress.progress, Percent::START | Percent::DONE);
                (if ends { Class::Must } else { Class::Latest }, Some(key))
            }
            Self::PluginStatus(status) => {
                let key = Key::Plugin(job.cloned(), status.plugin.clone());
                match status.status {
                    State::Running => (Class::Latest, Some(key)),
                    State::Started | State::Completed | State::Failed => (Class::Must, Some(key)),
                }
            }
            Self::Warning(_) | Self::Error(_) | Self::Metadata(_) => (Class::Must, None),
        }
    }
}

macro_rules! payloads {
    ($($type:ident => $variant:ident),*) => {
        $(impl From<$type> for Payload {
            fn from(payload: $type) -> Self {
                Self::$variant(payload)
            }
        })*
    };
}

payloads!(
    Frame => Frame,
    PartialResult => PartialResult,
    Progress => Progress,
    PluginStatus => PluginStatus,
    Warning => Warning,
    Trouble => Error,
    Metadata => Metadata,
    Ping => Ping
);

/// A unit of live data: a LIN frame, a sample of the supply.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Frame {
    /// What it is called: a frame's name, `psu`, `sim-0`. Not empty.
    pub frame_id: String,
    /// Whose work it belongs to.
    pub plugin: PluginName,
    /// The data.
    pub data: Map<String, Value>,
    /// The bench that it comes from.
    pub device_used: String,
    /// Milliseconds since the plugin started, at least 0.
    pub timing_ms: f64,
}

/// A part of a plugin's result.
#[derive(Clone, Debug, PartialEq)]
pub struct PartialResult {
    /// The part.
    pub result: Map<String, Value>,
    /// Whose result.
    pub plugin: PluginName,
}

impl Serialize for PartialResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("PartialResult", 3)?;
        fields.serialize_field("result", &self.result)?;
        fields.serialize_field("plugin", &self.plugin)?;
        fields.serialize_field("partial", &true)?;
        fields.end()
    }
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// The job, once more.
    pub job_id: JobId,
    /// How far it is.
    pub progress: Percent,
    /// What is being done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Who does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<PluginName>,
}

/// Where a plugin stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It began.
    Started,
    /// It is at work.
    Running,
    /// It came to its end.
    Completed,
    /// It did not.
    Failed,
}

/// How far a plugin is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PluginStatus {
    /// Which plugin.
    pub plugin: PluginName,
    /// Where it stands.
    pub status: State,
    /// Milliseconds since it started, at least 0.
    pub timing_ms: f64,
    /// How many frames it sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames_processed: Option<u64>,
    /// How many warnings it gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings_count: Option<u64>,
}

/// How much a warning matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Low,
    /// Worth a look.
    Medium,
    /// The result is in doubt.
    High,
}

/// Something is odd.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Warning {
    /// Who says so.
    pub plugin: PluginName,
    /// What.
    pub message: String,
    /// How much it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Which frame it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_id: Option<String>,
}

/// Something is broken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trouble {
    /// What, in a few words.
    pub error: String,
    /// Whose trouble it is; the job's if nobody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<PluginName>,
    /// `error_code` and `message`, and what else there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Map<String, Value>>,
    /// Which frame it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_id: Option<String>,
}

/// What a plugin is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metadata {
    /// Which plugin.
    pub plugin: PluginName,
    /// `version`, `capabilities`, and what else it declares.
    pub metadata: Map<String, Value>,
}

/// Are you there?
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ping {
    /// How often it is asked, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_seconds: Option<f64>,
}
