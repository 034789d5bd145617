//! The contents of attachments, by their digests: put before the run that refers to them.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use hil_model::run::Digest;
use tokio_util::io::ReaderStream;

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::Path;
use crate::receive::receive;
use crate::state::AppState;

fn digest(text: &str) -> ApiResult<Digest> {
    text.parse().map_err(|error: hil_model::run::DigestError| ApiError::invalid(error.to_string()))
}

/// Stores a content: all of it, and only if it is the one with that digest.
#[utoipa::path(
    put,
    path = "/api/hil/v1/contents/{sha256}",
    tag = "hil",
    params(("sha256" = String, Path, description = "The SHA-256 of the content, in hexadecimal.")),
    request_body(content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "The content is on the disk."),
        (status = 400, description = "It is another content, or did not arrive whole."),
        (status = 413, description = "The content is too large."),
    ),
)]
pub(super) async fn put(
    State(state): State<AppState>,
    _caller: Caller,
    Path(sha256): Path<String>,
    body: Body,
) -> ApiResult<StatusCode> {
    let expected = digest(&sha256)?;
    let content = receive(&state.store, body).await?;
    let arrived = content.so_far();
    if arrived.digest != expected {
        return Err(ApiError::invalid(format!("the content has the SHA-256 {}", arrived.digest)));
    }
    let is_new = state.store.content(&expected).await.is_err();
    state.store.put_content(content).await?;
    if is_new {
        state.metrics.uploads.inc();
        state.metrics.stored.inc_by(arrived.size);
    }
    Ok(StatusCode::OK)
}

/// A content.
#[utoipa::path(
    get,
    path = "/api/hil/v1/contents/{sha256}",
    tag = "hil",
    params(("sha256" = String, Path, description = "The SHA-256 of the content, in hexadecimal.")),
    responses(
        (status = 200, description = "The content.", content_type = "application/octet-stream"),
        (status = 404, description = "There is no such content."),
    ),
)]
pub(super) async fn get(
    State(state): State<AppState>,
    _caller: Caller,
    Path(sha256): Path<String>,
) -> ApiResult<Response> {
    let content = state.store.content(&digest(&sha256)?).await?;
    let body = Body::from_stream(ReaderStream::with_capacity(content.file, 64 << 10));
    Ok((headers(content.size), body).into_response())
}

/// Whether a content is there, and how large it is.
#[utoipa::path(
    head,
    path = "/api/hil/v1/contents/{sha256}",
    tag = "hil",
    params(("sha256" = String, Path, description = "The SHA-256 of the content, in hexadecimal.")),
    responses(
        (status = 200, description = "The content is there."),
        (status = 404, description = "There is no such content."),
    ),
)]
pub(super) async fn head(
    State(state): State<AppState>,
    _caller: Caller,
    Path(sha256): Path<String>,
) -> ApiResult<Response> {
    let content = state.store.content(&digest(&sha256)?).await?;
    Ok(headers(content.size).into_response())
}

/// Nobody but `hil` asks for contents here, so nobody is told what they are.
fn headers(size: u64) -> impl IntoResponse + axum::response::IntoResponseParts {
    [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_LENGTH, size.to_string()),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ]
}
