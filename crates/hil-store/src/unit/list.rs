//! Finding units.

use hil_model::WallTime;
use hil_model::run::{BatchNumber, PartNumber, RevisionNumber, RunOutcome, SerialNumber};

use super::Unit;
use super::load::{COLUMNS, complete};
use crate::page::{Direction, Listed, Page};
use crate::sql::{Select, pattern};
use crate::{ProcedureId, Result, StationId, Store, UnitId, UserId};

/// Which units are wanted. What is empty does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitFilter {
    /// A part of the serial number, the part number or the part's name.
    pub search: Option<String>,
    /// One of these.
    pub ids: Vec<UnitId>,
    /// With one of these serial numbers.
    pub serial_numbers: Vec<SerialNumber>,
    /// Of one of these parts.
    pub part_numbers: Vec<PartNumber>,
    /// Of one of these revisions.
    pub revision_numbers: Vec<RevisionNumber>,
    /// From one of these batches.
    pub batch_numbers: Vec<BatchNumber>,
    /// With a run of one of these procedures.
    pub procedures: Vec<ProcedureId>,
    /// With a run that ended so; the same one as for `procedures`.
    pub outcomes: Vec<RunOutcome>,
    /// With a run that began at that time or later; the same one.
    pub started_after: Option<WallTime>,
    /// With a run that began at that time or earlier; the same one.
    pub started_before: Option<WallTime>,
    /// Whether that run must be the latest one of the unit.
    pub latest_only: bool,
    /// With so many runs or more.
    pub run_count_min: Option<u32>,
    /// With so many runs or fewer.
    pub run_count_max: Option<u32>,
    /// Known since that time or later.
    pub created_after: Option<WallTime>,
    /// Known since that time or earlier.
    pub created_before: Option<WallTime>,
    /// Made known by one of these people.
    pub created_by_users: Vec<UserId>,
    /// Made known by one of these stations.
    pub created_by_stations: Vec<StationId>,
    /// Only those that are not part of another unit.
    pub without_parent: bool,
}

/// What units are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnitOrder {
    /// Since when they are known.
    #[default]
    CreatedAt,
    /// Their serial numbers.
    SerialNumber,
    /// Their part numbers.
    PartNumber,
    /// When their latest run began.
    LastRunAt,
    /// What their latest run executed.
    LastRunProcedure,
}

impl UnitOrder {
    const fn column(self) -> &'static str {
        match self {
            Self::CreatedAt => "u.created_at",
            Self::SerialNumber => "u.serial_key",
            Self::PartNumber => "p.number_key",
            Self::LastRunAt => "COALESCE((SELECT MAX(x.started_at) FROM runs x WHERE x.unit_id = u.id), 0)",
            Self::LastRunProcedure => {
                "COALESCE((SELECT q.name_key FROM runs x JOIN procedures q ON q.id = x.procedure_id
                           WHERE x.unit_id = u.id ORDER BY x.started_at DESC, x.seq DESC LIMIT 1), '')"
            }
        }
    }
}

impl UnitFilter {
    fn apply<'a>(&'a self, select: &mut Select<'a>) {
        if let Some(search) = &self.search {
            let condition = "(u.serial_key LIKE ? ESCAPE '\\' OR p.number_key LIKE ? ESCAPE '\\'
                              OR p.name_key LIKE ? ESCAPE '\\')";
            select.filter(condition, [pattern(search), pattern(search), pattern(search)]);
        }
        select.any_of("u.id", self.ids.iter().copied(), "");
        select.any_of("u.serial_key", self.serial_numbers.iter().map(SerialNumber::key), "");
        select.any_of("p.number_key", self.part_numbers.iter().map(PartNumber::key), "");
        select.any_of("r.number_key", self.revision_numbers.iter().map(RevisionNumber::key), "");
        select.any_of("b.number_key", self.batch_numbers.iter().map(BatchNumber::key), "");
        self.apply_runs(select);
        let count = "(SELECT COUNT(*) FROM runs x WHERE x.unit_id = u.id) >= ?";
        select.maybe(count, self.run_count_min);
        let count = "(SELECT COUNT(*) FROM runs x WHERE x.unit_id = u.id) <= ?";
        select.maybe(count, self.run_count_max);
        select.maybe("u.created_at >= ?", self.created_after);
        select.maybe("u.created_at <= ?", self.created_before);
        select.any_of("u.created_by_user", self.created_by_users.iter().copied(), "");
        select.any_of("u.created_by_station", self.created_by_stations.iter().copied(), "");
        if self.without_parent {
            select.filter("u.parent_id IS NULL", []);
        }
    }

    /// What one run must fulfil together.
    fn apply_runs<'a>(&'a self, select: &mut Select<'a>) {
        let asks = !self.procedures.is_empty()
            || !self.outcomes.is_empty()
            || self.started_after.is_some()
            || self.started_before.is_some();
        if !asks {
            return;
        }
        select.filter("EXISTS (SELECT 1 FROM runs x WHERE x.unit_id = u.id", []);
        select.any_of("x.procedure_id", self.procedures.iter().copied(), "");
        select.any_of("x.outcome", self.outcomes.iter().map(|outcome| outcome.word()), "");
        select.maybe("x.started_at >= ?", self.started_after);
        select.maybe("x.started_at <= ?", self.started_before);
        if self.latest_only {
            select.filter(
                "NOT EXISTS (SELECT 1 FROM runs y WHERE y.unit_id = u.id
                             AND (y.started_at, y.seq) > (x.started_at, x.seq))",
                [],
            );
        }
        select.fragment(")", []);
    }
}

impl Store {
    /// Finds units.
    pub async fn units(
        &self,
        filter: UnitFilter,
        order: UnitOrder,
        page: Page,
        direction: Direction,
    ) -> Result<Listed<Unit>> {
        self.read((filter, order, page, direction), |link, (filter, order, page, direction)| {
            Box::pin(async move {
                let mut select = Select::new(COLUMNS);
                filter.apply(&mut select);
                select.page(&[order.column(), "u.id"], page, *direction);
                let rows = link.select(&select).await?;
                let listed = page.of(rows, Ok)?;
                Ok(Listed { items: complete(link, listed.items).await?, next: listed.next })
            })
        })
        .await
    }
}
