//! Sessions of browsers: a cookie in place of a key.
//!
//! The cookie is a random text that leads to the key in the store; the key itself never goes back to the browser. A
//! session outlives this server, and ends when it is not used, or with its key.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse};
use hil_store::Admission;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::whole;
use crate::link::Origin;
use crate::origin;
use crate::state::AppState;

/// The name of the cookie.
const NAME: &str = "hil_session";
/// How long a browser keeps the cookie, in seconds: for as long as browsers keep any. The store knows when the session
/// ends, which is later each time that it is used.
const KEPT: u32 = 400 * 24 * 3600;

/// What the session of the request's cookie opens, if there is one.
pub(crate) async fn admission(headers: &HeaderMap, state: &AppState) -> ApiResult<Option<Admission>> {
    let Some(token) = token(headers) else { return Ok(None) };
    let Some(session) = state.store.session(token).await? else { return Ok(None) };
    if session.is_worn {
        renew(state, token.to_owned());
    }
    Ok(Some(session.admission))
}

/// Notes that a session is used. The request does not wait for it, and does not fail with it.
fn renew(state: &AppState, token: String) {
    let state = state.clone();
    tokio::spawn(async move {
        if let Err(error) = state.store.renew_session(&token).await {
            tracing::warn!(target: "hil_server", %error, "cannot note that a session is used");
        }
    });
}

/// The session that the request's cookie says.
fn token(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|header| header.to_str().ok());
    let mut pairs =
        cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME).map(|(_, token)| token)
}

/// Its routes, from the server's root.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(begin, show, end))
}

/// Begins a session: `{"key": "…"}`.
#[utoipa::path(
    post,
    path = "/v1/session",
    tag = "session",
    security(()),
    responses(
        (status = 204, description = "The cookie `hil_session` stands for the key from now on."),
        (status = 401, description = "The key is not valid."),
    ),
)]
async fn begin(
    State(state): State<AppState>,
    origin: Origin,
    request: Request,
) -> ApiResult<impl IntoResponse> {
    let (parts, body) = request.into_parts();
    origin::check(&parts, &state)?;
    let body = whole(Request::from_parts(parts, body), &state).await?;
    let body: Value = serde_json::from_slice(&body).map_err(|error| ApiError::no_json(error.to_string()))?;
    let key = body.get("key").and_then(Value::as_str);
    let key = key.ok_or_else(|| ApiError::missing("key", "key: a string is expected"))?;
    let token = state.store.begin_session(key).await?;
    Ok((StatusCode::NO_CONTENT, cookie(token.reveal(), KEPT, &origin)))
}

/// Whose session, or key, it is, and what it is good for.
#[utoipa::path(
    get,
    path = "/v1/session",
    tag = "session",
    responses((status = 200, description = "Who asks, and what they may do: `watch`, `emit`, `start`.")),
)]
async fn show(caller: Caller) -> Json<Value> {
    let (kind, name) = caller.name();
    let mut may = vec!["watch"];
    may.extend(caller.may_emit().is_ok().then_some("emit"));
    may.extend(caller.may_start().is_ok().then_some("start"));
    Json(json!({ "who": { "kind": kind, "name": name }, "may": may }))
}

/// Ends the session.
#[utoipa::path(
    delete,
    path = "/v1/session",
    tag = "session",
    security(()),
    responses((status = 204, description = "There is none any more.")),
)]
async fn end(
    State(state): State<AppState>,
    origin: Origin,
    request: Request,
) -> ApiResult<impl IntoResponse> {
    let (parts, _) = request.into_parts();
    origin::check(&parts, &state)?;
    if let Some(token) = token(&parts.headers) {
        state.store.end_session(token).await?;
    }
    Ok((StatusCode::NO_CONTENT, cookie("", 0, &origin)))
}

fn cookie(token: &str, kept: u32, origin: &Origin) -> impl IntoResponse + use<> {
    let secure = if origin.is_secure() { "; Secure" } else { "" };
    let cookie = format!("{NAME}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={kept}{secure}");
    AppendHeaders([(SET_COOKIE, cookie)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&["hil_session=abc"], Some("abc"))]
    #[case(&["a=b; hil_session=abc; c=d"], Some("abc"))]
    #[case(&["a=b", "hil_session=abc"], Some("abc"))]
    #[case(&["xhil_session=abc"], None)]
    #[case(&[""], None)]
    #[case(&[], None)]
    fn the_cookie_is_found(#[case] cookies: &[&'static str], #[case] expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, axum::http::HeaderValue::from_static(cookie));
        }
        assert_eq!(token(&headers), expected);
    }
}
