//! An empty store on either database, which is gone when the test is over.

#![expect(clippy::print_stderr, reason = "whoever runs the tests must see what was skipped")]

use std::path::PathBuf;

use hil_store::{Store, StoreOptions};
use tempfile::TempDir;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

pub(crate) use Backend::{Postgres, Sqlite};

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

/// A schema of its own on the server.
struct Schema {
    name: String,
}

fn server() -> String {
    std::env::var("HIL_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1/test".into())
}

async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

impl Schema {
    async fn create() -> Option<Self> {
        let client = match connect(&server()).await {
            Ok(client) => client,
            Err(error) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped: no PostgreSQL at {}: {error}", server());
                return None;
            }
            Err(error) => panic!("no PostgreSQL at {}: {error}", server()),
        };
        let name = format!("hil_test_{}", uuid::Uuid::new_v4().simple());
        client.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
        Some(Self { name })
    }

    fn url(&self) -> String {
        let server = server();
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}options=-csearch_path%3D{}", self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let sql = format!("DROP SCHEMA {} CASCADE", self.name);
        // A test's own runtime may be about to end.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { connect(&server()).await.unwrap().batch_execute(&sql).await })
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("a test's schema stays behind: {error}");
        }
    }
}
