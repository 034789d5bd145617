//! Files: announced, sent by the link that is the answer, and linked to their run.

use axum::Json;
use axum::extract::State;
use hil_model::RunId;
use hil_store::UploadId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::runs::Made;
use super::wire::{maybe_parsed, parsed};
use crate::auth::Caller;
use crate::error::ApiResult;
use crate::extract::Body;
use crate::link::{Origin, Permission};
use crate::state::AppState;

/// A file that is about to be sent. What is not listed here is ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::Announced)]
pub(super) struct Announced {
    /// What it is called; never a path.
    name: String,
    #[serde(default, rename = "mimeType", deserialize_with = "maybe_parsed")]
    content_type: Option<String>,
}

/// Where the file goes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Expected)]
pub(super) struct Expected {
    id: String,
    /// To be PUT to, without a key, within a few minutes.
    #[serde(rename = "uploadUrl")]
    upload_url: String,
}

/// Announces a file.
#[utoipa::path(
    post,
    path = "/api/v1/uploads/initialize",
    tag = "v1",
    request_body = Announced,
    responses((status = 200, body = Expected), (status = 400, description = "The name is missing, empty or too long.")),
)]
pub(super) async fn initialize(
    State(state): State<AppState>,
    caller: Caller,
    origin: Origin,
    Body(file): Body<Announced>,
) -> ApiResult<Json<Expected>> {
    let upload = state.store.create_upload(file.name, file.content_type, caller.actor()).await?;
    let upload_url = origin.url(&state.links.sign(upload.id, Permission::Store));
    Ok(Json(Expected { id: upload.id.to_string(), upload_url }))
}

/// Which file belongs to which run.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::Belonging)]
pub(super) struct Belonging {
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String)]
    upload_id: UploadId,
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String)]
    run_id: RunId,
}

/// Links a file to a run. Doing so twice is the same as once.
#[utoipa::path(
    post,
    path = "/api/v1/uploads/sync",
    tag = "v1",
    request_body = Belonging,
    responses(
        (status = 200, body = Made),
        (status = 400, description = "The run has as many attachments as it may have."),
        (status = 403, description = "A station links its own files to its own runs only."),
        (status = 404, description = "There is no such run or file."),
        (status = 409, description = "The file belongs to something else."),
    ),
)]
pub(super) async fn sync(
    State(state): State<AppState>,
    caller: Caller,
    Body(belonging): Body<Belonging>,
) -> ApiResult<Json<Made>> {
    state.store.attach_to_run(belonging.run_id, vec![belonging.upload_id], caller.actor()).await?;
    Ok(Json(Made { id: belonging.upload_id.to_string() }))
}
