//! From the journal's entries to messages: a fold, one entry after the other.
//!
//! What belongs to a test or a step of the session is said in its name, the rest in that of `run`. Times are the
//! server's own; the bench's clock is in the data of each frame.

mod frame;
mod measured;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use hil_ldf::Database;
use hil_model::{
    Attachment, Decision, Entry, Event, ExitStatus, Level, LogLine, Outcome, OutputVerified, PlannedTest,
    Property, RunId, RunStarted, SessionPhase, SessionStep,
};
use hil_realtime::{
    JobId, Message, PartialResult, Payload, Percent, PluginName, PluginStatus, Progress, Severity, State,
    Trouble, Warning,
};
use serde_json::{Map, Value, json};

use super::live::{details, millis, plugin};
use super::plugins::{RUN, step as step_name};

/// The key of the configuration that names the LDF.
const LDF_PATH: &str = "interface.ldf_path";

/// Translates the journal of one run.
#[derive(Debug)]
pub(super) struct Translator {
    job: JobId,
    device: String,
    /// Where relative paths of the configuration begin.
    root: PathBuf,
    ldf: Option<Database>,
    run: Option<RunId>,
    exit: Option<u8>,
    output: Option<bool>,
    /// Whether the way up came to the supply.
    supply: bool,
    /// What is at work, if anything is.
    current: Option<Current>,
    /// How many tests will run, once that is known.
    tests: u64,
    /// How many steps the way up has had. The way down has as many, or so it is assumed.
    steps: u64,
    finished: u64,
    shown: Percent,
    /// Counters for what belongs to no plugin.
    outside: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    frames: u64,
    warnings: u64,
}

#[derive(Debug)]
struct Current {
    name: PluginName,
    began: Duration,
    counts: Counts,
}

impl Translator {
    pub(super) fn new(job: JobId, device: String, root: PathBuf) -> Self {
        Self {
            job,
            device,
            root,
            ldf: None,
            run: None,
            exit: None,
            output: None,
            supply: false,
            current: None,
            tests: 0,
            steps: 0,
            finished: 0,
            shown: Percent::START,
            outside: Counts::default(),
        }
    }

    /// The run's id, once it has begun.
    pub(super) fn run_id(&self) -> Option<&RunId> {
        self.run.as_ref()
    }

    /// The exit code that the run ended with, once it has.
    pub(super) fn exit(&self) -> Option<u8> {
        self.exit
    }

    /// Whether the supply's output is confirmed off, once somebody has looked.
    pub(super) fn output(&self) -> Option<bool> {
        self.output
    }

    /// Whether the supply may be on: it was set up, and nobody has confirmed since that it is off.
    pub(super) fn is_unproven(&self) -> bool {
        self.supply && self.output != Some(true)
    }

    /// What an entry says, `now` after the job began.
    pub(super) fn entry(&mut self, entry: &Entry, now: Duration) -> Vec<Message> {
        let payloads = match &entry.event {
            Event::RunStarted(started) => self.run_started(started),
            Event::Planned(tests) => self.planned(tests),
            Event::SessionStepStarted { phase, step } => self.step_started(*phase, *step, now),
            Event::SessionStepFinished { phase, step, outcome, facts } => {
                self.step_finished(*phase, *step, outcome, facts, now)
            }
            Event::Progressed { step, what, done, total } => self.progressed(*step, what, *done, *total),
            Event::TestStarted { test, attempt } => self.test_started(test.as_str(), *attempt, now),
            Event::StepStarted { title, .. } => vec![self.progress(Some(title.clone()))],
            // The next one, or the test's end, says that it is over.
            Event::StepFinished { .. } => Vec::new(),
            Event::Measured(measurement) => self.partial("measurement", measured::json(measurement)),
            Event::Noted(Property { key, value }) => {
                self.partial("noted", json!({ "key": key, "value": value }))
            }
            Event::Logged(line) => self.logged(line),
            Event::Frame(seen) => {
                let data = frame::lin(seen, self.ldf.as_ref(), entry.at);
                vec![self.frame(frame::name(seen), data, now)]
            }
            Event::Supply(sample) => {
                vec![self.frame("psu".to_owned(), frame::supply(*sample, entry.at), now)]
            }
            Event::Attached(Attachment { name, media_type, bytes, .. }) => {
                self.partial("attachment", json!({ "name": name, "media_type": media_type, "bytes": bytes }))
            }
            Event::TestFinished { outcome, attempt, retried, .. } => {
                self.test_finished(outcome, *attempt, *retried, now)
            }
            Event::Stopped { reason } => {
                vec![self.warning(format!("no further test is begun: {reason}"), Severity::Medium)]
            }
            Event::Interrupted { signal } => {
                vec![self.warning(format!("{signal}: the run ends in order"), Severity::Medium)]
            }
            Event::OutputVerified(proof) => self.output_verified(proof),
            Event::RunFinished(finished) => {
                self.exit = Some(finished.exit);
                Vec::new()
            }
        };
        let message = |payload| Message { payload, job: Some(self.job.clone()), event: Some(entry.seq) };
        payloads.into_iter().map(message).collect()
    }

    /// What is said of a plugin that was at work when its process died.
    pub(super) fn broke_off(&mut self, why: &str, now: Duration) -> Vec<Message> {
        let Some(current) = self.current.take() else { return Vec::new() };
        let trouble = trouble("Broke off", &current.name, "RUN_DIED", why);
        let payloads = [trouble.into(), status(&current, State::Failed, now).into()];
        payloads.into_iter().map(|payload: Payload| Message::of(&self.job, payload)).collect()
    }

    fn run_started(&mut self, started: &RunStarted) -> Vec<Payload> {
        self.run = Some(started.run_id.clone());
        let path = started.config.iter().find(|(property, _)| property.key == LDF_PATH);
        let path =
            path.and_then(|(property, _)| serde_json::from_str::<Option<String>>(&property.value).ok()?);
        let mut payloads = self.partial(
            "run",
            json!({
                "run_id": started.run_id,
                "bench": started.bench,
                "host": started.host,
                "version": started.version,
                "simulated": started.simulated,
            }),
        );
        if let Some(path) = path {
            match hil_ldf::load(&self.root.join(Path::new(&path))) {
                Ok(parsed) => self.ldf = Some(parsed.database),
                Err(error) => {
                    payloads.push(self.warning(
                        format!("signals are not shown: {}", hil_model::chain(&error)),
                        Severity::Low,
                    ))
                }
            }
        }
        payloads
    }

    fn planned(&mut self, tests: &[PlannedTest]) -> Vec<Payload> {
        let selected = tests.iter().filter(|planned| planned.decision == Decision::Selected);
        self.tests = u64::try_from(selected.count()).unwrap_or(u64::MAX);
        Vec::new()
    }

    fn step_started(&mut self, phase: SessionPhase, step: SessionStep, now: Duration) -> Vec<Payload> {
        if phase == SessionPhase::Setup {
            self.steps += 1;
            self.supply |= step == SessionStep::Psu;
        }
        let way = match phase {
            SessionPhase::Setup => "set-up",
            SessionPhase::Teardown => "teardown",
        };
        self.begin(&step_name(phase, step), format!("{way}: {}", step.word()), now)
    }

    fn step_finished(
        &mut self,
        phase: SessionPhase,
        step: SessionStep,
        outcome: &Outcome,
        facts: &[Property],
        now: Duration,
    ) -> Vec<Payload> {
        let mut payloads = Vec::new();
        if self.current.is_none() {
            // A step that ends without having begun has nothing but its end.
            payloads = self.step_started(phase, step, now);
        }
        if !facts.is_empty() {
            let facts: Map<String, Value> =
                facts.iter().map(|fact| (fact.key.clone(), Value::from(fact.value.clone()))).collect();
            payloads.extend(self.partial("facts", Value::Object(facts)));
        }
        payloads.extend(self.end(outcome, now));
        payloads
    }

    fn progressed(&mut self, step: SessionStep, what: &str, done: u64, total: u64) -> Vec<Payload> {
        let share = done.saturating_mul(100).checked_div(total);
        let share = share.map_or_else(String::new, |percent| format!(" {percent} %"));
        vec![self.progress(Some(format!("set-up: {}: {what}{share}", step.word())))]
    }

    fn test_started(&mut self, name: &str, attempt: u32, now: Duration) -> Vec<Payload> {
        match &self.current {
            // The same plugin tries again.
            Some(current) if attempt > 1 && current.name.as_str() == name => {
                let running = status(current, State::Running, now);
                vec![running.into(), self.progress(Some(format!("attempt {attempt}")))]
            }
            Some(_) | None => self.begin(name, name.to_owned(), now),
        }
    }

    fn test_finished(
        &mut self,
        outcome: &Outcome,
        attempt: u32,
        retried: bool,
        now: Duration,
    ) -> Vec<Payload> {
        if !retried {
            return self.end(outcome, now);
        }
        let why = match outcome {
            Outcome::Passed => outcome.word().to_owned(),
            Outcome::Skipped { reason } => reason.clone(),
            Outcome::Failed(failure) => failure.message.clone(),
            Outcome::Errored(fault) => format!("{}: {}", fault.kind.word(), fault.message),
        };
        vec![self.warning(format!("attempt {attempt} is tried again: {why}"), Severity::Medium)]
    }

    fn logged(&mut self, line: &LogLine) -> Vec<Payload> {
        let (word, severity) = match line.level {
            Level::Debug => ("debug", None),
            Level::Info => ("info", None),
            Level::Warning => ("warning", Some(Severity::Medium)),
            Level::Error => ("error", Some(Severity::High)),
            Level::Critical => ("critical", Some(Severity::High)),
        };
        match severity {
            Some(severity) => vec![self.warning(line.message.clone(), severity)],
            None => {
                self.partial("log", json!({ "level": word, "target": line.target, "message": line.message }))
            }
        }
    }

    fn output_verified(&mut self, proof: &OutputVerified) -> Vec<Payload> {
        self.output = Some(proof.confirmed);
        let OutputVerified { confirmed, rail, after_ms, how } = proof;
        let mut payloads = self.partial(
            "output_verified",
            json!({
                "confirmed": confirmed,
                "rail": rail.map(hil_model::Volts::get),
                "after_ms": after_ms,
                "how": how,
            }),
        );
        if !confirmed {
            let name = self.name();
            payloads.push(trouble("Output not confirmed off", &name, "OUTPUT_UNCONFIRMED", how).into());
        }
        payloads
    }

    /// A plugin begins. One that never ended has been left behind.
    fn begin(&mut self, name: &str, stage: String, now: Duration) -> Vec<Payload> {
        let mut payloads = Vec::new();
        if let Some(left) = self.current.take() {
            payloads.push(status(&left, State::Failed, now).into());
        }
        let current = Current { name: plugin(name), began: now, counts: Counts::default() };
        payloads.push(status(&current, State::Started, now).into());
        self.current = Some(current);
        payloads.push(self.progress(Some(stage)));
        payloads
    }

    /// The plugin at work is over.
    fn end(&mut self, outcome: &Outcome, now: Duration) -> Vec<Payload> {
        let mut payloads = Vec::new();
        let name = self.name();
        let state = match outcome {
            Outcome::Passed => State::Completed,
            Outcome::Skipped { reason } => {
                let result = [("outcome", "SKIP"), ("reason", reason)];
                let result = result.map(|(key, value)| (key.to_owned(), Value::from(value)));
                payloads.push(PartialResult { result: Map::from_iter(result), plugin: name }.into());
                State::Completed
            }
            Outcome::Failed(failure) => {
                let mut details = details("TEST_FAILED", &*failure.message);
                for (key, value) in [("expected", &failure.expected), ("got", &failure.got)] {
                    if let Some(value) = value {
                        details.insert(key.to_owned(), Value::from(value.clone()));
                    }
                }
                if let Some(place) = &failure.location {
                    details.insert("location".to_owned(), Value::from(place.to_string()));
                }
                payloads.push(failed("Failed", name, details));
                State::Failed
            }
            Outcome::Errored(fault) => {
                let code = fault.kind.word().replace('-', "_").to_uppercase();
                let mut details = details(&code, &*fault.message);
                if let Some(place) = &fault.location {
                    details.insert("location".to_owned(), Value::from(place.to_string()));
                }
                payloads.push(failed("Error", name, details));
                State::Failed
            }
        };
        if let Some(current) = self.current.take() {
            payloads.push(status(&current, state, now).into());
        }
        self.finished += 1;
        payloads
    }

    /// How far the run is. It never goes back.
    fn progress(&mut self, stage: Option<String>) -> Payload {
        let total = self.tests.saturating_add(self.steps.saturating_mul(2));
        let progress = Percent::under_way(self.finished, total).max(self.shown);
        self.shown = progress;
        let plugin = self.current.as_ref().map(|current| current.name.clone());
        Progress { job_id: self.job.clone(), progress, stage, plugin }.into()
    }

    fn partial(&self, key: &str, value: Value) -> Vec<Payload> {
        let result = Map::from_iter([(key.to_owned(), value)]);
        vec![PartialResult { result, plugin: self.name() }.into()]
    }

    fn warning(&mut self, message: String, severity: Severity) -> Payload {
        self.counts().warnings += 1;
        Warning { plugin: self.name(), message, severity: Some(severity), frame_id: None }.into()
    }

    fn frame(&mut self, frame_id: String, data: Map<String, Value>, now: Duration) -> Payload {
        self.counts().frames += 1;
        let began = self.current.as_ref().map_or(Duration::ZERO, |current| current.began);
        hil_realtime::Frame {
            frame_id,
            plugin: self.name(),
            data,
            device_used: self.device.clone(),
            timing_ms: millis(now.saturating_sub(began)),
        }
        .into()
    }

    fn counts(&mut self) -> &mut Counts {
        self.current.as_mut().map_or(&mut self.outside, |current| &mut current.counts)
    }

    fn name(&self) -> PluginName {
        self.current.as_ref().map_or_else(|| plugin(RUN), |current| current.name.clone())
    }
}

fn status(current: &Current, status: State, now: Duration) -> PluginStatus {
    PluginStatus {
        plugin: current.name.clone(),
        status,
        timing_ms: millis(now.saturating_sub(current.began)),
        frames_processed: Some(current.counts.frames),
        warnings_count: Some(current.counts.warnings),
    }
}

fn failed(error: &str, plugin: PluginName, details: Map<String, Value>) -> Payload {
    Trouble { error: error.to_owned(), plugin: Some(plugin), details: Some(details), frame_id: None }.into()
}

fn trouble(error: &str, plugin: &PluginName, code: &str, message: &str) -> Trouble {
    Trouble {
        error: error.to_owned(),
        plugin: Some(plugin.clone()),
        details: Some(details(code, message)),
        frame_id: None,
    }
}

/// What an exit code means, if it is one of ours.
pub(super) fn meaning(code: u8) -> Option<ExitStatus> {
    ExitStatus::ALL.into_iter().find(|status| status.code() == code)
}
