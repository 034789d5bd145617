//! The database: everything a file describes, and the ways to find it.

use std::collections::HashMap;
use std::sync::Arc;

use super::encoding::EncodingDef;
use super::frame::{EventTriggeredFrame, FrameDef, FrameId, SporadicFrame};
use super::lookup::LookupError;
use super::node::{Configuration, Master, NodeAttributes, Slave};
use super::schedule::ScheduleTable;
use super::signal::{SignalDef, SignalGroup};

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
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) protocol_version: String,
    pub(crate) language_version: String,
    pub(crate) file_revision: Option<String>,
    pub(crate) channel_name: Option<String>,
    pub(crate) bitrate: u32,
    pub(crate) byte_order: ByteOrder,
    pub(crate) master: Option<Master>,
    pub(crate) slaves: Vec<Slave>,
    pub(crate) configurations: Vec<Configuration>,
    pub(crate) signals: Vec<Arc<SignalDef>>,
    pub(crate) frames: Vec<FrameDef>,
    pub(crate) sporadic_frames: Vec<SporadicFrame>,
    pub(crate) event_triggered_frames: Vec<EventTriggeredFrame>,
    pub(crate) schedules: Vec<ScheduleTable>,
    pub(crate) groups: Vec<SignalGroup>,
    pub(crate) encodings: Vec<Arc<EncodingDef>>,
    pub(crate) signal_index: HashMap<Arc<str>, usize>,
    pub(crate) frame_index: HashMap<Arc<str>, usize>,
}

impl Database {
    /// Bit rate of the bus in bit/s, rounded; 0 if the file has none.
    pub fn bitrate(&self) -> u32 {
        self.bitrate
    }

    /// `LIN_protocol_version` as written, such as `2.1`; empty if the file has none.
    pub fn protocol_version(&self) -> &str {
        &self.protocol_version
    }

    /// `LIN_language_version` as written; empty if the file has none.
    pub fn language_version(&self) -> &str {
        &self.language_version
    }

    /// `LDF_file_revision` of ISO 17987 files.
    pub fn file_revision(&self) -> Option<&str> {
        self.file_revision.as_deref()
    }

    /// `Channel_name`, which may be empty.
    pub fn channel_name(&self) -> Option<&str> {
        self.channel_name.as_deref()
    }

    /// Byte order of scalars.
    pub fn byte_order(&self) -> ByteOrder {
        self.byte_order
    }

    /// The master and its timing; none in files that only list slaves.
    pub fn master(&self) -> Option<&Master> {
        self.master.as_ref()
    }

    /// The slaves, in the order of the file.
    pub fn slaves(&self) -> &[Slave] {
        &self.slaves
    }

    /// Names of all nodes, the master first.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.master.iter().map(Master::name).chain(self.slaves.iter().map(Slave::name))
    }

    /// The slave called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn slave(&self, name: &str) -> Result<&Slave, LookupError> {
        self.slaves
            .iter()
            .find(|slave| slave.name() == name)
            .ok_or_else(|| LookupError::new("slave", name, self.slaves.iter().map(Slave::name)))
    }

    /// The attributes of the slave called `name`, if the file has them.
    pub fn node_attributes(&self, name: &str) -> Option<&NodeAttributes> {
        self.slaves.iter().find(|slave| slave.name() == name).and_then(Slave::attributes)
    }

    /// Configurations of composite nodes.
    pub fn configurations(&self) -> &[Configuration] {
        &self.configurations
    }

    /// All signals: those of `Signals`, then the diagnostic ones.
    pub fn signals(&self) -> impl Iterator<Item = &SignalDef> {
        self.signals.iter().map(AsRef::as_ref)
    }

    /// The signal called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn signal(&self, name: &str) -> Result<&SignalDef, LookupError> {
        self.signal_index
            .get(name)
            .and_then(|index| self.signals.get(*index))
            .map(AsRef::as_ref)
            .ok_or_else(|| LookupError::new("signal", name, self.signals().map(SignalDef::name)))
    }

    /// Unconditional and diagnostic frames, in the order of the file.
    pub fn frames(&self) -> impl Iterator<Item = &FrameDef> {
        self.frames.iter()
    }

    /// The unconditional or diagnostic frame called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn frame(&self, name: &str) -> Result<&FrameDef, LookupError> {
        self.frame_index
            .get(name)
            .and_then(|index| self.frames.get(*index))
            .ok_or_else(|| LookupError::new("frame", name, self.frames().map(FrameDef::name)))
    }

    /// The unconditional or diagnostic frame with identifier `id` (0 to 63).
    pub fn frame_by_id(&self, id: u8) -> Option<&FrameDef> {
        let id = FrameId::new(id)?;
        self.frames.iter().find(|frame| frame.id() == id)
    }

    /// The frames that carry the signal called `name`; a signal may be in several.
    pub fn frames_of(&self, name: &str) -> impl Iterator<Item = &FrameDef> {
        self.frames.iter().filter(move |frame| frame.slot(name).is_some())
    }

    /// Sporadic frames.
    pub fn sporadic_frames(&self) -> &[SporadicFrame] {
        &self.sporadic_frames
    }

    /// Event-triggered frames.
    pub fn event_triggered_frames(&self) -> &[EventTriggeredFrame] {
        &self.event_triggered_frames
    }

    /// Schedule tables, in the order of the file.
    pub fn schedule_tables(&self) -> &[ScheduleTable] {
        &self.schedules
    }

    /// The schedule table called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn schedule_table(&self, name: &str) -> Result<&ScheduleTable, LookupError> {
        self.schedules.iter().find(|table| table.name() == name).ok_or_else(|| {
            LookupError::new("schedule table", name, self.schedules.iter().map(ScheduleTable::name))
        })
    }

    /// Signal groups, which LIN 2.1 deprecates.
    pub fn signal_groups(&self) -> &[SignalGroup] {
        &self.groups
    }

    /// All encoding types, also those that no signal uses.
    pub fn encodings(&self) -> impl Iterator<Item = &EncodingDef> {
        self.encodings.iter().map(AsRef::as_ref)
    }

    /// The encoding type called `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error names the nearest.
    pub fn encoding(&self, name: &str) -> Result<&EncodingDef, LookupError> {
        self.encodings()
            .find(|encoding| encoding.name() == name)
            .ok_or_else(|| LookupError::new("encoding type", name, self.encodings().map(EncodingDef::name)))
    }
}
