//! Which units are wanted.

use hil_store::{Page, UnitFilter, UnitOrder};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::error::{ApiError, ApiResult};
use crate::v2::list::{SortOrder, page, search, values};
use crate::v2::moment::Moment;

/// What units are sorted by.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum UnitSort {
    /// Their serial numbers.
    SerialNumber,
    /// Since when they are known.
    #[default]
    CreatedAt,
    /// When their latest run began.
    LastRunAt,
    /// Their part numbers.
    PartNumber,
    /// What their latest run executed.
    LastRunProcedure,
}

impl From<UnitSort> for UnitOrder {
    fn from(sort: UnitSort) -> Self {
        match sort {
            UnitSort::SerialNumber => Self::SerialNumber,
            UnitSort::CreatedAt => Self::CreatedAt,
            UnitSort::LastRunAt => Self::LastRunAt,
            UnitSort::PartNumber => Self::PartNumber,
            UnitSort::LastRunProcedure => Self::LastRunProcedure,
        }
    }
}

/// Which units are wanted. Of several values one must fit; numbers are compared without regard to case.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct UnitQuery {
    /// A part of the serial number, the part number or the part's name.
    search_query: Option<String>,
    ids: Vec<String>,
    serial_numbers: Vec<String>,
    part_numbers: Vec<String>,
    revision_numbers: Vec<String>,
    batch_numbers: Vec<String>,
    /// With a run of one of these procedures.
    procedure_ids: Vec<String>,
    /// With a run that ended so; the same one.
    outcomes: Vec<String>,
    /// With a run that began at that time or later; the same one.
    started_after: Option<Moment>,
    /// With a run that began at that time or earlier; the same one.
    started_before: Option<Moment>,
    /// Whether that run must be the latest one of the unit.
    latest_only: bool,
    run_count_min: Option<u32>,
    run_count_max: Option<u32>,
    created_after: Option<Moment>,
    created_before: Option<Moment>,
    created_by_user_ids: Vec<String>,
    created_by_station_ids: Vec<String>,
    /// Only those that are not part of another unit.
    exclude_units_with_parent: bool,
    limit: Option<u32>,
    cursor: Option<f64>,
    #[param(inline)]
    pub(super) sort_by: UnitSort,
    #[param(inline)]
    pub(super) sort_order: SortOrder,
}

impl UnitQuery {
    pub(super) fn page(&self) -> ApiResult<Page> {
        page(self.limit, self.cursor)
    }
}

impl TryFrom<UnitQuery> for UnitFilter {
    type Error = ApiError;

    fn try_from(query: UnitQuery) -> ApiResult<Self> {
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.0);
        Ok(Self {
            search: search(query.search_query),
            ids: values(query.ids)?,
            serial_numbers: values(query.serial_numbers)?,
            part_numbers: values(query.part_numbers)?,
            revision_numbers: values(query.revision_numbers)?,
            batch_numbers: values(query.batch_numbers)?,
            procedures: values(query.procedure_ids)?,
            outcomes: values(query.outcomes)?,
            started_after: moment(query.started_after),
            started_before: moment(query.started_before),
            latest_only: query.latest_only,
            run_count_min: query.run_count_min,
            run_count_max: query.run_count_max,
            created_after: moment(query.created_after),
            created_before: moment(query.created_before),
            created_by_users: values(query.created_by_user_ids)?,
            created_by_stations: values(query.created_by_station_ids)?,
            without_parent: query.exclude_units_with_parent,
        })
    }
}

/// Units.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UnitNumbers {
    #[serde(default)]
    pub(super) serial_numbers: Vec<String>,
}

/// A unit that another one is made of.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ChildNumber {
    pub(super) child_serial_number: String,
}
