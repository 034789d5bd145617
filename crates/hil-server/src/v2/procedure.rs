//! Procedures: what is executed.

use axum::Json;
use axum::extract::State;
use hil_model::run::ProcedureName;
use hil_store::{Direction, Procedure, ProcedureFilter, ProcedureId, RecentRun};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::creator::{Identified, Person, StationName};
use super::field;
use super::list::{List, page, search};
use super::moment::Moment;
use super::path::Segment;
use super::refusal::Refusal;
use crate::auth::Caller;
use crate::error::ApiResult;
use crate::extract::{Body, Query};
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_procedure, list_procedures)).routes(routes!(
        get_procedure,
        rename_procedure,
        delete_procedure
    ))
}

/// A procedure to make, or the new name of one.
#[derive(Deserialize, ToSchema)]
struct NamedProcedure {
    /// Names need not be unique.
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    name: ProcedureName,
}

/// A procedure.
#[derive(Serialize, ToSchema)]
struct ProcedureView {
    id: String,
    /// Its short name, such as `FVT1`.
    identifier: Option<String>,
    name: String,
    created_at: Moment,
    created_by_user: Option<Person>,
    runs_count: u64,
    /// The latest of them, newest first.
    recent_runs: Vec<RecentRunView>,
    /// The stations that are linked to it.
    stations: Vec<StationName>,
}

/// A run of a procedure.
#[derive(Serialize, ToSchema)]
struct RecentRunView {
    id: String,
    started_at: Moment,
    /// PASS, FAIL, ERROR, TIMEOUT or ABORTED.
    outcome: &'static str,
    unit: Option<RecentUnit>,
}

/// The unit of a run.
#[derive(Serialize, ToSchema)]
struct RecentUnit {
    id: String,
    serial_number: String,
}

impl From<&RecentRun> for RecentRunView {
    fn from(run: &RecentRun) -> Self {
        let unit = RecentUnit { id: run.unit.to_string(), serial_number: run.serial_number.to_string() };
        Self {
            id: run.id.to_string(),
            started_at: Moment(run.started_at),
            outcome: run.outcome.word(),
            unit: Some(unit),
        }
    }
}

impl From<Procedure> for ProcedureView {
    fn from(procedure: Procedure) -> Self {
        Self {
            id: procedure.brief.id.to_string(),
            identifier: Some(procedure.brief.identifier),
            name: procedure.brief.name,
            created_at: Moment(procedure.created_at),
            created_by_user: procedure.created_by.user.as_ref().map(Person::from),
            runs_count: procedure.runs_count,
            recent_runs: procedure.recent_runs.iter().map(RecentRunView::from).collect(),
            stations: procedure.stations.iter().map(StationName::from).collect(),
        }
    }
}

/// A procedure in a list.
#[derive(Serialize, ToSchema)]
struct ProcedureItem {
    id: String,
    identifier: Option<String>,
    name: String,
    created_at: Moment,
    created_by_user: Person,
    /// The latest runs, newest first.
    runs: Vec<RecentRunView>,
    /// Of the hosted service: always null.
    #[serde(rename = "linkedRepository")]
    linked_repository: Option<String>,
}

impl From<Procedure> for ProcedureItem {
    fn from(procedure: Procedure) -> Self {
        Self {
            id: procedure.brief.id.to_string(),
            identifier: Some(procedure.brief.identifier),
            name: procedure.brief.name,
            created_at: Moment(procedure.created_at),
            created_by_user: procedure.created_by.user.as_ref().map_or_else(Person::local, Person::from),
            runs: procedure.recent_runs.iter().map(RecentRunView::from).collect(),
            linked_repository: None,
        }
    }
}

/// Which procedures are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProcedureQuery {
    /// A part of the name or of the identifier.
    search_query: Option<String>,
    created_after: Option<Moment>,
    created_before: Option<Moment>,
    limit: Option<u32>,
    cursor: Option<f64>,
}

/// Makes a procedure.
#[utoipa::path(
    post, path = "/api/v2/procedures", tag = "procedures", request_body = NamedProcedure,
    responses((status = 200, body = Identified), Refusal)
)]
async fn create_procedure(
    State(state): State<AppState>,
    caller: Caller,
    body: ApiResult<Body<NamedProcedure>>,
) -> ApiResult<Json<Identified>> {
    caller.person("create procedures")?;
    let Body(new) = body?;
    let procedure = state.store.create_procedure(new.name, caller.actor()).await?;
    Ok(Identified::new(procedure.brief.id))
}

/// Finds procedures, newest first.
#[utoipa::path(
    get, path = "/api/v2/procedures", tag = "procedures", params(ProcedureQuery),
    responses((status = 200, body = List<ProcedureItem>), Refusal)
)]
async fn list_procedures(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<ProcedureQuery>,
) -> ApiResult<Json<List<ProcedureItem>>> {
    let page = page(query.limit, query.cursor)?;
    let filter = ProcedureFilter {
        search: search(query.search_query),
        created_after: query.created_after.map(|moment| moment.0),
        created_before: query.created_before.map(|moment| moment.0),
    };
    let listed = state.store.procedures(filter, page, Direction::Descending).await?;
    Ok(List::of(listed, ProcedureItem::from))
}

/// A procedure, with its latest runs and its stations.
#[utoipa::path(
    get, path = "/api/v2/procedures/{id}", tag = "procedures", params(("id" = String, Path)),
    responses((status = 200, body = ProcedureView), Refusal)
)]
async fn get_procedure(
    State(state): State<AppState>,
    _caller: Caller,
    Segment(id): Segment<ProcedureId>,
) -> ApiResult<Json<ProcedureView>> {
    Ok(Json(state.store.procedure(id).await?.into()))
}

/// Gives a procedure another name.
#[utoipa::path(
    patch, path = "/api/v2/procedures/{id}", tag = "procedures", params(("id" = String, Path)),
    request_body = NamedProcedure, responses((status = 200, body = Identified), Refusal)
)]
async fn rename_procedure(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment<ProcedureId>,
    body: ApiResult<Body<NamedProcedure>>,
) -> ApiResult<Json<Identified>> {
    caller.person("update procedures")?;
    let Body(change) = body?;
    let procedure = state.store.rename_procedure(id, change.name).await?;
    Ok(Identified::new(procedure.brief.id))
}

/// Removes a procedure with all its versions and runs.
#[utoipa::path(
    delete, path = "/api/v2/procedures/{id}", tag = "procedures", params(("id" = String, Path)),
    responses((status = 200, body = Identified), Refusal)
)]
async fn delete_procedure(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment<ProcedureId>,
) -> ApiResult<Json<Identified>> {
    caller.person("delete procedures")?;
    state.store.delete_procedure(id).await?;
    Ok(Identified::new(id))
}
