//! Which slot is next, and when it is planned to start: an ideal line on which no delay accumulates.

use std::sync::Arc;
use std::time::Duration;

use hil_model::BenchTime;

use super::table::{Slot, Table, TableSet};

/// A place in a set of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    table: usize,
    slot: usize,
}

/// The order of slots and their planned starts.
#[derive(Debug)]
pub(super) struct Timeline {
    tables: Arc<TableSet>,
    place: Place,
    /// Where to go on once a collision is resolved.
    interrupted: Option<Place>,
    origin: BenchTime,
    /// From the origin to the planned start of the present slot; exact, unlike sums of moments.
    elapsed: Duration,
}

impl Timeline {
    /// The line that starts with the first slot of `tables` at `origin`.
    pub(super) const fn new(tables: Arc<TableSet>, origin: BenchTime) -> Self {
        let place = Place { table: 0, slot: 0 };
        Self { tables, place, interrupted: None, origin, elapsed: Duration::ZERO }
    }

    /// The present slot's table.
    pub(super) fn table(&self) -> &Table {
        &self.tables.tables()[self.place.table]
    }

    /// The present slot.
    pub(super) fn slot(&self) -> &Slot {
        &self.table().slots()[self.place.slot]
    }

    /// When the present slot is planned to start.
    pub(super) fn planned(&self) -> BenchTime {
        self.origin + self.elapsed
    }

    /// Whether the time of the present slot has passed altogether.
    pub(super) fn is_missed(&self, now: BenchTime) -> bool {
        now > self.planned() && now.since(self.planned()) >= self.slot().delay
    }

    /// Goes on to the slot that follows.
    pub(super) fn advance(&mut self) {
        let next = self.following();
        self.go(next);
    }

    /// Goes on to the table that resolves a collision in the present slot, and back after it.
    pub(super) fn collide(&mut self, collision: &str) {
        let Some(table) = self.tables.index_of(collision) else { return self.advance() };
        // A collision while another is being resolved: what was interrupted first is returned to.
        let back = match self.interrupted {
            Some(place) => place,
            None => self.following(),
        };
        self.interrupted = Some(back);
        self.go(Place { table, slot: 0 });
    }

    /// Starts with the first slot of `tables` when the present slot would have started.
    pub(super) fn switch(&mut self, tables: Arc<TableSet>) {
        self.tables = tables;
        self.place = Place { table: 0, slot: 0 };
        self.interrupted = None;
    }

    fn following(&mut self) -> Place {
        let Place { table, slot } = self.place;
        if slot + 1 < self.table().slots().len() {
            return Place { table, slot: slot + 1 };
        }
        self.interrupted.take().unwrap_or(Place { table, slot: 0 })
    }

    fn go(&mut self, next: Place) {
        self.elapsed = self.elapsed.saturating_add(self.slot().delay);
        self.place = next;
    }
}
