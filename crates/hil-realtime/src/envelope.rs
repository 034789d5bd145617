//! Messages that arrive as JSON.

use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::{
    Frame, JobId, Kind, Message, Metadata, Moment, PartialResult, Payload, Ping, PluginStatus, Progress,
    Refusal, Severity, State, Trouble, Warning,
};

/// A message that somebody else made, checked: what a station emits.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// What it says.
    pub message: Message,
    /// When it was said.
    pub at: Moment,
    /// The payload as it came, with what we do not know.
    pub(crate) payload: Map<String, Value>,
}

/// What a client may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// It is there.
    Pong {
        /// Its own time, as it wrote it.
        timestamp: String,
    },
    /// It asks whether we are there.
    Ping,
}

const STATES: [(&str, State); 4] = [
    ("started", State::Started),
    ("running", State::Running),
    ("completed", State::Completed),
    ("failed", State::Failed),
];
const SEVERITIES: [(&str, Severity); 3] =
    [("low", Severity::Low), ("medium", Severity::Medium), ("high", Severity::High)];

const A_TIME: &str = "an ISO 8601 time with a zone";

/// Fields that may be absent. Many a client sends null for that; what is passed on is as the schema says.
const MAY_BE_ABSENT: [&str; 9] = [
    "details",
    "frame_id",
    "frames_processed",
    "interval_seconds",
    "job_id",
    "plugin",
    "severity",
    "stage",
    "warnings_count",
];
/// The same in the details of an error.
const MAY_BE_ABSENT_IN_DETAILS: [&str; 3] = ["error_code", "message", "field"];

fn without_nulls(payload: &Map<String, Value>) -> Map<String, Value> {
    let mut payload = payload.clone();
    payload.retain(|name, value| !(value.is_null() && MAY_BE_ABSENT.contains(&name.as_str())));
    if let Some(Value::Object(details)) = payload.get_mut("details") {
        details.retain(|name, value| !(value.is_null() && MAY_BE_ABSENT_IN_DETAILS.contains(&name.as_str())));
    }
    payload
}

impl Envelope {
    /// The message that this JSON says.
    pub fn parse(json: &[u8]) -> Result<Self, Refusal> {
        Self::read(&object(json)?)
    }

    fn read(whole: &Map<String, Value>) -> Result<Self, Refusal> {
        let envelope = Fields::new(whole, "");
        let kind = match envelope.text("type")? {
            "pong" => return Err(Refusal::unknown_type("pong goes from a client to the server")),
            word => word.parse::<Kind>().map_err(|error| Refusal::unknown_type(error.to_string()))?,
        };
        let payload = envelope.object("payload")?;
        let at = Moment::parse(envelope.text("timestamp")?);
        let at = at.ok_or_else(|| envelope.bad("timestamp", A_TIME))?;
        let job: Option<JobId> = envelope.name_if_any("job_id")?;
        let said = Payload::read(kind, payload)?;
        // In a payload whose type does not have it, a `job_id` that names nothing is just unknown.
        let inner = payload.get("job_id").and_then(Value::as_str).and_then(|job| job.parse::<JobId>().ok());
        if job.is_some() && inner.is_some() && job != inner {
            return Err(envelope.bad("job_id", "the same as in the payload"));
        }
        let message = Message { payload: said, job: job.or(inner), event: None };
        Ok(Self { message, at, payload: without_nulls(payload) })
    }
}

impl Incoming {
    /// What a client says.
    pub fn parse(json: &[u8]) -> Result<Self, Refusal> {
        let whole = object(json)?;
        let fields = Fields::new(&whole, "");
        match fields.text("type")? {
            "pong" => {
                let payload = fields.object_if_any("payload")?;
                let inner = payload.map(|payload| Fields::new(payload, "payload."));
                let said = inner.map(|inner| inner.text_if_any("timestamp")).transpose()?.flatten();
                let (place, timestamp) = match (inner, said) {
                    (Some(inner), Some(timestamp)) => (inner, timestamp),
                    _ => (fields, fields.text("timestamp")?),
                };
                if Moment::parse(timestamp).is_none() {
                    return Err(place.bad("timestamp", A_TIME));
                }
                Ok(Self::Pong { timestamp: timestamp.to_owned() })
            }
            "ping" => fields.object_if_any("payload").map(|_| Self::Ping),
            word => {
                let word = word.to_owned();
                Envelope::read(&whole)?;
                Err(Refusal::unknown_type(format!("{word} goes from the server to clients")))
            }
        }
    }
}

fn object(json: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(json) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Refusal::invalid_json("a message is a JSON object")),
        Err(error) => Err(Refusal::invalid_json(error.to_string())),
    }
}

impl Payload {
    fn read(kind: Kind, object: &Map<String, Value>) -> Result<Self, Refusal> {
        let payload = Fields::new(object, "payload.");
        Ok(match kind {
            Kind::Frame => Self::Frame(Frame {
                frame_id: payload.name("frame_id")?,
                plugin: payload.name("plugin")?,
                data: payload.object("data")?.clone(),
                device_used: payload.text("device_used")?.to_owned(),
                timing_ms: payload.milliseconds("timing_ms")?,
            }),
            Kind::PartialResult => {
                let result = payload.object("result")?.clone();
                let plugin = payload.name("plugin")?;
                payload.yes("partial")?;
                Self::PartialResult(PartialResult { result, plugin })
            }
            Kind::Progress => Self::Progress(Progress {
                job_id: payload.name("job_id")?,
                progress: payload.percent("progress")?,
                stage: payload.text_if_any("stage")?.map(str::to_owned),
                plugin: payload.name_if_any("plugin")?,
            }),
            Kind::PluginStatus => Self::PluginStatus(PluginStatus {
                plugin: payload.name("plugin")?,
                status: payload.one_of("status", &STATES)?,
                timing_ms: payload.milliseconds("timing_ms")?,
                frames_processed: payload.count_if_any("frames_processed")?,
                warnings_count: payload.count_if_any("warnings_count")?,
            }),
            Kind::Warning => Self::Warning(Warning {
                plugin: payload.name("plugin")?,
                message: payload.text("message")?.to_owned(),
                severity: payload.one_of_if_any("severity", &SEVERITIES)?,
                frame_id: payload.name_if_any("frame_id")?,
            }),
            Kind::Error => {
                let error = payload.text("error")?.to_owned();
                let plugin = payload.name_if_any("plugin")?;
                let details = payload.object_if_any("details")?;
                if let Some(details) = details {
                    let details = Fields::new(details, "payload.details.");
                    for text in ["error_code", "message", "field"] {
                        details.text_if_any(text)?;
                    }
                }
                let frame_id = payload.name_if_any("frame_id")?;
                Self::Error(Trouble { error, plugin, details: details.cloned(), frame_id })
            }
            Kind::Metadata => Self::Metadata(Metadata {
                plugin: payload.name("plugin")?,
                metadata: payload.object("metadata")?.clone(),
            }),
            Kind::Ping => Self::Ping(Ping { interval_seconds: payload.number_if_any("interval_seconds")? }),
        })
    }
}
