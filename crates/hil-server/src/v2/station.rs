//! Stations: benches that upload by themselves.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use hil_model::WallTime;
use hil_model::run::StationName;
use hil_store::{Direction, LinkedProcedure, ProcedureId, Station, StationChange, StationFilter, StationId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::creator::Identified;
use super::field;
use super::list::{List, page, search, values};
use super::path::Segment;
use super::refusal::Refusal;
use super::revision::image;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Query};
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_station, list_stations))
        .routes(routes!(get_current_station))
        .routes(routes!(get_station, update_station, remove_station))
}

/// There is one organisation: the one whose server this is.
const ORGANIZATION: &str = "hil";

/// A station that was silent for so long is not connected.
const SILENCE: Duration = Duration::from_secs(120);

/// A station to make.
#[derive(Deserialize, ToSchema)]
struct NewStation {
    /// No other station may have it.
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    name: StationName,
    /// A procedure to link it to.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, format = "uuid")]
    procedure_id: Option<ProcedureId>,
}

/// What changes on a station. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
struct StationFields {
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    name: Option<StationName>,
    /// An uploaded picture; an empty text for none.
    #[serde(default)]
    image_id: Option<String>,
    /// The team that it belongs to; null for none.
    #[serde(default, deserialize_with = "field::change")]
    #[schema(value_type = Option<String>)]
    team_id: Option<Option<String>>,
}

/// A station.
#[derive(Serialize, ToSchema)]
struct StationView {
    id: String,
    name: String,
    /// Always null: a key is shown once, to whoever makes it.
    api_key: Option<String>,
    /// The procedures that it is linked to.
    procedures: Vec<StationProcedure>,
    organization_slug: &'static str,
    /// `connected` or `disconnected`; null if it was never heard of.
    connection_status: Option<&'static str>,
    team: Option<Team>,
}

/// A procedure of a station.
#[derive(Serialize, ToSchema)]
struct StationProcedure {
    id: String,
    identifier: Option<String>,
    name: String,
    runs_count: u64,
}

/// A team. Teams have no names of their own.
#[derive(Serialize, ToSchema)]
struct Team {
    id: String,
    name: String,
}

impl From<LinkedProcedure> for StationProcedure {
    fn from(linked: LinkedProcedure) -> Self {
        Self {
            id: linked.procedure.id.to_string(),
            identifier: Some(linked.procedure.identifier),
            name: linked.procedure.name,
            runs_count: linked.runs_count,
        }
    }
}

impl From<String> for Team {
    fn from(id: String) -> Self {
        Self { name: id.clone(), id }
    }
}

/// Whether a station that was heard of then is connected now.
fn connection(seen_at: WallTime) -> &'static str {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seen = Duration::from_millis(u64::try_from(seen_at.unix_millis()).unwrap_or(0));
    if now.saturating_sub(seen) <= SILENCE { "connected" } else { "disconnected" }
}

impl From<Station> for StationView {
    fn from(station: Station) -> Self {
        Self {
            id: station.id.to_string(),
            name: station.name,
            api_key: None,
            procedures: station.procedures.into_iter().map(StationProcedure::from).collect(),
            organization_slug: ORGANIZATION,
            connection_status: station.seen_at.map(connection),
            team: station.team_id.map(Team::from),
        }
    }
}

/// A station in a list.
#[derive(Serialize, ToSchema)]
struct StationItem {
    id: String,
    name: String,
    procedures: Vec<StationProcedure>,
    procedures_count: usize,
    team: Option<Team>,
}

impl From<Station> for StationItem {
    fn from(station: Station) -> Self {
        Self {
            id: station.id.to_string(),
            name: station.name,
            procedures_count: station.procedures.len(),
            procedures: station.procedures.into_iter().map(StationProcedure::from).collect(),
            team: station.team_id.map(Team::from),
        }
    }
}

/// A station that was changed.
#[derive(Serialize, ToSchema)]
struct ChangedStation {
    id: String,
    name: String,
}

/// Which stations are wanted.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct StationQuery {
    /// A part of the name.
    search_query: Option<String>,
    /// Linked to one of these.
    procedure_ids: Vec<String>,
    limit: Option<u32>,
    cursor: Option<f64>,
}

/// Makes a station. It needs a key before it can upload.
#[utoipa::path(
    post, path = "/api/v2/stations", tag = "stations", request_body = NewStation,
    responses((status = 200, body = Identified), Refusal)
)]
async fn create_station(
    State(state): State<AppState>,
    caller: Caller,
    body: ApiResult<Body<NewStation>>,
) -> ApiResult<Json<Identified>> {
    caller.person("create stations")?;
    let Body(new) = body?;
    let station = state.store.create_station(new.name, new.procedure_id).await?;
    Ok(Identified::new(station.id))
}

/// Finds stations, newest first.
#[utoipa::path(
    get, path = "/api/v2/stations", tag = "stations", params(StationQuery),
    responses((status = 200, body = List<StationItem>), Refusal)
)]
async fn list_stations(
    State(state): State<AppState>,
    caller: Caller,
    query: ApiResult<Query<StationQuery>>,
) -> ApiResult<Json<List<StationItem>>> {
    caller.person("list stations")?;
    let Query(query) = query?;
    let page = page(query.limit, query.cursor)?;
    let filter =
        StationFilter { search: search(query.search_query), procedures: values(query.procedure_ids)? };
    let listed = state.store.stations(filter, page, Direction::Descending).await?;
    Ok(List::of(listed, StationItem::from))
}

/// The station that asks.
#[utoipa::path(
    get, path = "/api/v2/stations/current", tag = "stations",
    responses((status = 200, body = StationView), Refusal)
)]
async fn get_current_station(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<StationView>> {
    let Some(station) = caller.station() else {
        return Err(ApiError::forbidden(
            "Users cannot ask for the current station: this is no station's key",
        ));
    };
    Ok(Json(state.store.station(station.id).await?.into()))
}

/// A station.
#[utoipa::path(
    get, path = "/api/v2/stations/{id}", tag = "stations", params(("id" = String, Path)),
    responses((status = 200, body = StationView), Refusal)
)]
async fn get_station(
    State(state): State<AppState>,
    _caller: Caller,
    Segment(id): Segment<StationId>,
) -> ApiResult<Json<StationView>> {
    Ok(Json(state.store.station(id).await?.into()))
}

/// Changes a station.
#[utoipa::path(
    patch, path = "/api/v2/stations/{id}", tag = "stations", params(("id" = String, Path)),
    request_body = StationFields, responses((status = 200, body = ChangedStation), Refusal)
)]
async fn update_station(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment<StationId>,
    body: ApiResult<Body<StationFields>>,
) -> ApiResult<Json<ChangedStation>> {
    caller.person("update stations")?;
    let Body(fields) = body?;
    let image_id = image(&state.store, fields.image_id).await?;
    let change = StationChange { name: fields.name, image_id, team_id: fields.team_id };
    let station = state.store.update_station(id, change).await?;
    Ok(Json(ChangedStation { id: station.id.to_string(), name: station.name }))
}

/// Removes a station and its keys. Runs that it made keep its name.
#[utoipa::path(
    delete, path = "/api/v2/stations/{id}", tag = "stations", params(("id" = String, Path)),
    responses((status = 200, body = Identified), Refusal)
)]
async fn remove_station(
    State(state): State<AppState>,
    caller: Caller,
    Segment(id): Segment<StationId>,
) -> ApiResult<Json<Identified>> {
    caller.person("remove stations")?;
    state.store.remove_station(id).await?;
    Ok(Identified::new(id))
}
