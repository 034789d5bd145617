//! The syntax tree: what the file says, with its places, before anything is checked.
//!
//! Flat: items lie in one list for each kind, and what an item has several of is a [`List`] in a pool. A file of
//! thousands of items costs a handful of allocations.

use super::span::Span;
use super::symbol::{Symbol, Symbols};
use crate::pool::List;

/// A name as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    pub(crate) symbol: Symbol,
    pub(crate) span: Span,
}

/// An integer. Negative values are syntax; ranges are checked later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Integer {
    pub(crate) magnitude: u64,
    pub(crate) is_negative: bool,
    pub(crate) span: Span,
}

impl Integer {
    /// The value, if it is not negative.
    pub(crate) fn unsigned(self) -> Option<u64> {
        (!self.is_negative || self.magnitude == 0).then_some(self.magnitude)
    }
}

impl std::fmt::Display for Integer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.is_negative { "-" } else { "" };
        write!(f, "{sign}{}", self.magnitude)
    }
}

/// A real or integer number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) span: Span,
}

/// A string: the span is that of its characters, without the quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    pub(crate) span: Span,
    /// Something in it stands behind a backslash.
    pub(crate) is_escaped: bool,
}

/// A whole file. Sections of the same kind are merged.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// Something could not be read and is not here.
    pub(crate) has_holes: bool,
    pub(crate) symbols: Symbols,
    pub(crate) header: Header,
    pub(crate) master: Option<Master>,
    pub(crate) slaves: Vec<Name>,
    /// The `Nodes` keyword, if there is such a section.
    pub(crate) nodes_section: Option<Span>,
    pub(crate) configurations: Vec<Configuration>,
    pub(crate) signals: Vec<Signal>,
    pub(crate) diagnostic_signals: Vec<Signal>,
    pub(crate) diagnostic_addresses: Vec<(Name, Integer)>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) diagnostic_frames: Vec<Frame>,
    pub(crate) sporadic_frames: Vec<SporadicFrame>,
    pub(crate) event_triggered_frames: Vec<EventTriggeredFrame>,
    pub(crate) node_attributes: Vec<NodeAttributes>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) groups: Vec<Group>,
    pub(crate) encodings: Vec<Encoding>,
    pub(crate) representations: Vec<Representation>,
    // The pools.
    pub(crate) names: Vec<Name>,
    pub(crate) bytes: Vec<Integer>,
    pub(crate) places: Vec<(Name, Integer)>,
    pub(crate) composites: Vec<Composite>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) configurable_frames: Vec<(Name, Option<Integer>)>,
    pub(crate) slots: Vec<(Command, Number)>,
    pub(crate) encoding_entries: Vec<EncodingEntry>,
}

impl File {
    /// An empty file, with room in the longest lists for what `tokens` tokens usually say.
    pub(crate) fn with_room(tokens: usize) -> Self {
        Self {
            signals: Vec::with_capacity(tokens / 40),
            slots: Vec::with_capacity(tokens / 80),
            attributes: Vec::with_capacity(tokens / 80),
            names: Vec::with_capacity(tokens / 20),
            places: Vec::with_capacity(tokens / 20),
            encoding_entries: Vec::with_capacity(tokens / 20),
            ..Self::default()
        }
    }
}

/// The statements outside of sections.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// `LIN_description_file`.
    pub(crate) span: Option<Span>,
    pub(crate) protocol_version: Option<Text>,
    pub(crate) language_version: Option<Text>,
    pub(crate) file_revision: Option<Text>,
    pub(crate) channel_name: Option<Text>,
    /// In kbit/s, as written.
    pub(crate) speed: Option<Number>,
    pub(crate) big_endian: Option<bool>,
}

#[derive(Debug)]
pub(crate) struct Master {
    pub(crate) name: Name,
    pub(crate) time_base_ms: Number,
    pub(crate) jitter_ms: Number,
    /// J2602: the maximum header length in bits and the response tolerance in percent.
    pub(crate) j2602: Option<(Number, Number)>,
}

#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) name: Name,
    pub(crate) composites: List<Composite>,
}

#[derive(Debug)]
pub(crate) struct Composite {
    pub(crate) name: Name,
    pub(crate) members: List<Name>,
}

#[derive(Debug)]
pub(crate) struct Signal {
    pub(crate) name: Name,
    pub(crate) width: Integer,
    pub(crate) init: Init,
    /// Absent for diagnostic signals.
    pub(crate) publisher: Option<Name>,
    pub(crate) subscribers: List<Name>,
}

#[derive(Debug)]
pub(crate) enum Init {
    Scalar(Integer),
    Array { bytes: List<Integer>, span: Span },
}

#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) name: Name,
    pub(crate) id: Integer,
    /// Absent for diagnostic frames.
    pub(crate) publisher: Option<Name>,
    pub(crate) length: Option<Integer>,
    pub(crate) signals: List<(Name, Integer)>,
}

#[derive(Debug)]
pub(crate) struct SporadicFrame {
    pub(crate) name: Name,
    pub(crate) frames: List<Name>,
}

#[derive(Debug)]
pub(crate) struct EventTriggeredFrame {
    pub(crate) name: Name,
    /// Since LIN 2.1.
    pub(crate) collision_table: Option<Name>,
    pub(crate) id: Integer,
    pub(crate) frames: List<Name>,
}

#[derive(Debug)]
pub(crate) struct NodeAttributes {
    pub(crate) node: Name,
    pub(crate) attributes: List<Attribute>,
}

#[derive(Debug)]
pub(crate) enum Attribute {
    Protocol(Text),
    ConfiguredNad(Integer),
    InitialNad(Integer),
    ProductId { supplier: Integer, function: Integer, variant: Option<Integer> },
    ResponseError(Name),
    FaultStateSignals(List<Name>),
    P2Min(Number),
    StMin(Number),
    NAsTimeout(Number),
    NCrTimeout(Number),
    ConfigurableFrames(List<(Name, Option<Integer>)>),
    ResponseTolerance(Number),
    WakeupTime(Number),
    PoweronTime(Number),
}

#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) name: Name,
    pub(crate) slots: List<(Command, Number)>,
}

#[derive(Debug)]
pub(crate) enum Command {
    /// A frame of any kind, `MasterReq` and `SlaveResp` included.
    Frame(Name),
    AssignNad(Name),
    ConditionalChangeNad(List<Integer>),
    DataDump(Name, List<Integer>),
    SaveConfiguration(Name),
    AssignFrameIdRange(Name, Integer, Option<List<Integer>>),
    AssignFrameId(Name, Name),
    UnassignFrameId(Name, Name),
    FreeFormat(List<Integer>),
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: Name,
    pub(crate) size: Integer,
    pub(crate) signals: List<(Name, Integer)>,
}

#[derive(Debug)]
pub(crate) struct Encoding {
    pub(crate) name: Name,
    pub(crate) entries: List<EncodingEntry>,
}

#[derive(Debug)]
pub(crate) enum EncodingEntry {
    Logical { value: Integer, text: Option<Text> },
    Physical { min: Number, max: Number, scale: Number, offset: Number, unit: Option<Text> },
    Bcd,
    Ascii,
}

#[derive(Debug)]
pub(crate) struct Representation {
    pub(crate) encoding: Name,
    pub(crate) signals: List<Name>,
}
