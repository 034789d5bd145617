//! The `hil` command, run as its users run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod configuration;
mod ends;
mod faults;
mod journal;
mod ldf;
mod program;
mod supply;
mod verdicts;
