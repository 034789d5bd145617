//! Frames of all kinds.

use hil_ldf::{Database, FrameId, FrameKind};
use serde::Serialize;

use super::{all, owned};

#[derive(Serialize)]
pub(super) struct Frame {
    name: String,
    kind: &'static str,
    id: Option<u8>,
    pid: Option<u8>,
    length: usize,
    publisher: Option<String>,
    signals: Vec<Place>,
}

#[derive(Serialize)]
struct Place {
    signal: String,
    offset: usize,
    width: usize,
    last_bit: usize,
}

#[derive(Serialize)]
pub(super) struct Sporadic {
    name: String,
    frames: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct EventTriggered {
    name: String,
    id: u8,
    pid: Option<u8>,
    collision_table: Option<String>,
    frames: Vec<String>,
}

pub(super) fn of(database: &Database) -> Vec<Frame> {
    let mut frames = Vec::new();
    for frame in database.frames() {
        let mut signals = Vec::new();
        for slot in frame.signals() {
            let width = slot.signal().width();
            signals.push(Place {
                signal: slot.name().to_owned(),
                offset: slot.offset(),
                width,
                last_bit: slot.offset() + width - 1,
            });
        }
        frames.push(Frame {
            name: frame.name().to_owned(),
            kind: match frame.kind() {
                FrameKind::Unconditional => "unconditional",
                FrameKind::Diagnostic => "diagnostic",
            },
            id: frame.id().map(FrameId::get),
            pid: frame.id().and_then(protected),
            length: frame.length(),
            publisher: owned(Some(frame.publisher()).filter(|node| !node.is_empty())),
            signals,
        });
    }
    frames
}

pub(super) fn sporadic(database: &Database) -> Vec<Sporadic> {
    let mut frames = Vec::new();
    for frame in database.sporadic_frames() {
        frames.push(Sporadic { name: frame.name().to_owned(), frames: all(frame.frames()) });
    }
    frames
}

pub(super) fn event_triggered(database: &Database) -> Vec<EventTriggered> {
    let mut frames = Vec::new();
    for frame in database.event_triggered_frames() {
        frames.push(EventTriggered {
            name: frame.name().to_owned(),
            id: frame.id().get(),
            pid: protected(frame.id()),
            collision_table: owned(frame.collision_table()),
            frames: all(frame.frames()),
        });
    }
    frames
}

/// The identifier with its parity bits. No identifier of a file is beyond those of the bus.
fn protected(id: FrameId) -> Option<u8> {
    hil_lin::FrameId::new(id.get()).ok().map(|id| id.protected().get())
}
