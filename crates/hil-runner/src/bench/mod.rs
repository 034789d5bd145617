//! The bench as tests see it.
//!
//! A test never owns a device: it holds handles that go through its lease, share the device with the
//! session, and cannot do what only the session may do.

mod attachments;
mod clock;
mod ctx;
mod declared;
mod diagnostics;
mod lease;
mod lin;
mod measure;
mod psu;
mod resource;
mod series;
mod settle;
mod steps;

pub(crate) use attachments::Attachments;
pub use clock::SystemClock;
pub(crate) use clock::TestClock;
pub use ctx::Ctx;
pub use declared::Declaration;
pub use diagnostics::{LinSlots, transport_timing};
pub(crate) use lease::{Lease, Revoked};
pub use lin::Lin;
pub use measure::Measure;
pub(crate) use psu::SharedPsu;
pub use psu::{Excursion, Psu};
pub use resource::FromBench;
pub(crate) use resource::{Bench, Slot};
pub use series::{Aggregate, SeriesMeasure};
pub use settle::{Applied, Settled, apply_voltage_and_settle, wait_until_settled};
use steps::Steps;
