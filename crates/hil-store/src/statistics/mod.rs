//! Statistics over runs, counted by the database (STO-04).
//!
//! Each takes a [`RunFilter`](crate::RunFilter), so that whatever can be found can be counted.

mod capability;
mod drift;
mod first_pass;
mod phases;
mod trend;

pub use capability::Capability;
pub use drift::{Drift, Period};
pub use first_pass::FirstPass;
pub use phases::{FlakyPhase, SlowPhase};
pub use trend::{TrendPoint, UnitTrend};
