//! What a job's messages said together, as it is kept when the job is over.

use std::collections::BTreeMap;

use hil_realtime::JobView;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many frames are listed.
const FRAMES: usize = 1000;

/// What a job's messages said together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct View {
    pub(super) progress: u64,
    pub(super) plugin_timings: BTreeMap<String, f64>,
    pub(super) warnings: Vec<String>,
    pub(super) frames: Vec<Value>,
}

impl From<JobView> for View {
    fn from(view: JobView) -> Self {
        let timings = view.plugin_timings.into_iter();
        Self {
            progress: view.progress.get().into(),
            plugin_timings: timings.map(|(plugin, ms)| (plugin.to_string(), ms)).collect(),
            warnings: view.warnings.into_iter().map(|warning| warning.message).collect(),
            frames: view.frames.iter().filter_map(|frame| serde_json::to_value(frame).ok()).collect(),
        }
    }
}

impl View {
    /// The view that was stored; an empty one if it cannot be read.
    pub(super) fn stored(json: Option<Value>) -> Option<Self> {
        serde_json::from_value(json?).ok()
    }

    /// The same as it is stored.
    pub(super) fn to_json(&self) -> Option<Value> {
        serde_json::to_value(self).ok()
    }

    /// A job that ended says that all of it is done.
    pub(super) fn done(self) -> Self {
        Self { progress: 100, ..self }
    }

    /// Folds in a message that was published before this server was started. Warnings are folded apart: they are bounded.
    pub(super) fn apply(&mut self, kind: &str, payload: &Value) {
        let text = |name: &str| payload[name].as_str().map(str::to_owned);
        match kind {
            "progress" => self.progress = payload["progress"].as_u64().unwrap_or(self.progress),
            "plugin_status" => {
                if let (Some(plugin), Some(ms)) = (text("plugin"), payload["timing_ms"].as_f64()) {
                    self.plugin_timings.insert(plugin, ms);
                }
            }
            "frame" => {
                if self.frames.len() == FRAMES {
                    self.frames.remove(0);
                }
                self.frames.push(payload.clone());
            }
            _ => {}
        }
    }
}
