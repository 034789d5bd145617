//! What stations ask for beside runs.

use axum::Json;
use axum::extract::State;
use hil_store::{ProcedureId, StationId};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::wire::parsed;
use crate::auth::Caller;
use crate::error::ApiResult;
use crate::extract::Body;
use crate::state::AppState;

/// Says that there is no operator interface to stream to.
///
/// The client asks every second, for ever, until it hears either `success` or a status of 400 to 407 in the body. An
/// answer with that status would do too, but stations log it as an error.
#[utoipa::path(
    get,
    path = "/api/v1/streaming",
    tag = "v1",
    responses((status = 200, description = "There is none.")),
)]
pub(super) async fn streaming(_caller: Caller) -> Json<Value> {
    Json(json!({ "success": false, "status_code": 404 }))
}

/// What a remote call carries.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::Call)]
pub(super) struct Call {
    json: Linking,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::Linking)]
struct Linking {
    /// The station.
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String)]
    id: StationId,
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String)]
    procedure_id: ProcedureId,
}

/// Links a station to a procedure. Doing so twice is the same as once; stations may run procedures that they are not
/// linked to.
#[utoipa::path(
    post,
    path = "/api/trpc/station.linkProcedure",
    tag = "v1",
    request_body = Call,
    responses(
        (status = 200, description = "They are linked."),
        (status = 403, description = "Stations cannot link themselves."),
        (status = 404, description = "There is no such station or procedure."),
    ),
)]
pub(super) async fn link_procedure(
    State(state): State<AppState>,
    caller: Caller,
    Body(Call { json: Linking { id, procedure_id } }): Body<Call>,
) -> ApiResult<Json<Value>> {
    caller.person("link procedures to stations")?;
    state.store.link_station(id, procedure_id).await?;
    Ok(Json(json!({ "result": { "data": { "json": { "id": id.to_string() } } } })))
}
