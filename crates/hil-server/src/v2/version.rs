//! Versions of procedures.

use axum::Json;
use axum::extract::State;
use hil_model::run::VersionTag;
use hil_store::{Entity, ProcedureId, StoreError, Version};
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
    OpenApiRouter::new().routes(routes!(create_version)).routes(routes!(get_version, delete_version))
}

/// A version to make.
#[derive(Deserialize, ToSchema)]
struct NewVersion {
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 60)]
    tag: VersionTag,
}

/// A version.
#[derive(Serialize, ToSchema)]
struct VersionView {
    id: String,
    tag: String,
    created_at: Moment,
    procedure: VersionProcedure,
    run_count: u64,
    #[serde(flatten)]
    created_by: CreatedBy,
}

/// The procedure of a version.
#[derive(Serialize, ToSchema)]
struct VersionProcedure {
    id: String,
    name: String,
}

impl From<Version> for VersionView {
    fn from(version: Version) -> Self {
        let procedure =
            VersionProcedure { id: version.procedure.id.to_string(), name: version.procedure.name };
        Self {
            id: version.id.to_string(),
            tag: version.tag.to_string(),
            created_at: Moment(version.created_at),
            procedure,
            run_count: version.runs_count,
            created_by: CreatedBy::from(&version.created_by),
        }
    }
}

/// What the client looks for when there is no such version.
fn not_found(error: StoreError) -> ApiError {
    match error {
        StoreError::NotFound { what: Entity::Version, name } => {
            ApiError::not_found(format!("Procedure version not found: {name:?}"))
        }
        error => error.into(),
    }
}

/// Makes a version of a procedure.
#[utoipa::path(
    post, path = "/api/v2/procedures/{procedure_id}/versions", tag = "versions",
    params(("procedure_id" = String, Path)), request_body = NewVersion,
    responses((status = 200, body = Identified), Refusal)
)]
async fn create_version(
    State(state): State<AppState>,
    caller: Caller,
    Segment(procedure): Segment<ProcedureId>,
    body: ApiResult<Body<NewVersion>>,
) -> ApiResult<Json<Identified>> {
    caller.person("create procedure versions")?;
    let Body(new) = body?;
    let version = state.store.create_version(procedure, new.tag, caller.actor()).await?;
    Ok(Identified::new(version.id))
}

/// A version of a procedure.
#[utoipa::path(
    get, path = "/api/v2/procedures/{procedure_id}/versions/{tag}", tag = "versions",
    params(("procedure_id" = String, Path), ("tag" = String, Path)),
    responses((status = 200, body = VersionView), Refusal)
)]
async fn get_version(
    State(state): State<AppState>,
    _caller: Caller,
    Segments(procedure, tag): Segments<ProcedureId, VersionTag>,
) -> ApiResult<Json<VersionView>> {
    Ok(Json(state.store.version_of(procedure, tag).await.map_err(not_found)?.into()))
}

/// Removes a version of which there is no run.
#[utoipa::path(
    delete, path = "/api/v2/procedures/{procedure_id}/versions/{tag}", tag = "versions",
    params(("procedure_id" = String, Path), ("tag" = String, Path)),
    responses((status = 200, body = Identified), Refusal)
)]
async fn delete_version(
    State(state): State<AppState>,
    caller: Caller,
    Segments(procedure, tag): Segments<ProcedureId, VersionTag>,
) -> ApiResult<Json<Identified>> {
    caller.person("delete procedure versions")?;
    Ok(Identified::new(state.store.delete_version(procedure, tag).await.map_err(not_found)?))
}
