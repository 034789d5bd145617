//! Jobs, benches and plugins over HTTP.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use hil_store::{JobId, JobStatus};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::SIM;
use super::answer::{Base, Extended, answers, current};
use super::queue::Cancelled;
use super::request::{By, parse};
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Path, Query, whole};
use crate::state::AppState;

/// Their routes, from the server's root.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(get, cancel))
        .routes(routes!(extended))
        .routes(routes!(benches))
        .routes(routes!(plugins))
        .routes(routes!(plugin))
}

/// How many jobs a list has if nobody says.
const USUAL: u32 = 50;
/// The most that one has.
const MOST: u32 = 1000;

/// How many jobs of a list are there with their frames: the newest.
const WITH_FRAMES: usize = 50;

/// Starts a job: it joins the queue of its bench.
#[utoipa::path(
    post,
    path = "/v1/jobs",
    tag = "jobs",
    request_body(content = Value, description = "What to run: `suite`, `plugins` or `source`, and how."),
    responses(
        (status = 202, description = "The job waits for its bench.", body = Base),
        (status = 400, description = "The body is no JSON."),
        (status = 422, description = "A field cannot be meant; the answer names it."),
        (status = 429, description = "Too many jobs wait for the bench."),
    ),
)]
async fn create(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> ApiResult<(StatusCode, [(HeaderName, String); 1], Json<Base>)> {
    caller.may_start()?;
    let body = whole(request, &state).await?;
    let (jobs, by) = (state.jobs.clone(), By::of(caller.user()));
    // What a job says about the configuration is tried on the bench's files.
    let order = tokio::task::spawn_blocking(move || parse(&body, by, jobs.launcher())).await;
    let order = order.map_err(|_| ApiError::broken())??;
    let Some(job) = state.jobs.queue(&order).await? else {
        return Err(ApiError::refused(
            StatusCode::TOO_MANY_REQUESTS,
            "The queue is full",
            "QUEUE_FULL",
            format!("too many jobs wait for the bench {}", order.device_used),
        ));
    };
    let location = format!("/v1/jobs/{}", job.id);
    Ok((StatusCode::ACCEPTED, [(LOCATION, location)], Json(answers(job, None).base())))
}

/// Which jobs are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those in one of these statuses.
    status: Vec<String>,
    /// At most so many, 1 to 1000.
    limit: Option<String>,
    /// `false`: without their frames, which are many.
    frames: Option<bool>,
}

/// Jobs, the newest first. The newest 50 are there with their frames.
#[utoipa::path(
    get,
    path = "/v1/jobs",
    tag = "jobs",
    params(Wanted),
    responses((status = 200, description = "`{\"jobs\": […]}`", body = Value)),
)]
async fn list(
    State(state): State<AppState>,
    _caller: Caller,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Value>> {
    let statuses = wanted.status.iter().filter(|word| !word.is_empty()).map(|word| {
        word.parse::<JobStatus>().map_err(|_| ApiError::bad_value("status", format!("{word:?} is no status")))
    });
    let statuses = statuses.collect::<Result<Vec<_>, _>>()?;
    let limit =
        match wanted.limit.filter(|text| !text.is_empty()) {
            None => USUAL,
            Some(text) => text.parse().ok().filter(|limit| (1..=MOST).contains(limit)).ok_or_else(|| {
                ApiError::bad_value("limit", format!("expected 1 to {MOST}, found {text:?}"))
            })?,
        };
    let jobs = state.jobs.list(statuses, limit).await?;
    let mut listed = Vec::with_capacity(jobs.len());
    for job in jobs {
        let has_frames = wanted.frames != Some(false) && listed.len() < WITH_FRAMES;
        let (job, view) = if has_frames { state.jobs.job(job.id).await? } else { (job, None) };
        listed.push(answers(job, view).base());
    }
    Ok(Json(json!({ "jobs": listed })))
}

/// The id of a job; a text that is none is that of no job.
fn job_id(path: ApiResult<Path<String>>) -> ApiResult<JobId> {
    let unknown = || ApiError::not_found("there is no such job");
    path.map_err(|_| unknown())?.0.parse().map_err(|_| unknown())
}

async fn answer(state: &AppState, id: JobId) -> ApiResult<Extended> {
    let (job, view) = state.jobs.job(id).await?;
    Ok(answers(job, view))
}

/// A job.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id.")),
    responses(
        (status = 200, description = "What it is, and where it is.", body = Base),
        (status = 404, description = "There is no such job."),
    ),
)]
async fn get(
    State(state): State<AppState>,
    _caller: Caller,
    id: ApiResult<Path<String>>,
) -> ApiResult<Json<Base>> {
    Ok(Json(answer(&state, job_id(id)?).await?.base()))
}

/// A job, with its progress, the timings of its plugins, and its warnings.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}/extended",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id.")),
    responses(
        (status = 200, description = "The job, with what its messages said so far.", body = Extended),
        (status = 404, description = "There is no such job."),
    ),
)]
async fn extended(
    State(state): State<AppState>,
    _caller: Caller,
    id: ApiResult<Path<String>>,
) -> ApiResult<Json<Extended>> {
    Ok(Json(answer(&state, job_id(id)?).await?))
}

/// Cancels a job: the test in flight is torn down, and the bench made safe.
#[utoipa::path(
    delete,
    path = "/v1/jobs/{id}",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id.")),
    responses(
        (status = 202, description = "It ends.", body = Base),
        (status = 200, description = "It had ended before.", body = Base),
        (status = 404, description = "There is no such job."),
    ),
)]
async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    id: ApiResult<Path<String>>,
) -> ApiResult<(StatusCode, Json<Base>)> {
    caller.may_start()?;
    let id = job_id(id)?;
    let status = match state.jobs.cancel(id).await? {
        Cancelled::Begun => StatusCode::ACCEPTED,
        Cancelled::Over => StatusCode::OK,
        Cancelled::Elsewhere => {
            let message = "another server runs this job";
            return Err(ApiError::refused(StatusCode::CONFLICT, "Not here", "OTHER_SERVER", message));
        }
    };
    Ok((status, Json(answer(&state, id).await?.base())))
}

/// The benches of this server: what they can run, and what they are doing.
#[utoipa::path(
    get,
    path = "/v1/benches",
    tag = "jobs",
    responses((status = 200, description = "`{\"benches\": […]}`", body = Value)),
)]
async fn benches(State(state): State<AppState>, _caller: Caller) -> ApiResult<Json<Value>> {
    let mut benches = Vec::new();
    for (name, running, queued) in state.jobs.benches().await? {
        let job = match running {
            Some(id) => Some(current(&state.jobs.job(id).await?.0)),
            None => None,
        };
        let launcher = state.jobs.launcher().filter(|launcher| launcher.bench().name == name);
        let owner = match (running, launcher) {
            (Some(id), _) => Some(format!("job {id}")),
            (None, Some(launcher)) => launcher.owner(),
            (None, None) => None,
        };
        let suites =
            launcher.map_or_else(|| vec![SIM.to_owned()], |launcher| launcher.bench().suites.clone());
        benches.push(json!({
            "name": name,
            "simulated": launcher.is_none_or(|launcher| launcher.bench().simulated),
            "state": if owner.is_some() { "busy" } else { "idle" },
            "owner": owner,
            "job_id": running.map(|id| id.to_string()),
            "job": job,
            "queued": queued,
            "suites": suites,
        }));
    }
    Ok(Json(json!({ "benches": benches })))
}

/// The plugins: whatever does timed work inside a job.
#[utoipa::path(
    get,
    path = "/v1/plugins",
    tag = "jobs",
    responses((status = 200, description = "`{\"plugins\": […]}`", body = Value)),
)]
async fn plugins(State(state): State<AppState>, _caller: Caller) -> Json<Value> {
    Json(json!({ "plugins": *state.plugins }))
}

/// A plugin: the payload of its `metadata` message.
#[utoipa::path(
    get,
    path = "/v1/plugins/{name}",
    tag = "jobs",
    params(("name" = String, Path, description = "The plugin's name.")),
    responses(
        (status = 200, description = "What it declares.", body = Value),
        (status = 404, description = "There is no such plugin."),
    ),
)]
async fn plugin(
    State(state): State<AppState>,
    _caller: Caller,
    name: ApiResult<Path<String>>,
) -> ApiResult<Json<Value>> {
    let unknown = || ApiError::not_found("there is no such plugin");
    let Path(name) = name.map_err(|_| unknown())?;
    let found = state.plugins.iter().find(|metadata| metadata.plugin.as_str() == name);
    let found = found.ok_or_else(unknown)?;
    Ok(Json(json!(found)))
}
