//! The server of a lab, from outside.

use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use hil_exchange::document;
use hil_model::RunId;
use hil_model::run::{Digest, Run};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body};

use crate::answer::{Capabilities, Drifts, FirstPasses, FlakyPhase, RunLines, SlowPhase, Trend, UnitTrends};
use crate::{ApiKey, ArchiveError, Contents, Result, RunQuery};

/// How long a client waits.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the next bytes to go, or to come.
    pub stalled: Duration,
    /// For the beginning of an answer.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            stalled: Duration::from_secs(60),
            answer: Duration::from_secs(120),
        }
    }
}

/// The most that is read of an answer that should be short.
const SHORT: u64 = 64 << 20;
/// The most that is shown of such a message if it is not ours, in characters.
const EXCERPT: usize = 300;
/// The most that is read of a message that says what is wrong.
const MESSAGE: u64 = 64 << 10;

/// A server of `hil`, reached with a key.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    /// The server's root, without a slash at its end.
    url: String,
    key: ApiKey,
}

impl Client {
    /// A client of the server at `url`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Url`].
    pub fn new(url: &str, key: ApiKey, patience: Patience) -> Result<Self> {
        let url = url.trim().trim_end_matches('/');
        let parsed: Uri = url.parse().map_err(|_| ArchiveError::Url)?;
        let is_http = matches!(parsed.scheme_str(), Some("http" | "https"));
        let has_secret = parsed.authority().is_none_or(|authority| authority.as_str().contains('@'));
        if !is_http || has_secret || parsed.query().is_some() {
            return Err(ArchiveError::Url);
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // The key goes to the server that was named, and nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("hil/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(patience.connect))
            .timeout_per_read(Some(patience.stalled))
            .timeout_per_write(Some(patience.stalled))
            .timeout_recv_response(Some(patience.answer))
            .build()
            .new_agent();
        Ok(Self { agent, url: url.to_owned(), key })
    }

    /// Where the server is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Saves a run, with the contents that the server has not.
    pub(crate) fn save(&self, run: &Run, contents: Contents<'_>) -> Result<RunId> {
        for attachment in &run.attachments {
            if !self.has_content(&attachment.digest)? {
                let file = contents.open(attachment)?;
                let path = format!("contents/{}", attachment.digest);
                self.checked(self.put(&path).send(&file))?;
            }
        }
        let mut json = Vec::new();
        document::to_writer(run, &mut json)?;
        let request = self.put(&format!("runs/{}", run.id)).header("content-type", "application/json");
        let saved = self.checked(request.send(&json[..])).map_err(|error| match error {
            // It may also be that contents are missing.
            ArchiveError::Refused { status: 409, .. } if self.run(&run.id).is_ok() => {
                ArchiveError::RunDiffers { url: self.url.clone(), id: run.id.clone() }
            }
            other => other,
        })?;
        let (status, bytes) = self.short(saved)?;
        let saved: Saved =
            serde_json::from_slice(&bytes).map_err(|error| self.foreign(status, &bytes, &error))?;
        saved.id.parse().map_err(|error| self.foreign(status, &bytes, &error))
    }

    pub(crate) fn has_content(&self, digest: &Digest) -> Result<bool> {
        let request = self.agent.head(self.address(&format!("contents/{digest}")));
        let answer = request.header("authorization", self.key.bearer()).call();
        // Such an answer has no body from which to tell who gave it.
        match answer {
            Ok(answer) if answer.status().as_u16() == 404 => Ok(false),
            answer => self.checked(answer).map(|_| true),
        }
    }

    pub(crate) fn content(&self, digest: &Digest) -> Result<Box<dyn Read>> {
        let answer = self.get(&format!("contents/{digest}"), None)?;
        Ok(Box::new(answer.into_body().into_reader()))
    }

    pub(crate) fn run(&self, id: &RunId) -> Result<Run> {
        let answer = self.get(&format!("runs/{id}"), None)?;
        let status = answer.status().as_u16();
        let json = answer.into_body().into_with_config().limit(u64::MAX).read_to_vec();
        self.document(status, &json.map_err(|error| self.lost(error))?)
    }

    pub(crate) fn runs(&self, query: &RunQuery) -> Result<RunLines> {
        self.ask("runs", query)
    }

    /// Passes on one run after the other; there is never more than one in memory.
    pub(crate) fn each(&self, query: &RunQuery, take: &mut dyn FnMut(Run) -> Result<()>) -> Result<()> {
        let answer = self.get("documents", Some(query))?;
        let status = answer.status().as_u16();
        let mut lines = BufReader::with_capacity(64 << 10, answer.into_body().into_reader());
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = lines.read_until(b'\n', &mut line);
            match read.map_err(|error| self.lost(ureq::Error::Io(error)))? {
                0 => return Ok(()),
                _ => take(self.document(status, &line)?)?,
            }
        }
    }

    pub(crate) fn first_pass(&self, query: &RunQuery) -> Result<FirstPasses> {
        self.ask("statistics/first-pass", query)
    }

    pub(crate) fn capability(&self, query: &RunQuery) -> Result<Capabilities> {
        self.ask("statistics/capability", query)
    }

    pub(crate) fn trend(&self, query: &RunQuery) -> Result<Trend> {
        self.ask("statistics/trend", query)
    }

    pub(crate) fn unit_trend(&self, query: &RunQuery) -> Result<UnitTrends> {
        self.ask("statistics/unit-trend", query)
    }

    pub(crate) fn flaky(&self, query: &RunQuery) -> Result<Vec<FlakyPhase>> {
        self.ask("statistics/flaky", query)
    }

    pub(crate) fn slowest(&self, query: &RunQuery) -> Result<Vec<SlowPhase>> {
        self.ask("statistics/slowest", query)
    }

    pub(crate) fn drift(&self, query: &RunQuery) -> Result<Drifts> {
        self.ask("statistics/drift", query)
    }

    fn ask<T: DeserializeOwned>(&self, path: &str, query: &RunQuery) -> Result<T> {
        self.json(self.get(path, Some(query))?)
    }

    fn get(&self, path: &str, query: Option<&RunQuery>) -> Result<Response<Body>> {
        let mut address = self.address(path);
        if let Some(query) = query {
            address.push('?');
            address.push_str(&query.to_query());
        }
        self.checked(self.agent.get(address).header("authorization", self.key.bearer()).call())
    }

    fn put(&self, path: &str) -> ureq::RequestBuilder<ureq::typestate::WithBody> {
        let request = self.agent.put(self.address(path)).header("authorization", self.key.bearer());
        // A server that does not want the body says so before it is sent.
        request.header("expect", "100-continue")
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/hil/v1/{path}", self.url)
    }

    /// The answer, if it is one to what was asked.
    fn checked(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>> {
        let answer = answer.map_err(|error| self.lost(error))?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let (url, said) = (self.url.clone(), self.message(answer));
        // Whatever stands between may answer in place of the server, and knows nothing of runs. But it knows how much
        // it lets pass.
        let is_foreign =
            said.is_err() && matches!(status, 400..=499) && !matches!(status, 401 | 403 | 408 | 413 | 429);
        let message = said.unwrap_or_else(|foreign| foreign);
        Err(match status {
            _ if is_foreign => ArchiveError::foreign(url, status, &message),
            401 => ArchiveError::Unauthorized { url, message },
            403 => ArchiveError::Forbidden { url, message },
            408 | 429 | 500..=599 => ArchiveError::Unavailable { url, status, message },
            400..=499 => ArchiveError::Refused { url, status, message },
            _ => ArchiveError::foreign(url, status, &message),
        })
    }

    fn json<T: DeserializeOwned>(&self, answer: Response<Body>) -> Result<T> {
        let (status, bytes) = self.short(answer)?;
        serde_json::from_slice(&bytes).map_err(|error| self.foreign(status, &bytes, &error))
    }

    /// The status and the body of an answer that should be short.
    fn short(&self, answer: Response<Body>) -> Result<(u16, Vec<u8>)> {
        let status = answer.status().as_u16();
        let bytes = answer.into_body().into_with_config().limit(SHORT).read_to_vec();
        Ok((status, bytes.map_err(|error| self.lost(error))?))
    }

    /// The run that `json` is, which came with `status`.
    fn document(&self, status: u16, json: &[u8]) -> Result<Run> {
        document::from_slice(json).map_err(|error| match error {
            // It is JSON of somebody who knows runs, and says where it is wrong.
            error if looks_like_json(json) => error.into(),
            error => self.foreign(status, json, &error),
        })
    }

    fn lost(&self, source: ureq::Error) -> ArchiveError {
        ArchiveError::Unreachable { url: self.url.clone(), source: Box::new(source) }
    }

    fn foreign(&self, status: u16, bytes: &[u8], problem: &dyn std::error::Error) -> ArchiveError {
        let said = format!("{}: {}", self.key.hidden_in(&problem.to_string()), self.excerpt(bytes));
        ArchiveError::foreign(self.url.clone(), status, &said)
    }

    /// What the server says is wrong; an error has what somebody else says that is not `hil`'s server.
    fn message(&self, answer: Response<Body>) -> std::result::Result<String, String> {
        #[derive(Deserialize)]
        struct Whole {
            error: Message,
        }
        #[derive(Deserialize)]
        struct Message {
            message: String,
        }

        let status = answer.status();
        let bytes = answer.into_body().into_with_config().limit(MESSAGE).read_to_vec().unwrap_or_default();
        match serde_json::from_slice::<Whole>(&bytes) {
            Ok(whole) => Ok(self.key.hidden_in(&whole.error.message)),
            Err(_) => {
                let reason = status.canonical_reason().unwrap_or("no reason").to_lowercase();
                let said = self.excerpt(&bytes);
                Err(if said.is_empty() { reason } else { format!("{reason}: {said}") })
            }
        }
    }

    /// The beginning of what is no answer of ours: a proxy's page, say. On one line, and without the key, which goes before
    /// anything is cut off: a part of it would not be found any more.
    fn excerpt(&self, bytes: &[u8]) -> String {
        let most = usize::try_from(MESSAGE).map_or(bytes.len(), |most| bytes.len().min(most));
        let text = self.key.hidden_in(&String::from_utf8_lossy(&bytes[..most]));
        let mut shown = String::new();
        for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
            if c.is_control() {
                shown.extend(c.escape_default());
            } else {
                shown.push(c);
            }
        }
        match shown.char_indices().nth(EXCERPT) {
            Some((end, _)) => format!("{}…", &shown[..end]),
            None => shown,
        }
    }
}

/// Whether it may be a document, with whatever mistake in it.
fn looks_like_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// What the server answers to a run.
#[derive(Deserialize)]
struct Saved {
    id: String,
}
