//! Which runs are wanted.

use hil_store::{Page, RunFilter, RunOrder};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::error::{ApiError, ApiResult};
use crate::v2::list::{SortOrder, page, search, values};
use crate::v2::moment::{Moment, Span};

/// What runs are sorted by.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RunSort {
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

impl From<RunSort> for RunOrder {
    fn from(sort: RunSort) -> Self {
        match sort {
            RunSort::StartedAt => Self::StartedAt,
            RunSort::CreatedAt => Self::CreatedAt,
            RunSort::Duration => Self::Duration,
            RunSort::Outcome => Self::Outcome,
            RunSort::SerialNumber => Self::SerialNumber,
            RunSort::PartNumber => Self::PartNumber,
            RunSort::RevisionNumber => Self::RevisionNumber,
        }
    }
}

/// Which runs are wanted. Of several values one must fit; numbers and tags are compared without regard to case.
#[derive(Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
pub(super) struct RunQuery {
    /// A part of the serial number, the part number or the procedure's name, or the beginning of the id.
    search_query: Option<String>,
    ids: Vec<String>,
    /// PASS, FAIL, ERROR, TIMEOUT or ABORTED.
    outcomes: Vec<String>,
    procedure_ids: Vec<String>,
    /// Tags of versions.
    procedure_versions: Vec<String>,
    serial_numbers: Vec<String>,
    part_numbers: Vec<String>,
    revision_numbers: Vec<String>,
    batch_numbers: Vec<String>,
    duration_min: Option<Span>,
    duration_max: Option<Span>,
    started_after: Option<Moment>,
    started_before: Option<Moment>,
    ended_after: Option<Moment>,
    ended_before: Option<Moment>,
    created_after: Option<Moment>,
    created_before: Option<Moment>,
    created_by_user_ids: Vec<String>,
    created_by_station_ids: Vec<String>,
    operated_by_ids: Vec<String>,
    limit: Option<u32>,
    cursor: Option<f64>,
    #[param(inline)]
    pub(super) sort_by: RunSort,
    #[param(inline)]
    pub(super) sort_order: SortOrder,
}

impl RunQuery {
    pub(super) fn page(&self) -> ApiResult<Page> {
        page(self.limit, self.cursor)
    }
}

impl TryFrom<RunQuery> for RunFilter {
    type Error = ApiError;

    fn try_from(query: RunQuery) -> ApiResult<Self> {
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.0);
        Ok(Self {
            search: search(query.search_query),
            ids: values(query.ids)?,
            outcomes: values(query.outcomes)?,
            procedures: values(query.procedure_ids)?,
            procedure_names: Vec::new(),
            versions: values(query.procedure_versions)?,
            serial_numbers: values(query.serial_numbers)?,
            part_numbers: values(query.part_numbers)?,
            revision_numbers: values(query.revision_numbers)?,
            batch_numbers: values(query.batch_numbers)?,
            stations: Vec::new(),
            requirements: Vec::new(),
            duration_min: query.duration_min.map(|span| span.0),
            duration_max: query.duration_max.map(|span| span.0),
            started_after: moment(query.started_after),
            started_before: moment(query.started_before),
            ended_after: moment(query.ended_after),
            ended_before: moment(query.ended_before),
            created_after: moment(query.created_after),
            created_before: moment(query.created_before),
            created_by_users: values(query.created_by_user_ids)?,
            created_by_stations: values(query.created_by_station_ids)?,
            operated_by: values(query.operated_by_ids)?,
        })
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RunIds {
    #[serde(default)]
    pub(super) ids: Vec<String>,
}
