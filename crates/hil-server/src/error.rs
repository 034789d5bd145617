//! What a client is told when it does not get what it asked for.

use std::error::Error;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hil_model::run::FieldError;
use hil_store::{ErrorKind, StoreError};
use serde_json::json;

/// The answer to a request that was not met. One body serves clients of both versions.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
    issues: Vec<String>,
    /// Why, for the log and not for the client.
    cause: Option<StoreError>,
}

/// What a handler answers.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: brief(message.into()), issues: Vec::new(), cause: None }
    }

    /// The request is wrong (400).
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        let message = brief(message.into());
        Self { issues: vec![message], ..Self::new(StatusCode::BAD_REQUEST, "Input validation failed") }
    }

    /// Nobody, or nobody known, asks (401).
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// Whoever asks may not do this (403).
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// There is no such thing (404).
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// The request contradicts what is there (409).
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// The client took too long to send its request (408).
    pub(crate) fn too_slow(message: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, message)
    }

    /// The server cannot do it now; the same request may succeed later (503).
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// The server is broken (500); its log says how.
    pub(crate) fn broken() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the server is broken; its log says more")
    }

    /// Another status, for those that only the router knows.
    pub(crate) fn other(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, message)
    }

    /// The words that V2 clients look for.
    fn code(&self) -> &'static str {
        match self.status {
            StatusCode::BAD_REQUEST => "BAD_REQUEST",
            StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
            StatusCode::FORBIDDEN => "FORBIDDEN",
            StatusCode::NOT_FOUND => "NOT_FOUND",
            StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
            StatusCode::REQUEST_TIMEOUT => "TIMEOUT",
            StatusCode::CONFLICT => "CONFLICT",
            StatusCode::PAYLOAD_TOO_LARGE => "PAYLOAD_TOO_LARGE",
            StatusCode::UNPROCESSABLE_ENTITY => "UNPROCESSABLE_CONTENT",
            StatusCode::TOO_MANY_REQUESTS => "TOO_MANY_REQUESTS",
            StatusCode::SERVICE_UNAVAILABLE => "SERVICE_UNAVAILABLE",
            StatusCode::INSUFFICIENT_STORAGE => "INSUFFICIENT_STORAGE",
            _ => "INTERNAL_SERVER_ERROR",
        }
    }
}

/// The longest message, in characters. Errors repeat what was wrong, and what was wrong may be megabytes.
const LONGEST: usize = 400;

/// As much of a message as anybody reads.
fn brief(message: String) -> String {
    match message.char_indices().nth(LONGEST) {
        None => message,
        Some((end, _)) => format!("{}…", &message[..end]),
    }
}

/// The error and its sources, as one line for the log.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let status = match error.kind() {
            ErrorKind::Invalid => return Self::invalid(error.to_string()),
            ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let message = match error.kind() {
            // Paths, hosts and SQL are nobody's business out there.
            ErrorKind::Internal => "the server's store is broken; its log says more".to_owned(),
            _ => error.to_string(),
        };
        Self { cause: Some(error), ..Self::new(status, message) }
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            let cause = self.cause.as_ref().map(|cause| chain(cause));
            tracing::error!(status = self.status.as_u16(), message = %self.message, cause, "request failed");
        }
        // V1 clients show `error.message` alone, so it says everything.
        let whole = match self.issues.as_slice() {
            [] => self.message.clone(),
            issues => issues.join("; "),
        };
        let mut body = json!({ "error": { "message": whole }, "message": self.message, "code": self.code() });
        if !self.issues.is_empty() {
            body["issues"] = self.issues.iter().map(|issue| json!({ "message": issue })).collect();
        }
        (self.status, Json(body)).into_response()
    }
}
