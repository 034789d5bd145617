//! A connection to a PostgreSQL server.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Statement};

use super::{insert, meaning};
use crate::sql::{Cell, Param, Row};
use crate::{Result, StoreError};

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;
/// How many rows are on their way to the server at a time.
const PIPELINE: usize = 512;
/// How many rows share a statement, as many as there are; each number is a statement of its own to prepare.
const TOGETHER: [usize; 4] = [64, 16, 4, 1];

/// A connection to a PostgreSQL server.
pub(crate) struct PostgresLink {
    client: Client,
    statements: HashMap<Box<str>, Statement>,
}

impl std::fmt::Debug for PostgresLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresLink").finish_non_exhaustive()
    }
}

fn bind<'a>(params: &'a [Param<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

impl PostgresLink {
    pub(super) fn new(client: Client) -> Self {
        Self { client, statements: HashMap::new() }
    }

    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).await.map_err(meaning)
    }

    pub(crate) async fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        let statement = self.prepare(sql).await?;
        self.client.execute(&statement, &bind(params)).await.map_err(meaning)
    }

    /// Several rows go in one statement, and the statements follow each other without a wait in between.
    pub(crate) async fn execute_all<'p>(
        &mut self,
        sql: &str,
        mut rows: impl Iterator<Item = Vec<Param<'p>>> + Send,
    ) -> Result<()> {
        loop {
            let waiting: Vec<Vec<Param<'p>>> = rows.by_ref().take(PIPELINE).collect();
            if waiting.is_empty() {
                return Ok(());
            }
            let mut statements = Vec::new();
            let mut rest = &waiting[..];
            while let Some(first) = rest.first() {
                let together = TOGETHER.into_iter().find(|count| *count <= rest.len()).unwrap_or(1);
                let (chunk, later) = rest.split_at(together);
                let statement = self.prepare(&insert::repeated(sql, first.len(), together)).await?;
                statements.push((statement, chunk.concat()));
                rest = later;
            }
            let client = &self.client;
            let sent = statements
                .iter()
                .map(|(statement, params)| async move { client.execute(statement, &bind(params)).await });
            // The error that comes first is the cause; after it the server refuses everything.
            try_join_all(sent).await.map_err(meaning)?;
        }
    }

    pub(crate) async fn rows(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let statement = self.prepare(sql).await?;
        let answer = self.client.query(&statement, &bind(params)).await.map_err(meaning)?;
        answer.iter().map(row).collect()
    }

    pub(crate) async fn alone(&mut self, key: i64) -> Result<()> {
        self.execute("SELECT pg_advisory_xact_lock($1)", &[key.into()]).await.map(|_| ())
    }

    async fn prepare(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await.map_err(meaning)?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row> {
    let cells = row.columns().iter().enumerate().map(|(i, column)| cell(row, i, column.type_()));
    cells.collect::<Result<_>>().map(Row::new)
}

fn cell(row: &tokio_postgres::Row, i: usize, ty: &Type) -> Result<Cell> {
    let cell = match *ty {
        Type::INT8 => row.try_get::<_, Option<i64>>(i).map(|value| value.map(Cell::Int)),
        Type::INT4 => {
            row.try_get::<_, Option<i32>>(i).map(|value| value.map(|value| Cell::Int(value.into())))
        }
        Type::BOOL => {
            row.try_get::<_, Option<bool>>(i).map(|value| value.map(|value| Cell::Int(value.into())))
        }
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(i).map(|value| value.map(Cell::Real)),
        Type::TEXT => row.try_get::<_, Option<String>>(i).map(|value| value.map(Cell::Text)),
        // A function without an answer.
        Type::VOID => return Ok(Cell::Null),
        _ => return Err(StoreError::damaged(format!("a column of type {ty}"))),
    };
    Ok(cell.map_err(meaning)?.unwrap_or(Cell::Null))
}
