//! Schedule tables.

use std::sync::Arc;
use std::time::Duration;

use super::node::Nad;

/// A schedule table: slots that the master works off in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleTable {
    pub(crate) name: Arc<str>,
    pub(crate) entries: Vec<ScheduleEntry>,
}

impl ScheduleTable {
    /// Name of the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The slots, in order.
    pub fn entries(&self) -> &[ScheduleEntry] {
        &self.entries
    }

    /// Time for one pass through the table.
    pub fn period(&self) -> Duration {
        self.entries.iter().fold(Duration::ZERO, |sum, entry| sum.saturating_add(entry.delay))
    }
}

/// A slot.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleEntry {
    pub(crate) command: ScheduleCommand,
    pub(crate) delay: Duration,
}

impl ScheduleEntry {
    /// What the slot carries.
    pub fn command(&self) -> &ScheduleCommand {
        &self.command
    }

    /// Length of the slot: the time until the next one starts.
    pub fn delay(&self) -> Duration {
        self.delay
    }
}

/// What a slot carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleCommand {
    /// An unconditional frame.
    Frame(Arc<str>),
    /// A sporadic frame.
    Sporadic(Arc<str>),
    /// An event-triggered frame.
    EventTriggered(Arc<str>),
    /// The diagnostic request.
    MasterReq,
    /// The diagnostic response.
    SlaveResp,
    /// Gives a slave its configured address.
    AssignNad {
        /// The slave.
        node: Arc<str>,
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
        node: Arc<str>,
        /// The five data bytes.
        data: [u8; 5],
    },
    /// Tells a slave to keep its configuration.
    SaveConfiguration {
        /// The slave.
        node: Arc<str>,
    },
    /// Gives up to four frames of a slave their protected identifiers.
    AssignFrameIdRange {
        /// The slave.
        node: Arc<str>,
        /// Index of the first frame in the slave's configurable frames.
        start: u8,
        /// The protected identifiers; those of the file's frames if absent.
        pids: Option<[u8; 4]>,
    },
    /// LIN 2.0: gives one frame of a slave its protected identifier.
    AssignFrameId {
        /// The slave.
        node: Arc<str>,
        /// The frame.
        frame: Arc<str>,
    },
    /// LIN 2.0: disables one frame of a slave.
    UnassignFrameId {
        /// The slave.
        node: Arc<str>,
        /// The frame.
        frame: Arc<str>,
    },
    /// Eight bytes of a diagnostic request as they are.
    FreeFormat([u8; 8]),
}
