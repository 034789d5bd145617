//! Statistics over the runs that a question lets through.

use axum::Json;
use axum::extract::State;
use hil_archive::RunQuery;
use hil_archive::answer::{Capabilities, Drifts, FirstPasses, FlakyPhase, SlowPhase, Trend, UnitTrends};

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::Query;
use crate::state::AppState;

/// The measurement that the question must name.
fn measured(query: &RunQuery) -> ApiResult<String> {
    let name = query.measured().filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| ApiError::invalid("measurement: is required"))
}

fn all<T, U: From<T>>(items: Vec<T>) -> Json<Vec<U>> {
    Json(items.into_iter().map(U::from).collect())
}

/// The first-pass yield of each procedure.
#[utoipa::path(
    get,
    path = "/api/hil/v1/statistics/first-pass",
    tag = "hil",
    params(RunQuery),
    responses((status = 200, description = "A page of procedures, oldest first.", body = FirstPasses)),
)]
pub(super) async fn first_pass(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Json<FirstPasses>> {
    let page = query.wanted();
    Ok(Json(state.store.first_pass_yield(query.into_filter(), page).await?.into()))
}

/// Cp and Cpk of each numeric measurement that has limits, or of the one that is named.
#[utoipa::path(
    get,
    path = "/api/hil/v1/statistics/capability",
    tag = "hil",
    params(RunQuery),
    responses((status = 200, description = "A page of measurements, by procedure, phase and name.", body = Capabilities)),
)]
pub(super) async fn capability(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Json<Capabilities>> {
    let (measurement, page) = (query.measured().map(str::to_owned), query.wanted());
    Ok(Json(state.store.capability(query.into_filter(), measurement, page).await?.into()))
}

/// The values of a measurement over time.
#[utoipa::path(
    get,
    path = "/api/hil/v1/statistics/trend",
    tag = "hil",
    params(RunQuery),
    responses((status = 200, description = "A page of values.", body = Trend)),
)]
pub(super) async fn trend(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Json<Trend>> {
    let (measurement, page, direction) = (measured(&query)?, query.wanted(), query.order().direction());
    Ok(Json(state.store.trend(query.into_filter(), measurement, page, direction).await?.into()))
}

/// The values of a measurement over units, in the order in which the units were first tested.
#[utoipa::path(
    get,
    path = "/api/hil/v1/statistics/unit-trend",
    tag = "hil",
    params(RunQuery),
    responses((status = 200, description = "A page of units.", body = UnitTrends)),
)]
pub(super) async fn unit_trend(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Json<UnitTrends>> {
    let (measurement, page, direction) = (measured(&query)?, query.wanted(), query.order().direction());
    Ok(Json(state.store.unit_trend(query.into_filter(), measurement, page, direction).await?.into()))
}

/// Phases that both passed and failed for one unit, or were tried again, the worst first.
#[utoipa::path(
    get,
    path = "/api/hil/v1/statistics/flaky",
    tag = "hil",
    params(RunQuery),
    responses((status = 200, description = "One entry a phase.", body = Vec<FlakyPhase>)),
)]
pub(super) async fn flaky(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Json<Vec<FlakyPhase>>> {
    let limit = query.limit();
    Ok(all(state.store.flaky_phases(query.into_filter(), limit).await?))
}

/// Phases, those that take longest on average first.
#[utoipa::path(
    get,
    path = "/api/hil/v1/statistics/slowest",
    tag = "hil",
    params(RunQuery),
    responses((status = 200, description = "One entry a phase.", body = Vec<SlowPhase>)),
)]
pub(super) async fn slowest(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Json<Vec<SlowPhase>>> {
    let limit = query.limit();
    Ok(all(state.store.slowest_phases(query.into_filter(), limit).await?))
}

/// How measurements with limits changed over time: their means, and the share of marginal values. A page has at most
/// 20 000 periods, and so the fewer measurements the more periods each has.
#[utoipa::path(
    get,
    path = "/api/hil/v1/statistics/drift",
    tag = "hil",
    params(RunQuery),
    responses((status = 200, description = "A page of measurements, by procedure, phase and name.", body = Drifts)),
)]
pub(super) async fn drift(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Json<Drifts>> {
    let (measurement, periods) = (query.measured().map(str::to_owned), query.period_count());
    let page = query.wanted();
    Ok(Json(state.store.drift(query.into_filter(), measurement, periods, page).await?.into()))
}
