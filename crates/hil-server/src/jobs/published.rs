//! `published.jsonl`: what was published of a job, a message a line, in its folder.
//!
//! It is the bridge between the numbers of the stream and those of the journal (RT-24), and what is left of a job whose
//! server was killed: each line is with the system soon after its message went out. Frames are there without their
//! data, which the journal has.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;

use hil_model::WallTime;
use hil_model::run::PhaseOutcome;
use hil_realtime::{Frame, Payload, Seq, WARNINGS, Warning, Warnings};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::sim::Ended;
use super::view::View;
use crate::iso;

const FILE: &str = "published.jsonl";
/// How many lines may wait for the disk. When it is slower than that, the job waits for it, and not for more memory.
const WAITING: usize = 8192;

/// A message that was published.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) seq: Seq,
    pub(super) event: Option<u64>,
    pub(super) at: WallTime,
    /// A station said it.
    pub(super) is_emitted: bool,
    pub(super) payload: Payload,
}

#[derive(Serialize, Deserialize)]
struct Line {
    epoch: String,
    seq: u64,
    event: Option<u64>,
    /// When it was published: milliseconds since the Unix epoch.
    wall_ms: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    emitted: bool,
    #[serde(rename = "type")]
    kind: String,
    payload: Value,
}

/// The file of a job that is at work. Its thread ends, and the file is whole, when this is dropped.
#[derive(Debug)]
pub(super) struct Log {
    lines: Option<SyncSender<Published>>,
    thread: Option<JoinHandle<()>>,
}

impl Log {
    /// Begins the file in the job's folder.
    pub(super) fn create(folder: &Path, epoch: String) -> io::Result<Self> {
        let path = folder.join(FILE);
        let file = File::create(&path)?;
        let (lines, published) = sync_channel(WAITING);
        let write = move || write_all(&published, file, &path, &epoch);
        let thread = std::thread::Builder::new().name("published".to_owned()).spawn(write)?;
        Ok(Self { lines: Some(lines), thread: Some(thread) })
    }

    /// Adds a line.
    pub(super) fn add(&self, published: Published) {
        // The thread ends early only if it panicked.
        if let Some(lines) = &self.lines {
            let _ = lines.send(without_data(published));
        }
    }

    /// Another way into the file; it must be gone before the log is dropped.
    pub(super) fn notes(&self) -> Option<Notes> {
        self.lines.clone().map(Notes)
    }
}

/// The file, for what others say of the job.
#[derive(Debug)]
pub(super) struct Notes(SyncSender<Published>);

impl Notes {
    /// Adds a line, if the disk is fast enough: a station is not kept waiting.
    pub(super) fn add(&self, seq: Seq, payload: Payload) {
        let published = Published { seq, event: None, at: iso::now(), is_emitted: true, payload };
        if self.0.try_send(without_data(published)).is_err() {
            tracing::warn!(target: "hil_server", seq = seq.0, "what a station said of a job is not noted");
        }
    }
}

/// What waits holds no frame's data: they can be large, and the disk slow.
fn without_data(mut published: Published) -> Published {
    if let Payload::Frame(frame) = &mut published.payload {
        frame.data = Map::new();
    }
    published
}

impl Drop for Log {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write_all(published: &Receiver<Published>, file: File, path: &Path, epoch: &str) {
    let mut file = BufWriter::new(file);
    let mut broken = false;
    let mut next = published.recv().ok();
    while let Some(line) = next {
        if !broken && let Err(error) = write(&mut file, line, epoch) {
            // The job goes on: what it does is in its journal and in its record.
            tracing::warn!(target: "hil_server", path = %path.display(), %error, "a job's messages are not noted");
            broken = true;
        }
        next = match published.try_recv() {
            Ok(line) => Some(line),
            Err(TryRecvError::Empty) => {
                broken |= file.flush().is_err();
                published.recv().ok()
            }
            Err(TryRecvError::Disconnected) => None,
        };
    }
}

fn write(file: &mut BufWriter<File>, published: Published, epoch: &str) -> io::Result<()> {
    let Published { seq, event, at, is_emitted, payload } = published;
    let kind = payload.kind().word().to_owned();
    let payload = match payload {
        Payload::Frame(Frame { frame_id, plugin, timing_ms, .. }) => {
            json!({ "frame_id": frame_id, "plugin": plugin, "timing_ms": timing_ms })
        }
        Payload::PartialResult(payload) => serde_json::to_value(payload)?,
        Payload::Progress(payload) => serde_json::to_value(payload)?,
        Payload::PluginStatus(payload) => serde_json::to_value(payload)?,
        Payload::Warning(payload) => serde_json::to_value(payload)?,
        Payload::Error(payload) => serde_json::to_value(payload)?,
        Payload::Metadata(payload) => serde_json::to_value(payload)?,
        Payload::Ping(payload) => serde_json::to_value(payload)?,
    };
    serde_json::to_writer(
        &mut *file,
        &Line {
            epoch: epoch.to_owned(),
            seq: seq.0,
            event,
            wall_ms: at.unix_millis(),
            emitted: is_emitted,
            kind,
            payload,
        },
    )?;
    file.write_all(b"\n")
}

/// What is left of a job whose server was killed.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// What its messages said together.
    pub(super) view: View,
    /// Its plugins, in the order in which they were begun. One that was at work did not reach its end.
    pub(super) plugins: Vec<Ended>,
}

/// What is left in the folder of a job.
pub(super) fn recover(folder: &Path) -> Left {
    let (mut left, mut warnings) = (Left::default(), Warnings::default());
    let Ok(file) = File::open(folder.join(FILE)) else { return left };
    for line in BufReader::new(file).lines().map_while(Result::ok) {
        // The last one may be torn.
        if let Ok(Line { kind, payload, wall_ms, emitted, .. }) = serde_json::from_str(&line) {
            left.view.apply(&kind, &payload);
            warning(&kind, &payload).into_iter().for_each(|warning| warnings.add(warning));
            // What the job did it said itself.
            if !emitted {
                left.apply(&kind, &payload, WallTime::from_unix_millis(wall_ms));
            }
        }
    }
    left.view.warnings = warnings.told().into_iter().map(|warning| warning.message).collect();
    left
}

fn warning(kind: &str, payload: &Value) -> Option<Arc<Warning>> {
    let plugin = payload["plugin"].as_str().filter(|_| kind == "warning")?.parse().ok()?;
    let message = payload["message"].as_str()?.to_owned();
    Some(Arc::new(Warning { plugin, message, severity: None, frame_id: None }))
}

impl Left {
    fn apply(&mut self, kind: &str, payload: &Value, at: WallTime) {
        let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
        if kind == "plugin_status" && payload["status"] == "started" {
            self.plugins.push(Ended {
                name: text("plugin"),
                outcome: PhaseOutcome::Error,
                started_at: at,
                ended_at: at,
                warnings: Vec::new(),
                failure: Some("its server was killed".to_owned()),
            });
        }
        let Some(last) = self.plugins.last_mut().filter(|last| payload["plugin"] == *last.name) else {
            return;
        };
        last.ended_at = at;
        match (kind, payload["status"].as_str()) {
            ("warning", _) if last.warnings.len() < WARNINGS => last.warnings.push(text("message")),
            ("error", _) => {
                last.failure = payload["details"]["message"].as_str().map(str::to_owned);
            }
            ("plugin_status", Some("completed")) => (last.outcome, last.failure) = (PhaseOutcome::Pass, None),
            ("plugin_status", Some("failed")) => last.outcome = PhaseOutcome::Fail,
            _ => {}
        }
    }
}
