//! What is shown of the messages: a bar where there is a terminal, a line for each thing that is over.

use std::time::Duration;

use hil_model::ExitStatus;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use owo_colors::OwoColorize as _;
use serde_json::Value;

use super::job::JobState;
use crate::console::{line, show, visible};

/// How many characters of a job's id tell it from others.
const SHORT: usize = 8;

/// What is shown.
pub(super) struct View {
    /// The job that is watched; all if none.
    job: Option<String>,
    bar: ProgressBar,
    is_offline: bool,
}

impl View {
    pub(super) fn new(job: Option<&str>) -> Self {
        // Drawn on a terminal only.
        let bar = ProgressBar::with_draw_target(Some(100), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {bar:30} {pos:>3} % {elapsed} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { job: job.map(str::to_owned), bar, is_offline: false }
    }

    fn print(&self, label: &str, text: &str) {
        self.bar.suspend(|| show(&line(label, text)));
    }

    /// The connection is gone.
    pub(super) fn offline(&mut self, why: &str, pause: Duration) {
        if !self.is_offline {
            let text = format!("not live: {}; again in {pause:?} and later", visible(why));
            self.print("link", &text.yellow().to_string());
        }
        self.is_offline = true;
        self.bar.set_message("not live");
    }

    /// The job is over: says what came of it.
    pub(super) fn over(&self, state: &JobState) -> ExitStatus {
        self.bar.finish_and_clear();
        let status = state.exit_status();
        let result = state.result.as_ref().map_or_else(String::new, |result| {
            let run = result.run_id.as_deref().map(|run| format!(", run {run}")).unwrap_or_default();
            format!(": {}{run}", result.outcome)
        });
        let text = visible(&format!("{}{result}", state.status));
        let text = match status {
            ExitStatus::Passed => text.green().bold().to_string(),
            ExitStatus::Interrupted | ExitStatus::NothingRan => text.yellow().bold().to_string(),
            ExitStatus::Failed
            | ExitStatus::Internal
            | ExitStatus::Usage
            | ExitStatus::BenchFault
            | ExitStatus::OutputUnconfirmed => text.red().bold().to_string(),
        };
        show(&line("job", &text));
        status
    }

    /// Shows a message; whether it was the last one of the job that is watched.
    pub(super) fn show(&mut self, message: &Value) -> bool {
        let payload = &message["payload"];
        let job = message["job_id"].as_str();
        let text = |name: &str| payload[name].as_str().map(visible).unwrap_or_default();
        // Where all jobs are watched each line says whose it is.
        let of = match (&self.job, job) {
            (None, Some(job)) => format!("{} ", visible(job.get(..SHORT).unwrap_or(job))),
            (Some(_), _) | (None, None) => String::new(),
        };
        let plugin = format!("{of}{}", text("plugin"));
        match message["type"].as_str().unwrap_or_default() {
            "sync" => self.joined(payload),
            "gap" => {
                let what = format!(
                    "missed {} (numbers {} to {})",
                    payload["dropped"], payload["from_seq"], payload["to_seq"]
                );
                self.print("gap", &visible(&what).yellow().to_string());
            }
            "progress" => return self.progress(payload, job, &of),
            "plugin_status" => self.status(payload, &plugin),
            "warning" => {
                self.print("warning", &format!("{plugin}: {}", text("message")).yellow().to_string())
            }
            "error" => {
                let message = payload["details"]["message"].as_str().map(visible).unwrap_or_default();
                self.print("error", &format!("{plugin}: {}: {message}", text("error")).red().to_string());
            }
            "partial_result" => self.partial(&payload["result"], &plugin),
            // Frames are many, metadata are for programs, and what is new is not known here.
            _ => {}
        }
        false
    }

    fn joined(&mut self, payload: &Value) {
        let running = payload["jobs"].as_array().map_or(0, Vec::len);
        let how = match (self.is_offline, payload["recovered"].as_bool()) {
            (true, Some(true)) => "live again, nothing was missed",
            (true, _) => "live again; what was meanwhile is not known",
            (false, _) => "live",
        };
        self.print("link", &format!("{how}; jobs at work: {running}"));
        self.is_offline = false;
        self.bar.set_message("");
    }

    fn progress(&self, payload: &Value, job: Option<&str>, of: &str) -> bool {
        let percent = payload["progress"].as_u64().unwrap_or_default();
        let stage = payload["stage"].as_str().map(visible).unwrap_or_default();
        self.bar.set_position(percent);
        let plugin = payload["plugin"].as_str().map(visible).unwrap_or_default();
        let at =
            if plugin.is_empty() || stage == plugin { stage.clone() } else { format!("{plugin}: {stage}") };
        self.bar.set_message(format!("{of}{at}"));
        match percent {
            0 if !stage.is_empty() => self.print("job", &format!("{of}{stage}")),
            100 if self.job.is_none() => self.print("job", &format!("{of}{stage}")),
            _ => {}
        }
        percent == 100 && self.job.is_some() && self.job.as_deref() == job
    }

    fn status(&self, payload: &Value, plugin: &str) {
        let word = match payload["status"].as_str() {
            Some("completed") => "done".green().to_string(),
            Some("failed") => "FAILED".red().bold().to_string(),
            _ => return,
        };
        let seconds = payload["timing_ms"].as_f64().unwrap_or_default() / 1e3;
        self.print("", &format!("{word}  {seconds:>8.3} s  {plugin}"));
    }

    fn partial(&self, result: &Value, plugin: &str) {
        let measured = &result["measurement"];
        if measured["outcome"] == "FAIL" {
            let name = measured["name"].as_str().unwrap_or_default();
            let unit = measured["unit"].as_str().unwrap_or_default();
            let what = visible(&format!(
                "{plugin}: {name} is {} {unit}, limits {}",
                measured["value"], measured["limits"]
            ));
            self.print("value", &what.red().to_string());
        }
        if let Some(reason) = result["reason"].as_str().filter(|_| result["outcome"] == "SKIP") {
            self.print("skip", &format!("{plugin}: {}", visible(reason)).yellow().to_string());
        }
        let proof = &result["output_verified"];
        if proof["confirmed"] == true {
            self.print(
                "safe",
                &visible(&format!("output off ({})", proof["how"].as_str().unwrap_or_default())),
            );
        }
    }
}
