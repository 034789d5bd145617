//! Runs: stored as they are sent, found, read whole, removed.

mod body;
mod handlers;
mod measurement;
mod query;

pub(super) use handlers::router;
