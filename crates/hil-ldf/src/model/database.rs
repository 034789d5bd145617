//! The database: everything a file describes, and the ways to find it.

use super::encoding::{EncodingDef, EncodingRecord, EntryRecord};
use super::frame::{
    EventRecord, EventTriggeredFrame, FrameDef, FrameRecord, SlotRecord, SporadicFrame, SporadicRecord,
};
use super::lookup::LookupError;
use super::node::{
    AttributesRecord, CompositeRecord, ConfigurableRecord, Configuration, ConfigurationRecord, Master,
    MasterRecord, NodeAttributes, Slave, SlaveRecord,
};
use super::schedule::{EntrySlotRecord, ScheduleTable, TableRecord};
use super::signal::{GroupRecord, SignalDef, SignalGroup, SignalRecord};
use crate::pool::List;
use crate::syntax::{BySymbol, Span, Symbol, Symbols};

/// Byte order of scalars wider than 8 bits, as ISO 17987 files may state it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ByteOrder {
    /// The order of LIN up to 2.2, and the default.
    #[default]
    LittleEndian,
    /// How it changes scalars is uncertain (LDF reference 5), so the codec refuses those.
    BigEndian,
}

/// A checked LIN description file.
///
/// It owns the text of the file; all names and texts that it gives out are parts of it.
#[derive(Clone)]
pub struct Database {
    pub(crate) text: String,
    pub(crate) symbols: Symbols,
    pub(crate) tables: Tables,
}

/// What a file describes, a table for each kind. Names are symbols, texts are places in the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    pub(crate) protocol_version: Option<Span>,
    pub(crate) language_version: Option<Span>,
    pub(crate) file_revision: Option<Span>,
    pub(crate) channel_name: Option<Span>,
    pub(crate) bitrate: u32,
    pub(crate) byte_order: ByteOrder,
    pub(crate) master: Option<MasterRecord>,
    pub(crate) slaves: Vec<SlaveRecord>,
    pub(crate) attributes: Vec<AttributesRecord>,
    pub(crate) configurations: Vec<ConfigurationRecord>,
    pub(crate) signals: Vec<SignalRecord>,
    pub(crate) frames: Vec<FrameRecord>,
    pub(crate) sporadic_frames: Vec<SporadicRecord>,
    pub(crate) event_triggered_frames: Vec<EventRecord>,
    pub(crate) schedules: Vec<TableRecord>,
    pub(crate) groups: Vec<GroupRecord>,
    pub(crate) encodings: Vec<EncodingRecord>,
    // Pools.
    pub(crate) names: Vec<Symbol>,
    pub(crate) slots: Vec<SlotRecord>,
    pub(crate) composites: Vec<CompositeRecord>,
    pub(crate) configurable_frames: Vec<ConfigurableRecord>,
    pub(crate) schedule_slots: Vec<EntrySlotRecord>,
    pub(crate) group_places: Vec<(Symbol, u8)>,
    pub(crate) entries: Vec<EntryRecord>,
    // Indices.
    pub(crate) signal_of: BySymbol<u32>,
    pub(crate) frame_of: BySymbol<u32>,
    pub(crate) frame_of_id: Vec<Option<u32>>,
}

impl Database {
    /// Bit rate of the bus in bit/s, rounded; 0 if the file has none.
    pub fn bitrate(&self) -> u32 {
        self.tables.bitrate
    }

    /// `LIN_protocol_version` as written, such as `2.1`; empty if the file has none.
    pub fn protocol_version(&self) -> &str {
        self.optional_text(self.tables.protocol_version).unwrap_or("")
    }

    /// `LIN_language_version` as written; empty if the file has none.
    pub fn language_version(&self) -> &str {
        self.optional_text(self.tables.language_version).unwrap_or("")
    }

    /// `LDF_file_revision` of ISO 17987 files.
    pub fn file_revision(&self) -> Option<&str> {
        self.optional_text(self.tables.file_revision)
    }

    /// `Channel_name`, which may be empty.
    pub fn channel_name(&self) -> Option<&str> {
        self.optional_text(self.tables.channel_name)
    }

    /// Byte order of scalars.
    pub fn byte_order(&self) -> ByteOrder {
        self.tables.byte_order
    }

    /// The master and its timing; none in files that only list slaves.
    pub fn master(&self) -> Option<Master<'_>> {
        let record = self.tables.master.as_ref()?;
        Some(Master { database: self, record })
    }

    /// The slaves, in the order of the file.
    pub fn slaves(&self) -> impl ExactSizeIterator<Item = Slave<'_>> {
        self.tables.slaves.iter().map(|record| Slave { database: self, record })
    }

    /// Names of all nodes, the master first.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.master().map(Master::name).into_iter().chain(self.slaves().map(Slave::name))
    }

    /// The slave called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn slave(&self, name: &str) -> Result<Slave<'_>, LookupError> {
        let found = self
            .symbols
            .find(&self.text, name)
            .and_then(|symbol| self.tables.slaves.iter().find(|slave| slave.name == symbol));
        match found {
            Some(record) => Ok(Slave { database: self, record }),
            None => Err(LookupError::new("slave", name, self.slaves().map(Slave::name))),
        }
    }

    /// The attributes of the slave called `name`, if the file has them.
    pub fn node_attributes(&self, name: &str) -> Option<NodeAttributes<'_>> {
        self.slave(name).ok()?.attributes()
    }

    /// Configurations of composite nodes.
    pub fn configurations(&self) -> impl ExactSizeIterator<Item = Configuration<'_>> {
        self.tables.configurations.iter().map(|record| Configuration { database: self, record })
    }

    /// All signals: those of `Signals`, then the diagnostic ones.
    pub fn signals(&self) -> impl ExactSizeIterator<Item = SignalDef<'_>> {
        self.tables.signals.iter().map(|record| SignalDef { database: self, record })
    }

    /// The signal called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn signal(&self, name: &str) -> Result<SignalDef<'_>, LookupError> {
        match lookup(self, name, &self.tables.signal_of, &self.tables.signals) {
            Some(record) => Ok(SignalDef { database: self, record }),
            None => Err(LookupError::new("signal", name, self.signals().map(SignalDef::name))),
        }
    }

    /// Unconditional and diagnostic frames, in the order of the file.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = FrameDef<'_>> {
        self.tables.frames.iter().map(|record| FrameDef { database: self, record })
    }

    /// The unconditional or diagnostic frame called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn frame(&self, name: &str) -> Result<FrameDef<'_>, LookupError> {
        match lookup(self, name, &self.tables.frame_of, &self.tables.frames) {
            Some(record) => Ok(FrameDef { database: self, record }),
            None => Err(LookupError::new("frame", name, self.frames().map(FrameDef::name))),
        }
    }

    /// The unconditional or diagnostic frame with identifier `id` (0 to 63).
    pub fn frame_by_id(&self, id: u8) -> Option<FrameDef<'_>> {
        let index = (*self.tables.frame_of_id.get(usize::from(id))?)?;
        self.tables.frames.get(index as usize).map(|record| FrameDef { database: self, record })
    }

    /// The frames that carry the signal called `name`; a signal may be in several.
    pub fn frames_of(&self, name: &str) -> impl Iterator<Item = FrameDef<'_>> {
        let symbol = self.symbols.find(&self.text, name);
        self.frames().filter(move |frame| {
            symbol.is_some_and(|symbol| frame.slot_records().iter().any(|slot| slot.symbol == symbol))
        })
    }

    /// The frames that the node called `node` publishes.
    pub fn published_by(&self, node: &str) -> impl Iterator<Item = FrameDef<'_>> {
        let symbol = self.symbols.find(&self.text, node);
        self.frames().filter(move |frame| symbol.is_some() && frame.record.publisher == symbol)
    }

    /// The signals that the node called `node` subscribes to.
    pub fn subscribed_by(&self, node: &str) -> impl Iterator<Item = SignalDef<'_>> {
        let symbol = self.symbols.find(&self.text, node);
        self.signals().filter(move |signal| {
            let subscribers = signal.record.subscribers.of(&self.tables.names);
            symbol.is_some_and(|symbol| subscribers.contains(&symbol))
        })
    }

    /// Sporadic frames.
    pub fn sporadic_frames(&self) -> impl ExactSizeIterator<Item = SporadicFrame<'_>> {
        self.tables.sporadic_frames.iter().map(|record| SporadicFrame { database: self, record })
    }

    /// Event-triggered frames.
    pub fn event_triggered_frames(&self) -> impl ExactSizeIterator<Item = EventTriggeredFrame<'_>> {
        self.tables.event_triggered_frames.iter().map(|record| EventTriggeredFrame { database: self, record })
    }

    /// Schedule tables, in the order of the file.
    pub fn schedule_tables(&self) -> impl ExactSizeIterator<Item = ScheduleTable<'_>> {
        self.tables.schedules.iter().map(|record| ScheduleTable { database: self, record })
    }

    /// The schedule table called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn schedule_table(&self, name: &str) -> Result<ScheduleTable<'_>, LookupError> {
        self.schedule_tables().find(|table| table.name() == name).ok_or_else(|| {
            LookupError::new("schedule table", name, self.schedule_tables().map(ScheduleTable::name))
        })
    }

    /// Signal groups, which LIN 2.1 deprecates.
    pub fn signal_groups(&self) -> impl ExactSizeIterator<Item = SignalGroup<'_>> {
        self.tables.groups.iter().map(|record| SignalGroup { database: self, record })
    }

    /// All encoding types, also those that no signal uses.
    pub fn encodings(&self) -> impl ExactSizeIterator<Item = EncodingDef<'_>> {
        self.tables.encodings.iter().map(|record| EncodingDef { database: self, record })
    }

    /// The encoding type called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn encoding(&self, name: &str) -> Result<EncodingDef<'_>, LookupError> {
        self.encodings()
            .find(|encoding| encoding.name() == name)
            .ok_or_else(|| LookupError::new("encoding type", name, self.encodings().map(EncodingDef::name)))
    }

    /// The text of a name.
    pub(crate) fn name(&self, symbol: Symbol) -> &str {
        self.symbols.span(symbol).of(&self.text)
    }

    /// The texts of names.
    pub(crate) fn names(&self, list: List<Symbol>) -> impl ExactSizeIterator<Item = &str> {
        list.of(&self.tables.names).iter().map(|symbol| self.name(*symbol))
    }

    /// Whether these characters stand there; lengths mostly tell without a look at them.
    #[inline]
    pub(crate) fn is_text(&self, span: Span, text: &str) -> bool {
        span.range().len() == text.len() && self.text.as_bytes().get(span.range()) == Some(text.as_bytes())
    }

    #[inline]
    pub(crate) fn text(&self, span: Span) -> &str {
        span.of(&self.text)
    }

    #[inline]
    pub(crate) fn optional_text(&self, span: Option<Span>) -> Option<&str> {
        span.map(|span| self.text(span))
    }
}

fn lookup<'d, T>(database: &'d Database, name: &str, index: &BySymbol<u32>, table: &'d [T]) -> Option<&'d T> {
    let symbol = database.symbols.find(&database.text, name)?;
    table.get(index.get(symbol)? as usize)
}

// The text and the tables would fill pages.
impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("protocol_version", &self.protocol_version())
            .field("signals", &self.tables.signals.len())
            .field("frames", &self.tables.frames.len())
            .finish_non_exhaustive()
    }
}
