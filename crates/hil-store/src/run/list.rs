//! Finding runs.

use std::time::Duration;

use hil_model::run::{PartName, PartNumber, RunOutcome, SerialNumber, StationName};
use hil_model::{RunId, WallTime};

use super::RunFilter;
use crate::actor::{creator_columns, creator_joins};
use crate::batch::BatchBrief;
use crate::page::{Direction, Listed, Page};
use crate::procedure::ProcedureBrief;
use crate::sql::{Row, Select};
use crate::unit::UnitRevision;
use crate::user::UserBrief;
use crate::version::VersionBrief;
use crate::{Creator, PartId, Result, Store, UnitId};

/// The part of a run's unit, as the run knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPart {
    /// The id.
    pub id: PartId,
    /// The number.
    pub number: PartNumber,
    /// What the run calls it.
    pub name: PartName,
}

/// The unit of a run, as it was when the run was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunUnit {
    /// The id.
    pub id: UnitId,
    /// The serial number.
    pub serial_number: SerialNumber,
    /// The part.
    pub part: RunPart,
    /// The part's revision.
    pub revision: UnitRevision,
    /// The batch.
    pub batch: Option<BatchBrief>,
}

/// A run without phases, logs, attachments and sub-units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// The id.
    pub id: RunId,
    /// When it was stored.
    pub created_at: WallTime,
    /// When it began.
    pub started_at: WallTime,
    /// When it ended.
    pub ended_at: WallTime,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What the author says about it.
    pub docstring: Option<String>,
    /// What was executed.
    pub procedure: ProcedureBrief,
    /// Which version of it.
    pub version: Option<VersionBrief>,
    /// On what.
    pub unit: RunUnit,
    /// Where.
    pub station: Option<StationName>,
    /// By whom, as the run says.
    pub operator: Option<String>,
    /// By whom, if that is somebody whom the store knew then.
    pub operated_by: Option<UserBrief>,
    /// Who uploaded it.
    pub created_by: Creator,
}

/// What runs are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunOrder {
    /// When they began.
    #[default]
    StartedAt,
    /// When they were stored.
    CreatedAt,
    /// How long they took.
    Duration,
    /// How they ended.
    Outcome,
    /// The unit's serial number.
    SerialNumber,
    /// The unit's part number.
    PartNumber,
    /// The unit's revision.
    RevisionNumber,
}

impl RunOrder {
    const fn column(self) -> &'static str {
        match self {
            Self::StartedAt => "r.started_at",
            // Runs are numbered in the order in which they are stored.
            Self::CreatedAt => "r.seq",
            Self::Duration => "r.duration_us",
            Self::Outcome => "r.outcome",
            Self::SerialNumber => "r.serial_key",
            Self::PartNumber => "r.part_key",
            Self::RevisionNumber => "r.revision_key",
        }
    }
}

/// The columns that [`RunSummary::take`] takes, then the number and the properties.
macro_rules! run_columns {
    () => {
        concat!(
            "SELECT r.id, r.created_at, r.started_at, r.ended_at, r.duration_us, r.outcome, r.docstring,
                    p.id, p.identifier, p.name, v.id, v.tag, r.unit_id, r.serial, r.part_id, r.part_number,
                    r.part_name, r.revision_id, r.revision, r.batch_id, r.batch, r.station, r.operator,
                    ou.id, ou.name, ou.email, ",
            creator_columns!(),
            ", r.seq, r.properties
             FROM runs r JOIN procedures p ON p.id = r.procedure_id
             LEFT JOIN versions v ON v.id = r.version_id LEFT JOIN users ou ON ou.id = r.operated_by",
            creator_joins!("r")
        )
    };
}

const COLUMNS: &str = run_columns!();
pub(super) const ONE: &str = concat!(run_columns!(), " WHERE r.id = $1");

impl RunSummary {
    pub(super) fn take(row: &mut Row) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            created_at: row.take()?,
            started_at: row.take()?,
            ended_at: row.take()?,
            duration: row.take()?,
            outcome: row.take()?,
            docstring: row.take()?,
            procedure: ProcedureBrief::take(row)?,
            version: VersionBrief::take(row)?,
            unit: RunUnit {
                id: row.take()?,
                serial_number: row.take()?,
                part: RunPart { id: row.take()?, number: row.take()?, name: row.take()? },
                revision: UnitRevision { id: row.take()?, number: row.take()? },
                batch: BatchBrief::take(row)?,
            },
            station: row.take()?,
            operator: row.take()?,
            operated_by: UserBrief::take(row)?,
            created_by: Creator::take(row)?,
        })
    }
}

/// As much of a run as it takes to read it later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMark {
    /// The id.
    pub id: RunId,
    /// When it began.
    pub started_at: WallTime,
}

/// A place in the order in which runs are stored; the default is before the first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCursor(i64);

/// A piece of the order in which runs are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRuns {
    /// The runs.
    pub runs: Vec<RunMark>,
    /// Where to go on; nothing at the end.
    pub next: Option<RunCursor>,
}

impl Store {
    /// The runs that come after a place, in the order in which they were stored; as many as a page holds.
    ///
    /// Whoever goes on until the end meets each run that was there at the beginning once, unless it is removed
    /// meanwhile, whatever others store and remove. A run that is stored meanwhile may be met, once, or not.
    pub async fn runs_after(&self, filter: RunFilter, after: RunCursor) -> Result<StoredRuns> {
        self.read((filter, after), |link, (filter, after)| {
            Box::pin(async move {
                let mut select = Select::new("SELECT r.id, r.started_at, r.seq FROM runs r");
                filter.apply(&mut select);
                select.filter("r.seq > ?", [after.0.into()]);
                let page = Page::new(Page::MAX, 0);
                select.page(&["r.seq"], &page, Direction::Ascending);
                let rows = link.select(&select).await?;
                let mut last = *after;
                let listed = page.of(rows, |mut row| {
                    let mark = RunMark { id: row.take()?, started_at: row.take()? };
                    last = RunCursor(row.take()?);
                    Ok(mark)
                })?;
                Ok(StoredRuns { runs: listed.items, next: listed.next.map(|_| last) })
            })
        })
        .await
    }

    /// Finds runs. An unknown serial number finds none, which is no error.
    pub async fn runs(
        &self,
        filter: RunFilter,
        order: RunOrder,
        page: Page,
        direction: Direction,
    ) -> Result<Listed<RunSummary>> {
        self.read((filter, order, page, direction), |link, (filter, order, page, direction)| {
            Box::pin(async move {
                let mut select = Select::new(COLUMNS);
                filter.apply(&mut select);
                select.page(&[order.column(), "r.seq"], page, *direction);
                let rows = link.select(&select).await?;
                page.of(rows, |mut row| RunSummary::take(&mut row))
            })
        })
        .await
    }

    /// How many runs there are.
    pub async fn count_runs(&self, filter: RunFilter) -> Result<u64> {
        self.read(filter, |link, filter| {
            Box::pin(async move {
                let mut select = Select::new("SELECT COUNT(*) FROM runs r");
                filter.apply(&mut select);
                let rows = link.select(&select).await?;
                rows.into_iter().next().map_or(Ok(0), |mut row| row.take())
            })
        })
        .await
    }
}
