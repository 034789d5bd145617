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
//! What a test gets it may use, and nothing else: it cannot switch the supply's output, and a voltage
//! that it changes goes back to nominal when its guard is dropped, whatever happens in between.

#![forbid(unsafe_code)]

mod diagnostics;
mod frame_io;
mod schedule;
mod signals;

pub use diagnostics::Diagnostics;
pub use frame_io::FrameIo;
pub use hil_macros::{baseline, test};
pub use hil_runner::{
    Applied, Ctx, Excursion, FromBench, Lin, Psu, Settled, TestError, apply_voltage_and_settle,
    wait_until_settled,
};
pub use schedule::{Latest, RunningSchedule, Schedules};
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
        Ctx, Diagnostics, Excursion, FrameIo, FromBench, Lin, Psu, RunningSchedule, Schedules, TestError,
        apply_voltage_and_settle, wait_until_settled,
    };
    pub use hil_ldf::Value;
    pub use hil_model::{Amps, Clock, Unit, Volts};
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
