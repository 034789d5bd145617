//! Frames: identifiers, lengths, and what lies where.

use super::file::{Checker, index};
use super::numbers::within;
use crate::code::Code;
use crate::codec::{Layout, mask};
use crate::model::{ByteOrder, EventRecord, FrameId, FrameKind, FrameRecord, SlotRecord, SporadicRecord};
use crate::pool::List;
use crate::syntax::ast::{Attribute, Command, Frame, Integer, Name};
use crate::syntax::{BySymbol, Fault, Span, Symbol};

/// What the frames of a file have in common while they are checked.
struct Frames {
    /// Which frame has an identifier.
    ids: [Option<Name>; 64],
    /// Signals that are in some frame: the last of them, and where there.
    carried: BySymbol<(Symbol, Span)>,
    /// Frames whose identifier a schedule table assigns; worked out when it matters.
    assigned: Option<BySymbol<()>>,
}

impl Checker<'_> {
    pub(super) fn check_frames(&mut self) {
        let file = self.file;
        let symbols = &file.symbols;
        let mut frames = Frames { ids: [None; 64], carried: BySymbol::new(symbols), assigned: None };
        self.tables.frame_of = BySymbol::new(symbols);
        self.tables.frame_of_id = vec![None; 64];
        self.tables.slots.reserve(file.places.len());
        for frame in file.frames.iter().chain(&file.diagnostic_frames) {
            self.frame(frame, &mut frames);
        }
        self.sporadic_frames();
        self.event_triggered_frames(&mut frames);

        // Signals that no frame carries are kept, but can never be sent.
        for signal in &file.signals {
            if !frames.carried.contains(signal.name.symbol) {
                let message = format!("signal \"{}\" is in no frame", self.text(signal.name));
                self.faults.push(Fault::warning(Code::UnusedSignal, signal.name.span, message));
            }
        }
    }

    fn frame(&mut self, frame: &Frame, frames: &mut Frames) {
        let is_unique = self.frames.declare(frame.name, self.faults);
        let id = self.identify(frame.name, frame.id, frames);
        let publisher = match frame.publisher {
            Some(publisher) => {
                if !self.knows_node(publisher) {
                    self.nodes.require(publisher, "publisher", self.faults);
                }
                Some(publisher.symbol)
            }
            None if self.text(frame.name) == "SlaveResp" => None,
            None => self.file.master.as_ref().map(|master| master.name.symbol),
        };
        let length = self.length(frame, id);
        let start = self.tables.slots.len();
        let layout = self.slots(frame, length, frames);
        let Some(length) = length.filter(|_| is_unique) else { return };
        let at = index(&self.tables.frames);
        self.tables.frame_of.insert(frame.name.symbol, at);
        if let Some(place) = id.and_then(|id| self.tables.frame_of_id.get_mut(usize::from(id.get()))) {
            *place = Some(at);
        }
        self.tables.frames.push(FrameRecord {
            name: frame.name.symbol,
            id,
            kind: if frame.publisher.is_some() { FrameKind::Unconditional } else { FrameKind::Diagnostic },
            length,
            publisher,
            slots: List::since(start, &self.tables.slots),
            layout,
        });
    }

    /// The identifier, which no other frame may have.
    fn identify(&mut self, name: Name, id: Integer, frames: &mut Frames) -> Option<FrameId> {
        let Some(frame_id) = id.unsigned().and_then(|id| u8::try_from(id).ok()).and_then(FrameId::new) else {
            let assigned = frames.assigned.get_or_insert_with(|| self.assigned());
            let message = format!("frame identifier {id} is out of range");
            self.faults.push(if assigned.contains(name.symbol) {
                let message = format!("{message}; the frame has none until a schedule table assigns one");
                Fault::warning(Code::FrameIdBeyond63, id.span, message).expected("0 to 63")
            } else {
                Fault::error(Code::FrameIdBeyond63, id.span, message).expected("0 to 63")
            });
            return None;
        };
        let first = frames.ids.get_mut(usize::from(frame_id.get())).and_then(|place| place.replace(name));
        // The same name twice has been reported already.
        if let Some(first) = first.filter(|first| first.symbol != name.symbol) {
            let message = format!(
                "frames \"{}\" and \"{}\" have one identifier, {frame_id}",
                self.text(first),
                self.text(name)
            );
            let fault = Fault::error(Code::DuplicateFrameId, id.span, message);
            self.faults.push(fault.note(first.span, "the first of them"));
        }
        Some(frame_id)
    }

    /// Frames whose identifier some schedule table assigns.
    fn assigned(&self) -> BySymbol<()> {
        let file = self.file;
        let mut ranged = BySymbol::new(&file.symbols);
        let mut assigned = BySymbol::new(&file.symbols);
        for (command, _) in &file.slots {
            match command {
                Command::AssignFrameId(_, frame) => {
                    assigned.insert(frame.symbol, ());
                }
                Command::AssignFrameIdRange(node, ..) => {
                    ranged.insert(node.symbol, ());
                }
                Command::Frame(_)
                | Command::AssignNad(_)
                | Command::ConditionalChangeNad(_)
                | Command::DataDump(..)
                | Command::SaveConfiguration(_)
                | Command::UnassignFrameId(..)
                | Command::FreeFormat(_) => {}
            }
        }
        let nodes = file.node_attributes.iter().filter(|node| ranged.contains(node.node.symbol));
        for attribute in nodes.flat_map(|node| node.attributes.of(&file.attributes)) {
            if let Attribute::ConfigurableFrames(frames) = attribute {
                for (frame, _) in frames.of(&file.configurable_frames) {
                    assigned.insert(frame.symbol, ());
                }
            }
        }
        assigned
    }

    /// The length in bytes. Where the file has none, the identifier implies it (LDF reference 2).
    fn length(&mut self, frame: &Frame, id: Option<FrameId>) -> Option<u8> {
        let Some(length) = frame.length else {
            return Some(match id?.get() {
                0x00..=0x1F => 2,
                0x20..=0x2F => 4,
                _ => 8,
            });
        };
        let valid = length.unsigned().and_then(|length| u8::try_from(length).ok());
        let valid = valid.filter(|length| (1..=8).contains(length));
        if valid.is_none() {
            let message = format!("frame \"{}\" cannot have {length} bytes", self.text(frame.name));
            self.faults.push(Fault::error(Code::FrameLength, length.span, message).expected("1 to 8"));
        }
        valid
    }

    /// Adds the frame's signals to the table. A frame of unknown length is taken for the longest.
    fn slots(&mut self, frame: &Frame, length: Option<u8>, frames: &mut Frames) -> Layout {
        let length = length.unwrap_or(8);
        let mut layout = Layout::new(length);
        let mut used = 0_u64;
        let first = self.tables.slots.len();
        for (name, offset) in frame.signals.of(&self.file.places) {
            let before = frames.carried.insert(name.symbol, (frame.name.symbol, name.span));
            if let Some((_, first)) = before.filter(|(carrier, _)| *carrier == frame.name.symbol) {
                self.twice(frame, *name, first);
                continue;
            }
            // A diagnostic frame has eight bytes with or without names for them.
            let known = match frame.publisher {
                Some(_) => self.signals.require(*name, "signal", self.faults),
                None => self.signals.keep(*name, "diagnostic signal", self.faults),
            };
            let Some(signal) = self.tables.signal_of.get(name.symbol).filter(|_| known) else { continue };
            self.warn_about_foreign(frame, *name, signal);
            let Some(slot) = self.slot(frame, *name, *offset, signal, length) else { continue };
            let bits = slot.mask() << slot.offset;
            if used & bits != 0 {
                self.overlap(frame, *name, &slot, first);
                continue;
            }
            used |= bits;
            if let Some(record) = self.tables.signals.get(signal as usize) {
                layout.add(&slot, record.init.bits());
                layout.is_uncertain |= slot.is_uncertain;
                let encoding =
                    record.encoding.and_then(|encoding| self.tables.encodings.get(encoding as usize));
                layout.has_digits |= encoding.is_some_and(|encoding| encoding.has_digits);
            }
            self.tables.slots.push(slot);
        }
        layout
    }

    #[cold]
    fn twice(&mut self, frame: &Frame, name: Name, first: Span) {
        let message =
            format!("frame \"{}\" carries signal \"{}\" twice", self.text(frame.name), self.text(name));
        let fault = Fault::error(Code::RepeatedSignal, name.span, message);
        self.faults.push(fault.note(first, "the first time"));
    }

    fn warn_about_foreign(&mut self, frame: &Frame, name: Name, signal: u32) {
        let owner = self.tables.signals.get(signal as usize).and_then(|signal| signal.publisher);
        if let (Some(publisher), Some(owner)) = (frame.publisher, owner)
            && publisher.symbol != owner
        {
            let message = format!(
                "frame \"{}\" of \"{}\" carries signal \"{}\" of \"{}\"",
                self.text(frame.name),
                self.text(publisher),
                self.text(name),
                self.file.symbols.span(owner).of(self.source)
            );
            self.faults.push(Fault::warning(Code::ForeignSignal, name.span, message));
        }
    }

    /// The signal's place, if the signal ends within the frame.
    fn slot(
        &mut self,
        frame: &Frame,
        name: Name,
        offset: Integer,
        signal: u32,
        length: u8,
    ) -> Option<SlotRecord> {
        let offset = within(offset, 63, "offset", self.faults)?;
        let record = self.tables.signals.get(signal as usize)?;
        let (width, is_array) = (record.width, matches!(record.init, crate::codec::Raw::Array(_)));
        let (end, size) = (usize::from(offset) + usize::from(width), 8 * usize::from(length));
        if end > size {
            let message = format!(
                "signal \"{}\" ends {} bits beyond the {length} bytes of frame \"{}\"",
                self.text(name),
                end - size,
                self.text(frame.name)
            );
            self.faults.push(Fault::error(Code::SignalBeyondFrame, name.span, message));
            return None;
        }
        let is_big_endian = self.tables.byte_order == ByteOrder::BigEndian;
        let is_uncertain = is_big_endian && !is_array && width > 8;
        let name_span = self.file.symbols.span(name.symbol);
        Some(SlotRecord {
            symbol: name.symbol,
            name: name_span,
            signal,
            offset,
            width,
            is_array,
            is_uncertain,
        })
    }

    #[cold]
    fn overlap(&mut self, frame: &Frame, name: Name, slot: &SlotRecord, first: usize) {
        let bits = |slot: &SlotRecord| mask(slot.width) << slot.offset;
        let others = self.tables.slots.get(first..).unwrap_or(&[]);
        let Some(other) = others.iter().find(|other| bits(other) & bits(slot) != 0) else { return };
        let describe = |slot: &SlotRecord| {
            let last = slot.offset + slot.width - 1;
            format!("signal \"{}\" (bits {} to {last})", slot.name.of(self.source), slot.offset)
        };
        let message =
            format!("{} overlaps {} in frame \"{}\"", describe(slot), describe(other), self.text(frame.name));
        let places = frame.signals.of(&self.file.places).iter();
        let there = places.map(|(name, _)| *name).find(|name| name.symbol == other.symbol).unwrap_or(name);
        let fault = Fault::error(Code::OverlappingSignals, name.span, message);
        self.faults.push(fault.note(there.span, "the other signal"));
    }

    fn sporadic_frames(&mut self) {
        for sporadic in &self.file.sporadic_frames {
            let frames = self.list(sporadic.frames, Self::carries);
            if self.frames.declare(sporadic.name, self.faults) {
                self.tables.sporadic_frames.push(SporadicRecord { name: sporadic.name.symbol, frames });
            }
        }
    }

    fn event_triggered_frames(&mut self, frames: &mut Frames) {
        for event in &self.file.event_triggered_frames {
            let carried = self.list(event.frames, Self::carries);
            let is_unique = self.frames.declare(event.name, self.faults);
            let id = self.identify(event.name, event.id, frames);
            if let Some(table) = event.collision_table
                && !self.schedules.contains(table)
            {
                let message = format!("collision table \"{}\" is not declared", self.text(table));
                let fault = Fault::warning(Code::DanglingReference, table.span, message);
                self.faults.push(fault.expected("a schedule table"));
            }
            if let Some(id) = id.filter(|_| is_unique) {
                self.tables.event_triggered_frames.push(EventRecord {
                    name: event.name.symbol,
                    id,
                    collision_table: event.collision_table.map(|table| table.symbol),
                    frames: carried,
                });
            }
        }
    }

    fn carries(&mut self, frame: Name) -> bool {
        self.frames.require(frame, "frame", self.faults)
    }
}
