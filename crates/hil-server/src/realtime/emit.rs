//! Messages that stations publish.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use hil_realtime::{Code, Envelope, Message, Payload, Refusal};
use hil_store::JobStatus;
use serde_json::{Value, json};

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::whole;
use crate::state::AppState;

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.code {
            Code::InvalidJson => StatusCode::BAD_REQUEST,
            Code::MissingField | Code::BadValue | Code::UnknownType => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let refused = Self::refused(status, refusal.code.title(), refusal.code.word(), refusal.message);
        match refusal.field {
            Some(field) => refused.about(field),
            None => refused,
        }
    }
}

/// The last `progress` of a job, which has its final status, is said once that can be read: by the server alone.
async fn refuse_end(message: &Message, state: &AppState) -> ApiResult<()> {
    let Payload::Progress(progress) = &message.payload else { return Ok(()) };
    let stage = progress.stage.as_deref().and_then(|stage| stage.parse::<JobStatus>().ok());
    if stage.is_some_and(JobStatus::is_final) && state.jobs.is_open(&progress.job_id).await? {
        let message = format!("job {} is this server's, which says itself when it is over", progress.job_id);
        return Err(ApiError::bad_value("stage", message));
    }
    Ok(())
}

/// Publishes one message. What is refused is seen by nobody.
#[utoipa::path(
    post,
    path = "/v1/realtime/emit",
    tag = "realtime",
    responses(
        (status = 202, description = "The number of the message."),
        (status = 400, description = "This is no JSON."),
        (status = 403, description = "The key is good for looking only."),
        (status = 413, description = "The message is larger than 1 MiB."),
        (status = 422, description = "A field is missing or out of range, there is no such type, or a job of this server \
         is said to be over that is not."),
    ),
)]
pub(super) async fn emit(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> ApiResult<(StatusCode, Json<Value>)> {
    caller.may_emit()?;
    let envelope = Envelope::parse(&whole(request, &state).await?)?;
    refuse_end(&envelope.message, &state).await?;
    let seq = state.hub.emit(&envelope);
    state.jobs.note(seq, &envelope.message);
    Ok((StatusCode::ACCEPTED, Json(json!({ "epoch": state.hub.epoch(), "seq": seq }))))
}
