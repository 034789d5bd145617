//! Batches: units that were made together.

use axum::Json;
use axum::extract::State;
use hil_model::run::BatchNumber;
use hil_store::{Batch, BatchFilter, BatchOrder, BatchUnit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::creator::{CreatedBy, Identified, Removed};
use super::field;
use super::list::{List, SortOrder, page, search, values};
use super::moment::Moment;
use super::path::Segment;
use super::refusal::Refusal;
use super::run_view::PartRevision;
use crate::auth::Caller;
use crate::error::ApiResult;
use crate::extract::{Body, Query};
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_batch, list_batches)).routes(routes!(
        get_batch,
        rename_batch,
        delete_batch
    ))
}

/// A batch to make.
#[derive(Deserialize, ToSchema)]
struct NewBatch {
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = "^[A-Za-z0-9_-]+$")]
    number: BatchNumber,
}

/// The new number of a batch.
#[derive(Deserialize, ToSchema)]
struct RenamedBatch {
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = "^[A-Za-z0-9_-]+$")]
    new_number: BatchNumber,
}

/// A batch with its units.
#[derive(Serialize, ToSchema)]
struct BatchView {
    id: String,
    number: String,
    created_at: Moment,
    #[serde(flatten)]
    created_by: CreatedBy,
    /// Newest first; at most 1000.
    units: Vec<BatchUnitView>,
}

/// A unit of a batch.
#[derive(Serialize, ToSchema)]
struct BatchUnitView {
    id: String,
    serial_number: String,
    created_at: Moment,
    part: PartRevision,
}

impl From<&BatchUnit> for BatchUnitView {
    fn from(unit: &BatchUnit) -> Self {
        Self {
            id: unit.id.to_string(),
            serial_number: unit.serial_number.to_string(),
            created_at: Moment(unit.created_at),
            part: PartRevision::new(&unit.part, &unit.revision),
        }
    }
}

impl From<Batch> for BatchView {
    fn from(batch: Batch) -> Self {
        Self {
            id: batch.brief.id.to_string(),
            number: batch.brief.number.to_string(),
            created_at: Moment(batch.created_at),
            created_by: CreatedBy::from(&batch.created_by),
            units: batch.units.iter().map(BatchUnitView::from).collect(),
        }
    }
}

/// A batch in a list.
#[derive(Serialize, ToSchema)]
struct BatchItem {
    id: String,
    number: String,
    created_at: Moment,
    unit_count: u64,
    #[serde(flatten)]
    created_by: CreatedBy,
}

impl From<Batch> for BatchItem {
    fn from(batch: Batch) -> Self {
        Self {
            id: batch.brief.id.to_string(),
            number: batch.brief.number.to_string(),
            created_at: Moment(batch.created_at),
            unit_count: batch.unit_count,
            created_by: CreatedBy::from(&batch.created_by),
        }
    }
}

/// What batches are sorted by.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BatchSort {
    /// Their numbers.
    Number,
    /// When they were made.
    #[default]
    CreatedAt,
}

impl From<BatchSort> for BatchOrder {
    fn from(sort: BatchSort) -> Self {
        match sort {
            BatchSort::Number => Self::Number,
            BatchSort::CreatedAt => Self::CreatedAt,
        }
    }
}

/// Which batches are wanted.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct BatchQuery {
    /// A part of the number.
    search_query: Option<String>,
    ids: Vec<String>,
    numbers: Vec<String>,
    /// With units of one of these parts.
    part_numbers: Vec<String>,
    /// With units of one of these revisions.
    revision_numbers: Vec<String>,
    created_after: Option<Moment>,
    created_before: Option<Moment>,
    limit: Option<u32>,
    cursor: Option<f64>,
    #[param(inline)]
    sort_by: BatchSort,
    #[param(inline)]
    sort_order: SortOrder,
}

/// Makes an empty batch.
#[utoipa::path(
    post, path = "/api/v2/batches", tag = "batches", request_body = NewBatch,
    responses((status = 200, body = Identified), Refusal)
)]
async fn create_batch(
    State(state): State<AppState>,
    caller: Caller,
    Body(new): Body<NewBatch>,
) -> ApiResult<Json<Identified>> {
    let batch = state.store.create_batch(new.number, caller.actor()).await?;
    Ok(Identified::new(batch.brief.id))
}

/// Finds batches.
#[utoipa::path(
    get, path = "/api/v2/batches", tag = "batches", params(BatchQuery),
    responses((status = 200, body = List<BatchItem>), Refusal)
)]
async fn list_batches(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<BatchQuery>,
) -> ApiResult<Json<List<BatchItem>>> {
    let page = page(query.limit, query.cursor)?;
    let filter = BatchFilter {
        search: search(query.search_query),
        ids: values(query.ids)?,
        numbers: values(query.numbers)?,
        part_numbers: values(query.part_numbers)?,
        revision_numbers: values(query.revision_numbers)?,
        created_after: query.created_after.map(|moment| moment.0),
        created_before: query.created_before.map(|moment| moment.0),
    };
    let listed = state.store.batches(filter, query.sort_by.into(), page, query.sort_order.into()).await?;
    Ok(List::of(listed, BatchItem::from))
}

/// A batch with its units.
#[utoipa::path(
    get, path = "/api/v2/batches/{number}", tag = "batches", params(("number" = String, Path)),
    responses((status = 200, body = BatchView), Refusal)
)]
async fn get_batch(
    State(state): State<AppState>,
    _caller: Caller,
    Segment(number): Segment<BatchNumber>,
) -> ApiResult<Json<BatchView>> {
    Ok(Json(state.store.batch(number).await?.into()))
}

/// Gives a batch another number.
#[utoipa::path(
    patch, path = "/api/v2/batches/{number}", tag = "batches", params(("number" = String, Path)),
    request_body = RenamedBatch, responses((status = 200, body = Identified), Refusal)
)]
async fn rename_batch(
    State(state): State<AppState>,
    caller: Caller,
    Segment(number): Segment<BatchNumber>,
    body: ApiResult<Body<RenamedBatch>>,
) -> ApiResult<Json<Identified>> {
    caller.person("update batches")?;
    let Body(change) = body?;
    let batch = state.store.rename_batch(number, change.new_number).await?;
    Ok(Identified::new(batch.brief.id))
}

/// Removes a batch. Its units stay, without one.
#[utoipa::path(
    delete, path = "/api/v2/batches/{number}", tag = "batches", params(("number" = String, Path)),
    responses((status = 200, body = Removed), Refusal)
)]
async fn delete_batch(
    State(state): State<AppState>,
    caller: Caller,
    Segment(number): Segment<BatchNumber>,
) -> ApiResult<Json<Removed>> {
    caller.person("delete batches")?;
    Ok(Removed::new([state.store.delete_batch(number).await?]))
}
