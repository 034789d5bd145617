//! The `hil` command, run as its users run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adapters;
mod clients;
mod configuration;
mod conformance;
mod diagnostics;
mod ends;
mod faults;
mod flash;
mod guardian;
mod imitation;
mod journal;
mod ldf;
mod ldf_data;
mod ldf_export;
mod measured;
mod program;
#[path = "../../../hil-psu/tests/it/python.rs"]
mod python;
mod records;
mod schedules;
mod schema;
mod serve;
mod stages;
mod supply;
mod verdicts;
