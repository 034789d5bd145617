//! The server on a socket, in front of both databases.
//!
//! PostgreSQL is the server at `HIL_TEST_POSTGRES`, or the one on this machine. Where it cannot be reached its half is
//! skipped, except in CI, where it must be there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod about;
mod auth;
mod dashboard;
#[path = "../../../hil-store/tests/it/database.rs"]
mod database;
mod hostile;
mod import;
mod jobs;
mod lab;
mod realtime;
mod runs;
mod session;
mod stop;
mod uploads;
