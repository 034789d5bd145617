//! What the server says to one client: it has no number, and nobody else hears it.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::published::json;
use crate::{Gap, JobId, Message, Metadata, Moment, Ping, Refusal, Seq};

/// What the server says to one client.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    /// What a plugin is.
    Metadata(&'a Metadata),
    /// Where the stream begins.
    Sync(&'a JoinPoint),
    /// How far a job is that is running already.
    Snapshot(&'a Message),
    /// Messages are missing here.
    Gap(&'a Gap),
    /// Are you there?
    Ping(Ping),
    /// Yes, I am.
    Pong,
    /// What you said is not understood.
    Refusal(&'a Refusal),
}

/// Where the stream of a client begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JoinPoint {
    /// Whether everything that was missed follows; else what the client held is void.
    pub recovered: bool,
    /// The stream is everything after this number.
    pub seq: Seq,
    /// The jobs that are running.
    pub jobs: Vec<JobId>,
    /// Why nothing was recovered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Fresh>,
}

/// Why a client begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fresh {
    /// It did not ask for anything else.
    Fresh,
    /// It knows another numbering: the server was started anew.
    Epoch,
    /// What it missed is not kept any more.
    Expired,
    /// It did not say where it was.
    Malformed,
}

/// Where a client was when it was last here: `<epoch>:<seq>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// Which numbering.
    pub epoch: String,
    /// The last number that it has.
    pub seq: Seq,
}

/// A text that does not say where a client was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected EPOCH:SEQ")]
pub struct SinceError;

impl FromStr for Since {
    type Err = SinceError;

    fn from_str(text: &str) -> Result<Self, SinceError> {
        let (epoch, seq) = text.rsplit_once(':').filter(|(epoch, _)| !epoch.is_empty()).ok_or(SinceError)?;
        if seq.is_empty() || !seq.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SinceError);
        }
        Ok(Self { epoch: epoch.to_owned(), seq: Seq(seq.parse().map_err(|_| SinceError)?) })
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.seq.0)
    }
}

impl Serialize for Gap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Gap", 3)?;
        fields.serialize_field("dropped", &self.dropped)?;
        fields.serialize_field("from_seq", &self.from)?;
        fields.serialize_field("to_seq", &self.to)?;
        fields.end()
    }
}

#[derive(Serialize)]
struct Pong {
    timestamp: String,
}

/// An error payload: of a message, and of an answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What, in a few words.
    pub error: String,
    /// More.
    pub details: FailureDetails,
}

/// What else there is to say about a [`Failure`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailureDetails {
    /// For programs.
    pub error_code: String,
    /// For people.
    pub message: String,
    /// Which field is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl From<&Refusal> for Failure {
    fn from(refusal: &Refusal) -> Self {
        let details = FailureDetails {
            error_code: refusal.code.word().to_owned(),
            message: refusal.message.clone(),
            field: refusal.field.map(str::to_owned),
        };
        Self { error: refusal.code.title().to_owned(), details }
    }
}

impl Notice<'_> {
    /// The whole message as JSON in UTF-8.
    pub(crate) fn encode(&self, epoch: &str) -> Bytes {
        let now = Moment::now().to_string();
        match self {
            Self::Metadata(metadata) => whole("metadata", &now, epoch, None, metadata),
            Self::Sync(sync) => whole("sync", &now, epoch, None, sync),
            Self::Snapshot(message) => {
                whole(message.payload.kind().word(), &now, epoch, message.job.as_ref(), &message.payload)
            }
            Self::Gap(gap) => whole("gap", &now, epoch, None, gap),
            Self::Ping(ping) => whole("ping", &now, epoch, None, ping),
            Self::Pong => whole("pong", &now, epoch, None, &Pong { timestamp: now.clone() }),
            Self::Refusal(refusal) => whole("error", &now, epoch, None, &Failure::from(*refusal)),
        }
    }
}

/// The whole message. Only snapshots have a job.
fn whole(word: &str, now: &str, epoch: &str, job: Option<&JobId>, payload: &impl Serialize) -> Bytes {
    let mut bytes = Vec::with_capacity(256);
    for part in ["{\"type\":\"", word, "\",\"timestamp\":\"", now, "\",\"epoch\":\"", epoch, "\""] {
        bytes.extend_from_slice(part.as_bytes());
    }
    if let Some(job) = job {
        bytes.extend_from_slice(b",\"snapshot\":true,\"job_id\":");
        json(&mut bytes, job);
    }
    bytes.extend_from_slice(b",\"payload\":");
    json(&mut bytes, payload);
    bytes.push(b'}');
    bytes.into()
}
