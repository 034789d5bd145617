//! What a job says while it is at work.

use std::path::Path;
use std::time::{Duration, Instant};

use hil_realtime::{Hub, JobId, Message, Payload, Percent, PluginName, Progress};
use serde_json::{Map, Value};

use super::published::{Log, Notes, Published};
use crate::iso;

/// Publishes the messages of a job. Nothing that goes wrong here ends the job (JOB-07).
#[derive(Debug)]
pub(super) struct Live {
    job: JobId,
    hub: Hub,
    log: Option<Log>,
    began: Instant,
}

impl Live {
    /// From now on the job is running.
    pub(super) fn open(job: JobId, hub: Hub, folder: Option<&Path>) -> Self {
        hub.open(&job);
        let log = folder.and_then(|folder| match Log::create(folder, hub.epoch().to_owned()) {
            Ok(log) => Some(log),
            Err(error) => {
                tracing::warn!(target: "hil_server", %job, %error, "a job's messages are not noted");
                None
            }
        });
        Self { job, hub, log, began: Instant::now() }
    }

    /// Where it can be noted what others say of the job.
    pub(super) fn notes(&self) -> Option<Notes> {
        self.log.as_ref()?.notes()
    }

    /// How long the job has been at work.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Says it to everybody.
    pub(super) fn say(&self, payload: impl Into<Payload>) {
        self.publish(Message::of(&self.job, payload));
    }

    /// The same for a message that is there already.
    pub(super) fn publish(&self, message: Message) {
        let seq = self.hub.publish(&message);
        if let Some(log) = &self.log {
            let Message { payload, event, .. } = message;
            log.add(Published { seq, event, at: iso::now(), is_emitted: false, payload });
        }
    }

    /// The job has come this far.
    pub(super) fn progress(&self, progress: Percent, stage: Option<String>, plugin: Option<PluginName>) {
        self.say(Progress { job_id: self.job.clone(), progress, stage, plugin });
    }

    pub(super) fn job(&self) -> &JobId {
        &self.job
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }
}

/// A plugin's name; what has none is called `run`.
pub(super) fn plugin(name: &str) -> PluginName {
    let nameless = || "run".parse().unwrap_or_else(|_| unreachable!("it is not empty"));
    name.parse().unwrap_or_else(|_| nameless())
}

/// Milliseconds, to the microsecond.
pub(super) fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// The details of an error: a code for programs and words for people.
pub(super) fn details(code: &str, message: impl Into<String>) -> Map<String, Value> {
    Map::from_iter([
        ("error_code".to_owned(), Value::from(code)),
        ("message".to_owned(), Value::from(message.into())),
    ])
}
