//! Single frames: send, ask for, watch.

use std::time::Duration;

use anyhow::Context;
use hil_ldf::{Database, Fill, FrameDef, Master, Value};
use hil_lin::{ChecksumModel, Frame, FrameId, Header, Response};
use hil_model::ExitStatus;
use hil_runner::{Desk, frame_checksum};

use super::bus_error;
use super::changes::{Change, Last, Seen};
use super::interruption::Interruption;
use crate::command::Wrong;
use crate::console::chain;

/// How long a slave may take to answer.
const TIMEOUT: Duration = Duration::from_millis(200);

/// A frame id, decimal or `0x…`.
fn id(text: &str) -> Option<u8> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u8::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn ldf(desk: &Desk) -> anyhow::Result<&Database> {
    desk.ldf().ok_or_else(|| Wrong::usage("names need an LDF: set interface.ldf_path, or give an id"))
}

/// The checksum of the frame `id`: the LDF's, where it knows the frame.
fn checksum(desk: &Desk, id: FrameId) -> ChecksumModel {
    let known = desk.ldf().and_then(|ldf| Some((ldf, ldf.frame_by_id(id.get())?)));
    known.map_or(ChecksumModel::for_id(id), |(ldf, frame)| frame_checksum(ldf, frame, id))
}

/// Sends a frame by name or id.
pub(super) fn send(desk: &Desk, name: &str, content: &[String]) -> anyhow::Result<ExitStatus> {
    let frame = if let Some(id) = id(name) {
        let bytes: Option<Vec<u8>> =
            content.iter().map(|byte| u8::from_str_radix(byte.trim_start_matches("0x"), 16).ok()).collect();
        let bytes = bytes.ok_or_else(|| Wrong::usage("an id takes hexadecimal bytes, such as `00 FF 12`"))?;
        Frame::new(id, &bytes).map_err(|error| Wrong::usage(chain(&error)))?
    } else {
        let definition = ldf(desk)?.frame(name).map_err(|error| Wrong::usage(chain(&error)))?;
        let signals: Option<Vec<(&str, Value<'_>)>> = content.iter().map(|text| assignment(text)).collect();
        let signals = signals.ok_or_else(|| Wrong::usage("a name takes `SIGNAL=VALUE`"))?;
        let payload = definition.encode(signals, Fill::Ones).map_err(|error| Wrong::usage(chain(&error)))?;
        Frame::new(identifier(definition)?.get(), &payload).map_err(|error| Wrong::usage(chain(&error)))?
    };
    let checksum = checksum(desk, frame.id());
    desk.master().send_raw(&frame, checksum).map_err(|error| bus_error(&error))?;
    anstream::println!("tx {frame}");
    Ok(ExitStatus::Passed)
}

/// A frame can be sent by name if the file says under which identifier.
fn identifier(frame: FrameDef<'_>) -> anyhow::Result<hil_ldf::FrameId> {
    let none = || Wrong::usage(format!("frame {:?} has no identifier in the LDF: give one", frame.name()));
    frame.id().ok_or_else(none)
}

fn assignment(text: &str) -> Option<(&str, Value<'_>)> {
    let (name, value) = text.split_once('=')?;
    let value = match id_or_number(value) {
        Some(raw) => Value::Raw(raw),
        None => Value::from(value),
    };
    Some((name, value))
}

fn id_or_number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Asks for a frame and shows it.
pub(super) fn receive(desk: &Desk, name: &str, length: Option<usize>) -> anyhow::Result<ExitStatus> {
    let (number, known) = match id(name) {
        Some(id) => (id, desk.ldf().and_then(|ldf| ldf.frame_by_id(id)).map(FrameDef::length)),
        None => {
            let definition = ldf(desk)?.frame(name).map_err(|error| Wrong::usage(chain(&error)))?;
            (identifier(definition)?.get(), Some(definition.length()))
        }
    };
    let length = length.or(known).ok_or_else(|| Wrong::usage("LIN carries no length: give --length"))?;
    let id = FrameId::new(number).map_err(|error| Wrong::usage(chain(&error)))?;
    let header = Header::new(id, length).with_checksum(checksum(desk, id));
    match desk.master().receive(header, TIMEOUT).map_err(|error| bus_error(&error))? {
        Response::None => {
            anstream::println!("rx {id} no response");
            Ok(ExitStatus::BenchFault)
        }
        Response::Data(data) => {
            anstream::println!("rx {id} [{data}]");
            if let Some(definition) = desk.ldf().and_then(|ldf| ldf.frame_by_id(number)) {
                for line in signals(definition, &data) {
                    anstream::println!("   {line}");
                }
            }
            Ok(ExitStatus::Passed)
        }
    }
}

/// The signals of a frame, a line each.
fn signals(definition: FrameDef<'_>, data: &[u8]) -> Vec<String> {
    match definition.decode(data) {
        Ok(signals) => signals
            .iter()
            .map(|signal| format!("{:24} {:>6}  {signal}", signal.name(), signal.raw().to_string()))
            .collect(),
        Err(error) => vec![chain(&error)],
    }
}

/// An adapter cannot listen to a bus that nobody else drives: the frames are asked for.
pub(super) fn monitor(desk: &Desk, duration: Duration, every: Duration) -> anyhow::Result<ExitStatus> {
    let database = ldf(desk)?;
    let master_node = database.master().map_or("", Master::name);
    let answered = database.frames().filter(|frame| ![master_node, ""].contains(&frame.publisher()));
    let mut frames: Vec<Header> = Vec::new();
    for frame in answered {
        let id = FrameId::new(identifier(frame)?.get()).map_err(|error| Wrong::usage(chain(&error)))?;
        frames.push(Header::new(id, frame.length()).with_checksum(checksum(desk, id)));
    }
    let interruption = Interruption::listen().context("cannot listen to signals")?;
    let clock = desk.clock();
    let end = clock.now() + duration;
    let mut last = Last::default();
    while clock.now() < end {
        for header in &frames {
            if interruption.has_come() {
                return Ok(ExitStatus::Interrupted);
            }
            let response = desk.master().receive(*header, TIMEOUT).map_err(|error| bus_error(&error))?;
            let seen = Seen::from(response);
            if last.changes(header.id, &seen) {
                let change = Change { at: clock.now(), id: header.id, seen, lost: 0 };
                anstream::println!("{}", change.line(database));
            }
        }
        clock.sleep(every);
    }
    Ok(ExitStatus::Passed)
}
