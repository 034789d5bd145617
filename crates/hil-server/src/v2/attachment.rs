//! Attachments: files that are announced, stored by a link that needs no key, and then linked to a run or a unit.

use axum::Json;
use axum::extract::State;
use hil_store::{Upload, UploadId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::creator::Removed;
use super::list::values;
use super::path::Segment;
use super::refusal::Refusal;
use crate::auth::Caller;
use crate::error::ApiResult;
use crate::extract::{Body, Query};
use crate::link::{Origin, Permission};
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(initialize_attachment, delete_attachments))
        .routes(routes!(finalize_attachment))
}

/// A file, as its run or its unit shows it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttachmentView {
    id: String,
    /// What the client called it; never a path.
    name: String,
    /// In bytes, once it is stored.
    size: Option<u64>,
    content_type: Option<String>,
    /// Whether the run was made from it.
    is_report: bool,
    /// Where it can be had without a key, for a day.
    download_url: Option<String>,
}

/// What links to contents are made of.
#[derive(Clone, Copy)]
pub(crate) struct Downloads<'a> {
    pub(crate) state: &'a AppState,
    pub(crate) origin: &'a Origin,
}

impl Downloads<'_> {
    fn url(&self, id: UploadId, permission: Permission) -> String {
        self.origin.url(&self.state.links.sign(id, permission))
    }

    /// The file as answers show it. One that is not stored yet cannot be had.
    pub(crate) fn view(&self, upload: &Upload) -> AttachmentView {
        AttachmentView {
            id: upload.id.to_string(),
            name: upload.name.clone(),
            size: upload.size,
            content_type: upload.content_type.clone(),
            is_report: upload.is_report,
            download_url: upload.digest.map(|_| self.url(upload.id, Permission::Read)),
        }
    }
}

/// A file to announce.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewAttachment {
    /// What it is called, with its ending.
    pub(crate) name: String,
}

/// Where an announced file goes.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttachmentPlace {
    id: String,
    /// Where its content is put, without a key, within a quarter of an hour.
    upload_url: String,
}

impl AttachmentPlace {
    pub(crate) fn new(upload: &Upload, downloads: Downloads<'_>) -> Json<Self> {
        let upload_url = downloads.url(upload.id, Permission::Store);
        Json(Self { id: upload.id.to_string(), upload_url })
    }
}

/// Where a stored file is.
#[derive(Serialize, ToSchema)]
struct AttachmentUrl {
    url: String,
}

/// Files.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttachmentIds {
    #[serde(default)]
    pub(crate) ids: Vec<String>,
}

/// Announces a file.
#[utoipa::path(
    post, path = "/api/v2/attachments", tag = "attachments", request_body = NewAttachment,
    responses((status = 200, body = AttachmentPlace), Refusal)
)]
async fn initialize_attachment(
    State(state): State<AppState>,
    caller: Caller,
    origin: Origin,
    Body(new): Body<NewAttachment>,
) -> ApiResult<Json<AttachmentPlace>> {
    let upload = state.store.create_upload(new.name, None, caller.actor()).await?;
    Ok(AttachmentPlace::new(&upload, Downloads { state: &state, origin: &origin }))
}

/// Notes that a file is complete. A station does so with its own files only.
#[utoipa::path(
    post, path = "/api/v2/attachments/{id}/finalize", tag = "attachments", params(("id" = String, Path)),
    responses((status = 200, body = AttachmentUrl), Refusal)
)]
async fn finalize_attachment(
    State(state): State<AppState>,
    caller: Caller,
    origin: Origin,
    Segment(id): Segment<UploadId>,
) -> ApiResult<Json<AttachmentUrl>> {
    let upload = state.store.finalize_upload(id, caller.actor()).await?;
    let url = Downloads { state: &state, origin: &origin }.url(upload.id, Permission::Read);
    Ok(Json(AttachmentUrl { url }))
}

/// Removes files: all of them or, if one does not exist, none. A station removes its own files only.
#[utoipa::path(
    delete, path = "/api/v2/attachments", tag = "attachments", params(AttachmentIds),
    responses((status = 200, body = Removed), Refusal)
)]
async fn delete_attachments(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<AttachmentIds>,
) -> ApiResult<Json<Removed>> {
    let ids: Vec<UploadId> = values(query.ids)?;
    state.store.delete_uploads(ids.clone(), caller.actor()).await?;
    Ok(Removed::new(ids))
}
