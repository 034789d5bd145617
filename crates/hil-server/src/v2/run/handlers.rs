//! What can be done with runs.

use axum::Json;
use axum::extract::State;
use hil_model::RunId;
use hil_store::{Entity, StoreError, UploadId};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::NewRun;
use super::query::{RunIds, RunQuery};
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Query};
use crate::link::Origin;
use crate::memory;
use crate::state::AppState;
use crate::v2::attachment::{AttachmentPlace, Downloads, NewAttachment};
use crate::v2::creator::{Identified, Removed};
use crate::v2::field;
use crate::v2::list::{List, values};
use crate::v2::non_finite::PythonBody;
use crate::v2::path::Segment;
use crate::v2::refusal::Refusal;
use crate::v2::run_view::{RunHead, RunView};

pub(in crate::v2) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_run, list_runs, delete_runs))
        .layer(memory::at_most(memory::RUN))
        .routes(routes!(get_run, update_run))
        .routes(routes!(create_run_attachment))
}

/// Stores a run that has ended.
///
/// Part, revision, batch, unit and version are found or made. Stored whole or not at all.
#[utoipa::path(
    post, path = "/api/v2/runs", tag = "runs", request_body = NewRun,
    responses((status = 200, body = Identified), Refusal)
)]
async fn create_run(
    State(state): State<AppState>,
    caller: Caller,
    PythonBody(new): PythonBody<NewRun>,
) -> ApiResult<Json<Identified>> {
    let run = new.into_run(caller.actor())?;
    match state.store.save_run(run, caller.actor()).await {
        Ok(id) => {
            state.metrics.runs_saved.inc();
            Ok(Identified::new(id))
        }
        // Which procedures there are is no station's business.
        Err(StoreError::NotFound { what: Entity::Procedure, name }) if caller.station().is_some() => Err(
            ApiError::forbidden(format!("This station is not authorized to make runs of procedure {name}")),
        ),
        Err(error) => Err(error.into()),
    }
}

/// Finds runs.
#[utoipa::path(
    get, path = "/api/v2/runs", tag = "runs", params(RunQuery),
    responses((status = 200, body = List<RunHead>), Refusal)
)]
async fn list_runs(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Json<List<RunHead>>> {
    let (page, order, direction) = (query.page()?, query.sort_by.into(), query.sort_order.into());
    let listed = state.store.runs(query.try_into()?, order, page, direction).await?;
    Ok(List::of(listed, |run| RunHead::from(&run)))
}

/// Removes runs: all of them or, if one does not exist, none.
#[utoipa::path(
    delete, path = "/api/v2/runs", tag = "runs", params(RunIds),
    responses((status = 200, body = Removed), Refusal)
)]
async fn delete_runs(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<RunIds>,
) -> ApiResult<Json<Removed>> {
    caller.person("delete runs")?;
    let ids: Vec<RunId> = values(query.ids)?;
    state.store.delete_runs(ids.clone()).await?;
    Ok(Removed::new(ids))
}

/// A run, whole. Any key may read any run.
#[utoipa::path(
    get, path = "/api/v2/runs/{id}", tag = "runs", params(("id" = String, Path)),
    responses((status = 200, body = RunView), Refusal)
)]
async fn get_run(
    State(state): State<AppState>,
    _caller: Caller,
    origin: Origin,
    Segment(id): Segment<RunId>,
) -> ApiResult<Json<RunView>> {
    let stored = state.store.run(id).await?;
    Ok(Json(RunView::new(&stored, &Downloads { state: &state, origin: &origin })))
}

/// What changes on a run.
#[derive(Deserialize, ToSchema)]
struct RunChange {
    /// Uploaded files that belong to it from now on.
    #[serde(default, deserialize_with = "field::list")]
    #[schema(value_type = Vec<String>)]
    attachments: Vec<UploadId>,
}

/// Links files to a run. A station links its own files to its own runs only.
#[utoipa::path(
    patch, path = "/api/v2/runs/{id}", tag = "runs", params(("id" = String, Path)), request_body = RunChange,
    responses((status = 200, body = Identified), Refusal)
)]
async fn update_run(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment<RunId>,
    Body(change): Body<RunChange>,
) -> ApiResult<Json<Identified>> {
    state.store.attach_to_run(id.clone(), change.attachments, caller.actor()).await?;
    Ok(Identified::new(id))
}

/// Announces a file that belongs to a run. A station does so for its own runs only.
#[utoipa::path(
    post, path = "/api/v2/runs/{id}/attachments", tag = "runs", params(("id" = String, Path)),
    request_body = NewAttachment, responses((status = 200, body = AttachmentPlace), Refusal)
)]
async fn create_run_attachment(
    State(state): State<AppState>,
    caller: Caller,
    origin: Origin,
    Segment(id): Segment<RunId>,
    Body(new): Body<NewAttachment>,
) -> ApiResult<Json<AttachmentPlace>> {
    let upload = state.store.create_upload_of_run(new.name, id, caller.actor()).await?;
    Ok(AttachmentPlace::new(&upload, Downloads { state: &state, origin: &origin }))
}
