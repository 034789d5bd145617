//! The two databases behind one face.
//!
//! What the store does is written once, as `async` functions over a [`Link`]. On PostgreSQL they run where they are
//! awaited. On SQLite they run on a thread that owns the connection, where nothing they await is ever pending.

mod link;
mod migrate;
mod postgres;
mod sqlite;
mod url;

use futures_util::future::BoxFuture;

pub(crate) use link::Link;
pub(crate) use migrate::newest;
pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;
pub(crate) use url::StoreUrl;

use crate::Result;

/// Work on the database. It may run more than once, each time in a transaction that begins anew.
pub(crate) trait Work<T, A>:
    for<'a> Fn(&'a mut Link, &'a A) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static
{
}

impl<T, A, F> Work<T, A> for F where
    F: for<'a> Fn(&'a mut Link, &'a A) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static
{
}

/// Who waits for whom among those that read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What takes no time, and what everything else waits for.
    AtOnce,
    /// What looks at a few runs.
    Usual,
    /// What looks at many.
    AtLength,
}

/// A database.
#[derive(Debug)]
pub(crate) enum Engine {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Engine {
    /// Does the work in a transaction that is kept, on disk, if the work succeeds, and else leaves no trace.
    pub(crate) async fn write<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.write(args, work).await,
            Self::Postgres(postgres) => postgres.write(&args, work).await,
        }
    }

    /// Does the work in a transaction that it shares with nobody.
    pub(crate) async fn write_alone<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.write_alone(args, work).await,
            // There every transaction is its own.
            Self::Postgres(postgres) => postgres.write(&args, work).await,
        }
    }

    /// Does the work on one state of the database, which it cannot change.
    pub(crate) async fn read<T, A>(&self, lane: Lane, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(lane, args, work).await,
            Self::Postgres(postgres) => postgres.read(lane, &args, work).await,
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.close(),
        }
    }
}
