//! What waits for one client: bounded, in order, and honest about what it lost.

use std::collections::HashMap;
use std::sync::Arc;

use crate::chain::{Chain, Id, List};
use crate::class::{Class, Key};
use crate::published::Published;
use crate::{Counts, Seq};

/// How much may wait for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

/// Messages that were dropped one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// How many of each type.
    pub dropped: Counts,
    /// The number of the first.
    pub from: Seq,
    /// The number of the last.
    pub to: Seq,
}

/// What a client gets next.
#[derive(Clone, Debug)]
pub enum Piece {
    /// A message.
    Message(Arc<Published>),
    /// The news that messages are missing here.
    Gap(Gap),
}

/// What was dropped, and in which class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// How many of each type.
    pub by_kind: Counts,
    /// How many droppable ones.
    pub droppable: u64,
    /// How many of which only the newest matters.
    pub latest: u64,
}

impl Losses {
    fn note(&mut self, message: &Published) {
        self.by_kind.add(message.kind);
        match message.class {
            Class::Droppable => self.droppable += 1,
            Class::Latest => self.latest += 1,
            // Never dropped.
            Class::Must => {}
        }
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        self.by_kind.add_all(&other.by_kind);
        self.droppable += other.droppable;
        self.latest += other.latest;
    }
}

/// The client would have to lose a message that must not be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

#[derive(Debug)]
enum Slot {
    Message(Arc<Published>),
    Hole(Box<Gap>),
}

/// What waits for one client.
#[derive(Debug)]
pub(crate) struct Queue {
    bounds: Bounds,
    slots: Chain<Slot>,
    /// The slot of the newest message of each key that is of [`Class::Latest`].
    newest: HashMap<Key, Id>,
    messages: usize,
    bytes: usize,
    /// Of those, what must be delivered.
    must_messages: usize,
    must_bytes: usize,
    losses: Losses,
}

impl Queue {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            slots: Chain::default(),
            newest: HashMap::new(),
            messages: 0,
            bytes: 0,
            must_messages: 0,
            must_bytes: 0,
            losses: Losses::default(),
        }
    }

    /// How many messages wait.
    pub(crate) fn messages(&self) -> usize {
        self.messages
    }

    /// How many bytes they have.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What was dropped so far.
    pub(crate) fn losses(&self) -> &Losses {
        &self.losses
    }

    /// Whether there is nothing to deliver, not even a gap.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.first(List::All).is_none()
    }

    /// Appends a message, and drops what has to go for it.
    pub(crate) fn push(&mut self, message: &Arc<Published>) -> Result<(), Overflow> {
        let size = message.bytes.len();
        let is_must = message.class == Class::Must;
        if self.must_messages >= self.bounds.messages
            || self.must_bytes.saturating_add(size) > self.bounds.bytes
        {
            match message.class {
                // One that is larger than the whole queue may wait alone.
                Class::Must if self.must_messages == 0 => {}
                Class::Must => return Err(Overflow),
                Class::Latest | Class::Droppable => {
                    self.lose_last(message);
                    return Ok(());
                }
            }
        }
        if let Some(key) = &message.key
            && let Some(older) = self.newest.remove(key)
        {
            self.slots.enter(List::Superseded, older);
        }
        while (self.messages >= self.bounds.messages || self.bytes.saturating_add(size) > self.bounds.bytes)
            && self.evict()
        {}
        let side = match message.class {
            Class::Must => None,
            Class::Latest => Some(List::Latest),
            Class::Droppable => Some(List::Droppable),
        };
        let id = self.slots.push(Slot::Message(Arc::clone(message)), side);
        if let (Class::Latest, Some(key)) = (message.class, &message.key) {
            self.newest.insert(key.clone(), id);
        }
        self.messages += 1;
        self.bytes += size;
        if is_must {
            self.must_messages += 1;
            self.must_bytes += size;
        }
        Ok(())
    }

    /// Takes what is next until that is at least `most` bytes.
    pub(crate) fn drain(&mut self, most: usize, pieces: &mut Vec<Piece>) {
        let mut taken = 0;
        while taken < most
            && let Some(id) = self.slots.first(List::All)
        {
            match self.slots.remove(id) {
                Some(Slot::Message(message)) => {
                    self.forget(id, &message);
                    taken += message.bytes.len();
                    pieces.push(Piece::Message(message));
                }
                Some(Slot::Hole(gap)) => pieces.push(Piece::Gap(*gap)),
                None => {}
            }
        }
    }

    /// Drops everything without a word: the client is going.
    pub(crate) fn clear(&mut self) {
        let losses = self.losses;
        *self = Self { losses, ..Self::new(self.bounds) };
    }

    /// Makes a hole of the message that is missed least, if there is one that may be missed.
    fn evict(&mut self) -> bool {
        let lists = [List::Superseded, List::Droppable, List::Latest];
        let Some(id) = lists.into_iter().find_map(|list| self.slots.first(list)) else { return false };
        let Some(Slot::Message(message)) = self.slots.get(id) else { return false };
        let message = Arc::clone(message);
        self.losses.note(&message);
        self.forget(id, &message);
        self.slots.replace(id, Slot::Hole(Box::new(gap(&message))));
        if let Some(after) = self.slots.after(id) {
            self.merge(id, after);
        }
        if let Some(before) = self.slots.before(id) {
            self.merge(before, id);
        }
        true
    }

    /// Makes one hole of two neighbours, if they are holes.
    fn merge(&mut self, left: Id, right: Id) {
        let (Some(Slot::Hole(_)), Some(Slot::Hole(gap))) = (self.slots.get(left), self.slots.get(right))
        else {
            return;
        };
        let gap = **gap;
        if let Some(Slot::Hole(earlier)) = self.slots.get_mut(left) {
            join(earlier, &gap);
        }
        self.slots.remove(right);
    }

    /// The message is lost before it had a place.
    fn lose_last(&mut self, message: &Published) {
        self.losses.note(message);
        let gap = gap(message);
        if let Some(last) = self.slots.last(List::All)
            && let Some(Slot::Hole(earlier)) = self.slots.get_mut(last)
        {
            join(earlier, &gap);
        } else {
            self.slots.push(Slot::Hole(Box::new(gap)), None);
        }
    }

    /// A message has left its slot.
    fn forget(&mut self, id: Id, message: &Published) {
        self.messages -= 1;
        self.bytes -= message.bytes.len();
        match message.class {
            Class::Must => {
                self.must_messages -= 1;
                self.must_bytes -= message.bytes.len();
            }
            Class::Latest => {
                if let Some(key) = &message.key
                    && self.newest.get(key) == Some(&id)
                {
                    self.newest.remove(key);
                }
            }
            Class::Droppable => {}
        }
    }
}

fn gap(message: &Published) -> Gap {
    let mut dropped = Counts::default();
    dropped.add(message.kind);
    Gap { dropped, from: message.seq, to: message.seq }
}

fn join(earlier: &mut Gap, later: &Gap) {
    earlier.dropped.add_all(&later.dropped);
    (earlier.from, earlier.to) = (earlier.from.min(later.from), earlier.to.max(later.to));
}
