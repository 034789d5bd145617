//! The syntax tree: what the file says, with its places, before anything is checked.

use super::span::Span;

/// A name as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Span,
}

/// An integer. Negative values are syntax; ranges are checked later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Integer {
    pub(crate) value: i128,
    pub(crate) span: Span,
}

/// A real or integer number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) span: Span,
}

/// A string without quotes and escapes.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) span: Span,
}

/// A whole file. Sections of the same kind are merged.
#[derive(Debug, Default)]
pub(crate) struct File<'a> {
    pub(crate) header: Header,
    pub(crate) master: Option<Master<'a>>,
    pub(crate) slaves: Vec<Name<'a>>,
    /// The `Nodes` keyword, if there is such a section.
    pub(crate) nodes_section: Option<Span>,
    pub(crate) configurations: Vec<Configuration<'a>>,
    pub(crate) signals: Vec<Signal<'a>>,
    pub(crate) diagnostic_signals: Vec<Signal<'a>>,
    pub(crate) diagnostic_addresses: Vec<(Name<'a>, Integer)>,
    pub(crate) frames: Vec<Frame<'a>>,
    pub(crate) diagnostic_frames: Vec<Frame<'a>>,
    pub(crate) sporadic_frames: Vec<SporadicFrame<'a>>,
    pub(crate) event_triggered_frames: Vec<EventTriggeredFrame<'a>>,
    pub(crate) node_attributes: Vec<NodeAttributes<'a>>,
    pub(crate) schedules: Vec<Schedule<'a>>,
    pub(crate) groups: Vec<Group<'a>>,
    pub(crate) encodings: Vec<Encoding<'a>>,
    pub(crate) representations: Vec<Representation<'a>>,
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
pub(crate) struct Master<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) time_base_ms: Number,
    pub(crate) jitter_ms: Number,
    /// J2602: the maximum header length in bits and the response tolerance in percent.
    pub(crate) j2602: Option<(Number, Number)>,
}

#[derive(Debug)]
pub(crate) struct Configuration<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) composites: Vec<(Name<'a>, Vec<Name<'a>>)>,
}

#[derive(Debug)]
pub(crate) struct Signal<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) width: Integer,
    pub(crate) init: Init,
    /// Absent for diagnostic signals.
    pub(crate) publisher: Option<Name<'a>>,
    pub(crate) subscribers: Vec<Name<'a>>,
}

#[derive(Debug)]
pub(crate) enum Init {
    Scalar(Integer),
    Array { bytes: Vec<Integer>, span: Span },
}

#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) id: Integer,
    /// Absent for diagnostic frames.
    pub(crate) publisher: Option<Name<'a>>,
    pub(crate) length: Option<Integer>,
    pub(crate) signals: Vec<(Name<'a>, Integer)>,
}

#[derive(Debug)]
pub(crate) struct SporadicFrame<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) frames: Vec<Name<'a>>,
}

#[derive(Debug)]
pub(crate) struct EventTriggeredFrame<'a> {
    pub(crate) name: Name<'a>,
    /// Since LIN 2.1.
    pub(crate) collision_table: Option<Name<'a>>,
    pub(crate) id: Integer,
    pub(crate) frames: Vec<Name<'a>>,
}

#[derive(Debug)]
pub(crate) struct NodeAttributes<'a> {
    pub(crate) node: Name<'a>,
    pub(crate) attributes: Vec<Attribute<'a>>,
}

#[derive(Debug)]
pub(crate) enum Attribute<'a> {
    Protocol(Text),
    ConfiguredNad(Integer),
    InitialNad(Integer),
    ProductId { supplier: Integer, function: Integer, variant: Option<Integer> },
    ResponseError(Name<'a>),
    FaultStateSignals(Vec<Name<'a>>),
    P2Min(Number),
    StMin(Number),
    NAsTimeout(Number),
    NCrTimeout(Number),
    ConfigurableFrames(Vec<(Name<'a>, Option<Integer>)>),
    ResponseTolerance(Number),
    WakeupTime(Number),
    PoweronTime(Number),
}

#[derive(Debug)]
pub(crate) struct Schedule<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) entries: Vec<(Command<'a>, Number)>,
}

#[derive(Debug)]
pub(crate) enum Command<'a> {
    /// A frame of any kind, `MasterReq` and `SlaveResp` included.
    Frame(Name<'a>),
    AssignNad(Name<'a>),
    ConditionalChangeNad([Integer; 6]),
    DataDump(Name<'a>, [Integer; 5]),
    SaveConfiguration(Name<'a>),
    AssignFrameIdRange(Name<'a>, Integer, Option<[Integer; 4]>),
    AssignFrameId(Name<'a>, Name<'a>),
    UnassignFrameId(Name<'a>, Name<'a>),
    FreeFormat([Integer; 8]),
}

#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) size: Integer,
    pub(crate) signals: Vec<(Name<'a>, Integer)>,
}

#[derive(Debug)]
pub(crate) struct Encoding<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) entries: Vec<EncodingEntry>,
}

#[derive(Debug)]
pub(crate) enum EncodingEntry {
    Logical { value: Integer, text: Option<Text> },
    Physical { min: Number, max: Number, scale: Number, offset: Number, unit: Option<Text> },
    Bcd,
    Ascii,
}

#[derive(Debug)]
pub(crate) struct Representation<'a> {
    pub(crate) encoding: Name<'a>,
    pub(crate) signals: Vec<Name<'a>>,
}
