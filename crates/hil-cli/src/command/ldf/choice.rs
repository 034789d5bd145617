//! What the user names: frames by name or id, nodes by name.

use hil_ldf::{Database, FrameId};

use super::value::integer;
use crate::command::Wrong;
use crate::console;
use crate::console::visible;

/// The name of the unconditional or diagnostic frame that `text` means, a name or an id.
pub(super) fn frame(database: &Database, text: &str) -> anyhow::Result<String> {
    if let Some(id) = integer(text) {
        let found = u8::try_from(id).ok().and_then(|id| database.frame_by_id(id));
        return found.map(|frame| frame.name().to_owned()).ok_or_else(|| unknown_id(database, id));
    }
    match database.frame(text) {
        Ok(frame) => Ok(frame.name().to_owned()),
        Err(error) => Err(without_payload(database, text).unwrap_or_else(|| lookup(&error))),
    }
}

/// An identifier, or a dash for a frame that has none until a schedule table assigns it.
pub(super) fn id(id: Option<FrameId>) -> String {
    id.map_or_else(|| "-".to_owned(), |id| id.to_string())
}

/// The error for a name that the file does not have.
pub(super) fn lookup(error: &hil_ldf::LookupError) -> anyhow::Error {
    Wrong::usage(visible(&console::chain(error)))
}

fn unknown_id(database: &Database, id: u64) -> anyhow::Error {
    for frame in database.event_triggered_frames() {
        if u64::from(frame.id().get()) == id
            && let Some(error) = without_payload(database, frame.name())
        {
            return error;
        }
    }
    if id > 0x3F {
        return Wrong::usage(format!("0x{id:02X} is no frame id: they end at 0x3F"));
    }
    Wrong::usage(format!("no frame has id 0x{id:02X}"))
}

/// The error for frames that carry the payload of other frames, and have none of their own.
fn without_payload(database: &Database, name: &str) -> Option<anyhow::Error> {
    let mut carried = None;
    for frame in database.event_triggered_frames() {
        if frame.name() == name {
            carried = Some(("an event-triggered", frame.frames().collect::<Vec<_>>().join(", ")));
        }
    }
    for frame in database.sporadic_frames() {
        if frame.name() == name {
            carried = Some(("a sporadic", frame.frames().collect::<Vec<_>>().join(", ")));
        }
    }
    carried.map(|(kind, frames)| {
        Wrong::usage(visible(&format!(
            "\"{name}\" is {kind} frame and has no signals of its own; it carries {frames}"
        )))
    })
}
