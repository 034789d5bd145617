//! The first version of TofuPilot's API, as its Python client speaks it.

mod import;
mod listed;
mod runs;
mod station;
mod submission;
mod unit;
mod uploads;
mod value;
mod wire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::memory;
use crate::state::AppState;

/// Its routes, from the server's root.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(runs::create, runs::list))
        .layer(memory::at_most(memory::RUN))
        .routes(routes!(runs::delete))
        .routes(routes!(uploads::initialize))
        .routes(routes!(uploads::sync))
        .routes(routes!(import::import))
        .routes(routes!(station::streaming))
        .routes(routes!(station::link_procedure))
        .routes(routes!(unit::update, unit::delete))
}
