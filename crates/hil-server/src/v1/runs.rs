//! Making, finding and removing runs.

use std::io;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hil_model::RunId;
use hil_model::run::SerialNumber;
use hil_store::{Direction, ErrorKind, Page, RunFilter, RunOrder, StoreError};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::listed;
use super::submission::Submission;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{self, Path, Query};
use crate::iso;
use crate::link::Origin;
use crate::state::AppState;

/// The id of what was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Made)]
pub(super) struct Made {
    pub(super) id: String,
}

/// Makes a run.
#[utoipa::path(
    post,
    path = "/api/v1/runs",
    tag = "v1",
    request_body = Submission,
    responses(
        (status = 200, description = "The run is stored.", body = Made),
        (status = 400, description = "A field is missing or wrong; the message names it."),
        (status = 404, description = "The procedure or a sub-unit does not exist."),
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    extract::Body(sent): extract::Body<Submission>,
) -> ApiResult<Json<Made>> {
    let run = sent.into_run(fresh_id()?, iso::now())?;
    let id = state.store.save_run(run, caller.actor()).await?;
    state.metrics.runs_saved.inc();
    Ok(Json(Made { id: id.to_string() }))
}

/// An id that no run has yet. They sort by the time they were made.
fn fresh_id() -> ApiResult<RunId> {
    Uuid::now_v7().to_string().parse().map_err(|_| ApiError::broken())
}

/// Which runs are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The unit's serial number.
    serial_number: String,
}

/// All runs of a unit, the latest first. They are read one by one while they are sent.
#[utoipa::path(
    get,
    path = "/api/v1/runs",
    tag = "v1",
    params(Wanted),
    responses(
        (status = 200, description = "The runs, once as `result` and once as `data`."),
        (status = 400, description = "The serial number is missing or empty."),
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _caller: Caller,
    origin: Origin,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Response> {
    let serial: SerialNumber = wanted.serial_number.parse()?;
    let mut ids = Vec::new();
    let mut next = Some(0);
    while let Some(offset) = next {
        let filter = RunFilter::of_unit(serial.clone());
        let page = Page::new(Page::MAX, offset);
        let listed = state.store.runs(filter, RunOrder::StartedAt, page, Direction::Descending).await?;
        ids.extend(listed.items.into_iter().map(|run| run.id));
        next = listed.next;
    }
    let (pieces, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        if let Err(error) = send_all(&state, &origin, &ids, &pieces).await {
            tracing::error!(target: "hil_server", %error, "a list of runs ends early");
            // An answer that ends early must not look whole.
            let _ = pieces.send(Err(io::Error::other(error))).await;
        }
    });
    let pieces = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    Ok(([(CONTENT_TYPE, "application/json")], Body::from_stream(pieces)).into_response())
}

/// Sends the list twice: callers read `result`, the client's documentation reads `data`.
async fn send_all(
    state: &AppState,
    origin: &Origin,
    ids: &[RunId],
    to: &mpsc::Sender<io::Result<Bytes>>,
) -> Result<(), StoreError> {
    for opening in [r#"{"success":true,"result":["#, r#"],"data":["#] {
        let mut piece = opening.to_owned();
        for id in ids {
            match state.store.run(id.clone()).await {
                Ok(run) => piece.push_str(&listed::run(&run, state, origin).to_string()),
                // It was removed since the list was made.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            }
            if to.send(Ok(std::mem::take(&mut piece).into())).await.is_err() {
                // The client has gone.
                return Ok(());
            }
            piece.push(',');
        }
        let end = piece.trim_end_matches(',').to_owned();
        if to.send(Ok(end.into())).await.is_err() {
            return Ok(());
        }
    }
    let _ = to.send(Ok(Bytes::from_static(b"]}"))).await;
    Ok(())
}

/// Removes a run with everything in it.
#[utoipa::path(
    delete,
    path = "/api/v1/runs/{id}",
    tag = "v1",
    params(("id" = String, Path, description = "The run's id.")),
    responses(
        (status = 200, description = "It is gone.", body = Made),
        (status = 403, description = "Stations cannot delete runs."),
        (status = 404, description = "There is no such run."),
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<Json<Made>> {
    caller.person("delete runs")?;
    let id: RunId = id.parse().map_err(|_| ApiError::not_found("run does not exist"))?;
    state.store.delete_runs(vec![id.clone()]).await?;
    Ok(Json(Made { id: id.to_string() }))
}
