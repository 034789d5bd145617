//! What is said live, over WebSocket: the hub's messages out, signs of life in.
//!
//! A connection is one task. Its reader turns what arrives into entries of the lane, its writer takes from the lane
//! first and from the client's queue then. Nobody who publishes waits for either.

mod clients;
mod connect;
mod connection;
mod emit;
mod ending;
mod lane;
mod options;
mod pulse;
mod reader;
mod scrape;
mod statistics;
mod wire;
mod writer;

pub(crate) use clients::Realtime;
pub use options::{RealtimeOptions, RealtimeOptionsError};

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// Its routes, from the server's root.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(connect::connect))
        .routes(routes!(statistics::statistics))
        .routes(routes!(emit::emit))
}
