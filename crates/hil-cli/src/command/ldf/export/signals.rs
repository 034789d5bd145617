//! Signals and signal groups.

use std::collections::HashMap;

use hil_ldf::{Database, Raw};
use serde::ser::{Serialize, Serializer};

use super::{all, owned};

#[derive(serde::Serialize)]
pub(super) struct Signal {
    name: String,
    kind: &'static str,
    width: usize,
    init: Init,
    publisher: Option<String>,
    subscribers: Vec<String>,
    encoding: Option<String>,
    frames: Vec<String>,
}

/// A number, or the bytes of an array.
struct Init(Raw);

impl Serialize for Init {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Raw::Scalar(number) => serializer.serialize_u64(number),
            Raw::Array(bytes) => serializer.collect_seq(&bytes[..]),
        }
    }
}

#[derive(serde::Serialize)]
pub(super) struct Group {
    name: String,
    size: usize,
    signals: Vec<Place>,
}

#[derive(serde::Serialize)]
struct Place {
    signal: String,
    offset: usize,
}

pub(super) fn of(database: &Database) -> Vec<Signal> {
    let mut carriers: HashMap<String, Vec<String>> = HashMap::new();
    for frame in database.frames() {
        for slot in frame.signals() {
            carriers.entry(slot.name().to_owned()).or_default().push(frame.name().to_owned());
        }
    }
    let mut signals = Vec::new();
    for signal in database.signals() {
        signals.push(Signal {
            name: signal.name().to_owned(),
            kind: if signal.is_array() { "array" } else { "scalar" },
            width: signal.width(),
            init: Init(signal.init()),
            publisher: owned(signal.publisher()),
            subscribers: all(signal.subscribers()),
            encoding: signal.encoding().map(|encoding| encoding.name().to_owned()),
            frames: carriers.remove(signal.name()).unwrap_or_default(),
        });
    }
    signals
}

pub(super) fn groups(database: &Database) -> Vec<Group> {
    let mut groups = Vec::new();
    for group in database.signal_groups() {
        let place = |(signal, offset): (&str, usize)| Place { signal: signal.to_owned(), offset };
        groups.push(Group {
            name: group.name().to_owned(),
            size: group.size(),
            signals: group.signals().map(place).collect(),
        });
    }
    groups
}
