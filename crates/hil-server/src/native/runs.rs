//! Runs, whole and in lists.

use std::error::Error as _;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use hil_archive::RunQuery;
use hil_archive::answer::RunLines;
use hil_exchange::document::{self, DocumentError};
use hil_model::RunId;
use hil_model::run::{AttachmentLimits, Run};
use hil_store::{Entity, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Path, Query, whole};
use crate::state::AppState;

/// A run that is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Saved {
    /// Its id.
    id: String,
}

/// Saves a run. Sending it again is the same as sending it once.
///
/// The contents of its attachments come first. Its procedure is the one with that UUID or identifier, else the one with
/// that name, which is made if there is none, for stations too. A run that a station sends is that station's, whatever
/// the document calls it.
#[utoipa::path(
    put,
    path = "/api/hil/v1/runs/{id}",
    tag = "hil",
    params(("id" = String, Path, description = "The run's id, as in its document.")),
    request_body(content = serde_json::Value, description = "The document of the run."),
    responses(
        (status = 200, description = "The run is on the disk.", body = Saved),
        (status = 400, description = "The document is wrong; the message says where."),
        (status = 409, description = "Another run has that id, or contents are missing; the message names them."),
    ),
)]
pub(super) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> ApiResult<Json<Saved>> {
    let id = run_id(id)?;
    let json = whole(request, &state).await?;
    let run = document::from_slice(&json).map_err(unread)?;
    drop(json);
    if run.id != id {
        return Err(ApiError::invalid(format!("id: the document is that of run {}", run.id)));
    }
    check_contents(&state, &run).await?;
    let saved = state.store.place_run(run, caller.actor()).await.map_err(|error| match error {
        StoreError::NotFound { what: Entity::Content, name } => missing(&[name]),
        other => other.into(),
    })?;
    state.metrics.runs_saved.inc();
    Ok(Json(Saved { id: saved.into() }))
}

/// Refuses a run whose files are not there, or are others than it says.
async fn check_contents(state: &AppState, run: &Run) -> ApiResult<()> {
    // How many a test may attach is for whoever runs it, how large each may be for whoever takes the contents.
    let count = usize::try_from(AttachmentLimits::MOST).unwrap_or(usize::MAX);
    let limits = AttachmentLimits { count, bytes: u64::MAX };
    limits.check(&run.attachments).map_err(|error| ApiError::invalid(error.to_string()))?;
    let mut lacking = Vec::new();
    for attachment in &run.attachments {
        match state.store.content(&attachment.digest).await {
            Ok(content) if content.size == attachment.size => {}
            Ok(content) => {
                let (name, size) = (&attachment.name, content.size);
                return Err(ApiError::invalid(format!("attachment {name:?} has {size} bytes")));
            }
            Err(StoreError::NotFound { .. }) => lacking.push(attachment.digest.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    if lacking.is_empty() { Ok(()) } else { Err(missing(&lacking)) }
}

fn missing(digests: &[String]) -> ApiError {
    ApiError::conflict(format!("these contents are missing: {}", digests.join(", ")))
}

/// What is wrong with a document, with its place and its reason.
fn unread(error: DocumentError) -> ApiError {
    match error.source() {
        Some(source) => ApiError::invalid(format!("{error}: {source}")),
        None => ApiError::invalid(error.to_string()),
    }
}

fn run_id(text: String) -> ApiResult<RunId> {
    text.try_into().map_err(|error: hil_model::NameError| ApiError::invalid(error.to_string()))
}

/// A run, whole, as its document.
#[utoipa::path(
    get,
    path = "/api/hil/v1/runs/{id}",
    tag = "hil",
    params(("id" = String, Path, description = "The run's id.")),
    responses(
        (status = 200, description = "The document of the run.", body = serde_json::Value),
        (status = 404, description = "There is no such run."),
    ),
)]
pub(super) async fn get(
    State(state): State<AppState>,
    _caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let stored = state.store.run(run_id(id)?).await?;
    let json = write(&stored.run).map_err(|error| {
        tracing::error!(target: "hil_server", run = %stored.run.id, %error, "a stored run cannot be written");
        ApiError::broken()
    })?;
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

/// The document of a run.
pub(super) fn write(run: &Run) -> Result<Vec<u8>, DocumentError> {
    let mut json = Vec::new();
    document::to_writer(run, &mut json)?;
    Ok(json)
}

/// Finds runs. An unknown serial number finds none; an empty one is an error.
#[utoipa::path(
    get,
    path = "/api/hil/v1/runs",
    tag = "hil",
    params(RunQuery),
    responses((status = 200, description = "A page of runs.", body = RunLines)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Json<RunLines>> {
    let (order, page) = (query.order(), query.wanted());
    let runs = state.store.runs(query.into_filter(), order.column(), page, order.direction()).await?;
    Ok(Json(runs.into()))
}
