//! Which runs are wanted.

use std::time::Duration;

use hil_model::run::{
    BatchNumber, PartNumber, RevisionNumber, RunOutcome, SerialNumber, StationName, VersionTag,
};
use hil_model::{ReqId, RunId, WallTime};

use crate::sql::{Param, Select, pattern, prefix};
use crate::{ProcedureId, StationId, UserId};

/// From how many characters on a search is also taken for the beginning of an id.
const ID_PREFIX: usize = 8;

/// Which runs are wanted. What is empty does not matter; of several values one must fit; numbers, tags and names are
/// compared without regard to case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFilter {
    /// A part of the serial number, the part number or the procedure's name, or the beginning of the id.
    pub search: Option<String>,
    /// One of these.
    pub ids: Vec<RunId>,
    /// That ended so.
    pub outcomes: Vec<RunOutcome>,
    /// Of one of these procedures.
    pub procedures: Vec<ProcedureId>,
    /// Of a procedure with one of these UUIDs, identifiers or names.
    pub procedure_names: Vec<String>,
    /// Of a version with one of these tags.
    pub versions: Vec<VersionTag>,
    /// On one of these units.
    pub serial_numbers: Vec<SerialNumber>,
    /// On a unit of one of these parts.
    pub part_numbers: Vec<PartNumber>,
    /// On a unit of one of these revisions.
    pub revision_numbers: Vec<RevisionNumber>,
    /// On a unit from one of these batches.
    pub batch_numbers: Vec<BatchNumber>,
    /// On one of these stations or benches.
    pub stations: Vec<StationName>,
    /// That touched one of these requirements.
    pub requirements: Vec<ReqId>,
    /// That took so long or longer.
    pub duration_min: Option<Duration>,
    /// That took so long or shorter.
    pub duration_max: Option<Duration>,
    /// That began at that time or later.
    pub started_after: Option<WallTime>,
    /// That began at that time or earlier.
    pub started_before: Option<WallTime>,
    /// That ended at that time or later.
    pub ended_after: Option<WallTime>,
    /// That ended at that time or earlier.
    pub ended_before: Option<WallTime>,
    /// That were stored at that time or later.
    pub created_after: Option<WallTime>,
    /// That were stored at that time or earlier.
    pub created_before: Option<WallTime>,
    /// Uploaded by one of these people.
    pub created_by_users: Vec<UserId>,
    /// Uploaded by one of these stations.
    pub created_by_stations: Vec<StationId>,
    /// Executed by one of these people.
    pub operated_by: Vec<UserId>,
}

impl RunFilter {
    /// The runs of one unit.
    pub fn of_unit(serial: SerialNumber) -> Self {
        Self { serial_numbers: vec![serial], ..Self::default() }
    }

    /// Adds the conditions on the table `runs r`.
    pub(crate) fn apply<'a>(&'a self, select: &mut Select<'a>) {
        self.apply_search(select);
        select.any_of("r.id", self.ids.iter().map(RunId::as_str), "");
        select.any_of("r.outcome", self.outcomes.iter().map(|outcome| outcome.word()), "");
        select.any_of("r.procedure_id", self.procedures.iter().copied(), "");
        select.any_of(
            "r.procedure_id IN (
                 SELECT k.id FROM (SELECT id, id AS key FROM procedures UNION ALL
                                   SELECT id, identifier_key FROM procedures UNION ALL
                                   SELECT id, name_key FROM procedures) k WHERE k.key",
            self.procedure_names.iter().map(|name| name.trim().to_lowercase()),
            ")",
        );
        select.any_of(
            "r.version_id IN (SELECT v.id FROM versions v WHERE v.tag_key",
            self.versions.iter().map(VersionTag::key),
            ")",
        );
        select.any_of("r.serial_key", self.serial_numbers.iter().map(SerialNumber::key), "");
        select.any_of("r.part_key", self.part_numbers.iter().map(PartNumber::key), "");
        select.any_of("r.revision_key", self.revision_numbers.iter().map(RevisionNumber::key), "");
        select.any_of("r.batch_key", self.batch_numbers.iter().map(BatchNumber::key), "");
        select.any_of("r.station_key", self.stations.iter().map(StationName::key), "");
        select.any_of(
            "r.seq IN (SELECT q.run FROM run_requirements q WHERE q.requirement_key",
            self.requirements.iter().map(|requirement| requirement.as_str().to_lowercase()),
            ")",
        );
        select.maybe("r.duration_us >= ?", self.duration_min.map(micros));
        select.maybe("r.duration_us <= ?", self.duration_max.map(micros));
        select.maybe("r.started_at >= ?", self.started_after);
        select.maybe("r.started_at <= ?", self.started_before);
        select.maybe("r.ended_at >= ?", self.ended_after);
        select.maybe("r.ended_at <= ?", self.ended_before);
        select.maybe("r.created_at >= ?", self.created_after);
        select.maybe("r.created_at <= ?", self.created_before);
        select.any_of("r.created_by_user", self.created_by_users.iter().copied(), "");
        select.any_of("r.created_by_station", self.created_by_stations.iter().copied(), "");
        select.any_of("r.operated_by", self.operated_by.iter().copied(), "");
    }

    fn apply_search<'a>(&'a self, select: &mut Select<'a>) {
        let Some(search) = &self.search else { return };
        let id = if search.chars().count() >= ID_PREFIX { prefix(search) } else { Param::Null };
        select.filter(
            "(r.serial_key LIKE ? ESCAPE '\\' OR r.part_key LIKE ? ESCAPE '\\' OR LOWER(r.id) LIKE ? ESCAPE '\\'
              OR r.procedure_id IN (SELECT o.id FROM procedures o WHERE o.name_key LIKE ? ESCAPE '\\'))",
            [pattern(search), pattern(search), id, pattern(search)],
        );
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
