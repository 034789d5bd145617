//! Jobs that a test starts.

use std::time::Duration;

use hil_model::{Mutation, SourceLocation, StatusWord};
use serde_json::Value;

use super::LabServer;
use crate::{Result, TestError};

/// How often a job is asked for its status.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// What a job is called that has not ended.
const GOES_ON: [&str; 2] = ["queued", "running"];

/// A job on the server.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What the server said of it last.
    pub state: Value,
}

impl Job {
    /// Whether its status is `word`.
    pub fn is(&self, word: &str) -> bool {
        self.status().is(word)
    }

    fn status(&self) -> StatusWord<'_> {
        StatusWord::new(self.state["status"].as_str().unwrap_or_default())
    }
}

impl LabServer {
    /// Starts a job.
    ///
    /// # Errors
    ///
    /// A failure with the server's answer, if it does not take it; a skip, if the server has no jobs, or none for
    /// this key; a test error, if the
    /// test does not declare `SubmitsRecords`.
    #[track_caller]
    pub fn start_job(&self, body: &Value) -> Result<Job> {
        self.ctx.expect_declared(Mutation::SubmitsRecords)?;
        let answer = self.post("/v1/jobs", body)?;
        if answer.status == 404 {
            return Err(Self::lacks("jobs: POST /v1/jobs answers 404"));
        }
        if answer.status == 403 {
            return Err(Self::lacks("jobs for this key, which may not start any: POST /v1/jobs answers 403"));
        }
        let state = answer.expect(202)?.json;
        match state["job_id"].as_str() {
            Some(id) => Ok(Job { id: id.to_owned(), state: state.clone() }),
            None => Err(TestError::failed("POST /v1/jobs: the answer has no job_id")
                .with_detail(format!("answer: {state}"))),
        }
    }

    /// Waits until `job` has ended.
    ///
    /// # Errors
    ///
    /// A failure with what the server said last, if it has not within `timeout`.
    #[track_caller]
    pub fn wait_for_job(&self, job: &Job, timeout: Duration) -> Result<Job> {
        let location = SourceLocation::caller();
        let path = format!("/v1/jobs/{}", job.id);
        // The server is in the world's time, whatever the bench's clock does.
        let clock = hil_runner::SystemClock::new();
        let mut last = Value::Null;
        let asked = self.ctx.step(&format!("GET {path} until the job has ended"), || {
            let ended =
                hil_model::poll_until(&*clock, "the job's end", ASK_EVERY, timeout, || -> Result<_> {
                    last = self.request("GET", &path, None)?.expect(200)?.json;
                    let job = Job { id: job.id.clone(), state: last.clone() };
                    Ok((!job.status().is_one_of(&GOES_ON)).then_some(job))
                });
            ended.map_err(TestError::from)
        });
        asked.map_err(|error| error.with_detail(format!("answer: {last}")).at(location))
    }
}
