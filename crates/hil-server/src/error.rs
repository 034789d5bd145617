//! What a client is told when it does not get what it asked for.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hil_model::chain;
use hil_model::run::FieldError;
use hil_realtime::{Failure, FailureDetails};
use hil_store::{ErrorKind, StoreError};
use serde_json::json;

/// The answer to a request that was not met. One body serves clients of both versions.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
    issues: Vec<String>,
    /// More for programs, where the status does not say it all.
    exact: Option<Box<Exact>>,
    /// Why, for the log and not for the client.
    cause: Option<StoreError>,
}

/// What exactly is wrong.
#[derive(Debug)]
struct Exact {
    /// What, in a few words.
    title: &'static str,
    /// The word for it.
    word: &'static str,
    /// The field of the request.
    field: Option<String>,
}

/// What a handler answers.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: brief(message.into()), issues: Vec::new(), exact: None, cause: None }
    }

    /// The request is wrong (400).
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        let message = brief(message.into());
        Self { issues: vec![message], ..Self::new(StatusCode::BAD_REQUEST, "Input validation failed") }
    }

    /// Whether it is because of who asks.
    pub(crate) fn is_about_caller(&self) -> bool {
        matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
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

    /// The request is refused, with a title and a word that say to people and to programs why.
    pub(crate) fn refused(
        status: StatusCode,
        title: &'static str,
        word: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { exact: Some(Box::new(Exact { title, word, field: None })), ..Self::new(status, message) }
    }

    /// What arrived is no JSON (400).
    pub(crate) fn no_json(message: impl Into<String>) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, "Not JSON", "MSG_INVALID_JSON", message)
    }

    /// A field is missing (422).
    pub(crate) fn missing(field: &str, message: impl Into<String>) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::refused(status, "Missing field", "MSG_MISSING_FIELD", message).about(field)
    }

    /// A field holds what it may not (422).
    pub(crate) fn bad_value(field: &str, message: impl Into<String>) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::refused(status, "Bad value", "MSG_BAD_VALUE", message).about(field)
    }

    /// What a field names does not exist (422).
    pub(crate) fn unknown(field: &str, word: &'static str, message: impl Into<String>) -> Self {
        Self::refused(StatusCode::UNPROCESSABLE_ENTITY, "Unknown", word, message).about(field)
    }

    /// The same of one field of the request.
    pub(crate) fn about(mut self, field: &str) -> Self {
        if let Some(exact) = &mut self.exact {
            exact.field = Some(brief(field.to_owned()));
        }
        self
    }

    /// Another status, for those that only the router knows.
    pub(crate) fn other(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, message)
    }

    /// Writes to the log what is nobody's business out there.
    fn note(&self) {
        if self.status.is_server_error() {
            let cause = self.cause.as_ref().map(|cause| chain(cause));
            tracing::error!(status = self.status.as_u16(), message = %self.message, cause, "request failed");
        }
    }

    /// The words that V2 clients look for.
    fn code(&self) -> &'static str {
        if let Some(exact) = &self.exact {
            return exact.word;
        }
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

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let status = match error.kind() {
            ErrorKind::Invalid => return Self::invalid(error.to_string()),
            ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
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
        self.note();
        // V1 clients show `error.message` alone, so it says everything.
        let whole = match self.issues.as_slice() {
            [] => self.message.clone(),
            issues => issues.join("; "),
        };
        let mut body = json!({ "error": { "message": whole }, "message": self.message, "code": self.code() });
        if !self.issues.is_empty() {
            body["issues"] = self.issues.iter().map(|issue| json!({ "message": issue })).collect();
        }
        let error_code = self.code().to_owned();
        let (title, field) = match self.exact {
            Some(exact) => (exact.title, exact.field),
            None => (self.status.canonical_reason().unwrap_or("Refused"), None),
        };
        let details = FailureDetails { error_code, message: whole, field };
        let mut response = (self.status, Json(body)).into_response();
        response.extensions_mut().insert(Arc::new(Failure { error: title.to_owned(), details }));
        response
    }
}

/// Gives errors the form of a message of type `error`, but where clients of records expect another one.
pub(crate) async fn in_live_form(request: Request, next: Next) -> Response {
    let is_live = !["/api", "/files"].iter().any(|records| request.uri().path().starts_with(records));
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>()
        && is_live
    {
        let body = serde_json::to_vec(&*failure).unwrap_or_default();
        *response.body_mut() = Body::from(body);
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response
}
