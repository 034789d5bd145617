//! What can be done with units.

use axum::Json;
use axum::extract::State;
use hil_model::run::SerialNumber;
use hil_store::{Entity, StoreError, UploadId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{NewChild, NewUnit, UnitFields};
use super::query::{ChildNumber, UnitNumbers, UnitQuery};
use super::view::{UnitItem, UnitView};
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Query};
use crate::link::Origin;
use crate::state::AppState;
use crate::v2::attachment::{AttachmentIds, AttachmentPlace, Downloads, NewAttachment};
use crate::v2::creator::{Identified, Removed};
use crate::v2::list::{List, values};
use crate::v2::path::Segment;
use crate::v2::refusal::Refusal;

pub(in crate::v2) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_unit, list_units, delete_units))
        .routes(routes!(get_unit, update_unit))
        .routes(routes!(add_child, remove_child))
        .routes(routes!(create_unit_attachment, delete_unit_attachments))
}

/// Makes a unit of a part and a revision that are there.
#[utoipa::path(
    post, path = "/api/v2/units", tag = "units", request_body = NewUnit,
    responses((status = 200, body = Identified), Refusal)
)]
async fn create_unit(
    State(state): State<AppState>,
    caller: Caller,
    Body(new): Body<NewUnit>,
) -> ApiResult<Json<Identified>> {
    let revision = new.revision_number.clone();
    match state
        .store
        .create_unit(new.serial_number, new.part_number, new.revision_number, caller.actor())
        .await
    {
        Ok(unit) => Ok(Identified::new(unit.id)),
        // Without the part there is no revision of it, which is what the client looks for.
        Err(StoreError::NotFound { what: Entity::Part, name }) => Err(ApiError::not_found(format!(
            "revision not found: {:?}, there is no part {name:?}",
            revision.as_str()
        ))),
        Err(error) => Err(error.into()),
    }
}

/// Finds units.
#[utoipa::path(
    get, path = "/api/v2/units", tag = "units", params(UnitQuery),
    responses((status = 200, body = List<UnitItem>), Refusal)
)]
async fn list_units(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<UnitQuery>,
) -> ApiResult<Json<List<UnitItem>>> {
    let (page, order, direction) = (query.page()?, query.sort_by.into(), query.sort_order.into());
    let listed = state.store.units(query.try_into()?, order, page, direction).await?;
    Ok(List::of(listed, UnitItem::from))
}

/// Removes units: all of them or, if one does not exist, none. Their children lose their parent.
#[utoipa::path(
    delete, path = "/api/v2/units", tag = "units", params(UnitNumbers),
    responses((status = 200, body = Removed), Refusal)
)]
async fn delete_units(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<UnitNumbers>,
) -> ApiResult<Json<Removed>> {
    caller.person("delete units")?;
    Ok(Removed::new(state.store.delete_units(values(query.serial_numbers)?).await?))
}

/// A unit, with everything around it.
#[utoipa::path(
    get, path = "/api/v2/units/{serial_number}", tag = "units", params(("serial_number" = String, Path)),
    responses((status = 200, body = UnitView), Refusal)
)]
async fn get_unit(
    State(state): State<AppState>,
    _caller: Caller,
    origin: Origin,
    Segment(serial): Segment<SerialNumber>,
) -> ApiResult<Json<UnitView>> {
    let unit = state.store.unit(serial).await?;
    Ok(Json(UnitView::new(&unit, &Downloads { state: &state, origin: &origin })))
}

/// Changes a unit. Its runs keep the part, revision and batch that it had.
///
/// A station renames only a unit that nobody else has tested, and gives it its own files only.
#[utoipa::path(
    patch, path = "/api/v2/units/{serial_number}", tag = "units", params(("serial_number" = String, Path)),
    request_body = UnitFields, responses((status = 200, body = Identified), Refusal)
)]
async fn update_unit(
    State(state): State<AppState>,
    caller: Caller,
    Segment(serial): Segment<SerialNumber>,
    Body(fields): Body<UnitFields>,
) -> ApiResult<Json<Identified>> {
    let unit = state.store.update_unit(serial, fields.into(), caller.actor()).await?;
    Ok(Identified::new(unit.id))
}

/// Makes a unit part of another one; one that had another parent moves. Answers the child's id.
#[utoipa::path(
    put, path = "/api/v2/units/{serial_number}/children", tag = "units",
    params(("serial_number" = String, Path)), request_body = NewChild,
    responses((status = 200, body = Identified), Refusal)
)]
async fn add_child(
    State(state): State<AppState>,
    _caller: Caller,
    Segment(parent): Segment<SerialNumber>,
    Body(new): Body<NewChild>,
) -> ApiResult<Json<Identified>> {
    Ok(Identified::new(state.store.add_child(parent, new.child_serial_number).await?))
}

/// Takes a unit out of another one. Answers the child's id.
#[utoipa::path(
    delete, path = "/api/v2/units/{serial_number}/children", tag = "units",
    params(("serial_number" = String, Path), ChildNumber),
    responses((status = 200, body = Identified), Refusal)
)]
async fn remove_child(
    State(state): State<AppState>,
    _caller: Caller,
    Segment(parent): Segment<SerialNumber>,
    Query(query): Query<ChildNumber>,
) -> ApiResult<Json<Identified>> {
    let child: SerialNumber = query.child_serial_number.parse()?;
    Ok(Identified::new(state.store.remove_child(parent, child).await?))
}

/// Announces a file that belongs to a unit.
#[utoipa::path(
    post, path = "/api/v2/units/{serial_number}/attachments", tag = "units",
    params(("serial_number" = String, Path)), request_body = NewAttachment,
    responses((status = 200, body = AttachmentPlace), Refusal)
)]
async fn create_unit_attachment(
    State(state): State<AppState>,
    caller: Caller,
    origin: Origin,
    Segment(serial): Segment<SerialNumber>,
    Body(new): Body<NewAttachment>,
) -> ApiResult<Json<AttachmentPlace>> {
    let upload = state.store.create_upload_of_unit(new.name, serial, caller.actor()).await?;
    Ok(AttachmentPlace::new(&upload, Downloads { state: &state, origin: &origin }))
}

/// The files that were removed from a unit.
#[derive(Serialize, ToSchema)]
struct RemovedAttachments {
    ids: Vec<String>,
}

/// Removes files of a unit: all of them or, if one is not the unit's, none. A station removes its own files only.
#[utoipa::path(
    delete, path = "/api/v2/units/{serial_number}/attachments", tag = "units",
    params(("serial_number" = String, Path), AttachmentIds),
    responses((status = 200, body = RemovedAttachments), Refusal)
)]
async fn delete_unit_attachments(
    State(state): State<AppState>,
    caller: Caller,
    Segment(serial): Segment<SerialNumber>,
    Query(query): Query<AttachmentIds>,
) -> ApiResult<Json<RemovedAttachments>> {
    let ids: Vec<UploadId> = values(query.ids)?;
    let unit = state.store.unit(serial).await?;
    if let Some(foreign) = ids.iter().find(|id| !unit.attachments.iter().any(|upload| upload.id == **id)) {
        return Err(ApiError::not_found(format!("attachment not found: {foreign}")));
    }
    state.store.delete_uploads(ids.clone(), caller.actor()).await?;
    Ok(Json(RemovedAttachments { ids: ids.iter().map(UploadId::to_string).collect() }))
}
