//! What the messages of a job say together.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use crate::by_plugin::ByPlugin;
use crate::warnings::Warnings;
use crate::{
    JobId, Message, Metadata, PartialResult, Payload, Percent, PluginName, PluginStatus, Progress, Warning,
};

/// A frame without its data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrameBrief {
    /// What it is called.
    pub frame_id: String,
    /// Whose work it belongs to.
    pub plugin: PluginName,
    /// Milliseconds since the plugin started.
    pub timing_ms: f64,
}

/// A job as its messages tell it: the fold over all that was published of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobView {
    /// The last progress.
    pub progress: Percent,
    /// The stage that came with it.
    pub stage: Option<String>,
    /// The last status of each plugin, in the order in which they began.
    pub statuses: Vec<PluginStatus>,
    /// The last timing of each plugin, in milliseconds.
    pub plugin_timings: BTreeMap<PluginName, f64>,
    /// All warnings, in order. Of very many the first, and one that counts the others.
    pub warnings: Vec<Warning>,
    /// The newest 1000 frames, oldest first; fewer if their names are very long.
    pub frames: Vec<FrameBrief>,
}

/// How many frames of a job are remembered.
const FRAMES: usize = 1000;
/// How many bytes their names may have together.
pub(crate) const FRAME_BYTES: usize = 1 << 20;

/// What a message adds to its job; made before anybody holds a lock.
#[derive(Clone, Debug, Default)]
pub(crate) enum Fact {
    Frame(Arc<FrameBrief>),
    /// A declaration, and how many bytes it has.
    Plugin(Arc<Metadata>, usize),
    Progress(Arc<Progress>),
    /// That a plugin had nothing to do, and how many bytes that has.
    Skipped(Arc<PartialResult>, usize),
    Status(Arc<PluginStatus>),
    Warning(Arc<Warning>),
    /// It says nothing about how far the job is.
    #[default]
    Nothing,
}

impl Fact {
    /// What the message adds, which has so many bytes.
    pub(crate) fn of(message: &Message, bytes: usize) -> Self {
        if message.job.is_none() {
            return Self::Nothing;
        }
        match &message.payload {
            Payload::Frame(frame) => Self::Frame(Arc::new(FrameBrief {
                frame_id: frame.frame_id.clone(),
                plugin: frame.plugin.clone(),
                timing_ms: frame.timing_ms,
            })),
            Payload::Progress(progress) => Self::Progress(Arc::new(progress.clone())),
            Payload::PluginStatus(status) => Self::Status(Arc::new(status.clone())),
            Payload::Warning(warning) => Self::Warning(Arc::new(warning.clone())),
            Payload::Metadata(metadata) => Self::Plugin(Arc::new(metadata.clone()), bytes),
            Payload::PartialResult(part)
                if part.result.get("outcome").is_some_and(|outcome| outcome == "SKIP") =>
            {
                Self::Skipped(Arc::new(part.clone()), bytes)
            }
            Payload::PartialResult(_) | Payload::Error(_) | Payload::Ping(_) => Self::Nothing,
        }
    }
}

/// What is known of a running job. A copy costs little, so that it can be made under the lock; and it is bounded,
/// because anybody with a key can add to it.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    /// What the job will do.
    plugins: ByPlugin<Metadata>,
    progress: Arc<Progress>,
    statuses: ByPlugin<PluginStatus>,
    /// What completed without having done anything, which its status does not say.
    skipped: ByPlugin<PartialResult>,
    warnings: Warnings,
    frames: VecDeque<Arc<FrameBrief>>,
    frame_bytes: usize,
}

impl Running {
    fn new(job: JobId) -> Self {
        let progress = Progress { job_id: job, progress: Percent::START, stage: None, plugin: None };
        Self {
            plugins: ByPlugin::default(),
            progress: Arc::new(progress),
            statuses: ByPlugin::default(),
            skipped: ByPlugin::default(),
            warnings: Warnings::default(),
            frames: VecDeque::new(),
            frame_bytes: 0,
        }
    }

    fn fold(&mut self, fact: Fact) {
        match fact {
            Fact::Frame(frame) => self.frame(frame),
            Fact::Plugin(metadata, bytes) => self.plugins.put(metadata, bytes),
            Fact::Progress(progress) => self.progress = progress,
            Fact::Skipped(part, bytes) => self.skipped.put(part, bytes),
            Fact::Status(status) => {
                let bytes = status.plugin.as_str().len();
                self.statuses.put(status, bytes);
            }
            Fact::Warning(warning) => self.warnings.add(warning),
            Fact::Nothing => {}
        }
    }

    fn frame(&mut self, frame: Arc<FrameBrief>) {
        self.frame_bytes += frame.weight();
        self.frames.push_back(frame);
        while self.frames.len() > FRAMES || self.frame_bytes > FRAME_BYTES {
            let Some(oldest) = self.frames.pop_front() else { return };
            self.frame_bytes -= oldest.weight();
        }
    }

    pub(crate) fn view(self) -> JobView {
        let timing = |status: &PluginStatus| (status.plugin.clone(), status.timing_ms);
        JobView {
            progress: self.progress.progress,
            stage: self.progress.stage.clone(),
            statuses: self.statuses.iter().cloned().collect(),
            plugin_timings: self.statuses.iter().map(timing).collect(),
            warnings: self.warnings.told(),
            frames: self.frames.iter().map(|frame| (**frame).clone()).collect(),
        }
    }

    /// The messages that say to a newcomer how far the job is.
    pub(crate) fn told(self, job: &JobId) -> Vec<Message> {
        let mut told: Vec<Message> =
            self.plugins.iter().map(|metadata| Message::of(job, metadata.clone())).collect();
        told.push(Message::of(job, (*self.progress).clone()));
        for status in self.statuses.iter() {
            told.extend(self.skipped.get(&status.plugin).map(|part| Message::of(job, part.clone())));
            told.push(Message::of(job, status.clone()));
        }
        told.extend(self.warnings.told().into_iter().map(|warning| Message::of(job, warning)));
        told
    }
}

impl FrameBrief {
    fn weight(&self) -> usize {
        self.frame_id.len() + self.plugin.as_str().len()
    }
}

/// The jobs that are running.
#[derive(Debug, Default)]
pub(crate) struct Board(BTreeMap<JobId, Running>);

impl Board {
    pub(crate) fn open(&mut self, job: &JobId) {
        self.0.insert(job.clone(), Running::new(job.clone()));
    }

    pub(crate) fn fold(&mut self, job: &JobId, fact: Fact) {
        if let Some(running) = self.0.get_mut(job) {
            running.fold(fact);
        }
    }

    pub(crate) fn get(&self, job: &JobId) -> Option<&Running> {
        self.0.get(job)
    }

    pub(crate) fn close(&mut self, job: &JobId) -> Option<Running> {
        self.0.remove(job)
    }

    /// All of them, in the order of their ids.
    pub(crate) fn running(&self) -> impl Iterator<Item = (&JobId, &Running)> {
        self.0.iter()
    }
}
