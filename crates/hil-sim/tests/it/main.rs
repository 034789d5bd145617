//! The simulated bench, seen from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod babylin;
mod boot;
mod bus;
mod contract;
mod echo;
mod line_door;
mod mcm;
mod mum;
#[path = "../../../hil-psu/tests/it/python.rs"]
mod python;
mod slave;
mod slow;
mod uart;
