//! Jobs of a real bench: tests in a process of their own, over HTTP.

mod ends;
mod orders;

use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Program, Reading, wait_until};

/// A server of the fixture's tests, and a person's key.
struct Lab {
    program: Program,
    server: RefCell<Option<Reading>>,
    address: RefCell<String>,
    key: String,
    folder: TempDir,
}

impl Lab {
    fn start() -> Self {
        Self::of(|program| program)
    }

    /// The same, with what `change` adds to the command.
    fn of(change: impl FnOnce(Program) -> Program) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("runs.sqlite").display().to_string();
        let key =
            Program::hil().args(&["key", "create", "--user", "ada@example.com"]).env("HIL_STORE", &store);
        let key = key.output().code(0).stdout().trim().to_owned();
        let jobs = folder.path().join("jobs");
        let program = Program::fixture()
            .args(&["serve", "--listen", "127.0.0.1:0", "--jobs", jobs.to_str().unwrap()])
            .env("HIL_STORE", &store);
        let lab = Self {
            program: change(program),
            server: RefCell::default(),
            address: RefCell::default(),
            key,
            folder,
        };
        lab.restart();
        lab
    }

    /// Starts the server, again.
    fn restart(&self) {
        let mut server = self.program.start_reading();
        let line = server.line();
        let address = line.strip_prefix("listening on http://").expect("the address on the first line");
        address.clone_into(&mut self.address.borrow_mut());
        *self.server.borrow_mut() = Some(server);
    }

    /// Sends a signal to the server, and waits for its end.
    fn end(&self, signal: Signal) -> Option<i32> {
        let server = self.server.take().unwrap();
        server.signal(signal);
        server.end().0
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let address = self.address.borrow();
        let mut stream = TcpStream::connect(address.as_str()).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
    }

    fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask("GET", path, "");
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Starts a job; its id.
    fn job(&self, body: &Value) -> String {
        let (status, answer) = self.ask("POST", "/v1/jobs", &body.to_string());
        assert_eq!(status, 202, "{answer}");
        answer["job_id"].as_str().unwrap().to_owned()
    }

    fn state(&self, id: &str) -> Value {
        self.get(&format!("/v1/jobs/{id}/extended"))
    }

    fn wait(&self, id: &str, what: &str, ready: impl Fn(&Value) -> bool) -> Value {
        wait_until(what, || ready(&self.state(id)));
        self.state(id)
    }

    /// The job, once it is over.
    fn over(&self, id: &str) -> Value {
        self.wait(id, "the job's end", |job| {
            !["queued", "running"].contains(&job["status"].as_str().unwrap())
        })
    }

    fn cancel(&self, id: &str) -> u16 {
        self.ask("DELETE", &format!("/v1/jobs/{id}"), "").0
    }

    /// The record that the job left.
    fn run(&self, job: &Value) -> Value {
        self.get(&format!("/api/hil/v1/runs/{}", job["result"]["run_id"].as_str().unwrap()))
    }

    fn folder(&self, id: &str) -> PathBuf {
        self.folder.path().join("jobs").join(id)
    }

    fn lines(path: &Path) -> Vec<Value> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// What was published of the job: type and payload.
    fn published(&self, id: &str) -> Vec<Value> {
        Self::lines(&self.folder(id).join("published.jsonl"))
    }

    fn payloads(&self, id: &str, kind: &str) -> Vec<Value> {
        let published = self.published(id).into_iter();
        published.filter(|line| line["type"] == kind).map(|mut line| line["payload"].take()).collect()
    }

    fn journal(&self, id: &str) -> Vec<Value> {
        Self::lines(&self.folder(id).join("reports/events.jsonl"))
    }

    /// Waits until that test is at work.
    fn wait_for_test(&self, id: &str, name: &str) {
        let wanted = json!({ "plugin": name, "status": "started" });
        wait_until("the test to begin", || {
            let statuses = self.payloads(id, "plugin_status");
            statuses
                .iter()
                .any(|status| wanted.as_object().unwrap().iter().all(|(key, value)| status[key] == *value))
        });
    }
}
