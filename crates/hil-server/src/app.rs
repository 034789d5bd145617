//! All routes as one service, and what holds for each of them.

use std::any::Any;
use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::error::{ApiError, in_live_form};
use crate::inflow::{Patience, keep_moving};
use crate::link::Origin;
use crate::memory::{self, Memory};
use crate::observe::observe;
use crate::state::AppState;
use crate::{about, dashboard, files, jobs, native, realtime, session, v1, v2};

/// How the routes are served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AppOptions {
    pub(crate) patience: Patience,
    /// How many bytes of JSON bodies may lie in memory at once.
    pub(crate) memory: u64,
    /// Whether `X-Forwarded-*` says how clients reach the server.
    pub(crate) trust_proxy: bool,
}

/// All routes as one service.
#[derive(Clone, Debug)]
pub(crate) struct App(Router);

impl App {
    pub(crate) fn new(state: AppState, options: AppOptions) -> Self {
        let (routes, api) = OpenApiRouter::with_openapi(about::Api::openapi())
            .merge(about::router())
            .merge(dashboard::router())
            .merge(files::router())
            .merge(v1::router())
            .merge(v2::router())
            .merge(native::router())
            .merge(session::router())
            .merge(realtime::router())
            .merge(jobs::router())
            .split_for_parts();
        let mut routes = routes
            .merge(about::description(api))
            .method_not_allowed_fallback(wrong_method)
            .fallback(unknown_route)
            .layer(memory::at_most(memory::SMALL))
            .layer(from_fn_with_state(Memory::new(options.memory), memory::share))
            .layer(from_fn_with_state(options.patience, keep_moving))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(in_live_form))
            .layer(map_response(harmless));
        if options.trust_proxy {
            routes = routes.layer(from_fn(forwarded));
        }
        Self(routes.layer(from_fn_with_state(state.clone(), observe)).with_state(state))
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, mut request: Request<Body>) -> Result<Response, Infallible> {
        collapse_slashes(&mut request);
        self.0.clone().oneshot(request).await
    }
}

async fn unknown_route() -> ApiError {
    ApiError::not_found("there is nothing here; /api/openapi.json says what there is")
}

async fn wrong_method() -> ApiError {
    ApiError::other(StatusCode::METHOD_NOT_ALLOWED, "this method is not offered here")
}

/// The answer after a handler panicked.
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    tracing::error!(target: "hil_server", panic = text, "a handler panicked");
    ApiError::broken().into_response()
}

/// Keeps browsers from guessing and proxies from keeping.
async fn harmless(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Takes a proxy's word for how the client reached it.
async fn forwarded(mut request: Request, next: Next) -> Response {
    if let Some(origin) = forwarded_origin(request.headers()) {
        request.extensions_mut().insert(origin);
    }
    next.run(request).await
}

fn forwarded_origin(headers: &HeaderMap) -> Option<Origin> {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok())?;
        // Each proxy on the way adds its own at the end; the client spoke to the first.
        value.split(',').next().map(str::trim)
    };
    let host = header("x-forwarded-host").or_else(|| header("host"))?;
    Origin::heard(header("x-forwarded-proto").unwrap_or("http"), host)
}

/// Makes `//api/v1/runs` of what a client made of `http://server/` and `/api/v1/runs`.
fn collapse_slashes<B>(request: &mut Request<B>) {
    let uri = request.uri();
    if !uri.path().contains("//") {
        return;
    }
    let mut path = String::with_capacity(uri.path().len());
    for c in uri.path().chars() {
        if !(c == '/' && path.ends_with('/')) {
            path.push(c);
        }
    }
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    if let Ok(path) = path.parse::<PathAndQuery>() {
        parts.path_and_query = Some(path);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
}
