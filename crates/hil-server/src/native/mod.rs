//! What `hil` itself speaks to a server: whole runs, without loss, and questions about many.
//!
//! A run is the document of `hil_exchange::document`. Questions and answers are those of `hil_archive`, whose client
//! is the other end.

mod contents;
mod documents;
mod runs;
mod statistics;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::memory;
use crate::state::AppState;

/// Its routes, from the server's root.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(runs::put, runs::get))
        .layer(memory::at_most(memory::RUN))
        .routes(routes!(runs::list))
        .routes(routes!(contents::put, contents::get, contents::head))
        .routes(routes!(documents::stream))
        .routes(routes!(statistics::first_pass))
        .routes(routes!(statistics::capability))
        .routes(routes!(statistics::trend))
        .routes(routes!(statistics::unit_trend))
        .routes(routes!(statistics::flaky))
        .routes(routes!(statistics::slowest))
        .routes(routes!(statistics::drift))
}
