//! The store on both of its databases.
//!
//! PostgreSQL is the server at `HIL_TEST_POSTGRES`, or the one on this machine. Where it cannot be reached its half is
//! skipped, except in CI, where it must be there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backend;
mod concurrent;
mod crash;
mod database;
mod disk_full;
mod entities;
mod jobs;
mod opening;
mod people;
mod round_trip;
mod runs;
mod sample;
mod sessions;
mod statistics;
mod units;
mod uploads;
