//! What the hub promises, tried with many inputs.

mod bounds;
mod hub;
mod queue;
mod resume;
mod threads;
mod validation;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::moment::Clock;
use crate::published::{Draft, Published};
use crate::{
    Frame, JobId, Message, Metadata, PartialResult, Payload, Percent, PluginStatus, Progress, Seq, State,
    Warning,
};

pub(crate) fn job(name: &str) -> JobId {
    name.parse().unwrap()
}

pub(crate) fn progress(of: &JobId, percent: u8) -> Message {
    let progress = Percent::new(percent).unwrap();
    Message::of(of, Progress { job_id: of.clone(), progress, stage: None, plugin: None })
}

pub(crate) fn frame(of: &JobId, pad: usize) -> Message {
    let data = Map::from_iter([("pad".to_owned(), Value::from("x".repeat(pad)))]);
    let frame = Frame {
        frame_id: "f".to_owned(),
        plugin: "p".parse().unwrap(),
        data,
        device_used: "sim".to_owned(),
        timing_ms: 0.5,
    };
    Message::of(of, frame)
}

pub(crate) fn status(of: &JobId, plugin: &str, status: State) -> Message {
    let plugin = plugin.parse().unwrap();
    let status =
        PluginStatus { plugin, status, timing_ms: 1.5, frames_processed: None, warnings_count: None };
    Message::of(of, status)
}

pub(crate) fn part(of: &JobId, plugin: &str, result: Value) -> Message {
    let Value::Object(result) = result else { panic!("{result} is no object") };
    Message::of(of, PartialResult { plugin: plugin.parse().unwrap(), result })
}

pub(crate) fn metadata(of: &JobId, plugin: &str, version: u8) -> Message {
    let metadata = Map::from_iter([("version".to_owned(), Value::from(version))]);
    Message::of(of, Metadata { plugin: plugin.parse().unwrap(), metadata })
}

pub(crate) fn warning(of: &JobId, text: &str) -> Message {
    let warning =
        Warning { plugin: "p".parse().unwrap(), message: text.to_owned(), severity: None, frame_id: None };
    Message::of(of, Payload::Warning(warning))
}

/// The message with this number, as the hub would make it.
pub(crate) fn published(message: &Message, seq: u64) -> Arc<Published> {
    Draft::of(message).number(Seq(seq), "k3v9", &mut Clock::default())
}

pub(crate) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}
