//! Which runs are wanted, as a query string.

use hil_model::run::{
    BatchNumber, PartNumber, RevisionNumber, RunOutcome, SerialNumber, StationName, VersionTag,
};
use hil_model::{ReqId, RunId, WallTime};
use hil_store::{Direction, Page, ProcedureId, RunFilter, RunOrder, StationId, UserId};
use serde::{Deserialize, Serialize};

use crate::word::Word;

/// What runs are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// When they began, latest first.
    #[default]
    Newest,
    /// When they began, earliest first.
    Oldest,
}

impl Order {
    /// The store's words for it.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Newest => Direction::Descending,
            Self::Oldest => Direction::Ascending,
        }
    }

    /// What the store sorts by.
    pub const fn column(self) -> RunOrder {
        RunOrder::StartedAt
    }
}

/// A question about runs. What is not said does not matter; of several values one must fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct RunQuery {
    /// A part of the serial number, the part number or the procedure's name, or the beginning of the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    /// One of these ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    id: Vec<Word<RunId>>,
    /// PASS, FAIL, ERROR, TIMEOUT or ABORTED.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    outcome: Vec<Word<RunOutcome>>,
    /// UUIDs of procedures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    procedure_id: Vec<Word<ProcedureId>>,
    /// UUIDs, identifiers or names of procedures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    procedure: Vec<String>,
    /// Tags of the procedure's version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    version: Vec<Word<VersionTag>>,
    /// Serial numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    serial_number: Vec<Word<SerialNumber>>,
    /// Part numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    part_number: Vec<Word<PartNumber>>,
    /// Revisions of the part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    revision: Vec<Word<RevisionNumber>>,
    /// Batch numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    batch: Vec<Word<BatchNumber>>,
    /// Stations or benches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    station: Vec<Word<StationName>>,
    /// Requirements that the run touched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    requirement: Vec<Word<ReqId>>,
    /// The least duration, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_min_us: Option<u64>,
    /// The greatest duration, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_max_us: Option<u64>,
    /// Began at that time or later, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_after_ms: Option<i64>,
    /// Began at that time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_before_ms: Option<i64>,
    /// Ended at that time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_after_ms: Option<i64>,
    /// Ended at that time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_before_ms: Option<i64>,
    /// Stored at that time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_after_ms: Option<i64>,
    /// Stored at that time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_before_ms: Option<i64>,
    /// Uploaded by one of these people, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    created_by_user: Vec<Word<UserId>>,
    /// Uploaded by one of these stations, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    created_by_station: Vec<Word<StationId>>,
    /// Executed by one of these people, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", param(value_type = Vec<String>))]
    operated_by: Vec<Word<UserId>>,
    /// What they are sorted by.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order>,
    /// How many are wanted, at most 1000; 50 if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    /// From which one on: `next` of the answer before.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<u64>,
    /// The measurement that statistics are wanted of.
    #[serde(skip_serializing_if = "Option::is_none")]
    measurement: Option<String>,
    /// How many periods drift is computed over; 2 if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    periods: Option<u32>,
}

fn words<T: Clone>(values: &[T]) -> Vec<Word<T>> {
    values.iter().cloned().map(Word).collect()
}

fn values<T>(words: Vec<Word<T>>) -> Vec<T> {
    words.into_iter().map(|word| word.0).collect()
}

impl From<&RunFilter> for RunQuery {
    fn from(filter: &RunFilter) -> Self {
        let micros = |duration: std::time::Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Self {
            search: filter.search.clone(),
            id: words(&filter.ids),
            outcome: words(&filter.outcomes),
            procedure_id: words(&filter.procedures),
            procedure: filter.procedure_names.clone(),
            version: words(&filter.versions),
            serial_number: words(&filter.serial_numbers),
            part_number: words(&filter.part_numbers),
            revision: words(&filter.revision_numbers),
            batch: words(&filter.batch_numbers),
            station: words(&filter.stations),
            requirement: words(&filter.requirements),
            duration_min_us: filter.duration_min.map(micros),
            duration_max_us: filter.duration_max.map(micros),
            started_after_ms: filter.started_after.map(WallTime::unix_millis),
            started_before_ms: filter.started_before.map(WallTime::unix_millis),
            ended_after_ms: filter.ended_after.map(WallTime::unix_millis),
            ended_before_ms: filter.ended_before.map(WallTime::unix_millis),
            created_after_ms: filter.created_after.map(WallTime::unix_millis),
            created_before_ms: filter.created_before.map(WallTime::unix_millis),
            created_by_user: words(&filter.created_by_users),
            created_by_station: words(&filter.created_by_stations),
            operated_by: words(&filter.operated_by),
            order: None,
            limit: None,
            cursor: None,
            measurement: None,
            periods: None,
        }
    }
}

impl RunQuery {
    /// The same, sorted, and so many from there on.
    #[must_use]
    pub fn page(self, order: Order, limit: u32, cursor: u64) -> Self {
        Self { order: Some(order), limit: Some(limit), cursor: Some(cursor), ..self }
    }

    /// The same, for statistics of one measurement.
    #[must_use]
    pub fn measurement(self, name: Option<&str>) -> Self {
        Self { measurement: name.map(str::to_owned), ..self }
    }

    /// The same, over so many periods.
    #[must_use]
    pub fn periods(self, periods: u32) -> Self {
        Self { periods: Some(periods), ..self }
    }

    /// What they are sorted by.
    pub fn order(&self) -> Order {
        self.order.unwrap_or_default()
    }

    /// Which part of the list is wanted.
    pub fn wanted(&self) -> Page {
        Page::new(self.limit.unwrap_or(50), self.cursor.unwrap_or(0))
    }

    /// How many entries are wanted.
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(50).clamp(1, Page::MAX)
    }

    /// The measurement that statistics are wanted of.
    pub fn measured(&self) -> Option<&str> {
        self.measurement.as_deref()
    }

    /// How many periods drift is computed over.
    pub fn period_count(&self) -> u32 {
        self.periods.unwrap_or(2)
    }

    /// Which runs are wanted.
    pub fn into_filter(self) -> RunFilter {
        RunFilter {
            search: self.search,
            ids: values(self.id),
            outcomes: values(self.outcome),
            procedures: values(self.procedure_id),
            procedure_names: self.procedure,
            versions: values(self.version),
            serial_numbers: values(self.serial_number),
            part_numbers: values(self.part_number),
            revision_numbers: values(self.revision),
            batch_numbers: values(self.batch),
            stations: values(self.station),
            requirements: values(self.requirement),
            duration_min: self.duration_min_us.map(std::time::Duration::from_micros),
            duration_max: self.duration_max_us.map(std::time::Duration::from_micros),
            started_after: self.started_after_ms.map(WallTime::from_unix_millis),
            started_before: self.started_before_ms.map(WallTime::from_unix_millis),
            ended_after: self.ended_after_ms.map(WallTime::from_unix_millis),
            ended_before: self.ended_before_ms.map(WallTime::from_unix_millis),
            created_after: self.created_after_ms.map(WallTime::from_unix_millis),
            created_before: self.created_before_ms.map(WallTime::from_unix_millis),
            created_by_users: values(self.created_by_user),
            created_by_stations: values(self.created_by_station),
            operated_by: values(self.operated_by),
        }
    }

    /// The query string, without a question mark.
    pub(crate) fn to_query(&self) -> String {
        // Nothing in it is nested, so it can always be written.
        serde_html_form::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_comes_back_from_its_query() {
        let uuid = || "0193c0de-0000-7000-8000-000000000001";
        let at = |millis| Some(WallTime::from_unix_millis(millis));
        let filter = RunFilter {
            search: Some("a&b=c d+é".into()),
            ids: vec!["r-1".parse().unwrap()],
            outcomes: vec![RunOutcome::Pass, RunOutcome::Aborted],
            procedures: vec![uuid().parse().unwrap()],
            procedure_names: vec!["FVT1".into(), "Final test".into()],
            versions: vec!["1.0".parse().unwrap()],
            serial_numbers: vec!["SN 1/2".parse().unwrap(), "ß?".parse().unwrap()],
            part_numbers: vec!["P".parse().unwrap()],
            revision_numbers: vec!["A".parse().unwrap()],
            batch_numbers: vec!["L-1".parse().unwrap()],
            stations: vec!["bench 3".parse().unwrap()],
            requirements: vec!["REQ-1".parse().unwrap()],
            duration_min: Some(std::time::Duration::from_micros(1)),
            duration_max: Some(std::time::Duration::from_micros(2)),
            started_after: at(-1),
            started_before: at(2),
            ended_after: at(3),
            ended_before: at(4),
            created_after: at(5),
            created_before: at(i64::MAX),
            created_by_users: vec![uuid().parse().unwrap()],
            created_by_stations: vec![uuid().parse().unwrap()],
            operated_by: vec![uuid().parse().unwrap()],
        };
        let query = RunQuery::from(&filter).page(Order::Oldest, 7, 14).measurement(Some("u")).periods(9);
        let back: RunQuery = serde_html_form::from_str(&query.to_query()).unwrap();
        assert_eq!(back, query);
        let read = (back.order(), back.wanted(), back.limit(), back.measured(), back.period_count());
        assert_eq!(read, (Order::Oldest, Page::new(7, 14), 7, Some("u"), 9));
        assert_eq!(back.into_filter(), filter);
    }

    #[test]
    fn what_is_not_known_or_wrong_is_refused() {
        for (query, why) in [
            ("serial=SN-1", "unknown field `serial`"),
            ("serial_number=", "serial number must not be empty"),
            ("outcome=GOOD", "\"GOOD\" is not the outcome of a run"),
        ] {
            let error = serde_html_form::from_str::<RunQuery>(query).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
