//! Statistics over runs, counted by the database (STO-04).
//!
//! Each takes a [`RunFilter`](crate::RunFilter), so that whatever can be found can be counted. Answers come in pages,
//! because clients choose how many procedures, phases and measurements there are.

mod capability;
mod drift;
mod first_pass;
mod phases;
mod trend;

/// The mean of a group of numbers; nothing if one of them is beyond 1e140. PostgreSQL sums up squares on the way, and
/// refuses the whole question if they are no doubles any more.
macro_rules! mean {
    ($numbers:literal) => {
        concat!(
            "CASE WHEN MAX(ABS(",
            $numbers,
            ")) <= 1e140 THEN AVG(CASE WHEN ABS(",
            $numbers,
            ") <= 1e140 THEN ",
            $numbers,
            " END) END"
        )
    };
}

/// Their standard deviation, estimated from the sample; nothing for a single one, or if one is beyond 1e140.
macro_rules! deviation {
    ($numbers:literal) => {
        concat!(
            "CASE WHEN MAX(ABS(",
            $numbers,
            ")) <= 1e140 THEN STDDEV_SAMP(CASE WHEN ABS(",
            $numbers,
            ") <= 1e140 THEN ",
            $numbers,
            " END) END"
        )
    };
}

pub(crate) use {deviation, mean};

pub use capability::Capability;
pub use drift::{Drift, Period};
pub use first_pass::FirstPass;
pub use phases::{FlakyPhase, SlowPhase};
pub use trend::{TrendPoint, UnitTrend};
