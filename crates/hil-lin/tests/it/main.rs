//! The bus side of the harness, against imitations and simulated time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod configuration;
mod schedule;
mod script;
mod service;
mod transport;
