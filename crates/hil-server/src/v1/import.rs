//! Runs from uploaded reports.

use axum::extract::State;
use axum::{Extension, Json};
use hil_exchange::openhtf::Given;
use hil_model::RunId;
use hil_model::run::Run;
use hil_store::{Import, UploadId};
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use utoipa::ToSchema;

use super::runs::Made;
use super::wire::parsed;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::Body;
use crate::iso;
use crate::memory::Share;
use crate::state::AppState;

/// Which report is to become a run.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = v1::Report)]
pub(super) struct Report {
    #[serde(deserialize_with = "parsed")]
    #[schema(value_type = String)]
    upload_id: UploadId,
    /// What wrote it.
    importer: Importer,
}

/// What writes reports.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = v1::Importer)]
#[serde(rename_all = "UPPERCASE")]
enum Importer {
    OpenHtf,
}

/// Makes a run of a report that was uploaded before. Importing a report again is the same as once: the run has the id
/// of the file.
///
/// What is written into the report as attachments is not taken from there: the client uploads it as well.
#[utoipa::path(
    post,
    path = "/api/v1/import",
    tag = "v1",
    request_body = Report,
    responses(
        (status = 200, description = "The run is stored.", body = Made),
        (status = 400, description = "The report is none, or lacks something; the message says what."),
        (status = 403, description = "A station imports its own files only."),
        (status = 404, description = "There is no such file or procedure."),
    ),
)]
pub(super) async fn import(
    State(state): State<AppState>,
    caller: Caller,
    Extension(share): Extension<Share>,
    Body(report): Body<Report>,
) -> ApiResult<Json<Made>> {
    let upload = state.store.upload(report.upload_id).await?;
    let digest = upload.digest.ok_or_else(|| ApiError::invalid("upload_id: the report was not sent yet"))?;
    let mut content = state.store.content(&digest).await?;
    share.reserve(content.size).await?;
    let mut bytes = Vec::new();
    content.file.read_to_end(&mut bytes).await.map_err(|error| {
        tracing::error!(target: "hil_server", %error, "a stored report cannot be read");
        ApiError::broken()
    })?;
    let id: RunId = upload.id.to_string().parse().map_err(|_| ApiError::broken())?;
    // Large reports take a while, and others wait for this thread.
    let importer = report.importer;
    let run = tokio::task::spawn_blocking(move || read(importer, &bytes, id)).await;
    let run = run.map_err(|_| ApiError::broken())??;
    let import = Import { upload: upload.id, importer: importer.word().to_owned() };
    let id = state.store.import_run(run, caller.actor(), import).await?;
    state.metrics.runs_saved.inc();
    Ok(Json(Made { id: id.to_string() }))
}

impl Importer {
    const fn word(self) -> &'static str {
        match self {
            Self::OpenHtf => "OPENHTF",
        }
    }
}

fn read(importer: Importer, bytes: &[u8], id: RunId) -> ApiResult<Run> {
    match importer {
        Importer::OpenHtf => {
            let report = hil_exchange::openhtf::read(bytes, id, Given::default());
            let run = report.map_err(|error| ApiError::invalid(error.to_string()))?.run;
            let phases = run.phases.iter().flat_map(|phase| [Some(phase.started_at), phase.ended_at]);
            if [Some(run.started_at), Some(run.ended_at)]
                .into_iter()
                .chain(phases)
                .flatten()
                .all(iso::has_date)
            {
                Ok(run)
            } else {
                Err(ApiError::invalid("the report has a time for which there is no date"))
            }
        }
    }
}
