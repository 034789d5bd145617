//! The run as it happens: a fold over its events.

use std::collections::BTreeMap;
use std::time::Duration;

use hil_model::{
    BenchTime, Decision, Entry, Event, Failure, Fault, Outcome, OutputVerified, PlannedTest, RunStarted,
    SessionPhase, SessionStep,
};
use hil_runner::{Format, Listener};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use owo_colors::OwoColorize;

use super::stream::{alert, show};
use super::text::{context, line};

/// How many lines of evidence a red test shows; the reports have all.
const EVIDENCE: usize = 12;

/// Shows a run on the terminal.
pub(crate) struct Console {
    format: Format,
    bar: ProgressBar,
    began: BenchTime,
}

impl Console {
    /// A console for this format. Only [`Format::Pretty`] writes to standard output; with the others it
    /// belongs to libtest, and what nobody may miss goes to standard error.
    pub(crate) fn new(format: Format) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self { format, bar, began: BenchTime::ZERO }
    }

    fn print(&self, text: &str) {
        match self.format {
            Format::Pretty => self.bar.suspend(|| show(text)),
            Format::Terse | Format::Json => {}
        }
    }

    fn alarm(&self, text: &str) {
        self.bar.suspend(|| alert(text));
    }

    fn started(&self, run: &RunStarted) {
        let simulated = match (run.simulated.lin, run.simulated.psu) {
            (true, true) => " (simulated unit and supply)",
            (true, false) => " (simulated unit)",
            (false, true) => " (simulated supply)",
            (false, false) => "",
        };
        self.print(&line(
            "hil",
            &format!("{} on bench {:?}{simulated}, run {}", run.version, run.bench, run.run_id),
        ));
        if let Some(start_up) = &run.start_up {
            match self.format {
                Format::Pretty => self.print(&context(start_up)),
                // It is always said (LIV-08), and standard output is libtest's.
                Format::Terse | Format::Json => alert(&context(start_up)),
            }
        }
    }

    fn planned(&mut self, tests: &[PlannedTest]) {
        let mut suites: BTreeMap<&str, u32> = BTreeMap::new();
        let mut left_out = 0;
        for planned in tests {
            match planned.decision {
                Decision::Selected => *suites.entry(planned.test.name.suite()).or_default() += 1,
                Decision::NotSelected { .. } => left_out += 1,
            }
        }
        let total: u32 = suites.values().sum();
        let by_suite: Vec<String> = suites.iter().map(|(suite, count)| format!("{suite} {count}")).collect();
        let by_suite =
            if by_suite.is_empty() { String::new() } else { format!(" ({})", by_suite.join(", ")) };
        self.print(&line("plan", &format!("{total} tests{by_suite}, {left_out} not selected")));
        if self.format == Format::Pretty {
            // Drawn on a terminal only.
            self.bar = ProgressBar::with_draw_target(Some(u64::from(total)), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {elapsed} {msg}") {
                self.bar.set_style(style);
            }
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    /// On a terminal the bar says how far it is; elsewhere there is a line for each thing that is done.
    fn progressed(&self, step: SessionStep, what: &str, done: u64, total: u64) {
        let share = done.saturating_mul(100).checked_div(total);
        let share = share.map_or_else(String::new, |percent| format!(" {percent} %"));
        self.bar.set_message(format!("set-up: {}: {what}{share}", step.word()));
        if done >= total {
            self.print(&line("set-up", &format!("{}: {what} done", step.word())));
        }
    }

    fn test_finished(&self, name: &str, attempt: u32, outcome: &Outcome, retried: bool, took: Duration) {
        let word = match outcome {
            Outcome::Passed => format!("{:>9}", "pass").green().to_string(),
            Outcome::Failed(_) => format!("{:>9}", "FAIL").red().bold().to_string(),
            Outcome::Skipped { .. } => format!("{:>9}", "skip").yellow().to_string(),
            Outcome::Errored(_) => format!("{:>9}", "ERROR").magenta().bold().to_string(),
        };
        let attempt = if attempt > 1 || retried { format!(" (attempt {attempt})") } else { String::new() };
        let mut text = format!("{word}  {:>8.3} s  {name}{attempt}\n", took.as_secs_f64());
        match outcome {
            Outcome::Passed => {}
            Outcome::Skipped { reason } => text.push_str(&under(reason)),
            Outcome::Failed(failure) => text.push_str(&failed(failure)),
            Outcome::Errored(fault) => text.push_str(&errored(fault)),
        }
        self.print(&text);
    }

    fn output_verified(&self, proof: &OutputVerified) {
        let rail = proof.rail.map_or_else(|| "not read".to_owned(), |rail| format!("{rail:.2}"));
        if proof.confirmed {
            let text = format!("output off, rail {rail} after {} ms ({})", proof.after_ms, proof.how);
            self.print(&line("safe", &text));
        } else {
            let bar = "!".repeat(78);
            let text = format!(
                "{bar}\nTHE SUPPLY'S OUTPUT COULD NOT BE CONFIRMED OFF. Switch it off by hand.\n{} (rail {rail})\n{bar}\n",
                proof.how
            );
            self.alarm(&text.red().bold().to_string());
        }
    }
}

/// A line under a test's.
fn under(text: &str) -> String {
    format!("{:24}{}\n", "", text.dimmed())
}

fn failed(failure: &Failure) -> String {
    let Failure { message, expected, got, location, details } = failure;
    let mut text = under(message);
    for (label, value) in [("want", expected), ("got ", got)] {
        if let Some(value) = value {
            text.push_str(&under(&format!("{label}  {value}")));
        }
    }
    text.push_str(&evidence(location.as_ref().map(ToString::to_string), details));
    text
}

fn errored(fault: &Fault) -> String {
    let Fault { kind, message, location, details } = fault;
    under(&format!("{}: {message}", kind.word()))
        + &evidence(location.as_ref().map(ToString::to_string), details)
}

fn evidence(location: Option<String>, details: &[String]) -> String {
    let place = location.map(|place| under(&format!("at    {place}"))).unwrap_or_default();
    let shown: String = details.iter().take(EVIDENCE).map(|detail| under(detail)).collect();
    let more = details.len().saturating_sub(EVIDENCE);
    let more =
        if more > 0 { under(&format!("and {more} lines more, in the reports")) } else { String::new() };
    place + &shown + &more
}

impl Listener for Console {
    fn on_entry(&mut self, entry: &Entry) {
        match &entry.event {
            Event::RunStarted(run) => self.started(run),
            Event::Planned(tests) => self.planned(tests),
            Event::SessionStepStarted { phase: SessionPhase::Setup, step } => {
                self.began = entry.at;
                self.bar.set_message(format!("set-up: {}", step.word()));
            }
            Event::SessionStepStarted { phase: SessionPhase::Teardown, step } => {
                self.began = entry.at;
                self.bar.set_message(format!("teardown: {}", step.word()));
            }
            Event::SessionStepFinished { phase: SessionPhase::Setup, step, outcome, facts } => {
                let facts: Vec<String> =
                    facts.iter().map(|fact| format!("{} {}", fact.key, fact.value)).collect();
                let result = match outcome {
                    Outcome::Passed => facts.join(", "),
                    Outcome::Skipped { reason } => format!("not there: {reason}").yellow().to_string(),
                    Outcome::Failed(failure) => failure.message.red().to_string(),
                    Outcome::Errored(fault) => fault.message.red().bold().to_string(),
                };
                self.print(&line("set-up", &format!("{}: {result}", step.word())));
            }
            Event::SessionStepFinished { phase: SessionPhase::Teardown, step, outcome, .. } => {
                if let Outcome::Errored(fault) = outcome {
                    self.print(&line("teardown", &format!("{}: {}", step.word(), fault.message.red())));
                }
            }
            Event::Progressed { step, what, done, total } => self.progressed(*step, what, *done, *total),
            Event::TestStarted { test, .. } => {
                self.began = entry.at;
                self.bar.set_message(test.to_string());
            }
            Event::TestFinished { test, attempt, outcome, retried } => {
                self.test_finished(test.as_str(), *attempt, outcome, *retried, entry.at.since(self.began));
                if !retried {
                    self.bar.inc(1);
                }
            }
            Event::OutputVerified(proof) => self.output_verified(proof),
            Event::Interrupted { signal } => {
                self.alarm(&format!("\n{signal}: the run ends in order; again to hurry it\n"));
            }
            Event::Stopped { reason } => self.print(&line("stop", reason)),
            Event::RunFinished(_) => {
                self.bar.finish_and_clear();
            }
            Event::StepStarted { .. }
            | Event::StepFinished { .. }
            | Event::Measured(_)
            | Event::Noted(_)
            | Event::Logged(_)
            | Event::Frame(_)
            | Event::Supply(_)
            | Event::Attached(_) => {}
        }
    }
}
