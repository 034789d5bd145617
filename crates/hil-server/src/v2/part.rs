//! Parts: what units are instances of.

use axum::Json;
use axum::extract::State;
use hil_model::run::{PartName, PartNumber, RevisionNumber};
use hil_store::{Part, PartFilter, PartOrder, RevisionBrief};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::creator::{CreatedBy, Identified};
use super::field;
use super::list::{List, SortOrder, page, search, values};
use super::moment::Moment;
use super::path::Segment;
use super::refusal::Refusal;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Query};
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_part, list_parts)).routes(routes!(
        get_part,
        update_part,
        delete_part
    ))
}

/// A part to make, with its first revision.
#[derive(Deserialize, ToSchema)]
struct NewPart {
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 60)]
    number: PartNumber,
    /// The number if nobody says.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    name: Option<PartName>,
    /// `A` if nobody says.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    revision_number: Option<RevisionNumber>,
}

/// What changes on a part: one of them at least.
#[derive(Deserialize, ToSchema)]
struct PartChange {
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    new_number: Option<PartNumber>,
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    name: Option<PartName>,
}

/// A part.
#[derive(Serialize, ToSchema)]
struct PartView {
    id: String,
    number: String,
    name: String,
    created_at: Moment,
    /// Oldest first.
    revisions: Vec<PartRevisionView>,
    #[serde(flatten)]
    created_by: CreatedBy,
}

/// A revision of a part.
#[derive(Serialize, ToSchema)]
struct PartRevisionView {
    id: String,
    number: String,
    created_at: Moment,
}

impl From<&RevisionBrief> for PartRevisionView {
    fn from(revision: &RevisionBrief) -> Self {
        Self {
            id: revision.id.to_string(),
            number: revision.number.to_string(),
            created_at: Moment(revision.created_at),
        }
    }
}

impl From<Part> for PartView {
    fn from(part: Part) -> Self {
        Self {
            id: part.brief.id.to_string(),
            number: part.brief.number.to_string(),
            name: part.brief.name.to_string(),
            created_at: Moment(part.created_at),
            revisions: part.revisions.iter().map(PartRevisionView::from).collect(),
            created_by: CreatedBy::from(&part.created_by),
        }
    }
}

/// A part that was changed.
#[derive(Serialize, ToSchema)]
struct ChangedPart {
    id: String,
    number: String,
    name: String,
    updated_at: Moment,
}

/// A part that was removed.
#[derive(Serialize, ToSchema)]
struct RemovedPart {
    id: String,
    /// The revisions that went with it.
    #[serde(rename = "deletedRevisionIds")]
    deleted_revision_ids: Vec<String>,
}

/// What parts are sorted by.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PartSort {
    /// Their names.
    Name,
    /// Their numbers.
    Number,
    /// When they were made.
    #[default]
    CreatedAt,
}

impl From<PartSort> for PartOrder {
    fn from(sort: PartSort) -> Self {
        match sort {
            PartSort::Name => Self::Name,
            PartSort::Number => Self::Number,
            PartSort::CreatedAt => Self::CreatedAt,
        }
    }
}

/// Which parts are wanted.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct PartQuery {
    /// A part of the number or of the name.
    search_query: Option<String>,
    /// With runs of one of these.
    procedure_ids: Vec<String>,
    limit: Option<u32>,
    cursor: Option<f64>,
    #[param(inline)]
    sort_by: PartSort,
    #[param(inline)]
    sort_order: SortOrder,
}

/// Makes a part with one revision.
#[utoipa::path(
    post, path = "/api/v2/parts", tag = "parts", request_body = NewPart,
    responses((status = 200, body = Identified), Refusal)
)]
async fn create_part(
    State(state): State<AppState>,
    caller: Caller,
    Body(new): Body<NewPart>,
) -> ApiResult<Json<Identified>> {
    let part = state.store.create_part(new.number, new.name, new.revision_number, caller.actor()).await?;
    Ok(Identified::new(part.brief.id))
}

/// Finds parts.
#[utoipa::path(
    get, path = "/api/v2/parts", tag = "parts", params(PartQuery),
    responses((status = 200, body = List<PartView>), Refusal)
)]
async fn list_parts(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<PartQuery>,
) -> ApiResult<Json<List<PartView>>> {
    let page = page(query.limit, query.cursor)?;
    let filter = PartFilter { search: search(query.search_query), procedures: values(query.procedure_ids)? };
    let listed = state.store.parts(filter, query.sort_by.into(), page, query.sort_order.into()).await?;
    Ok(List::of(listed, PartView::from))
}

/// A part with its revisions.
#[utoipa::path(
    get, path = "/api/v2/parts/{number}", tag = "parts", params(("number" = String, Path)),
    responses((status = 200, body = PartView), Refusal)
)]
async fn get_part(
    State(state): State<AppState>,
    _caller: Caller,
    Segment(number): Segment<PartNumber>,
) -> ApiResult<Json<PartView>> {
    Ok(Json(state.store.part(number).await?.into()))
}

/// Gives a part another number or name.
#[utoipa::path(
    patch, path = "/api/v2/parts/{number}", tag = "parts", params(("number" = String, Path)),
    request_body = PartChange, responses((status = 200, body = ChangedPart), Refusal)
)]
async fn update_part(
    State(state): State<AppState>,
    caller: Caller,
    Segment(number): Segment<PartNumber>,
    body: ApiResult<Body<PartChange>>,
) -> ApiResult<Json<ChangedPart>> {
    caller.person("update parts")?;
    let Body(change) = body?;
    if change.new_number.is_none() && change.name.is_none() {
        return Err(ApiError::invalid("at least one of new_number and name is required"));
    }
    let part = state.store.update_part(number, change.new_number, change.name).await?;
    Ok(Json(ChangedPart {
        id: part.brief.id.to_string(),
        number: part.brief.number.to_string(),
        name: part.brief.name.to_string(),
        updated_at: Moment(part.updated_at),
    }))
}

/// Removes a part with its revisions, if it has no units.
#[utoipa::path(
    delete, path = "/api/v2/parts/{number}", tag = "parts", params(("number" = String, Path)),
    responses((status = 200, body = RemovedPart), Refusal)
)]
async fn delete_part(
    State(state): State<AppState>,
    caller: Caller,
    Segment(number): Segment<PartNumber>,
) -> ApiResult<Json<RemovedPart>> {
    caller.person("delete parts")?;
    let (id, revisions) = state.store.delete_part(number).await?;
    let deleted_revision_ids = revisions.into_iter().map(|id| id.to_string()).collect();
    Ok(Json(RemovedPart { id: id.to_string(), deleted_revision_ids }))
}
