//! What can go wrong with the store, sorted by who has to act.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use hil_model::run::FieldError;

/// What the driver of the database says.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// The kinds of things in the store, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// A batch of units.
    Batch,
    /// The content of a file.
    Content,
    /// A job.
    Job,
    /// A part.
    Part,
    /// A procedure.
    Procedure,
    /// A part's revision.
    Revision,
    /// A run.
    Run,
    /// A station.
    Station,
    /// A unit.
    Unit,
    /// An uploaded file.
    Upload,
    /// A user.
    User,
    /// A procedure's version.
    Version,
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Batch => "batch",
            Self::Content => "content",
            Self::Job => "job",
            Self::Part => "part",
            Self::Procedure => "procedure",
            Self::Revision => "revision",
            Self::Run => "run",
            Self::Station => "station",
            Self::Unit => "unit",
            Self::Upload => "upload",
            Self::User => "user",
            Self::Version => "version",
        })
    }
}

/// Who has to act on an error. A server makes its status of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request is wrong (400).
    Invalid,
    /// The key is not valid (401).
    Unauthorized,
    /// Whoever asks may not do this (403).
    Forbidden,
    /// What the request names does not exist (404).
    NotFound,
    /// The request contradicts what is stored (409).
    Conflict,
    /// The request is larger than allowed (413).
    TooLarge,
    /// The disk is full (507).
    DiskFull,
    /// The database is busy or cannot be reached; the same request may succeed later (503).
    Unavailable,
    /// The store is broken, or this program is (500).
    Internal,
}

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL is neither a path nor that of a database that `hil` knows.
    #[error("{url:?} is no store: give a path, sqlite:PATH, or postgres://USER@HOST/DATABASE")]
    UnknownUrl {
        /// The URL, without a password.
        url: String,
    },
    /// The database cannot be opened.
    #[error("cannot open the store {url}")]
    Open {
        /// The URL, without a password.
        url: String,
        /// What the driver says.
        source: Cause,
    },
    /// The database was made by a newer `hil`.
    #[error("the store has version {database}, this hil knows versions up to {program}: use a newer hil")]
    Newer {
        /// The version of the database.
        database: i64,
        /// The newest version that this program knows.
        program: i64,
    },
    /// The file is a database of something else, or no database at all.
    #[error("{url} is not a store of hil")]
    NotAStore {
        /// The URL, without a password.
        url: String,
    },
    /// The database cannot be brought to this program's version.
    #[error("cannot bring the store to version {version}")]
    Migration {
        /// The version that could not be reached.
        version: i64,
        /// Why.
        source: Box<StoreError>,
    },
    /// The regular expression for serial numbers is not one.
    #[error("the serial-number pattern is not a regular expression")]
    Pattern(#[source] Box<regex::Error>),
    /// The regular expression for serial numbers names nothing that could be derived.
    #[error("the serial-number pattern has no group named part, revision or batch")]
    PatternGroups,

    /// A number or a name is not one.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A text is no id.
    #[error("{text:?} is not a {what} id: a uuid is expected")]
    Id {
        /// Whose id it should have been.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// A field holds something that it may not.
    #[error("{field} {problem}")]
    Invalid {
        /// The field, in words.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody says what part the unit is one of.
    #[error(
        "no part number: none was given, unit {serial:?} is not known, and no serial-number pattern yields one"
    )]
    PartNumberMissing {
        /// The unit.
        serial: String,
    },
    /// Something does not exist.
    #[error("{what} not found: {name:?}")]
    NotFound {
        /// What it should have been.
        what: Entity,
        /// How it was asked for.
        name: String,
    },
    /// A sub-unit of a run was never tested.
    #[error("sub-unit not found: {serial:?}")]
    SubUnitMissing {
        /// Its serial number.
        serial: String,
    },
    /// Something is there already.
    #[error("{what} {name:?} already exists")]
    Exists {
        /// What it is.
        what: Entity,
        /// Its name.
        name: String,
    },
    /// Something cannot go because something else needs it.
    #[error("{what} {name:?} is in use by a {by}")]
    InUse {
        /// What it is.
        what: Entity,
        /// Its name.
        name: String,
        /// What needs it.
        by: Entity,
    },
    /// A unit would contain itself.
    #[error("unit {child:?} cannot be a part of {parent:?}: it is, or contains, that unit")]
    Cycle {
        /// The unit that would contain the other.
        parent: String,
        /// The unit that would be contained.
        child: String,
    },
    /// A unit is not a part of another one.
    #[error("unit {child:?} is not a child of {parent:?}")]
    NotAChild {
        /// The unit that should contain the other.
        parent: String,
        /// The unit that should be contained.
        child: String,
    },
    /// A run ends before it begins.
    #[error("run {id} ends before it starts")]
    EndsBeforeStart {
        /// The run.
        id: String,
    },
    /// Another run has that id.
    #[error("the id {id} belongs to another run")]
    RunDiffers {
        /// The id.
        id: String,
    },
    /// Nobody has that key.
    #[error("the key is not valid")]
    KeyUnknown,
    /// The key was valid once.
    #[error("the key has expired")]
    KeyExpired,
    /// A station asks for a change of something that somebody else made.
    #[error("Stations cannot change what others made: {what} {name:?}")]
    Foreign {
        /// What it is.
        what: Entity,
        /// Its name.
        name: String,
    },
    /// Something is larger than it may be.
    #[error("{what} is larger than {max} bytes")]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// How large it may be.
        max: u64,
    },

    /// The disk is full. Nothing of the request was stored; reading goes on.
    #[error("the disk of the store is full")]
    DiskFull {
        /// What the system says.
        source: Cause,
    },
    /// Others keep the database busy.
    #[error("the store is busy")]
    Busy {
        /// What the driver says; nothing if the wait was for a connection.
        source: Option<Cause>,
    },
    /// The question took too long to answer.
    #[error("the question takes the store longer than {} s: ask for less", patience.as_secs_f64())]
    TooSlow {
        /// How long it might have taken.
        patience: std::time::Duration,
    },
    /// The work on the database ended in a panic. Nothing of it was stored.
    #[error("the work on the store broke off: {panic}")]
    Broken {
        /// What the panic said.
        panic: String,
    },
    /// Others changed the same things at the same time, again and again.
    #[error("the store is busy: others change the same things at the same time")]
    Collision {
        /// What the driver says.
        source: Cause,
    },
    /// The connection to the database cannot be made, or broke.
    #[error("the store cannot be reached")]
    Unreachable {
        /// What the driver says.
        source: Cause,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The database holds something that this program did not write.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: String,
    },
    /// A file beside the database cannot be written or read.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried: `write`, `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Nobody said where contents go.
    #[error("the store has no directory for the contents of attachments")]
    NoContents,
    /// The database refuses something else.
    #[error("the database refuses a request")]
    Database {
        /// What the driver says.
        source: Cause,
    },
}

/// What the store answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// Who has to act on it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Field(_)
            | Self::Id { .. }
            | Self::Invalid { .. }
            | Self::PartNumberMissing { .. }
            | Self::Cycle { .. }
            | Self::NotAChild { .. } => ErrorKind::Invalid,
            Self::KeyUnknown | Self::KeyExpired => ErrorKind::Unauthorized,
            Self::Foreign { .. } => ErrorKind::Forbidden,
            Self::NotFound { .. } | Self::SubUnitMissing { .. } => ErrorKind::NotFound,
            Self::Exists { .. }
            | Self::InUse { .. }
            | Self::EndsBeforeStart { .. }
            | Self::RunDiffers { .. } => ErrorKind::Conflict,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::DiskFull { .. } => ErrorKind::DiskFull,
            Self::Busy { .. }
            | Self::TooSlow { .. }
            | Self::Collision { .. }
            | Self::Unreachable { .. }
            | Self::Closed => ErrorKind::Unavailable,
            Self::UnknownUrl { .. }
            | Self::Open { .. }
            | Self::Newer { .. }
            | Self::NotAStore { .. }
            | Self::Migration { .. }
            | Self::Pattern(_)
            | Self::PatternGroups
            | Self::Damaged { .. }
            | Self::Broken { .. }
            | Self::NoContents
            | Self::File { .. }
            | Self::Database { .. } => ErrorKind::Internal,
        }
    }

    pub(crate) fn not_found(what: Entity, name: impl Into<String>) -> Self {
        Self::NotFound { what, name: name.into() }
    }

    pub(crate) fn exists(what: Entity, name: impl Into<String>) -> Self {
        Self::Exists { what, name: name.into() }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    /// What an I/O error on a file of the store means.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        match source.kind() {
            Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => {
                Self::DiskFull { source: source.into() }
            }
            _ => Self::File { action, path: path.into(), source },
        }
    }
}
