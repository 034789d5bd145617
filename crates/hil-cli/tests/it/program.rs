//! Running the command, and reading what it leaves.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A program and the folder that its reports go to.
pub(crate) struct Program {
    path: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    pub(crate) reports: TempDir,
    /// The user's data directory: no test may find, or leave, anything in the real one.
    pub(crate) data: TempDir,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

impl Program {
    /// The `hil` of this repository, with its suites.
    pub(crate) fn hil() -> Self {
        Self::at(PathBuf::from(env!("CARGO_BIN_EXE_hil")))
    }

    /// The program that has a test for every way to end. It has no catalogue of requirements.
    pub(crate) fn fixture() -> Self {
        let hil = PathBuf::from(env!("CARGO_BIN_EXE_hil"));
        Self::at(hil.with_file_name("examples").join("fixture")).set("run.requirements=")
    }

    fn at(path: PathBuf) -> Self {
        let reports = tempfile::tempdir().unwrap();
        let data = tempfile::tempdir().unwrap();
        Self { path, arguments: Vec::new(), environment: Vec::new(), reports, data }
    }

    pub(crate) fn args(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(ToString::to_string));
        self
    }

    pub(crate) fn set(self, assignment: &str) -> Self {
        self.args(&["--set", assignment])
    }

    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    fn command(&self) -> Command {
        // A shell that starts the tests in the background ignores SIGQUIT, which its children inherit.
        let mut command = Command::new("env");
        command.arg("--default-signal=QUIT").arg(&self.path);
        command.current_dir(root()).args(&self.arguments).stdin(Stdio::null());
        // Nothing that somebody exported on this machine is meant.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("HIL_") || ["ECU_TESTS_CONFIG", "OWON_PSU_CONFIG"].contains(&&*name) {
                command.env_remove(&*name);
            }
        }
        command.env("XDG_DATA_HOME", self.data.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command that writes no reports.
    pub(crate) fn output(&self) -> Ended {
        Ended(self.command().output().unwrap())
    }

    /// Runs a command that reads `input` from standard input.
    pub(crate) fn output_of(&self, input: &[u8]) -> Ended {
        self.output_to(Stdio::piped(), input)
    }

    /// The same, with its standard output elsewhere.
    pub(crate) fn output_to(&self, out: impl Into<Stdio>, input: &[u8]) -> Ended {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(out).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Ended(child.wait_with_output().unwrap())
    }

    /// Runs tests, with the reports in the program's folder.
    pub(crate) fn run(&self) -> Ended {
        Ended(self.command().arg("--reports").arg(self.reports.path()).output().unwrap())
    }

    /// Starts tests that are not waited for, in a process group of their own.
    pub(crate) fn start(&self) -> Running {
        let mut command = self.command();
        command.arg("--reports").arg(self.reports.path()).stdout(Stdio::null()).stderr(Stdio::null());
        Running(command.process_group(0).spawn().unwrap())
    }

    /// Starts a command that is not waited for.
    pub(crate) fn start_command(&self) -> Running {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Running(command.spawn().unwrap())
    }

    /// Starts a command whose standard output is read while it runs.
    pub(crate) fn start_reading(&self) -> Reading {
        let mut command = self.command();
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = Running(command.spawn().unwrap());
        let output = BufReader::new(running.0.stdout.take().unwrap());
        Reading { running, output }
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.reports.path().join(name)).unwrap_or_default()
    }

    /// The journal's entries; a torn last line is left out.
    pub(crate) fn journal(&self) -> Vec<Value> {
        self.read("events.jsonl").lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The events of one kind.
    pub(crate) fn events(&self, kind: &str) -> Vec<Value> {
        self.journal().iter().filter_map(|entry| entry["event"].get(kind).cloned()).collect()
    }

    /// How each test ended: `passed`, `failed`, `skipped`, or the kind of its error.
    pub(crate) fn outcomes(&self) -> BTreeMap<String, String> {
        let word = |outcome: &Value| match outcome {
            Value::String(word) => word.clone(),
            Value::Object(map) => {
                let (word, content) = map.iter().next().unwrap();
                content["kind"].as_str().unwrap_or(word).to_owned()
            }
            other => other.to_string(),
        };
        let finished = self.events("test_finished");
        finished
            .iter()
            .map(|test| (test["test"].as_str().unwrap().to_owned(), word(&test["outcome"])))
            .collect()
    }

    /// The message of the one red outcome of the test.
    pub(crate) fn message(&self, test: &str) -> String {
        let finished = self.events("test_finished");
        let outcome = finished.iter().rfind(|finished| finished["test"] == test).unwrap()["outcome"].clone();
        let (_, content) = outcome.as_object().unwrap().iter().next().unwrap();
        let message = content["message"].as_str().or_else(|| content["reason"].as_str());
        message.unwrap().to_owned()
    }
}

/// A program that has ended.
pub(crate) struct Ended(Output);

impl Ended {
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(self.0.status.code(), Some(expected), "{}\n{}", self.stdout(), self.stderr());
        self
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }
}

/// A program that runs, and is killed when it is dropped.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        nix::sys::signal::kill(self.pid(), signal).unwrap();
    }

    /// Sends a signal to it and to whatever it started that is still in its process group.
    pub(crate) fn signal_group(&self, signal: nix::sys::signal::Signal) {
        nix::sys::signal::killpg(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> nix::unistd::Pid {
        nix::unistd::Pid::from_raw(self.0.id().try_into().unwrap())
    }

    /// Its exit code; `None` if a signal ended it.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that runs, and what it writes.
pub(crate) struct Reading {
    running: Running,
    output: BufReader<ChildStdout>,
}

impl Reading {
    /// Reads up to a line that contains `text`.
    #[track_caller]
    pub(crate) fn wait_for_line(&mut self, text: &str) {
        self.line_with(text);
    }

    /// Reads up to a line that contains `text`; that line.
    #[track_caller]
    pub(crate) fn line_with(&mut self, text: &str) -> String {
        let mut lines = self.output.by_ref().lines().map_while(Result::ok);
        lines.find(|line| line.contains(text)).unwrap()
    }

    /// The next line.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        self.running.signal(signal);
    }

    /// Its exit code, and what it wrote since.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (self.running.wait(), rest)
    }
}

/// Waits until `ready`; fails after a minute, which no machine is too slow for.
#[track_caller]
pub(crate) fn wait_until(what: &str, ready: impl Fn() -> bool) {
    let began = Instant::now();
    while !ready() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        pause();
    }
}

#[expect(clippy::disallowed_methods, reason = "another process is waited for, which has no clock of ours")]
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}
