//! Bringing a database to this program's version.
//!
//! The migrations are one text for both databases. Three words in it mean something else on each:
//!
//! | word | SQLite | PostgreSQL |
//! | --- | --- | --- |
//! | `TEXT` | as it is | with collation `"C"`, so that both sort alike whatever the server's locale |
//! | `SEQUENCE` | the row id | a number that the server counts up |
//! | `CLUSTERED` | `WITHOUT ROWID` | nothing |

use super::Link;
use crate::{Result, StoreError};

/// The migrations; the first one leads to version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_records.sql"),
    include_str!("../../migrations/0002_measurements_by_name.sql"),
    include_str!("../../migrations/0003_requirements_of_phases.sql"),
    include_str!("../../migrations/0004_read_only_keys.sql"),
    include_str!("../../migrations/0005_jobs.sql"),
    include_str!("../../migrations/0006_sessions.sql"),
];

/// A number that nobody else on the server uses: `hil` and `store` in ASCII.
const LOCK: i64 = 0x0068_696c_7374_6f72;

const SQLITE: &[(&str, &str)] = &[("SEQUENCE", "INTEGER PRIMARY KEY"), ("CLUSTERED", "WITHOUT ROWID")];
const POSTGRES: &[(&str, &str)] = &[
    ("TEXT", "TEXT COLLATE \"C\""),
    ("SEQUENCE", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    ("CLUSTERED", ""),
];

/// The version that this program brings a store to.
pub(crate) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the database to [`newest`], inside the transaction that is open.
pub(super) async fn migrate(link: &mut Link) -> Result<()> {
    link.alone(LOCK).await?;
    let words = match link {
        Link::Sqlite(_) => SQLITE,
        Link::Postgres(_) => POSTGRES,
    };
    link.script("CREATE TABLE IF NOT EXISTS hil_schema (version BIGINT NOT NULL)").await?;
    let current: i64 = match link.row("SELECT MAX(version) FROM hil_schema", &[]).await? {
        Some(mut row) => row.take::<Option<i64>>()?.unwrap_or(0),
        None => 0,
    };
    if current > newest() {
        return Err(StoreError::Newer { database: current, program: newest() });
    }
    for (version, text) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > current) {
        let text = words.iter().fold((*text).to_owned(), |text, (word, meaning)| text.replace(word, meaning));
        let done = async {
            link.script(&text).await?;
            link.execute("INSERT INTO hil_schema (version) VALUES ($1)", &[version.into()]).await
        };
        done.await
            .map_err(|source: StoreError| StoreError::Migration { version, source: Box::new(source) })?;
    }
    Ok(())
}
