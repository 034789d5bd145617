//! Schedule tables, as the bus needs them.

use std::time::Duration;

use super::ScheduleError;
use crate::{ChecksumModel, Data, FrameId, Header};

/// The shortest slot that is taken.
const SHORTEST: Duration = Duration::from_millis(1);

/// A frame that the master publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its id.
    pub id: FrameId,
    /// The checksum that its subscribers expect.
    pub checksum: ChecksumModel,
    /// What it carries until somebody sets it.
    pub initial: Data,
}

/// An unconditional frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduledFrame {
    /// The master publishes it.
    Published(Published),
    /// A slave publishes it.
    Subscribed(Header),
}

impl ScheduledFrame {
    /// Its id.
    pub const fn id(&self) -> FrameId {
        match self {
            Self::Published(frame) => frame.id,
            Self::Subscribed(header) => header.id,
        }
    }
}

/// What a slot carries (hardware reference 1.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// A frame, each time.
    Unconditional(ScheduledFrame),
    /// A header that several slaves may answer, each with the protected id of its own frame in byte 0.
    EventTriggered {
        /// The header.
        header: Header,
        /// The frames that may answer.
        frames: Vec<FrameId>,
        /// The table that asks for them one by one after a collision.
        collision: String,
    },
    /// The first of these that was updated since it was last sent, or nothing.
    Sporadic(Vec<Published>),
    /// A diagnostic request, if there is one to send.
    MasterRequest,
    /// The header of the diagnostic response, if somebody awaits one.
    SlaveResponse,
    /// A request of node configuration, the same each time (hardware reference 1.7).
    Configuration([u8; 8]),
}

/// A slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// What it carries.
    pub what: SlotKind,
    /// The time until the next one starts, from 1 ms.
    pub delay: Duration,
}

/// A schedule table: slots that the master works off in turn, again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    name: String,
    slots: Vec<Slot>,
}

impl Table {
    /// The table `name` of `slots`.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::EmptyTable`], [`ScheduleError::ShortSlot`].
    pub fn new(name: impl Into<String>, slots: Vec<Slot>) -> Result<Self, ScheduleError> {
        let table = name.into();
        if slots.is_empty() {
            return Err(ScheduleError::EmptyTable { table });
        }
        match slots.iter().position(|slot| slot.delay < SHORTEST) {
            Some(at) => Err(ScheduleError::ShortSlot { table, slot: at + 1, delay: slots[at].delay }),
            None => Ok(Self { name: table, slots }),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its slots, in order; at least one.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The time of one pass.
    pub fn period(&self) -> Duration {
        self.slots.iter().fold(Duration::ZERO, |sum, slot| sum.saturating_add(slot.delay))
    }
}

/// A table to run, with the tables that its collisions lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSet {
    tables: Vec<Table>,
}

impl TableSet {
    /// The first of `tables` is run; the others resolve collisions.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::NoTable`], [`ScheduleError::Duplicate`], [`ScheduleError::NoCollisionTable`].
    pub fn new(tables: Vec<Table>) -> Result<Self, ScheduleError> {
        if tables.is_empty() {
            return Err(ScheduleError::NoTable);
        }
        let set = Self { tables };
        for (at, table) in set.tables.iter().enumerate() {
            if set.index_of(table.name()) != Some(at) {
                return Err(ScheduleError::Duplicate { table: table.name.clone() });
            }
            for (at, slot) in table.slots.iter().enumerate() {
                if let SlotKind::EventTriggered { collision, .. } = &slot.what
                    && set.index_of(collision).is_none()
                {
                    let (table, collision) = (table.name.clone(), collision.clone());
                    return Err(ScheduleError::NoCollisionTable { table, slot: at + 1, collision });
                }
            }
        }
        Ok(set)
    }

    /// The table that is run.
    pub fn main(&self) -> &Table {
        &self.tables[0]
    }

    /// The tables, the one that is run first.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Whether one of the tables carries the frame, by itself or as one of several.
    pub fn carries(&self, id: FrameId) -> bool {
        self.slots().any(|slot| match &slot.what {
            SlotKind::Unconditional(frame) => frame.id() == id,
            SlotKind::EventTriggered { frames, .. } => frames.contains(&id),
            SlotKind::Sporadic(frames) => frames.iter().any(|frame| frame.id == id),
            SlotKind::MasterRequest | SlotKind::Configuration(_) => id == FrameId::MASTER_REQUEST,
            SlotKind::SlaveResponse => id == FrameId::SLAVE_RESPONSE,
        })
    }

    /// Whether a slot of the table that is run is of the kind.
    pub(super) fn has(&self, kind: &SlotKind) -> bool {
        self.main().slots.iter().any(|slot| slot.what == *kind)
    }

    pub(super) fn index_of(&self, name: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.name == name)
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.tables.iter().flat_map(|table| &table.slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn table(name: &str, delays: &[u64]) -> Result<Table, ScheduleError> {
        let slot = |ms: &u64| Slot { what: SlotKind::MasterRequest, delay: Duration::from_millis(*ms) };
        Table::new(name, delays.iter().map(slot).collect())
    }

    #[rstest]
    #[case::empty(&[], "schedule table T has no slots")]
    #[case::too_short(&[10, 0], "slot 2 of schedule table T takes 0.000 ms, which is less than 1 ms")]
    fn what_takes_no_time_is_refused(#[case] delays: &[u64], #[case] error: &str) {
        assert_eq!(table("T", delays).unwrap_err().to_string(), error);
    }

    #[test]
    fn a_set_is_closed_and_unambiguous() {
        assert_eq!(TableSet::new(vec![]), Err(ScheduleError::NoTable));
        let twice = TableSet::new(vec![table("T", &[10]).unwrap(), table("T", &[5]).unwrap()]);
        assert_eq!(twice, Err(ScheduleError::Duplicate { table: "T".to_owned() }));
        let id = FrameId::new(0x10).unwrap();
        let what = SlotKind::EventTriggered {
            header: Header::new(id, 2),
            frames: vec![],
            collision: "Gone".to_owned(),
        };
        let event = Table::new("E", vec![Slot { what, delay: Duration::from_millis(10) }]).unwrap();
        assert_eq!(
            TableSet::new(vec![event]).unwrap_err().to_string(),
            "slot 1 of schedule table E resolves collisions in Gone, which is not there"
        );
    }
}
