//! Making, finding and removing runs.

use std::cmp::Reverse;
use std::io;
use std::pin::pin;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use hil_model::RunId;
use hil_model::run::SerialNumber;
use hil_store::{ErrorKind, RunCursor, RunFilter, StoreError};
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

/// All runs of a unit, the latest first. They are read while they are sent.
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
    let mut found = Vec::new();
    let mut next = Some(RunCursor::default());
    while let Some(after) = next {
        let stored = state.store.runs_after(RunFilter::of_unit(serial.clone()), after).await?;
        found.extend(stored.runs);
        next = stored.next;
    }
    // Of two that began at the same time the one that was stored last comes first.
    found.reverse();
    found.sort_by_key(|run| Reverse(run.started_at));
    let ids: Vec<RunId> = found.into_iter().map(|run| run.id).collect();
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

/// How many runs are read at once.
const AT_ONCE: usize = 4;
/// How many bytes of runs are kept from the first time that they are sent to the second; of more all are read again.
const KEPT: usize = 4 << 20;

/// Sends the list twice: callers read `result`, the client's documentation reads `data`.
async fn send_all(
    state: &AppState,
    origin: &Origin,
    ids: &[RunId],
    to: &mpsc::Sender<io::Result<Bytes>>,
) -> Result<(), StoreError> {
    let (mut kept, mut bytes) = (Vec::new(), 0);
    let first = whole(state, origin, ids).inspect_ok(|run| {
        bytes += run.len();
        if bytes <= KEPT {
            kept.push(run.clone());
        }
    });
    send_list(r#"{"success":true,"result":["#, first, to).await?;
    if bytes <= KEPT {
        send_list(r#"],"data":["#, stream::iter(kept).map(Ok), to).await?;
    } else {
        send_list(r#"],"data":["#, whole(state, origin, ids), to).await?;
    }
    let _ = to.send(Ok(Bytes::from_static(b"]}"))).await;
    Ok(())
}

/// The runs as they are listed, in this order.
fn whole(state: &AppState, origin: &Origin, ids: &[RunId]) -> impl Stream<Item = Result<Bytes, StoreError>> {
    let read = stream::iter(ids).map(|id| state.store.run(id.clone())).buffered(AT_ONCE);
    read.filter_map(async |read| match read {
        Ok(run) => Some(Ok(listed::run(&run, state, origin).to_string().into())),
        // It was removed since the list was made.
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(Err(error)),
    })
}

/// Sends items with commas between them, until the client has gone.
async fn send_list(
    opening: &'static str,
    runs: impl Stream<Item = Result<Bytes, StoreError>>,
    to: &mpsc::Sender<io::Result<Bytes>>,
) -> Result<(), StoreError> {
    let mut runs = pin!(runs);
    let mut before = opening;
    while let Some(run) = runs.next().await {
        let run = run?;
        if to.send(Ok(Bytes::from_static(before.as_bytes()))).await.is_err()
            || to.send(Ok(run)).await.is_err()
        {
            return Ok(());
        }
        before = ",";
    }
    if before == opening {
        // There is none. That nobody listens is found out by whoever sends next.
        let _ = to.send(Ok(Bytes::from_static(opening.as_bytes()))).await;
    }
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
