//! Runs in the formats of others: read from OpenHTF and JUnit, written as tables.
//!
//! [`openhtf`] and [`junit`] make a [`Run`](hil_model::run::Run) of what other tools wrote, [`export`] writes runs, one
//! after the other, so that they never have to be in memory together. [`document`] is our own form of a run, and the
//! only one that loses nothing.
//!
//! What is read comes from outside: whatever the bytes, the answer is a run or an error, never a panic, and memory is
//! linear in the input. This crate knows runs and bytes, and neither a store nor a network nor the time of day.

#![forbid(unsafe_code)]

pub mod document;
mod error;
pub mod export;
pub mod junit;
pub mod openhtf;
mod property;
pub mod python_json;
mod time;

pub use error::{ExchangeError, Result};
pub use property::Cut;
