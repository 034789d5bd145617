//! Requests as values: bodies and queries that are wrong say which field and why.

use std::error::Error;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::inflow::TooSlow;
use crate::memory::{self, Share};

/// A JSON body. What media type the client says it has does not matter.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        parse(&whole(request, state).await?).map(Self)
    }
}

/// The body in memory, once there is room for it. One that says it is larger than it may be is not waited for; one that
/// does not say has room for as much as it may be until it is there.
pub(crate) async fn whole<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    let (most, hint) = (memory::limit(request.extensions()), request.body().size_hint());
    if hint.lower() > most {
        let message = format!("a body may have at most {most} bytes");
        return Err(ApiError::other(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    let share = Share::of(request.extensions());
    if let Some(share) = &share {
        share.reserve(hint.upper().unwrap_or(most).min(most)).await?;
    }
    let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
    if let Some(share) = &share {
        share.keep(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }
    Ok(bytes)
}

/// The value that JSON says; an error names the field.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        ApiError::invalid(if path == "." { inner.to_string() } else { format!("{path}: {inner}") })
    })?;
    json.end().map_err(|error| ApiError::invalid(error.to_string()))?;
    Ok(value)
}

/// A body that did not arrive whole.
pub(crate) fn unread(rejection: BytesRejection) -> ApiError {
    if is_too_slow(&rejection) {
        return ApiError::too_slow(TooSlow.to_string());
    }
    ApiError::other(rejection.status(), rejection.body_text())
}

/// Whether the client took too long.
pub(crate) fn is_too_slow(error: &(dyn Error + 'static)) -> bool {
    error.is::<TooSlow>() || error.source().is_some_and(is_too_slow)
}

/// What stands in the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::invalid(format!("path: {}", rejection.body_text()))),
        }
    }
}

/// The query: repeated names are lists.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        serde_html_form::from_str(query)
            .map(Self)
            .map_err(|error| ApiError::invalid(format!("query: {error}")))
    }
}
