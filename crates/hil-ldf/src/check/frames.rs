//! Frames: identifiers, lengths, and what lies where.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::names::Names;
use super::nodes::Nodes;
use super::numbers::within;
use super::signals::Signals;
use crate::codec::Layout;
use crate::model::{EventTriggeredFrame, FrameDef, FrameId, FrameKind, Master, SignalSlot, SporadicFrame};
use crate::syntax::ast::{File, Frame, Integer, Name};
use crate::syntax::{Fault, Faults, Span};

/// The checked frames. `names` has also those whose declaration is faulty, so that their uses are not.
pub(super) struct Frames<'a> {
    pub(super) names: Names<'a>,
    pub(super) all: Vec<FrameDef>,
    pub(super) sporadic: Vec<SporadicFrame>,
    pub(super) event_triggered: Vec<EventTriggeredFrame>,
    used: HashSet<&'a str>,
    ids: HashMap<FrameId, Name<'a>>,
}

impl<'a> Frames<'a> {
    pub(super) fn check(
        file: &File<'a>,
        nodes: &Nodes<'a>,
        signals: &Signals<'a>,
        big_endian: bool,
        faults: &mut Faults,
    ) -> Self {
        let mut frames = Self {
            names: Names::new("frame"),
            all: Vec::new(),
            sporadic: Vec::new(),
            event_triggered: Vec::new(),
            used: HashSet::new(),
            ids: HashMap::new(),
        };
        let master = nodes.master.as_ref().map_or("", Master::name);
        for frame in file.frames.iter().chain(&file.diagnostic_frames) {
            let unique = frames.names.declare(frame.name, faults);
            let id = frames.identify(frame.name, frame.id, faults);
            let publisher = match frame.publisher {
                Some(publisher) => {
                    nodes.names.require(publisher, "publisher", faults);
                    publisher.text
                }
                None if frame.name.text == "SlaveResp" => "",
                None => master,
            };
            let length = length(frame, id, faults);
            let slots = frames.slots(frame, length, signals, faults);
            if let (true, Some(id), Some(length)) = (unique, id, length) {
                frames.all.push(FrameDef {
                    name: frame.name.text.into(),
                    id,
                    kind: if frame.publisher.is_some() {
                        FrameKind::Unconditional
                    } else {
                        FrameKind::Diagnostic
                    },
                    length,
                    publisher: publisher.into(),
                    layout: Layout::new(&slots, length, big_endian),
                    signals: slots,
                });
            }
        }
        frames.others(file, faults);
        frames
    }

    /// Sporadic and event-triggered frames, which refer to the ones above.
    fn others(&mut self, file: &File<'a>, faults: &mut Faults) {
        for sporadic in &file.sporadic_frames {
            let carried = self.carried(&sporadic.frames, faults);
            if self.names.declare(sporadic.name, faults) {
                self.sporadic.push(SporadicFrame { name: sporadic.name.text.into(), frames: carried });
            }
        }
        for event in &file.event_triggered_frames {
            let carried = self.carried(&event.frames, faults);
            let unique = self.names.declare(event.name, faults);
            let id = self.identify(event.name, event.id, faults);
            if let Some(table) = event.collision_table {
                let known = file.schedules.iter().any(|schedule| schedule.name.text == table.text);
                if !known {
                    let message = format!("collision table \"{}\" is not declared", table.text);
                    faults.push(Fault::warning(table.span, message).expected("a schedule table"));
                }
            }
            if let (true, Some(id)) = (unique, id) {
                self.event_triggered.push(EventTriggeredFrame {
                    name: event.name.text.into(),
                    id,
                    collision_table: event.collision_table.map(|table| table.text.into()),
                    frames: carried,
                });
            }
        }
    }

    fn carried(&self, frames: &[Name<'a>], faults: &mut Faults) -> Vec<Arc<str>> {
        let known = frames.iter().filter(|name| self.names.require(**name, "frame", faults));
        known.map(|name| name.text.into()).collect()
    }

    /// The identifier, which no other frame may have.
    fn identify(&mut self, name: Name<'a>, id: Integer, faults: &mut Faults) -> Option<FrameId> {
        let id_number = within(id, 63, "frame identifier", faults)?;
        let frame_id = FrameId::new(id_number)?;
        // The same name twice has been reported already.
        match self.ids.insert(frame_id, name) {
            Some(first) if first.text != name.text => {
                let message = format!(
                    "frames \"{}\" and \"{}\" have one identifier, {frame_id}",
                    first.text, name.text
                );
                faults.push(Fault::error(id.span, message).note(first.span, "the first of them"));
            }
            Some(_) | None => {}
        }
        Some(frame_id)
    }

    fn slots(
        &mut self,
        frame: &Frame<'a>,
        length: Option<u8>,
        signals: &Signals<'a>,
        faults: &mut Faults,
    ) -> Vec<SignalSlot> {
        let mut placed: Vec<(SignalSlot, Span)> = Vec::new();
        for (name, offset) in &frame.signals {
            self.used.insert(name.text);
            // A diagnostic frame has eight bytes with or without names for them.
            let known = match frame.publisher {
                Some(_) => signals.names.require(*name, "signal", faults),
                None => signals.names.keep(*name, "diagnostic signal", faults),
            };
            let Some(signal) = signals.get(name.text).filter(|_| known) else { continue };
            if let (Some(publisher), Some(owner)) = (frame.publisher, signal.publisher())
                && publisher.text != owner
            {
                let message = format!(
                    "frame \"{}\" of \"{}\" carries signal \"{}\" of \"{owner}\"",
                    frame.name.text, publisher.text, name.text
                );
                faults.push(Fault::warning(name.span, message));
            }
            let Some(at) = place(frame, *name, *offset, signal.width(), length, faults) else { continue };
            let slot = SignalSlot { signal: Arc::clone(signal), offset: at };
            match placed
                .iter()
                .find(|(other, _)| bits(other).start < bits(&slot).end && bits(&slot).start < bits(other).end)
            {
                Some((other, span)) => {
                    let message = format!(
                        "{} overlaps {} in frame \"{}\"",
                        describe(&slot),
                        describe(other),
                        frame.name.text
                    );
                    faults.push(Fault::error(name.span, message).note(*span, "the other signal"));
                }
                None => placed.push((slot, name.span)),
            }
        }
        placed.into_iter().map(|(slot, _)| slot).collect()
    }

    /// Signals of `Signals` that no frame carries are kept, but can never be sent.
    pub(super) fn warn_about_unused(&self, file: &File<'a>, faults: &mut Faults) {
        for signal in &file.signals {
            if !self.used.contains(signal.name.text) {
                let message = format!("signal \"{}\" is in no frame", signal.name.text);
                faults.push(Fault::warning(signal.name.span, message));
            }
        }
    }
}

/// The length in bytes. Where the file has none, the identifier implies it (LDF reference 2).
fn length(frame: &Frame<'_>, id: Option<FrameId>, faults: &mut Faults) -> Option<u8> {
    match frame.length {
        Some(length) => {
            let valid = u8::try_from(length.value).ok().filter(|length| (1..=8).contains(length));
            if valid.is_none() {
                let message = format!("frame \"{}\" cannot have {} bytes", frame.name.text, length.value);
                faults.push(Fault::error(length.span, message).expected("1 to 8"));
            }
            valid
        }
        None => id.map(|id| match id.get() {
            0x00..=0x1F => 2,
            0x20..=0x2F => 4,
            _ => 8,
        }),
    }
}

/// The offset, if the signal ends within the frame. A frame of unknown length is taken for the longest.
fn place(
    frame: &Frame<'_>,
    name: Name<'_>,
    offset: Integer,
    width: usize,
    length: Option<u8>,
    faults: &mut Faults,
) -> Option<u8> {
    let at = within(offset, 63, "offset", faults)?;
    let end = usize::from(at) + width;
    let size = 8 * usize::from(length.unwrap_or(8));
    if end > size {
        let message = format!(
            "signal \"{}\" ends {} bits beyond the {} bytes of frame \"{}\"",
            name.text,
            end - size,
            size / 8,
            frame.name.text
        );
        faults.push(Fault::error(name.span, message));
        return None;
    }
    Some(at)
}

fn bits(slot: &SignalSlot) -> std::ops::Range<usize> {
    slot.offset()..slot.offset() + slot.signal().width()
}

fn describe(slot: &SignalSlot) -> String {
    let bits = bits(slot);
    format!("signal \"{}\" (bits {} to {})", slot.name(), bits.start, bits.end - 1)
}
