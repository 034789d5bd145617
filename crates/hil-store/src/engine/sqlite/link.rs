//! A connection to a SQLite file.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::task::Worth;
use super::{deviation, meaning};
use crate::sql::{Cell, Param, Row};
use crate::{Result, StoreError};

/// How long to wait for another process that writes to the same file.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 128;
/// After how many steps of SQLite's machine it is asked whether to go on: about a millisecond.
const STEPS: i32 = 10_000;

/// A connection to a SQLite file.
#[derive(Debug)]
pub(crate) struct SqliteLink {
    connection: Connection,
}

impl SqliteLink {
    /// Opens the file, for writing or for reading only. What is written is on the disk when its commit returns.
    pub(super) fn open(path: &Path, write: bool) -> Result<Self> {
        Self::try_open(path, write).map_err(|error| {
            let url = path.display().to_string();
            match error.sqlite_error_code() {
                Some(ErrorCode::NotADatabase) => StoreError::NotAStore { url },
                _ => match meaning(error) {
                    StoreError::Database { source } => StoreError::Open { url, source },
                    other => other,
                },
            }
        })
    }

    fn try_open(path: &Path, write: bool) -> Result<Self, rusqlite::Error> {
        let access = if write {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(PATIENCE)?;
        deviation::register(&connection)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        if write {
            refuse_foreign(&connection)?;
            connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
            // After a burst the log shrinks again.
            connection.pragma_update_and_check(None, "journal_size_limit", 64 << 20, |_| Ok(()))?;
        }
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Sorting happens in memory: a full disk must not keep anybody from reading.
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.pragma_update(None, "query_only", !write)?;
        Ok(Self { connection })
    }

    /// Breaks off statements once they are not worth it any more, or never.
    pub(super) fn interrupt_after(&mut self, worth: Option<Worth>) {
        let set = match worth {
            Some(worth) => self.connection.progress_handler(STEPS, Some(move || worth.is_over().is_some())),
            None => self.connection.progress_handler(0, None::<fn() -> bool>),
        };
        // It fails on a connection that somebody else owns, and this one is ours.
        if let Err(error) = set {
            tracing::warn!(%error, "statements cannot be broken off");
        }
    }

    /// Whether no transaction is open. SQLite itself ends one when the disk is full.
    pub(super) fn is_idle(&self) -> bool {
        self.connection.is_autocommit()
    }

    pub(crate) fn script(&mut self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(meaning)
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(sql).map_err(meaning)?;
        let changed = statement.execute(params_from_iter(params)).map_err(meaning)?;
        Ok(changed.try_into().unwrap_or(u64::MAX))
    }

    pub(crate) fn execute_all<'p>(
        &mut self,
        sql: &str,
        rows: impl Iterator<Item = Vec<Param<'p>>>,
    ) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql).map_err(meaning)?;
        for row in rows {
            statement.execute(params_from_iter(&row)).map_err(meaning)?;
        }
        Ok(())
    }

    pub(crate) fn rows(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(meaning)?;
        let width = statement.column_count();
        let mut answer = statement.query(params_from_iter(params)).map_err(meaning)?;
        let mut rows = Vec::new();
        while let Some(row) = answer.next().map_err(meaning)? {
            let cells = (0..width).map(|i| cell(row.get_ref(i).map_err(meaning)?));
            rows.push(Row::new(cells.collect::<Result<_>>()?));
        }
        Ok(rows)
    }
}

/// A database that has tables, and none of ours, belongs to somebody else. Nothing in it is touched.
fn refuse_foreign(connection: &Connection) -> Result<(), rusqlite::Error> {
    let select = "SELECT COUNT(*) > 0 AND COALESCE(SUM(name = 'hil_schema'), 0) = 0 FROM sqlite_schema";
    if connection.query_row(select, [], |row| row.get(0))? {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
        return Err(rusqlite::Error::SqliteFailure(code, None));
    }
    Ok(())
}

fn cell(value: ValueRef<'_>) -> Result<Cell> {
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(number) => Ok(Cell::Int(number)),
        ValueRef::Real(number) => Ok(Cell::Real(number)),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cell::Text(text.to_owned())),
            Err(_) => Err(StoreError::damaged("a text is not UTF-8")),
        },
        ValueRef::Blob(_) => Err(StoreError::damaged("bytes stand where a text should")),
    }
}
