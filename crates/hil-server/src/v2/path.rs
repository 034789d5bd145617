//! Ids and numbers in the path. One that cannot be one is refused before anybody asks whether it exists.
//!
//! Routes are matched before anything is decoded, so a number may hold a slash, as `%2F`.

use std::str::FromStr;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::routing::any;
use hil_model::NameError;
use utoipa_axum::router::OpenApiRouter;

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;

/// The one parameter of a path.
#[derive(Debug)]
pub(crate) struct Segment<T>(pub(crate) T);

/// The two parameters of a path.
#[derive(Debug)]
pub(crate) struct Segments<A, B>(pub(crate) A, pub(crate) B);

impl<T, S> FromRequestParts<S> for Segment<T>
where
    T: FromStr,
    ApiError: From<T::Err>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(undecoded)?;
        Ok(Self(text.parse()?))
    }
}

impl<A, B, S> FromRequestParts<S> for Segments<A, B>
where
    A: FromStr,
    B: FromStr,
    ApiError: From<A::Err> + From<B::Err>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Path((a, b)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(undecoded)?;
        Ok(Self(a.parse()?, b.parse()?))
    }
}

/// A path that is no UTF-8 once it is decoded.
fn undecoded(rejection: PathRejection) -> ApiError {
    ApiError::invalid(rejection.body_text())
}

impl From<NameError> for ApiError {
    fn from(error: NameError) -> Self {
        Self::invalid(error.to_string())
    }
}

/// Where a number or an id is missing: clients put an empty text into the path without looking.
const NAMELESS: [&str; 7] = [
    "/api/v2/batches/",
    "/api/v2/parts/",
    "/api/v2/parts/{part_number}/revisions/",
    "/api/v2/procedures/",
    "/api/v2/runs/",
    "/api/v2/stations/",
    "/api/v2/units/",
];

/// Routes that say so.
pub(crate) fn nameless() -> OpenApiRouter<AppState> {
    async fn refuse(_caller: Caller) -> ApiError {
        ApiError::invalid("path: the id or number must not be empty")
    }

    NAMELESS.into_iter().fold(OpenApiRouter::new(), |router, path| router.route(path, any(refuse)))
}
