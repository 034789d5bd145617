//! PostgreSQL: a few connections, each transaction tried again when it collides with another.

mod connection;
mod insert;
mod link;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::error::SqlState;

pub(crate) use link::PostgresLink;

use super::migrate::migrate;
use super::{Lane, Link, Work};
use crate::{Result, StoreError};

/// How many connections there are at most for the usual work.
const CONNECTIONS: usize = 8;
/// How many further ones for what everything waits for.
const AT_ONCE: usize = 2;
/// How many further ones for what looks at many runs.
const AT_LENGTH: usize = 2;
/// How long to wait for one of them.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much longer than anybody waits for it a statement may go on.
const AFTERWARDS: Duration = Duration::from_millis(500);
/// How often a transaction that collides with others is tried.
const ATTEMPTS: u32 = 10;

/// A database on a PostgreSQL server.
#[derive(Debug)]
pub(crate) struct Postgres {
    config: tokio_postgres::Config,
    usual: Arc<Semaphore>,
    at_once: Arc<Semaphore>,
    at_length: Arc<Semaphore>,
    idle: Mutex<VecDeque<Link>>,
    /// How long a question may take.
    patience: Option<Duration>,
}

impl Postgres {
    /// Connects, and brings the database to this program's version.
    pub(crate) async fn open(config: tokio_postgres::Config, patience: Option<Duration>) -> Result<Self> {
        let permits = |count| Arc::new(Semaphore::new(count));
        let store = Self {
            config,
            usual: permits(CONNECTIONS),
            at_once: permits(AT_ONCE),
            at_length: permits(AT_LENGTH),
            idle: Mutex::default(),
            patience,
        };
        store.write(&(), |link, ()| Box::pin(migrate(link))).await?;
        Ok(store)
    }

    pub(crate) async fn write<T, A>(&self, args: &A, work: impl Work<T, A>) -> Result<T> {
        let permit = self.permit(Lane::Usual, PATIENCE).await?;
        let answer = self.transact("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", args, work).await;
        drop(permit);
        answer
    }

    pub(crate) async fn read<T, A>(&self, lane: Lane, args: &A, work: impl Work<T, A>) -> Result<T> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let Some(patience) = self.patience else {
            let permit = self.permit(lane, PATIENCE).await?;
            let answer = self.transact(begin, args, work).await;
            drop(permit);
            return answer;
        };
        let asked = Instant::now();
        let permit = match self.permit(lane, patience.min(PATIENCE)).await {
            Err(StoreError::Busy { .. }) => return Err(StoreError::TooSlow { patience }),
            permit => permit?,
        };
        // The wait ends here; the server, which is not told, ends its statement soon afterwards.
        let left = patience.saturating_sub(asked.elapsed());
        let begin = format!("{begin}; SET LOCAL statement_timeout = {}", (left + AFTERWARDS).as_millis());
        let answer = tokio::time::timeout(left, self.transact(&begin, args, work)).await;
        drop(permit);
        answer.unwrap_or(Err(StoreError::TooSlow { patience }))
    }

    pub(crate) fn close(&self) {
        for permits in [&self.usual, &self.at_once, &self.at_length] {
            permits.close();
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn transact<T, A>(&self, begin: &str, args: &A, work: impl Work<T, A>) -> Result<T> {
        let mut attempt = 1;
        loop {
            match self.attempt(begin, args, &work).await {
                Err(StoreError::Collision { .. }) if attempt < ATTEMPTS => {
                    // Those that collided must not meet again at once.
                    let jitter = u64::from(uuid::Uuid::new_v4().as_bytes()[0]);
                    tokio::time::sleep(Duration::from_micros(u64::from(attempt) * (500 + 20 * jitter))).await;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }

    /// One try. A connection goes back only after its transaction ended; one that is left in the middle, because
    /// something broke or nobody waits for the answer any more, is closed.
    async fn attempt<T, A>(&self, begin: &str, args: &A, work: &impl Work<T, A>) -> Result<T> {
        let mut link = self.begin(begin).await?;
        match work(&mut link, args).await {
            Ok(answer) => {
                link.script("COMMIT").await?;
                self.put_back(link);
                Ok(answer)
            }
            Err(error) => {
                if link.script("ROLLBACK").await.is_ok() {
                    self.put_back(link);
                }
                Err(error)
            }
        }
    }

    /// A connection with a transaction open. One that was idle may have died since; then a new one is made.
    async fn begin(&self, begin: &str) -> Result<Link> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop_back();
            let Some(mut link) = idle else { break };
            if link.script(begin).await.is_ok() {
                return Ok(link);
            }
        }
        let mut link = Link::Postgres(connection::connect(&self.config).await?);
        link.script(begin).await?;
        Ok(link)
    }

    fn put_back(&self, link: Link) {
        if !self.usual.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push_back(link);
        }
    }

    async fn permit(&self, lane: Lane, patience: Duration) -> Result<OwnedSemaphorePermit> {
        let permits = Arc::clone(match lane {
            Lane::AtOnce => &self.at_once,
            Lane::Usual => &self.usual,
            Lane::AtLength => &self.at_length,
        });
        match tokio::time::timeout(patience, permits.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(StoreError::Closed),
            Err(_) => Err(StoreError::Busy { source: None }),
        }
    }
}

/// What an error of PostgreSQL means.
fn meaning(error: tokio_postgres::Error) -> StoreError {
    let Some(state) = error.code() else {
        // Without a code the server did not say it: the connection did, unless our own parameters are wrong.
        return if error.is_closed()
            || std::error::Error::source(&error).is_some_and(|s| s.is::<std::io::Error>())
        {
            StoreError::Unreachable { source: error.into() }
        } else {
            StoreError::Database { source: error.into() }
        };
    };
    if [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
        SqlState::FOREIGN_KEY_VIOLATION,
    ]
    .contains(state)
    {
        return StoreError::Collision { source: error.into() };
    }
    if [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED, SqlState::TOO_MANY_CONNECTIONS]
        .contains(state)
    {
        return StoreError::Busy { source: Some(error.into()) };
    }
    if *state == SqlState::DISK_FULL {
        return StoreError::DiskFull { source: error.into() };
    }
    // Class 08 is the connection, 57P the operator: the server stops, starts, or was told to.
    if state.code().starts_with("08") || state.code().starts_with("57P") {
        return StoreError::Unreachable { source: error.into() };
    }
    StoreError::Database { source: error.into() }
}
