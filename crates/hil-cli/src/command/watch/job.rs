//! The job that is watched, as the server answers for it.

use std::time::Duration;

use hil_model::ExitStatus;
use serde::Deserialize;

use super::connection::Place;
use crate::command::Wrong;
use crate::console;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// Where a job is.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct JobState {
    pub(super) status: String,
    pub(super) result: Option<JobResult>,
}

/// What came of it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct JobResult {
    pub(super) outcome: String,
    pub(super) run_id: Option<String>,
}

impl JobState {
    /// Whether nothing can happen to it any more.
    pub(super) fn is_over(&self) -> bool {
        !["queued", "running"].contains(&self.status.as_str())
    }

    /// What the command ends with.
    pub(super) fn exit_status(&self) -> ExitStatus {
        let outcome = self.result.as_ref().map(|result| result.outcome.as_str());
        match (self.status.as_str(), outcome) {
            ("completed", Some("PASS")) => ExitStatus::Passed,
            ("completed", Some("ABORTED")) | ("aborted" | "interrupted", _) => ExitStatus::Interrupted,
            ("completed", _) => ExitStatus::Failed,
            _ => ExitStatus::Internal,
        }
    }
}

/// Where the job is. Nothing if the server cannot be asked now.
///
/// # Errors
///
/// There is no such job, or the server does not say.
pub(super) async fn ask(place: &Place, id: &str) -> anyhow::Result<Option<JobState>> {
    let is_id = id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_id {
        return Err(Wrong::usage(format!("--job: {:?} is not the id of a job", console::visible(id))));
    }
    let (url, bearer) = (place.http(&format!("/v1/jobs/{id}")), place.bearer());
    let answer = tokio::task::spawn_blocking(move || get(&url, bearer.as_deref())).await?;
    match answer {
        Ok(state) => Ok(Some(state)),
        Err(ureq::Error::StatusCode(404)) => Err(Wrong::usage(format!("there is no job {id}"))),
        Err(ureq::Error::StatusCode(status @ 400..500)) => {
            Err(Wrong::usage(format!("the server does not say where job {id} is (status {status})")))
        }
        Err(_) => Ok(None),
    }
}

fn get(url: &str, bearer: Option<&str>) -> Result<JobState, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(ANSWER)).build().into();
    let mut request = agent.get(url);
    if let Some(bearer) = bearer {
        request = request.header("Authorization", bearer);
    }
    request.call()?.body_mut().read_json()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("completed", "PASS", ExitStatus::Passed)]
    #[case("completed", "FAIL", ExitStatus::Failed)]
    #[case("completed", "ERROR", ExitStatus::Failed)]
    #[case("completed", "TIMEOUT", ExitStatus::Failed)]
    #[case("aborted", "ABORTED", ExitStatus::Interrupted)]
    #[case("interrupted", "ABORTED", ExitStatus::Interrupted)]
    #[case("failed", "ERROR", ExitStatus::Internal)]
    fn a_job_ends_the_command(#[case] status: &str, #[case] outcome: &str, #[case] expected: ExitStatus) {
        let result = Some(JobResult { outcome: outcome.to_owned(), run_id: None });
        let state = JobState { status: status.to_owned(), result };
        assert!(state.is_over());
        assert_eq!(state.exit_status(), expected);
    }
}
