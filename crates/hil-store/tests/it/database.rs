//! A schema of its own on PostgreSQL, which is gone when the test is over. The server's tests use this file as well.

#![expect(clippy::print_stderr, reason = "whoever runs the tests must see what was skipped")]

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

pub(crate) use Backend::{Postgres, Sqlite};

/// A schema of its own on the server.
pub(crate) struct Schema {
    name: String,
}

fn server() -> String {
    std::env::var("HIL_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1/test".into())
}

pub(crate) async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

impl Schema {
    pub(crate) async fn create() -> Option<Self> {
        let client = match connect(&server()).await {
            Ok(client) => client,
            Err(error) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped: no PostgreSQL at {}: {error}", server());
                return None;
            }
            Err(error) => panic!("no PostgreSQL at {}: {error}", server()),
        };
        let name = format!("hil_test_{}", uuid::Uuid::now_v7().simple());
        client.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
        Some(Self { name })
    }

    pub(crate) fn url(&self) -> String {
        let (server, name) = (server(), &self.name);
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}application_name={name}&options=-csearch_path%3D{name}")
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // What a test left at work may hold a lock, and the test's runtime, which is waiting here, would have to end it.
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{0}';
             DROP SCHEMA {0} CASCADE",
            self.name
        );
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
