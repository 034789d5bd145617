//! The contents of files, by links that carry their own permission.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::{ApiError, ApiResult};
use crate::extract::{Path, Query};
use crate::link::Permission;
use crate::receive::receive;
use crate::state::AppState;

/// Where links lead to.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(store, read))
}

/// What makes a link valid.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Link {
    /// When it ends, in seconds since 1970.
    expires: u64,
    /// Who knows this was given the link.
    token: String,
}

/// Stores the content of a file: all of it, or nothing if it does not arrive whole.
#[utoipa::path(
    put,
    path = "/files/{id}",
    tag = "files",
    security(()),
    params(("id" = String, Path, description = "The upload's id."), Link),
    request_body(content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "The content is stored."),
        (status = 403, description = "The link is not valid, or over."),
        (status = 409, description = "The file has another content already."),
        (status = 413, description = "The content is too large."),
    ),
)]
async fn store(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(link): Query<Link>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<StatusCode> {
    let id = id.parse()?;
    state.links.check(id, Permission::Store, link.expires, &link.token)?;
    let announced = state.store.upload(id).await?;
    let content = receive(&state.store, body).await?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let upload = state.store.store_upload(id, content, content_type).await?;
    if announced.digest.is_none() {
        state.metrics.uploads.inc();
        state.metrics.stored.inc_by(upload.size.unwrap_or(0));
    }
    Ok(StatusCode::OK)
}

/// The content of a file, to be saved and not to be shown.
#[utoipa::path(
    get,
    path = "/files/{id}",
    tag = "files",
    security(()),
    params(("id" = String, Path, description = "The upload's id."), Link),
    responses(
        (status = 200, description = "The content.", content_type = "application/octet-stream"),
        (status = 403, description = "The link is not valid, or over."),
        (status = 404, description = "There is no such content."),
    ),
)]
async fn read(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(link): Query<Link>,
) -> ApiResult<Response> {
    let id = id.parse()?;
    state.links.check(id, Permission::Read, link.expires, &link.token)?;
    let upload = state.store.upload(id).await?;
    let digest =
        upload.digest.ok_or_else(|| ApiError::not_found("this file was announced and never stored"))?;
    let content = state.store.content(&digest).await?;
    let headers = [
        (CONTENT_TYPE, harmless(upload.content_type.as_deref()).to_owned()),
        (CONTENT_LENGTH, content.size.to_string()),
        (CONTENT_DISPOSITION, disposition(&upload.name)),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    let body = Body::from_stream(ReaderStream::with_capacity(content.file, 64 << 10));
    Ok((headers, body).into_response())
}

/// Media types that no browser executes.
const HARMLESS: [&str; 10] = [
    "application/json",
    "application/pdf",
    "application/zip",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/plain",
];

/// What the client said the content is, if that does no harm.
fn harmless(said: Option<&str>) -> &'static str {
    let said = said.and_then(|said| said.split(';').next()).unwrap_or_default().trim();
    let known = HARMLESS.iter().copied().find(|known| known.eq_ignore_ascii_case(said));
    known.unwrap_or("application/octet-stream")
}

/// What RFC 5987 leaves as it is.
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The name under which a browser saves the file: in ASCII for old ones, and as it is.
fn disposition(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
    let ascii: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, ATTRIBUTE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("trace 1.asc", r#"attachment; filename="trace 1.asc"; filename*=UTF-8''trace%201.asc"#)]
    #[case(
        "../a\"\r\nX: y",
        r#"attachment; filename=".._a___X_ y"; filename*=UTF-8''..%2Fa%22%0D%0AX%3A%20y"#
    )]
    #[case("Ω", r#"attachment; filename="_"; filename*=UTF-8''%CE%A9"#)]
    fn a_name_stays_in_its_header(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(disposition(name), expected);
    }

    #[rstest]
    #[case(Some("text/plain; charset=utf-8"), "text/plain")]
    #[case(Some("Image/PNG"), "image/png")]
    #[case(Some("text/html"), "application/octet-stream")]
    #[case(Some("image/svg+xml"), "application/octet-stream")]
    #[case(None, "application/octet-stream")]
    fn browsers_get_nothing_to_execute(#[case] said: Option<&str>, #[case] expected: &str) {
        assert_eq!(harmless(said), expected);
    }
}
