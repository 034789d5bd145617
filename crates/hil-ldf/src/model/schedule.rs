//! Schedule tables.

use std::fmt;
use std::time::Duration;

use super::database::Database;
use super::node::Nad;
use super::view::view;
use crate::notation;
use crate::pool::List;
use crate::syntax::Symbol;

#[derive(Clone, Debug)]
pub(crate) struct TableRecord {
    pub(crate) name: Symbol,
    pub(crate) slots: List<EntrySlotRecord>,
}

#[derive(Clone, Debug)]
pub(crate) struct EntrySlotRecord {
    pub(crate) command: CommandRecord,
    pub(crate) delay: Duration,
}

/// [`ScheduleCommand`], with names as symbols.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CommandRecord {
    Frame(Symbol),
    Sporadic(Symbol),
    EventTriggered(Symbol),
    MasterReq,
    SlaveResp,
    AssignNad { node: Symbol },
    ConditionalChangeNad { nad: Nad, id: u8, byte: u8, mask: u8, invert: u8, new_nad: Nad },
    DataDump { node: Symbol, data: [u8; 5] },
    SaveConfiguration { node: Symbol },
    AssignFrameIdRange { node: Symbol, start: u8, pids: Option<[u8; 4]> },
    AssignFrameId { node: Symbol, frame: Symbol },
    UnassignFrameId { node: Symbol, frame: Symbol },
    FreeFormat([u8; 8]),
}

view! {
    /// A schedule table: slots that the master works off in turn.
    ScheduleTable of TableRecord
}

impl<'d> ScheduleTable<'d> {
    /// The slots, in order.
    pub fn entries(self) -> impl ExactSizeIterator<Item = ScheduleEntry<'d>> {
        let Self { database, record } = self;
        let slots = record.slots.of(&database.tables.schedule_slots).iter();
        slots.map(move |slot| ScheduleEntry { command: database.command(slot.command), delay: slot.delay })
    }

    /// Time for one pass through the table.
    pub fn period(self) -> Duration {
        self.entries().fold(Duration::ZERO, |sum, entry| sum.saturating_add(entry.delay))
    }
}

/// A slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduleEntry<'d> {
    command: ScheduleCommand<'d>,
    delay: Duration,
}

impl<'d> ScheduleEntry<'d> {
    /// What the slot carries.
    pub fn command(self) -> ScheduleCommand<'d> {
        self.command
    }

    /// Length of the slot: the time until the next one starts.
    pub fn delay(self) -> Duration {
        self.delay
    }
}

impl Database {
    fn command(&self, command: CommandRecord) -> ScheduleCommand<'_> {
        let name = |symbol| self.name(symbol);
        match command {
            CommandRecord::Frame(frame) => ScheduleCommand::Frame(name(frame)),
            CommandRecord::Sporadic(frame) => ScheduleCommand::Sporadic(name(frame)),
            CommandRecord::EventTriggered(frame) => ScheduleCommand::EventTriggered(name(frame)),
            CommandRecord::MasterReq => ScheduleCommand::MasterReq,
            CommandRecord::SlaveResp => ScheduleCommand::SlaveResp,
            CommandRecord::AssignNad { node } => ScheduleCommand::AssignNad { node: name(node) },
            CommandRecord::ConditionalChangeNad { nad, id, byte, mask, invert, new_nad } => {
                ScheduleCommand::ConditionalChangeNad { nad, id, byte, mask, invert, new_nad }
            }
            CommandRecord::DataDump { node, data } => ScheduleCommand::DataDump { node: name(node), data },
            CommandRecord::SaveConfiguration { node } => {
                ScheduleCommand::SaveConfiguration { node: name(node) }
            }
            CommandRecord::AssignFrameIdRange { node, start, pids } => {
                ScheduleCommand::AssignFrameIdRange { node: name(node), start, pids }
            }
            CommandRecord::AssignFrameId { node, frame } => {
                ScheduleCommand::AssignFrameId { node: name(node), frame: name(frame) }
            }
            CommandRecord::UnassignFrameId { node, frame } => {
                ScheduleCommand::UnassignFrameId { node: name(node), frame: name(frame) }
            }
            CommandRecord::FreeFormat(data) => ScheduleCommand::FreeFormat(data),
        }
    }
}

/// What a slot carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleCommand<'d> {
    /// An unconditional frame.
    Frame(&'d str),
    /// A sporadic frame.
    Sporadic(&'d str),
    /// An event-triggered frame.
    EventTriggered(&'d str),
    /// The diagnostic request.
    MasterReq,
    /// The diagnostic response.
    SlaveResp,
    /// Gives a slave its configured address.
    AssignNad {
        /// The slave.
        node: &'d str,
    },
    /// Changes an address if an identification byte, inverted and masked, is zero.
    ConditionalChangeNad {
        /// The present address.
        nad: Nad,
        /// Which identification to read.
        id: u8,
        /// Which byte of it to look at.
        byte: u8,
        /// Bits that count.
        mask: u8,
        /// Bits to invert.
        invert: u8,
        /// The new address.
        new_nad: Nad,
    },
    /// Supplier-specific data.
    DataDump {
        /// The slave.
        node: &'d str,
        /// The five data bytes.
        data: [u8; 5],
    },
    /// Tells a slave to keep its configuration.
    SaveConfiguration {
        /// The slave.
        node: &'d str,
    },
    /// Gives up to four frames of a slave their protected identifiers.
    AssignFrameIdRange {
        /// The slave.
        node: &'d str,
        /// Index of the first frame in the slave's configurable frames.
        start: u8,
        /// The protected identifiers; those of the file's frames if absent.
        pids: Option<[u8; 4]>,
    },
    /// LIN 2.0: gives one frame of a slave its protected identifier.
    AssignFrameId {
        /// The slave.
        node: &'d str,
        /// The frame.
        frame: &'d str,
    },
    /// LIN 2.0: disables one frame of a slave.
    UnassignFrameId {
        /// The slave.
        node: &'d str,
        /// The frame.
        frame: &'d str,
    },
    /// Eight bytes of a diagnostic request as they are.
    FreeFormat([u8; 8]),
}

/// In the words of the file: `ALM_Status`, `AssignNAD { ALM }`.
impl fmt::Display for ScheduleCommand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&notation::command(*self, &str::to_owned, &str::to_owned))
    }
}
