//! What became of the slots.

use super::Jitter;

/// What became of the slots of one table. `planned` is always `run + missed`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableStatistics {
    /// The table's name.
    pub table: String,
    /// Slots whose time came.
    pub planned: u64,
    /// Slots that were used, or rightly left silent.
    pub run: u64,
    /// Slots that would have started later than their own delay, and were left out.
    pub missed: u64,
    /// Frames and headers that were sent.
    pub frames: u64,
    /// Headers that nobody answered.
    pub unanswered: u64,
    /// Frames that failed, collisions of event-triggered frames not among them.
    pub failed: u64,
    /// Event-triggered frames whose answers collided.
    pub collisions: u64,
    /// Frames that took longer than their slot.
    pub overran: u64,
    /// How much later than planned the slots that were run began.
    pub jitter: Jitter,
}

impl TableStatistics {
    /// The share of slots that were kept, 0–1; 1 while none was due.
    pub fn kept(&self) -> f64 {
        if self.planned == 0 { 1.0 } else { self.run as f64 / self.planned as f64 }
    }
}

/// The statistics of every table that had its turn, in that order.
#[derive(Debug, Default)]
pub(super) struct Statistics(Vec<TableStatistics>);

impl Statistics {
    /// Those of the table `name`.
    pub(super) fn of(&mut self, name: &str) -> &mut TableStatistics {
        let at = self.0.iter().position(|of| of.table == name).unwrap_or_else(|| {
            self.0.push(TableStatistics { table: name.to_owned(), ..TableStatistics::default() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    pub(super) fn all(&self) -> Vec<TableStatistics> {
        self.0.clone()
    }
}
