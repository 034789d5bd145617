//! The server of runs and jobs, as a test sees it.

mod job;
mod realtime;
mod records;

use std::sync::Arc;
use std::time::Duration;

use hil_archive::{ApiKey, Archive, ArchiveError, Client, Patience};
use hil_model::{Failure, Resource, SourceLocation};
use hil_runner::{Missing, ServerAt, ServerKey};
use ureq::Agent;

pub use job::Job;
pub use realtime::{Watch, WatchMessage};
pub use records::Submission;

use crate::{Ctx, FromBench, Result, TestError};

/// How long the server may take for the beginning of an answer, and for each piece of one.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most of an answer that is read.
const MOST: u64 = 16 << 20;
/// The most of an answer that a failure shows, in characters.
const SHOWN: usize = 500;

/// The server that `HIL_SERVER_URL` or `record.server` names, with the key of `record.key_file` or `HIL_API_KEY`.
///
/// Without either the test skips. A server that refuses what it should take fails the test, with its status and its
/// answer; one that cannot be reached, or that does not take the key, is a fault of the bench.
#[derive(Clone, Debug)]
pub struct LabServer {
    ctx: Ctx,
    archive: Arc<Archive>,
    agent: Agent,
    url: String,
    key: ServerKey,
}

impl FromBench for LabServer {
    const NEEDS: &'static [Resource] = ServerAt::NEEDS;

    fn from_bench(ctx: &Ctx) -> Result<Self> {
        let ServerAt { url, key } = ServerAt::from_bench(ctx)?;
        let api_key: ApiKey =
            key.reveal().parse().map_err(|error| TestError::bench(format!("HIL_API_KEY: {error}")))?;
        let patience = Patience { connect: PATIENCE, stalled: PATIENCE, answer: PATIENCE };
        let client = Client::new(&url, api_key, patience).map_err(|error| blamed(&error))?;
        let url = client.url().to_owned();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // The key goes to the server that was named, and nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .build()
            .new_agent();
        Ok(Self { ctx: ctx.clone(), archive: Arc::new(Archive::Server(client)), agent, url, key })
    }
}

/// An answer of the server.
#[derive(Clone, Debug)]
pub struct ServerAnswer {
    /// The HTTP status.
    pub status: u16,
    /// What it says; null if that is no JSON.
    pub json: serde_json::Value,
    /// The beginning of its text, on one line.
    excerpt: String,
    /// What was asked.
    asked: String,
}

impl ServerAnswer {
    /// The answer, whose status must be `status`.
    ///
    /// # Errors
    ///
    /// A failure with the status that came and the answer's text; a test that asks for what the server does not have at
    /// all skips.
    #[track_caller]
    pub fn expect(self, status: u16) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        let Self { status: got, excerpt, asked, .. } = &self;
        let failure = Failure {
            location: Some(SourceLocation::caller()),
            details: vec![format!("answer: {excerpt}")],
            ..Failure::new(format!("{asked}: want status {status}, got {got}"))
        };
        Err(failure.with_values(status.to_string(), format!("{got}: {excerpt}")).into())
    }
}

impl LabServer {
    /// Where the server is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Gets `path`, such as `/v1/jobs`.
    ///
    /// # Errors
    ///
    /// A bench fault, if the server cannot be reached.
    #[track_caller]
    pub fn get(&self, path: &str) -> Result<ServerAnswer> {
        self.ask("GET", path, None)
    }

    /// Posts `body` as JSON to `path`.
    ///
    /// # Errors
    ///
    /// A bench fault, if the server cannot be reached.
    #[track_caller]
    pub fn post(&self, path: &str, body: &serde_json::Value) -> Result<ServerAnswer> {
        self.ask("POST", path, Some(body))
    }

    #[track_caller]
    fn ask(&self, method: &str, path: &str, body: Option<&serde_json::Value>) -> Result<ServerAnswer> {
        let location = SourceLocation::caller();
        self.ctx
            .step(&format!("{method} {path}"), || self.request(method, path, body))
            .map_err(|error| error.at(location))
    }

    /// The same without a step of its own.
    fn request(&self, method: &str, path: &str, body: Option<&serde_json::Value>) -> Result<ServerAnswer> {
        let asked = format!("{method} {path}");
        let (url, bearer) = (format!("{}{path}", self.url), format!("Bearer {}", self.key.reveal()));
        let answer = match body {
            None => self.agent.get(url).header("authorization", bearer).call(),
            Some(body) => self
                .agent
                .post(url)
                .header("authorization", bearer)
                .header("content-type", "application/json")
                .send(body.to_string()),
        };
        let lost = |error: ureq::Error| {
            TestError::bench(format!("{asked}: the server {} cannot be reached: {error}", self.url))
        };
        let mut answer = answer.map_err(lost)?;
        let status = answer.status().as_u16();
        let bytes = answer.body_mut().with_config().limit(MOST).read_to_vec().map_err(lost)?;
        let excerpt = self.excerpt(&bytes);
        if status == 401 {
            return Err(TestError::bench(format!("{asked}: the server does not take the key (401)"))
                .with_detail(format!("answer: {excerpt}")));
        }
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(ServerAnswer { status, json, excerpt, asked })
    }

    /// The beginning of a text, on one line and without the key.
    fn excerpt(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes).replace(self.key.reveal(), "…");
        let line: Vec<&str> = text.split_whitespace().collect();
        let line = line.join(" ");
        match line.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }

    /// Skips a test of something that the server does not have.
    fn lacks(what: &str) -> TestError {
        Missing::OnServer { what: what.to_owned() }.into()
    }
}

/// Who is to blame for an error of the archive.
#[track_caller]
fn blamed(error: &ArchiveError) -> TestError {
    let text = hil_model::chain(error);
    match error {
        ArchiveError::Url
        | ArchiveError::Unreachable { .. }
        | ArchiveError::Unauthorized { .. }
        | ArchiveError::Forbidden { .. }
        | ArchiveError::Foreign { .. } => TestError::bench(text),
        _ => TestError::failed(text),
    }
}
