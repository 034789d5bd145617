//! The store itself: opening it, and what its parts share.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hil_model::WallTime;

use crate::content::Contents;
use crate::engine::{Engine, Lane, Postgres, Sqlite, StoreUrl, Work};
use crate::{Result, SerialPattern, StoreError};

/// How a store is opened.
#[derive(Clone, Debug, Default)]
pub struct StoreOptions {
    /// What a serial number says about part, revision and batch.
    pub serial_pattern: Option<SerialPattern>,
    /// Where the contents of attachments lie. For a SQLite file the default is a directory beside it, for
    /// PostgreSQL there is none, and without one no content can be stored.
    pub contents: Option<PathBuf>,
    /// The largest content that is taken; 10 MiB if nothing is said.
    pub max_content: Option<u64>,
    /// How long a question may take, with the wait for its turn; as long as it takes if nothing is said. One that takes
    /// longer ends with [`StoreError::TooSlow`].
    pub patience: Option<Duration>,
}

/// The runs of a laptop or of a lab, and what they refer to.
///
/// What a call that changes something has answered is on the disk; what it refused has left no trace.
#[derive(Debug)]
pub struct Store {
    engine: Engine,
    pub(crate) contents: Contents,
    pub(crate) pattern: Option<Arc<SerialPattern>>,
}

/// The largest content that is taken if nothing else is said (REC-08).
const MAX_CONTENT: u64 = 10 << 20;

impl Store {
    /// Opens a store, and brings it to this program's version. A SQLite file that is not there is made.
    ///
    /// `url` is a path, `sqlite:PATH`, or `postgres://USER@HOST/DATABASE`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Newer`] if a newer program made the store, [`StoreError::NotAStore`] if it is something else.
    pub async fn open(url: &str, options: StoreOptions) -> Result<Self> {
        let url = StoreUrl::parse(url)?;
        let (engine, beside) = match url {
            StoreUrl::File(path) => {
                make_parent(&path)?;
                let beside = path.with_extension("files");
                (Engine::Sqlite(Sqlite::open(path, options.patience).await?), Some(beside))
            }
            StoreUrl::Postgres(config) => {
                (Engine::Postgres(Box::new(Postgres::open(*config, options.patience).await?)), None)
            }
        };
        let max = options.max_content.unwrap_or(MAX_CONTENT);
        Ok(Self {
            engine,
            contents: Contents::new(options.contents.or(beside), max),
            pattern: options.serial_pattern.map(Arc::new),
        })
    }

    /// The version of the database that this program reads and writes.
    pub fn version() -> i64 {
        crate::engine::newest()
    }

    /// Answers if the database does.
    pub async fn ping(&self) -> Result<()> {
        self.read_at_once((), |link, ()| Box::pin(async move { link.row("SELECT 1", &[]).await.map(|_| ()) }))
            .await
    }

    /// Does what is under way, and closes the database. Whoever uses the store afterwards is told that it is closed.
    pub async fn close(&self) {
        self.engine.close().await;
    }

    pub(crate) async fn write<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        self.engine.write(args, work).await
    }

    /// For what cannot be rolled back: the transaction sees nothing that others have not committed.
    pub(crate) async fn write_alone<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        self.engine.write_alone(args, work).await
    }

    pub(crate) async fn read<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        self.engine.read(Lane::Usual, args, work).await
    }

    /// For what every request begins with, and whoever watches over the server waits for: others that read do not hold
    /// it up.
    pub(crate) async fn read_at_once<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        self.engine.read(Lane::AtOnce, args, work).await
    }

    /// For what looks at many runs: it holds up its like, and nobody else.
    pub(crate) async fn read_at_length<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        self.engine.read(Lane::AtLength, args, work).await
    }
}

fn make_parent(path: &Path) -> Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            std::fs::create_dir_all(parent).map_err(|error| StoreError::file("make", parent, error))
        }
        _ => Ok(()),
    }
}

/// The time of day. A clock before 1970 counts as 1970.
pub(crate) fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime::from_unix_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
