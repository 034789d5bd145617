//! `hil smoke`: the fastest sign that a bench is ready (LIV-09).
//!
//! The tests with the marker `smoke` are run as any other run is, with live running on and mutation allowed; what they
//! cover says which of them is the read and which the write path. Then the record of that run goes where records go, and
//! is read back whole: that is what COMPLETED means here.

mod bench;
mod record;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use hil_model::SmokeEnd;
use hil_runner::{Registry, RegistryError};
use owo_colors::OwoColorize as _;

use super::archive::KeepArgs;
use crate::args::BenchArgs;
use crate::console::{self, line, show, visible};

pub(crate) const AFTER_HELP: &str = "\
It always mutates: it powers the unit, writes a frame and submits a record. Nobody need allow that again.

Exit codes:
  0  the write path is proven
  1  nothing reachable, a red test, a time-out before COMPLETED, a key that is not taken, anything else
  2  the bench answers, but there is nothing to write to; a ::notice:: line names each thing that is missing

Example:
  hil smoke --config config/bench-3.yaml --timeout 30";

/// How smoke is run.
#[derive(Args, Debug)]
pub(crate) struct SmokeArgs {
    /// The most that all of it may take, up to a record that is COMPLETED.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    timeout: Duration,
    /// Print everything that is discovered and done.
    #[arg(long, short)]
    verbose: bool,
    /// Where the reports go, in place of `smoke` in `reports.dir`.
    #[arg(long, value_name = "DIR")]
    reports: Option<PathBuf>,
    /// Wait for a bench that is in use.
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    keep: KeepArgs,
}

/// Reads a number of seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of seconds, such as 30".to_owned())
}

/// How it ended, why, and what is missing.
struct Ended {
    end: SmokeEnd,
    why: String,
    notices: Vec<String>,
}

impl Ended {
    fn new(end: SmokeEnd, why: impl Into<String>) -> Self {
        Self { end, why: why.into(), notices: Vec::new() }
    }
}

/// The whole of it, with an end.
#[derive(Clone, Copy)]
struct Deadline {
    began: Instant,
    limit: Duration,
}

impl Deadline {
    fn left(&self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed())
    }

    fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// The moment, if the clock goes so far.
    fn at(&self) -> Option<Instant> {
        self.began.checked_add(self.limit)
    }

    /// How a smoke ends that took longer.
    fn missed(&self) -> Ended {
        Ended::new(SmokeEnd::NotCompleted, format!("the time limit is {} s", self.limit.as_secs_f64()))
    }
}

/// Runs the smoke tests and proves the record.
pub(crate) fn run(args: SmokeArgs, bench: &BenchArgs, registry: Result<Registry, RegistryError>) -> ExitCode {
    let ended = smoke(args, bench, registry)
        .unwrap_or_else(|error| Ended::new(SmokeEnd::Broken, console::chain(error.as_ref())));
    for notice in &ended.notices {
        show(&format!("::notice::{}\n", in_a_command(notice)));
    }
    let text = format!("{} (exit code {})", ended.end.meaning(), ended.end.code());
    let text = match ended.end.code() {
        0 => text.green().bold().to_string(),
        2 => text.yellow().bold().to_string(),
        _ => text.red().bold().to_string(),
    };
    // A mistake in the configuration is shown with the line that it is in.
    let why: Vec<String> = ended.why.lines().map(visible).collect();
    let colon = if why.is_empty() { "" } else { ": " };
    show(&line("smoke", &format!("{text}{colon}{}", why.join("\n           "))));
    ExitCode::from(ended.end.code())
}

fn smoke(
    args: SmokeArgs,
    bench: &BenchArgs,
    registry: Result<Registry, RegistryError>,
) -> anyhow::Result<Ended> {
    let deadline = Deadline { began: Instant::now(), limit: args.timeout };
    let registry = registry.map_err(hil_runner::RunError::Registry)?;
    let resolved = super::configuration(bench)?;
    let live = super::live_options()?;
    let place = record::Place::new(&args.keep, &resolved, &live, &deadline)?;
    let ran = bench::run(&args, &registry, resolved, live, &deadline)?;
    let mut ended = in_time(bench::judge(&ran, &deadline), &deadline);
    if ended.end != SmokeEnd::Proven {
        return Ok(ended);
    }
    let kept = in_time(record::prove(place, &ran, deadline)?, &deadline);
    ended.notices.extend(kept.notices);
    Ok(Ended { notices: ended.notices, ..kept })
}

/// What is well, but came too late, is not well. What is red stays as red as it is.
fn in_time(ended: Ended, deadline: &Deadline) -> Ended {
    match ended.end {
        SmokeEnd::Proven | SmokeEnd::NothingEligible if deadline.is_over() => {
            Ended { notices: ended.notices, ..deadline.missed() }
        }
        SmokeEnd::Proven
        | SmokeEnd::NothingEligible
        | SmokeEnd::Unreachable
        | SmokeEnd::Red
        | SmokeEnd::OutputUnconfirmed
        | SmokeEnd::NotCompleted
        | SmokeEnd::Unauthorized
        | SmokeEnd::NotTaken
        | SmokeEnd::Broken => ended,
    }
}

/// A text in a workflow command, where a line ends the command.
fn in_a_command(text: &str) -> String {
    visible(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}
