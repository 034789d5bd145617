//! A connection to a database, inside a transaction.

use super::postgres::PostgresLink;
use super::sqlite::SqliteLink;
use crate::sql::{Param, Row, Select};
use crate::{Entity, Result, StoreError};

/// How many values a list may be asked for with. Both databases have a limit, higher up.
const MAX_PARAMS: usize = 10_000;
/// How long a text may be that is searched for or compared with, in bytes. Nothing that can be found is longer, and
/// SQLite has a limit for patterns where PostgreSQL has none.
const MAX_TEXT: usize = 8 << 10;

/// A connection, whichever database is at its other end.
#[derive(Debug)]
pub(crate) enum Link {
    Sqlite(SqliteLink),
    Postgres(PostgresLink),
}

impl Link {
    /// Runs a statement; answers how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        match self {
            Self::Sqlite(link) => link.execute(sql, params),
            Self::Postgres(link) => link.execute(sql, params).await,
        }
    }

    /// Runs an `INSERT … VALUES (…)` once for each row of parameters.
    pub(crate) async fn execute_all<'p>(
        &mut self,
        sql: &str,
        rows: impl Iterator<Item = Vec<Param<'p>>> + Send,
    ) -> Result<()> {
        match self {
            Self::Sqlite(link) => link.execute_all(sql, rows),
            Self::Postgres(link) => link.execute_all(sql, rows).await,
        }
    }

    /// All rows of an answer.
    pub(crate) async fn rows(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(link) => link.rows(sql, params),
            Self::Postgres(link) => link.rows(sql, params).await,
        }
    }

    /// The rows that a put-together statement answers.
    pub(crate) async fn select(&mut self, select: &Select<'_>) -> Result<Vec<Row>> {
        if select.params().len() > MAX_PARAMS {
            let problem = format!("has more than {MAX_PARAMS} values");
            return Err(StoreError::Invalid { field: "filter", problem });
        }
        if select.params().iter().any(|param| matches!(param, Param::Text(text) if text.len() > MAX_TEXT)) {
            let problem = format!("has a text of more than {MAX_TEXT} bytes");
            return Err(StoreError::Invalid { field: "filter", problem });
        }
        self.rows(select.sql(), select.params()).await
    }

    /// The first row of an answer, if there is one.
    pub(crate) async fn row(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Option<Row>> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// The first row of an answer; without one, `what` does not exist.
    pub(crate) async fn expect(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        what: Entity,
        name: impl ToString,
    ) -> Result<Row> {
        self.row(sql, params).await?.ok_or_else(|| StoreError::not_found(what, name.to_string()))
    }

    /// Runs statements that are separated by semicolons.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(link) => link.script(sql),
            Self::Postgres(link) => link.script(sql).await,
        }
    }

    /// Until the transaction ends, nobody else gets past this with the same key. On SQLite only one transaction
    /// writes at a time anyway.
    pub(crate) async fn alone(&mut self, key: i64) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(link) => link.alone(key).await,
        }
    }
}
