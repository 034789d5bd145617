//! What a valid file describes.

mod database;
mod encoding;
mod frame;
mod lookup;
mod node;
mod schedule;
mod signal;

pub use database::{ByteOrder, Database};
pub use encoding::{EncodingDef, EncodingEntry};
pub use frame::{EventTriggeredFrame, FrameDef, FrameId, FrameKind, SignalSlot, SporadicFrame};
pub use lookup::LookupError;
pub use node::{
    Composite, ConfigurableFrame, Configuration, J2602Timing, Master, Nad, NodeAttributes, ProductId, Slave,
};
pub use schedule::{ScheduleCommand, ScheduleEntry, ScheduleTable};
pub use signal::{SignalDef, SignalGroup};
