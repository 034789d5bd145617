//! SQLite: one thread writes, a few read.
//!
//! What waits for the writer when it is free is done in one transaction, each piece behind a savepoint, so that
//! several clients share one wait for the disk. Nothing is acknowledged before that wait is over. If the shared
//! transaction fails, each piece is done again alone and gets an answer of its own.

mod deviation;
mod link;
mod task;
mod threads;

pub(crate) use link::SqliteLink;
pub(crate) use threads::Sqlite;

use rusqlite::ErrorCode;

use crate::StoreError;

/// What an error of SQLite means.
fn meaning(error: rusqlite::Error) -> StoreError {
    let Some(code) = error.sqlite_error_code() else {
        return StoreError::Database { source: error.into() };
    };
    match code {
        ErrorCode::DiskFull => StoreError::DiskFull { source: error.into() },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            StoreError::Busy { source: Some(error.into()) }
        }
        ErrorCode::DatabaseCorrupt => StoreError::damaged(error.to_string()),
        _ => StoreError::Database { source: error.into() },
    }
}
