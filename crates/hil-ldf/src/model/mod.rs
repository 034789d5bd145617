//! What a valid file describes.

mod database;
mod encoding;
mod frame;
mod lookup;
mod node;
mod schedule;
mod signal;
mod view;

pub(crate) use database::Tables;
pub use database::{ByteOrder, Database};
pub use encoding::{EncodingDef, EncodingEntry};
pub(crate) use encoding::{EncodingRecord, EntryRecord};
pub(crate) use frame::{EventRecord, FrameRecord, SlotRecord, SporadicRecord};
pub use frame::{EventTriggeredFrame, FrameDef, FrameId, FrameKind, SignalSlot, SporadicFrame};
pub use lookup::LookupError;
pub(crate) use node::{
    AttributesRecord, CompositeRecord, ConfigurableRecord, ConfigurationRecord, MasterRecord, SlaveRecord,
};
pub use node::{
    Composite, ConfigurableFrame, Configuration, J2602Timing, Master, Nad, NodeAttributes, ProductId, Slave,
};
pub(crate) use schedule::{CommandRecord, EntrySlotRecord, TableRecord};
pub use schedule::{ScheduleCommand, ScheduleEntry, ScheduleTable};
pub(crate) use signal::{GroupRecord, SignalRecord};
pub use signal::{SignalDef, SignalGroup};
