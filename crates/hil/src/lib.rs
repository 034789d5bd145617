//! Hardware-in-the-loop tests of electronic control units on a bench: a LIN bus, a supply, the unit.
//!
//! This crate is what the author of a test imports. A test is a function that says in its signature
//! what it needs and in its doc comment what it shows:
//!
//! ```
//! use hil::prelude::*;
//!
//! /// Title: The module reports that its light is off
//! /// Requirements: REQ-ALM-001
//! /// Test Steps:
//! ///   1. Read the status frame.
//! /// Expected Result: ALMLEDState is OFF.
//! #[hil::test(markers = [HARDWARE], timeout = "5s")]
//! fn the_light_is_off(ctx: &Ctx, fio: FrameIo) -> hil::Result {
//!     let state = fio.receive("ALM_Status")?.raw("ALMLEDState")?;
//!     ctx.expect_eq("ALMLEDState", state, 0_u64)
//! }
//! ```
//!
//! What it measures reaches every report, with its unit and whatever it was held against:
//!
//! ```
//! use hil::prelude::*;
//!
//! /// Title: The unit draws what it should over its range of voltages
//! #[hil::test(mutates = [VoltageOutsideNominal])]
//! fn draws_what_it_should(ctx: &Ctx, psu: Psu) -> hil::Result {
//!     // Promised: a test that ends without it has failed.
//!     ctx.declare("idle").units(Unit::AMPERE).at_most(0.1);
//!     ctx.measure("version", "1.4.2").matches(r"^1\.\d+\.\d+$").record()?;
//!     ctx.measure("identity", hil::json!({"supplier": 0x1A, "variant": 2})).record()?;
//!     let mut curve = ctx.series("draw").axis("voltage", Unit::VOLT).axis("current", Unit::AMPERE);
//!     for volts in [9.0, 12.0, 15.0] {
//!         let applied = apply_voltage_and_settle(&psu, Volts::new(volts), Duration::from_millis(100))?;
//!         let reading = psu.measure()?;
//!         curve.push([reading.volts.get(), reading.amps.get()])?;
//!         drop(applied);
//!     }
//!     curve.limit("current", Limits::at_most(1.5))?.record()?;
//!     // Inside the limits and outside the marginal band it passes, and reports say so.
//!     ctx.measure("idle", psu.measure()?.amps.get()).marginal(0.0, 0.08).at_most(0.1)
//! }
//! ```
//!
//! A test decides what follows by what it returns: `Err(TestError::repeat(…))` asks for another attempt and
//! `Err(TestError::stop(…))` ends the run, as `#[hil::test(stop_on_fail)]` does for one that is red. A
//! `#[hil::test(teardown)]` runs at the end, once a test of its suite was begun, whatever happened since.
//!
//! What a test changes that outlives it, it declares: `#[hil::test(mutates = [NodeConfiguration])]`, with the kinds of
//! [`model::Mutation`]. On a real bench it then runs where mutation is allowed, and skips elsewhere. What it shows to
//! work on the bench at hand it may say as well: `covers = [LinWrite]`, with the kinds of [`model::Operation`].
//!
//! What a test gets it may use, and nothing else: it cannot switch the supply's output, and a voltage
//! that it changes goes back to nominal when its guard is dropped, whatever happens in between.

#![forbid(unsafe_code)]

mod diagnostics;
mod frame_io;
mod lab_server;
mod schedule;
mod signals;

pub use diagnostics::Diagnostics;
pub use frame_io::FrameIo;
pub use hil_macros::{baseline, test};
pub use hil_runner::{
    Aggregate, Applied, Ctx, Declaration, Excursion, FromBench, Lin, Measure, Missing, Psu, SeriesMeasure,
    Settled, TestError, apply_voltage_and_settle, wait_until_settled,
};
pub use lab_server::{Job, LabServer, ServerAnswer, Submission, Watch, WatchMessage};
pub use schedule::{Latest, RunningSchedule, Schedules};
/// JSON as it is written, for measurements that are neither number nor text.
pub use serde_json::json;
pub use signals::{SignalValue, Signals};

/// What a test returns.
pub type Result<T = ()> = hil_runner::TestResult<T>;

/// LDF databases and their codec.
pub use hil_ldf as ldf;
/// LIN frames, checksums and the adapter trait.
pub use hil_lin as lin;
/// Quantities, outcomes, events.
pub use hil_model as model;
/// The simulated bench, for those who write a simulated unit.
pub use hil_sim as sim;

/// Everything that a test usually needs.
pub mod prelude {
    pub use crate::{
        Aggregate, Ctx, Diagnostics, Excursion, FrameIo, FromBench, Lin, Psu, RunningSchedule, Schedules,
        TestError, apply_voltage_and_settle, wait_until_settled,
    };
    pub use hil_ldf::Value;
    pub use hil_model::{Amps, Clock, Limits, Unit, Volts};
    pub use std::time::Duration;
}

/// What the attributes expand to. Not part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use hil_runner::{BaselineDef, TestDef};
    pub use inventory::submit;

    /// What a test function may return.
    pub trait Finish {
        /// The same as a result.
        fn finish(self) -> crate::Result;
    }

    impl Finish for () {
        fn finish(self) -> crate::Result {
            Ok(())
        }
    }

    impl Finish for crate::Result {
        fn finish(self) -> crate::Result {
            self
        }
    }

    /// The result of a test function.
    pub fn finish(returned: impl Finish) -> crate::Result {
        returned.finish()
    }
}
