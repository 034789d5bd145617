//! The ambient-light module (ALM): a LIN slave that drives an RGB LED.
//!
//! [`AlmTester`] is what tests drive it with. The [`node`] is its simulation: link this crate and the
//! configuration can name it (`simulation.ecu: alm`). Names and timing come from hardware reference 10.1;
//! the bit layout is our own, see `vendor/alm.ldf`.

#![forbid(unsafe_code)]

pub mod node;
mod tester;

pub use tester::{AlmTester, AnimatingWindow, LedState, Mode, Request, Update, VoltageStatus};
