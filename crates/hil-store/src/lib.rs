//! Runs in SQLite or PostgreSQL: saved whole or not at all, found again, and counted.
//!
//! [`Store::open`] takes a path for the embedded database, or the URL of a PostgreSQL server; everything else is the
//! same on both. [`Store::save_run`] keeps a run. What refers to runs (procedures, parts, units, stations, people) is
//! kept beside them, in the shape that foreign clients expect of a server; the server itself is another crate.
//!
//! Two promises hold for every call. What it acknowledges is on the disk. What it refuses has left no trace.

#![forbid(unsafe_code)]

mod actor;
mod batch;
mod blocking;
mod content;
mod engine;
mod error;
mod id;
mod job;
mod key;
mod page;
mod part;
mod pattern;
mod place;
mod procedure;
mod revision;
mod run;
mod session;
mod sql;
mod station;
mod statistics;
mod store;
mod unit;
mod upload;
mod user;
mod version;

pub use actor::{Actor, Creator};
pub use batch::{Batch, BatchBrief, BatchFilter, BatchOrder, BatchUnit};
pub use blocking::BlockingStore;
pub use content::{Content, ContentWriter, StoredContent};
pub use error::{Entity, ErrorKind, Result, StoreError};
pub use id::{
    BatchId, ImportId, JobId, KeyId, PartId, ProcedureId, RevisionId, StationId, UnitId, UploadId, UserId,
    VersionId,
};
pub use job::{Job, JobEnd, JobFilter, JobStatus, NewJob};
pub use key::{Admission, Key, KeyOwner, Principal, Secret};
pub use page::{Direction, Listed, Page};
pub use part::{Part, PartBrief, PartFilter, PartOrder};
pub use pattern::{Derived, SerialPattern};
pub use place::{default_location, default_store};
pub use procedure::{Procedure, ProcedureBrief, ProcedureFilter, RecentRun};
pub use revision::{Revision, RevisionBrief, RevisionChange};
pub use run::{
    FileImport, Import, RunCursor, RunFilter, RunMark, RunOrder, RunPart, RunSummary, RunUnit, StoredRun,
    StoredRuns, SubUnit,
};
pub use session::Session;
pub use station::{LinkedProcedure, Station, StationBrief, StationChange, StationFilter};
pub use statistics::{Capability, Drift, FirstPass, FlakyPhase, Period, SlowPhase, TrendPoint, UnitTrend};
pub use store::{Store, StoreOptions};
pub use unit::{Relative, Unit, UnitBrief, UnitChange, UnitFilter, UnitOrder, UnitRevision, UnitRun};
pub use upload::Upload;
pub use user::{Email, Role, User, UserBrief};
pub use version::{Version, VersionBrief};
