//! Revisions of parts.

use axum::Json;
use axum::extract::State;
use hil_model::run::{PartNumber, RevisionNumber};
use hil_store::{Revision, RevisionChange, Store, UploadId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::creator::{CreatedBy, Identified};
use super::field;
use super::moment::Moment;
use super::path::{Segment, Segments};
use super::refusal::Refusal;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::Body;
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_revision)).routes(routes!(
        get_revision,
        update_revision,
        delete_revision
    ))
}

/// A revision to make.
#[derive(Deserialize, ToSchema)]
struct NewRevision {
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 60)]
    number: RevisionNumber,
}

/// What changes on a revision: one of them at least.
#[derive(Deserialize, ToSchema)]
struct RevisionFields {
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    number: Option<RevisionNumber>,
    /// An uploaded picture; an empty text for none.
    #[serde(default)]
    image_id: Option<String>,
}

/// A revision of a part.
#[derive(Serialize, ToSchema)]
struct RevisionView {
    id: String,
    number: String,
    created_at: Moment,
    #[serde(flatten)]
    created_by: CreatedBy,
    part: RevisionPart,
    /// The units that have this revision now, newest first.
    units: Vec<RevisionUnit>,
}

/// The part of a revision.
#[derive(Serialize, ToSchema)]
struct RevisionPart {
    id: String,
    number: String,
    name: String,
}

/// A unit of a revision.
#[derive(Serialize, ToSchema)]
struct RevisionUnit {
    id: String,
    serial_number: String,
}

impl From<Revision> for RevisionView {
    fn from(revision: Revision) -> Self {
        let units = revision.units.iter().map(|unit| RevisionUnit {
            id: unit.id.to_string(),
            serial_number: unit.serial_number.to_string(),
        });
        Self {
            id: revision.brief.id.to_string(),
            number: revision.brief.number.to_string(),
            created_at: Moment(revision.brief.created_at),
            created_by: CreatedBy::from(&revision.created_by),
            part: RevisionPart {
                id: revision.part.id.to_string(),
                number: revision.part.number.to_string(),
                name: revision.part.name.to_string(),
            },
            units: units.collect(),
        }
    }
}

/// The picture that a request names: one that was announced, or none for an empty text.
pub(super) async fn image(store: &Store, id: Option<String>) -> ApiResult<Option<Option<String>>> {
    match id.as_deref() {
        None => Ok(None),
        Some("") => Ok(Some(None)),
        Some(id) => {
            let id: UploadId = id.parse()?;
            Ok(Some(Some(store.upload(id).await?.id.to_string())))
        }
    }
}

/// Makes a revision of a part.
#[utoipa::path(
    post, path = "/api/v2/parts/{part_number}/revisions", tag = "revisions",
    params(("part_number" = String, Path)), request_body = NewRevision,
    responses((status = 200, body = Identified), Refusal)
)]
async fn create_revision(
    State(state): State<AppState>,
    caller: Caller,
    Segment(part): Segment<PartNumber>,
    Body(new): Body<NewRevision>,
) -> ApiResult<Json<Identified>> {
    let revision = state.store.create_revision(part, new.number, caller.actor()).await?;
    Ok(Identified::new(revision.brief.id))
}

/// A revision of a part, with its units.
#[utoipa::path(
    get, path = "/api/v2/parts/{part_number}/revisions/{revision_number}", tag = "revisions",
    params(("part_number" = String, Path), ("revision_number" = String, Path)),
    responses((status = 200, body = RevisionView), Refusal)
)]
async fn get_revision(
    State(state): State<AppState>,
    _caller: Caller,
    Segments(part, number): Segments<PartNumber, RevisionNumber>,
) -> ApiResult<Json<RevisionView>> {
    Ok(Json(state.store.revision(part, number).await?.into()))
}

/// Gives a revision another number or picture.
#[utoipa::path(
    patch, path = "/api/v2/parts/{part_number}/revisions/{revision_number}", tag = "revisions",
    params(("part_number" = String, Path), ("revision_number" = String, Path)),
    request_body = RevisionFields, responses((status = 200, body = Identified), Refusal)
)]
async fn update_revision(
    State(state): State<AppState>,
    caller: Caller,
    Segments(part, number): Segments<PartNumber, RevisionNumber>,
    body: ApiResult<Body<RevisionFields>>,
) -> ApiResult<Json<Identified>> {
    caller.person("update revisions")?;
    let Body(fields) = body?;
    if fields.number.is_none() && fields.image_id.is_none() {
        return Err(ApiError::invalid("at least one of number and image_id is required"));
    }
    let image_id = image(&state.store, fields.image_id).await?;
    let change = RevisionChange { number: fields.number, image_id };
    let revision = state.store.update_revision(part, number, change).await?;
    Ok(Identified::new(revision.brief.id))
}

/// Removes a revision that no unit has. A part goes with its last revision.
#[utoipa::path(
    delete, path = "/api/v2/parts/{part_number}/revisions/{revision_number}", tag = "revisions",
    params(("part_number" = String, Path), ("revision_number" = String, Path)),
    responses((status = 200, body = Identified), Refusal)
)]
async fn delete_revision(
    State(state): State<AppState>,
    caller: Caller,
    Segments(part, number): Segments<PartNumber, RevisionNumber>,
) -> ApiResult<Json<Identified>> {
    caller.person("delete revisions")?;
    Ok(Identified::new(state.store.delete_revision(part, number).await?))
}
