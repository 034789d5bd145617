//! One change, and how it reads.

use std::fmt;

/// The part of a description that a change belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// Versions, bit rate, channel name, byte order.
    Header,
    /// The master with its times, and the slaves.
    Nodes,
    /// Configurations of composite nodes.
    Composites,
    /// Signals, the diagnostic ones included, with the encoding that represents them.
    Signals,
    /// Unconditional and diagnostic frames.
    Frames,
    /// Sporadic frames.
    SporadicFrames,
    /// Event-triggered frames.
    EventTriggeredFrames,
    /// Attributes of slaves, and their addresses.
    NodeAttributes,
    /// Schedule tables.
    Schedules,
    /// Signal groups.
    Groups,
    /// Encoding types.
    Encodings,
}

impl Section {
    /// The name of the section as the language has it; `header` for what stands before the sections.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Nodes => "Nodes",
            Self::Composites => "composite",
            Self::Signals => "Signals",
            Self::Frames => "Frames",
            Self::SporadicFrames => "Sporadic_frames",
            Self::EventTriggeredFrames => "Event_triggered_frames",
            Self::NodeAttributes => "Node_attributes",
            Self::Schedules => "Schedule_tables",
            Self::Groups => "Signal_groups",
            Self::Encodings => "Signal_encoding_types",
        }
    }
}

/// What happened to a thing. Values are in the words of the file, with units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added {
        /// The thing in brief.
        definition: String,
    },
    /// It is gone.
    Removed {
        /// The thing in brief, as it was.
        definition: String,
    },
    /// It has another name; all other changes of it are reported under the new one.
    Renamed {
        /// The new name.
        to: String,
    },
    /// One thing about it is different.
    Changed {
        /// What: `length`, `signal Speed`, `slot 3`. A slot has its number after the change, or the last one that
        /// it had.
        field: String,
        /// The value before; none if it is new.
        before: Option<String>,
        /// The value after; none if it is gone.
        after: Option<String>,
    },
}

/// A change from one description to another.
///
/// `Display` gives one line without the section: `~ ALM_Status: length 4 bytes → 5 bytes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it belongs.
    pub section: Section,
    /// The frame, signal, node, …; `file` in the header.
    pub name: String,
    /// What happened to it.
    pub what: What,
    pub(super) wire: bool,
}

impl Change {
    /// Whether the bus can carry what it did not before: other identifiers, lengths, publishers, payload bits,
    /// addresses, initial values, checksums, another bit rate, or other frames in a schedule.
    ///
    /// Names, texts, scales, readers, limits and times alone (delays, time base, jitter, time-outs) leave every
    /// byte as it is, and so do the names that a file gives to the bytes of diagnostic frames.
    pub fn is_wire_change(&self) -> bool {
        self.wire
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.what {
            What::Added { definition } => write!(f, "+ {name}: {definition}"),
            What::Removed { definition } => write!(f, "- {name}: {definition}"),
            What::Renamed { to } => write!(f, "~ {name}: renamed to {to}"),
            What::Changed { field, before, after } => {
                write!(f, "~ {name}: {field}")?;
                match (before, after) {
                    (Some(before), Some(after)) => write!(f, " {before} → {after}"),
                    (None, Some(after)) => write!(f, " added: {after}"),
                    (Some(before), None) => write!(f, " removed: {before}"),
                    (None, None) => Ok(()),
                }
            }
        }
    }
}
