//! An empty store on either database, which is gone when the test is over.

use std::path::PathBuf;

use hil_store::{Store, StoreOptions};
use tempfile::TempDir;

pub(crate) use crate::database::{Backend, Postgres, Sqlite};
use crate::database::{Schema, connect};

/// An empty store.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) directory: TempDir,
    schema: Option<Schema>,
}

impl Bench {
    pub(crate) async fn open(backend: Backend) -> Option<Self> {
        Self::open_with(backend, StoreOptions::default()).await
    }

    pub(crate) async fn open_with(backend: Backend, options: StoreOptions) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let (url, schema) = match backend {
            Sqlite => (directory.path().join("runs.db").display().to_string(), None),
            Postgres => {
                let schema = Schema::create().await?;
                (schema.url(), Some(schema))
            }
        };
        let options = StoreOptions { contents: Some(directory.path().join("contents")), ..options };
        let store = Store::open(&url, options).await.unwrap();
        Some(Self { store, url, directory, schema })
    }

    pub(crate) fn contents(&self) -> PathBuf {
        self.directory.path().join("contents")
    }

    /// Changes the database behind the store's back.
    pub(crate) async fn sql(&self, sql: &str) {
        match &self.schema {
            None => rusqlite::Connection::open(&self.url).unwrap().execute_batch(sql).unwrap(),
            Some(schema) => connect(&schema.url()).await.unwrap().batch_execute(sql).await.unwrap(),
        }
    }

    /// A session of one's own on the server.
    pub(crate) async fn session(&self) -> tokio_postgres::Client {
        connect(&self.schema.as_ref().expect("a PostgreSQL server").url()).await.unwrap()
    }

    /// The number that a query behind the store's back answers.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        match &self.schema {
            None => {
                rusqlite::Connection::open(&self.url).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
            }
            Some(schema) => connect(&schema.url()).await.unwrap().query_one(sql, &[]).await.unwrap().get(0),
        }
    }
}
