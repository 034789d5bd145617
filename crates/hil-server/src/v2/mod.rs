//! The second version of TofuPilot's API, as its Python client speaks it.
//!
//! A file a resource: what it takes, what it answers, and the handlers between. Answers have every key that one of the
//! client's releases requires, null where nothing is known. A request is looked at in this order: the key (401), the
//! ids and numbers in the path (400), what the key may do (403), the body (400), what is there (404, 409).

mod attachment;
mod batch;
mod creator;
mod field;
mod list;
mod measurement_view;
mod moment;
mod non_finite;
mod part;
mod path;
mod procedure;
mod refusal;
mod revision;
mod run;
mod run_view;
mod station;
mod unit;
mod user;
mod version;

#[cfg(test)]
mod tests;

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// Its routes, from the server's root.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(run::router())
        .merge(procedure::router())
        .merge(version::router())
        .merge(part::router())
        .merge(revision::router())
        .merge(unit::router())
        .merge(batch::router())
        .merge(station::router())
        .merge(attachment::router())
        .merge(user::router())
        .merge(path::nameless())
}
