//! Schedule tables run in the background (LIN-09): what is on the bus, slot by slot, while tests change what
//! the master publishes and look at what the slaves answer.
//!
//! ```text
//! Table ─► TableSet ─► Running (tests: data, statistics, diagnostics, switch)
//!                        │ shares buffers with
//!                      Runner ─► Timeline (which slot, planned when) ─► master
//! ```
//!
//! Nothing here knows an LDF: frames are ids, lengths and checksum models.

mod buffers;
mod diagnostic;
mod error;
mod jitter;
mod runner;
mod running;
mod statistics;
mod table;
mod timeline;

pub use buffers::{Received, Reception};
pub use diagnostic::ScheduledSlots;
pub use error::ScheduleError;
pub use jitter::Jitter;
pub use running::Running;
pub use statistics::TableStatistics;
pub use table::{Published, ScheduledFrame, Slot, SlotKind, Table, TableSet};
