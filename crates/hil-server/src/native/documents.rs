//! Many runs whole, one after the other: never more than one of them is in memory.

use std::collections::VecDeque;
use std::io;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hil_archive::RunQuery;
use hil_model::RunId;
use hil_store::{RunCursor, RunFilter, StoreError};

use super::runs::write;
use crate::auth::Caller;
use crate::error::ApiResult;
use crate::extract::Query;
use crate::state::AppState;

/// The documents of runs, one a line, in the order in which the runs were stored. An answer that breaks off before its
/// end is not whole.
///
/// Each run that was there at the beginning is in it once, unless it is removed meanwhile, whatever others store and
/// remove. A run that is stored meanwhile is in it once or not at all.
#[utoipa::path(
    get,
    path = "/api/hil/v1/documents",
    tag = "hil",
    params(RunQuery),
    responses((status = 200, description = "A document a line.", content_type = "application/x-ndjson")),
)]
pub(super) async fn stream(
    State(state): State<AppState>,
    _caller: Caller,
    Query(query): Query<RunQuery>,
) -> ApiResult<Response> {
    let mut rest = Rest {
        state,
        filter: query.into_filter(),
        runs: VecDeque::new(),
        cursor: Some(RunCursor::default()),
    };
    // What is wrong with the question is answered as such, and not by breaking off.
    rest.refill().await?;
    let lines = stream::try_unfold(rest, |mut rest| async move {
        match rest.next().await {
            Ok(line) => Ok(line.map(|line| (line, rest))),
            Err(error) => {
                tracing::error!(target: "hil_server", %error, "an export breaks off");
                Err(io::Error::other(error))
            }
        }
    });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

/// What has not been sent yet.
struct Rest {
    state: AppState,
    filter: RunFilter,
    /// Of the page that was read last.
    runs: VecDeque<RunId>,
    /// Where the next page begins.
    cursor: Option<RunCursor>,
}

impl Rest {
    async fn refill(&mut self) -> Result<(), StoreError> {
        if let (true, Some(after)) = (self.runs.is_empty(), self.cursor) {
            let found = self.state.store.runs_after(self.filter.clone(), after).await?;
            self.runs = found.runs.into_iter().map(|run| run.id).collect();
            self.cursor = found.next;
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Box<dyn std::error::Error + Send + Sync>> {
        loop {
            self.refill().await?;
            let Some(id) = self.runs.pop_front() else { return Ok(None) };
            let stored = match self.state.store.run(id).await {
                Ok(stored) => stored,
                // Somebody deleted it meanwhile.
                Err(StoreError::NotFound { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let mut line = write(&stored.run)?;
            line.push(b'\n');
            return Ok(Some(line.into()));
        }
    }
}
