//! A line of the log and a count for each request.

use std::net::SocketAddr;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::auth::Asker;
use crate::state::AppState;

/// The other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Counts a request and writes it to the log. Its path and query are not in it: links carry their permission there.
pub(crate) async fn observe(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.to_string());
    let under_way = state.metrics.begin();
    let response = next.run(request).await;
    drop(under_way);
    let (route, status) = (route.as_ref().map_or("none", MatchedPath::as_str), response.status());
    let took = started.elapsed();
    state.metrics.answered(&method, route, status, took);
    tracing::info!(
        target: "hil_server",
        method = method.as_str(),
        route,
        status = status.as_u16(),
        ms = took.as_secs_f64() * 1e3,
        peer,
        who = asker.name(),
        "answered"
    );
    response
}
