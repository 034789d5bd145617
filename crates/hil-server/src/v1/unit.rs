//! Changing and removing units, for clients before 2.0.

use axum::Json;
use axum::extract::State;
use hil_model::run::SerialNumber;
use serde::Deserialize;
use utoipa::ToSchema;

use super::runs::Made;
use super::submission::SubUnitSent;
use crate::auth::Caller;
use crate::error::ApiResult;
use crate::extract::{Body, Path};
use crate::state::AppState;

/// What changes on a unit.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::Change)]
pub(super) struct Change {
    /// Units that become parts of it.
    sub_units: Option<Vec<SubUnitSent>>,
}

/// Makes units parts of another one: all of them or, if one cannot be, none.
#[utoipa::path(
    patch,
    path = "/api/v1/units/{serial_number}",
    tag = "v1",
    params(("serial_number" = String, Path, description = "The unit's serial number.")),
    request_body = Change,
    responses(
        (status = 200, body = Made),
        (status = 400, description = "A unit would contain itself."),
        (status = 404, description = "One of the units does not exist."),
    ),
)]
pub(super) async fn update(
    State(state): State<AppState>,
    _caller: Caller,
    Path(serial): Path<String>,
    Body(change): Body<Change>,
) -> ApiResult<Json<Made>> {
    let serial: SerialNumber = serial.parse()?;
    let children = change.sub_units.into_iter().flatten().map(|child| child.serial_number);
    let id = state.store.add_children(serial, children.collect()).await?;
    Ok(Json(Made { id: id.to_string() }))
}

/// Removes a unit. Its runs stay.
#[utoipa::path(
    delete,
    path = "/api/v1/units/{serial_number}",
    tag = "v1",
    params(("serial_number" = String, Path, description = "The unit's serial number.")),
    responses(
        (status = 200, body = Made),
        (status = 403, description = "Stations cannot delete units."),
        (status = 404, description = "There is no such unit."),
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(serial): Path<String>,
) -> ApiResult<Json<Made>> {
    caller.person("delete units")?;
    let serial: SerialNumber = serial.parse()?;
    let ids = state.store.delete_units(vec![serial]).await?;
    Ok(Json(Made { id: ids.into_iter().map(|id| id.to_string()).collect() }))
}
