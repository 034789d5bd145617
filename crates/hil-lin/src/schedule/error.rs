//! Why a schedule cannot run.

use std::time::Duration;

/// A schedule that cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// There is nothing to run.
    #[error("there is no schedule table to run")]
    NoTable,
    /// A table without slots would take no time.
    #[error("schedule table {table} has no slots")]
    EmptyTable {
        /// The table's name.
        table: String,
    },
    /// Two tables of one name.
    #[error("schedule table {table} is there twice")]
    Duplicate {
        /// The tables' name.
        table: String,
    },
    /// No frame fits into a millisecond: a header alone takes 1.7 ms at 20 kbit/s.
    #[error("slot {slot} of schedule table {table} takes {:.3} ms, which is less than 1 ms", delay.as_secs_f64() * 1e3)]
    ShortSlot {
        /// The table's name.
        table: String,
        /// The slot's place in it, from 1.
        slot: usize,
        /// Its delay.
        delay: Duration,
    },
    /// A collision has nowhere to be resolved.
    #[error("slot {slot} of schedule table {table} resolves collisions in {collision}, which is not there")]
    NoCollisionTable {
        /// The table's name.
        table: String,
        /// The slot's place in it, from 1.
        slot: usize,
        /// The collision-resolving table.
        collision: String,
    },
    /// A bus follows one schedule at a time.
    #[error("a schedule runs on this bus already")]
    AlreadyRunning,
}
