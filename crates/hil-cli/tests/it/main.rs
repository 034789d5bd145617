//! The `hil` command, run as its users run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod abort;
mod adapters;
mod charter;
mod clients;
mod configuration;
mod conformance;
mod diagnostics;
mod ends;
mod fake_server;
mod faults;
mod flash;
mod guardian;
mod imitation;
mod jobs;
mod journal;
mod ldf;
mod ldf_data;
mod ldf_export;
mod live;
mod measured;
mod program;
#[path = "../../../hil-psu/tests/it/python.rs"]
mod python;
mod python_suite;
mod realtime;
mod records;
mod schedules;
mod schema;
mod serve;
mod smoke;
mod stages;
mod supply;
mod verdicts;
mod watch;
