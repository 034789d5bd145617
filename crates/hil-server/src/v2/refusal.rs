//! How refusals look in the description of the API. `ApiError` is what writes them.

use utoipa::{IntoResponses, ToSchema};

/// What a request that was not met is answered with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `ApiError` writes")]
pub(crate) struct Problem {
    /// What is wrong, for people.
    message: String,
    /// What is wrong, for programs: `NOT_FOUND`.
    code: String,
    /// What is wrong with the fields of a request.
    #[schema(inline)]
    issues: Option<Vec<Issue>>,
}

/// What is wrong with one field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `ApiError` writes")]
pub(crate) struct Issue {
    /// The field, and what is wrong with it.
    message: String,
}

/// The ways not to meet a request.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what `ApiError` writes")]
pub(crate) enum Refusal {
    /// The request is wrong.
    #[response(status = 400)]
    Invalid(#[to_schema] Problem),
    /// The key is missing or not valid.
    #[response(status = 401)]
    Unauthorized(#[to_schema] Problem),
    /// The key may not do this.
    #[response(status = 403)]
    Forbidden(#[to_schema] Problem),
    /// What the request names does not exist.
    #[response(status = 404)]
    NotFound(#[to_schema] Problem),
    /// The request contradicts what is there.
    #[response(status = 409)]
    Conflict(#[to_schema] Problem),
}
