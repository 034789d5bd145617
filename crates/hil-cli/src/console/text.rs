//! Texts at the end.

use std::path::Path;
use std::time::Duration;

use hil_model::{ExitStatus, Outcome, StartUp, chain};
use hil_report::{Counts, Written};
use hil_runner::RunResult;
use owo_colors::OwoColorize;

use super::visible::visible;

/// How many red tests the summary names again.
const NAMED_AGAIN: usize = 12;

/// An error with its sources, each once: the chain is printed here and nowhere else.
pub(crate) fn error(error: &anyhow::Error) -> String {
    let text = chain(error.as_ref());
    // Configuration errors are whole reports that begin with their place, so that editors find it.
    if text.contains(": error: ") { text } else { format!("{} {text}", "error:".red().bold()) }
}

/// A duration as people say it.
fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.3} s")
    } else {
        format!("{} min {:04.1} s", duration.as_secs() / 60, seconds % 60.0)
    }
}

/// Where the reports are.
pub(crate) fn reports(written: &Written) -> String {
    let Written { junit, summary, html, coverage, flights } = written;
    let mut text = String::new();
    for path in [html, junit, summary, coverage] {
        text.push_str(&line("reports", &path.display().to_string()));
    }
    if let (Some(first), count) = (flights.first(), flights.len()) {
        let folder = first.ancestors().nth(3).unwrap_or(Path::new("attachments"));
        text.push_str(&line("", &format!("{} ({count} flight records)", folder.display())));
    }
    text
}

/// A line of the summary.
pub(crate) fn line(label: &str, text: &str) -> String {
    format!("{:>9}  {text}\n", label.dimmed())
}

/// What a run may do and what it was given (LIV-08).
pub(crate) fn context(start_up: &StartUp) -> String {
    let mut text = String::new();
    for (name, said) in start_up.lines() {
        text.push_str(&line("start-up", &format!("{name:17}  {}", visible(&said))));
    }
    text
}

/// What a run came to.
pub(crate) fn summary(result: &RunResult) -> String {
    let RunResult { status, record, written, journal, journal_error, folder: _ } = result;
    let mut text = String::from("\n");
    let red: Vec<_> = record.tests.iter().filter(|test| test.outcome().is_red()).collect();
    for test in red.iter().take(NAMED_AGAIN) {
        let why = match test.outcome() {
            Outcome::Failed(failure) => failure.message.clone(),
            Outcome::Errored(fault) => format!("{}: {}", fault.kind.word(), fault.message),
            Outcome::Passed | Outcome::Skipped { .. } => continue,
        };
        text.push_str(&line("red", &format!("{}: {why}", test.meta.name)));
    }
    if red.len() > NAMED_AGAIN {
        text.push_str(&line("", &format!("and {} more", red.len() - NAMED_AGAIN)));
    }
    let verdict = format!(
        "{} (exit code {}: {})",
        hil_report::Summary::of(record).verdict(),
        status.code(),
        status.meaning()
    );
    let verdict = match status {
        ExitStatus::Passed => verdict.green().bold().to_string(),
        ExitStatus::Interrupted | ExitStatus::NothingRan => verdict.yellow().bold().to_string(),
        ExitStatus::Failed
        | ExitStatus::Internal
        | ExitStatus::Usage
        | ExitStatus::BenchFault
        | ExitStatus::OutputUnconfirmed => verdict.red().bold().to_string(),
    };
    text.push_str(&line("verdict", &verdict));
    text.push_str(&line("tests", &Counts::of(record).to_string()));
    let (bench, wall) = (time(record.bench_duration()), time(record.wall_duration()));
    text.push_str(&line("time", &format!("{bench} on the bench, {wall} on the clock")));
    if record.simulated().any() {
        text.push_str(&line("note", "simulated bench: this run says nothing about hardware"));
    }
    if let Some(untold) = record.untold() {
        let note = format!("live running was off: this run says nothing about {untold}");
        text.push_str(&line("note", &note));
    }
    match written {
        Ok(written) => text.push_str(&reports(written)),
        Err(error) => text.push_str(&line("reports", &chain(error).red().to_string())),
    }
    match journal_error {
        None => text.push_str(&line("", &journal.display().to_string())),
        Some(error) => text.push_str(&line("journal", &chain(error).red().to_string())),
    }
    text
}
