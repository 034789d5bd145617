//! Frames of all kinds.

use std::fmt;

use super::database::Database;
use super::signal::SignalDef;
use super::view::view;
use crate::codec::{Layout, mask};
use crate::pool::List;
use crate::syntax::{Span, Symbol};

/// A frame identifier, 0 to 63, without parity bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameId(u8);

impl FrameId {
    /// None above 63.
    pub fn new(id: u8) -> Option<Self> {
        (id <= 63).then_some(Self(id))
    }

    /// The number, 0 to 63.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02X}", self.0)
    }
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// Signals of one publisher.
    Unconditional,
    /// Diagnostic requests or responses.
    Diagnostic,
}

#[derive(Clone, Debug)]
pub(crate) struct FrameRecord {
    pub(crate) name: Symbol,
    pub(crate) id: Option<FrameId>,
    pub(crate) kind: FrameKind,
    pub(crate) length: u8,
    pub(crate) publisher: Option<Symbol>,
    pub(crate) slots: List<SlotRecord>,
    pub(crate) layout: Layout,
}

/// A signal's place, with all that the codec needs of the signal unless its encoding is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlotRecord {
    pub(crate) symbol: Symbol,
    pub(crate) name: Span,
    /// Index in the table of signals.
    pub(crate) signal: u32,
    pub(crate) offset: u8,
    pub(crate) width: u8,
    pub(crate) is_array: bool,
    /// Nobody knows how the bytes lie: a scalar beyond one byte in a big endian file (LDF reference 5).
    pub(crate) is_uncertain: bool,
}

impl SlotRecord {
    /// The largest value of the field.
    #[inline]
    pub(crate) fn mask(&self) -> u64 {
        mask(self.width)
    }
}

view! {
    /// An unconditional or diagnostic frame, compiled for its codec.
    FrameDef of FrameRecord
}

impl<'d> FrameDef<'d> {
    /// Identifier of the frame. None where the file gives a number beyond 63 and a schedule table assigns the
    /// identifier, which is a warning of the parser.
    pub fn id(self) -> Option<FrameId> {
        self.record.id
    }

    /// Unconditional or diagnostic.
    pub fn kind(self) -> FrameKind {
        self.record.kind
    }

    /// Payload length in bytes, 1 to 8.
    pub fn length(self) -> usize {
        usize::from(self.record.length)
    }

    /// The node that sends the payload. For the diagnostic request it is the master; for the diagnostic
    /// response it is empty, because whichever slave was addressed answers.
    pub fn publisher(self) -> &'d str {
        self.record.publisher.map_or("", |publisher| self.database.name(publisher))
    }

    /// The nodes that subscribe to a signal of the frame, each once.
    pub fn subscribers(self) -> impl Iterator<Item = &'d str> {
        let mut seen = Vec::new();
        let nodes = self.signals().flat_map(|slot| slot.signal().subscribers());
        nodes.filter(move |node| {
            let is_new = !seen.contains(node);
            if is_new {
                seen.push(*node);
            }
            is_new
        })
    }

    /// The signals, in the order of the file.
    pub fn signals(self) -> impl ExactSizeIterator<Item = SignalSlot<'d>> {
        self.slot_records().iter().map(move |record| self.slot_view(record))
    }

    /// The place of the signal called `name`.
    pub fn slot(self, name: &str) -> Option<SignalSlot<'d>> {
        let index = self.index_of(name, 0)?;
        self.slot_records().get(index).map(|record| self.slot_view(record))
    }

    #[inline]
    pub(crate) fn slot_records(self) -> &'d [SlotRecord] {
        self.record.slots.of(&self.database.tables.slots)
    }

    #[inline]
    pub(crate) fn slot_view(self, record: &'d SlotRecord) -> SignalSlot<'d> {
        SignalSlot { database: self.database, record }
    }

    /// The index of the slot of the signal called `name`, which is probably `expected`.
    #[inline]
    pub(crate) fn index_of(self, name: &str, expected: usize) -> Option<usize> {
        let slots = self.slot_records();
        if let Some(slot) = slots.get(expected)
            && self.database.is_text(slot.name, name)
        {
            return Some(expected);
        }
        self.search(name)
    }

    fn search(self, name: &str) -> Option<usize> {
        let symbol = self.database.symbols.find(&self.database.text, name)?;
        self.slot_records().iter().position(|slot| slot.symbol == symbol)
    }
}

/// A signal's place in a frame.
#[derive(Clone, Copy)]
pub struct SignalSlot<'d> {
    pub(crate) database: &'d Database,
    pub(crate) record: &'d SlotRecord,
}

impl<'d> SignalSlot<'d> {
    /// Name of the signal.
    pub fn name(self) -> &'d str {
        self.database.name(self.record.symbol)
    }

    /// The signal.
    #[inline]
    pub fn signal(self) -> SignalDef<'d> {
        let record = &self.database.tables.signals[self.record.signal as usize];
        SignalDef { database: self.database, record }
    }

    /// Place of the least significant bit (of the first byte, for arrays), in bits from the payload's start.
    pub fn offset(self) -> usize {
        usize::from(self.record.offset)
    }

    pub(crate) fn is_uncertain(self) -> bool {
        self.record.is_uncertain
    }
}

impl fmt::Debug for SignalSlot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignalSlot({:?} at {})", self.name(), self.offset())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct SporadicRecord {
    pub(crate) name: Symbol,
    pub(crate) frames: List<Symbol>,
}

view! {
    /// A slot that carries one of several frames of the master, whichever has news.
    SporadicFrame of SporadicRecord
}

impl<'d> SporadicFrame<'d> {
    /// The frames that may be sent, the most important first.
    pub fn frames(self) -> impl ExactSizeIterator<Item = &'d str> {
        self.database.names(self.record.frames)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct EventRecord {
    pub(crate) name: Symbol,
    pub(crate) id: FrameId,
    pub(crate) collision_table: Option<Symbol>,
    pub(crate) frames: List<Symbol>,
}

view! {
    /// An identifier that several slaves may answer, each with the protected id of its own frame in byte 0.
    EventTriggeredFrame of EventRecord
}

impl<'d> EventTriggeredFrame<'d> {
    /// Identifier of the frame.
    pub fn id(self) -> FrameId {
        self.record.id
    }

    /// The schedule table that resolves a collision, since LIN 2.1.
    pub fn collision_table(self) -> Option<&'d str> {
        self.record.collision_table.map(|table| self.database.name(table))
    }

    /// The frames that may answer.
    pub fn frames(self) -> impl ExactSizeIterator<Item = &'d str> {
        self.database.names(self.record.frames)
    }
}
