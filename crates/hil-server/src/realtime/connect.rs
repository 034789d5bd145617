//! The way in: who may watch, and what.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hil_realtime::{Filter, Kind, Metadata};
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use utoipa::IntoParams;

use super::connection::{StreamRequest, serve};
use crate::auth::{Caller, Pass};
use crate::error::{ApiError, ApiResult};
use crate::extract::Query;
use crate::origin;
use crate::state::AppState;

/// What is wanted of the stream.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StreamQuery {
    /// A label, shown in the statistics.
    session_id: Option<String>,
    /// Only messages of these jobs. Repeatable.
    #[serde(default)]
    job_id: Vec<String>,
    /// Only messages of these types, with commas between them.
    #[serde(default)]
    types: Vec<String>,
    /// Everything after this number: `EPOCH:SEQ`.
    since: Option<String>,
}

impl StreamQuery {
    fn parse(self, plugins: Arc<[Metadata]>, pass: Pass) -> ApiResult<StreamRequest> {
        let wrong = |field: &str, message: String| {
            let message = format!("{field}: {message}");
            ApiError::refused(StatusCode::BAD_REQUEST, "Bad value", "MSG_BAD_VALUE", message).about(field)
        };
        let jobs = self.job_id.iter().map(|job| job.parse());
        let jobs = jobs.collect::<Result<_, _>>().map_err(|error| wrong("job_id", format!("{error}")))?;
        let words = self.types.iter().flat_map(|types| types.split(','));
        let kinds: BTreeSet<Kind> = words
            .map(|word| word.trim().parse())
            .collect::<Result<_, _>>()
            .map_err(|error| wrong("types", format!("{error}")))?;
        let label = self.session_id.filter(|label| !label.is_empty());
        Ok(StreamRequest {
            label,
            filter: Filter { jobs, kinds },
            since: self.since.map(|since| since.parse()),
            plugins,
            pass,
        })
    }
}

/// Everything that is published, as it happens, over a WebSocket.
#[utoipa::path(
    get,
    path = "/v1/realtime",
    tag = "realtime",
    params(StreamQuery),
    responses(
        (status = 101, description = "One JSON object in each text frame; see docs/realtime.md."),
        (status = 400, description = "There is no such message type."),
        (status = 401, description = "A key is needed."),
        (status = 403, description = "The page is not of this server."),
        (status = 426, description = "This is for WebSockets."),
    ),
)]
pub(super) async fn connect(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<StreamQuery>,
    request: Request,
) -> ApiResult<Response> {
    let (mut parts, _) = request.into_parts();
    origin::check(&parts, &state)?;
    let wanted = query.parse(Arc::clone(&state.plugins), Pass::of(&parts, &state))?;
    let Some((accept, upgrade)) = handshake(&mut parts) else {
        let refused = ApiError::refused(
            StatusCode::UPGRADE_REQUIRED,
            "Upgrade required",
            "UPGRADE_REQUIRED",
            "this is for WebSockets: a handshake of version 13 is expected",
        );
        let headers = [(UPGRADE, "websocket"), (CONNECTION, "upgrade"), (SEC_WEBSOCKET_VERSION, "13")];
        return Ok((headers, refused).into_response());
    };
    if state.realtime.is_closed() {
        return Err(ApiError::unavailable("the server is about to stop"));
    }
    state.realtime.tasks.spawn(serve(upgrade, state.realtime.clone(), wanted));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().extend([
        (CONNECTION, HeaderValue::from_static("upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (SEC_WEBSOCKET_ACCEPT, accept),
    ]);
    Ok(response)
}

/// The answer to a WebSocket's handshake, and what the connection becomes; nothing if it is none.
fn handshake(parts: &mut Parts) -> Option<(HeaderValue, OnUpgrade)> {
    let headers = &parts.headers;
    let key = headers.get(SEC_WEBSOCKET_KEY)?;
    let good = says(headers, &CONNECTION, "upgrade")
        && says(headers, &UPGRADE, "websocket")
        && says(headers, &SEC_WEBSOCKET_VERSION, "13");
    if !good {
        return None;
    }
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok()?;
    Some((accept, parts.extensions.remove::<OnUpgrade>()?))
}

/// Whether a list of words has this one.
fn says(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|said| said.trim().eq_ignore_ascii_case(word))
}
