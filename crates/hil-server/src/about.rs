//! What the server says of itself: to people, to monitoring, to generators of clients.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Value, json};
use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::metrics::MEDIA_TYPE;
use crate::state::AppState;

/// The description of the API, without its routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "hil",
        description = "Runs of hardware-in-the-loop tests. `/api/v1` and `/api/v2` speak to TofuPilot's Python client, \
                       `/api/hil/v1` to `hil` itself. `/files` takes and gives the contents of files, by links that the \
                       others hand out. `/v1/jobs` starts runs, `/v1/realtime` is what happens, as it happens.",
    ),
    modifiers(&Bearer),
    security(("key" = [])),
)]
pub(crate) struct Api;

/// Every route but the open ones takes a key.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A key of a person or a station, as `hil key create` makes it."))
            .build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
    }
}

/// The routes, open to everybody.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(metrics))
}

/// The route of the description; it knows every other one.
pub(crate) fn description(mut api: utoipa::openapi::OpenApi) -> axum::Router<AppState> {
    name_operations(&mut api);
    let api = Arc::new(api);
    axum::Router::new().route(
        "/api/openapi.json",
        get(move || {
            let api = Arc::clone(&api);
            async move { Json((*api).clone()) }
        }),
    )
}

/// Names each operation after its method and path: generators of clients make functions of the names, and handlers of
/// different modules may share theirs.
fn name_operations(api: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut api.paths.paths {
        let words: Vec<&str> =
            path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
            ("head", &mut item.head),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{}", words.join("_")));
            }
        }
    }
}

/// What the server is, for people without a browser.
pub(crate) fn greeting() -> String {
    format!(
        "hil {}: test runs, kept and watched live. A browser shows them here.\n\nThe API is described at /api/openapi.json; every request to it needs a key\n\
         (hil key create). /healthz says whether the server works, /metrics how much it does.\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// Whether the server and its database work.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "server",
    security(()),
    responses((status = 200, description = "They do."), (status = 503, description = "The database does not answer.")),
)]
async fn health(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let (status, word) = match state.store.ping().await {
        Ok(()) => (StatusCode::OK, "ok"),
        Err(error) => {
            tracing::warn!(target: "hil_server", %error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
    };
    (status, Json(json!({ "status": word, "version": env!("CARGO_PKG_VERSION") })))
}

/// Counts of requests, runs and files, for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    security(()),
    responses((status = 200, description = "OpenMetrics text.", content_type = "application/openmetrics-text")),
)]
async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    ([(CONTENT_TYPE, MEDIA_TYPE)], state.metrics.text())
}
