//! `hil runs`: the runs that are kept, in a store or on a server.
//!
//! What runs carry was written by others, so it reaches the terminal only through [`console::visible`] or through
//! `hil_report::present`.

mod compare;
mod export;
mod filter;
mod import;
mod list;
mod moment;
mod show;
mod stats;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use hil_archive::{Archive, ArchiveError, Order};
use hil_model::ExitStatus;
use hil_model::run::Run;
use hil_report::present::{Emphasis, Terminal};
use hil_store::RunFilter;
use owo_colors::OwoColorize as _;
use serde::Serialize;

pub(crate) use moment::Since;

use super::Wrong;
use super::archive::ArchiveArgs;
use crate::args::BenchArgs;
use crate::console;

pub(crate) const AFTER_HELP: &str = "\
The runs are those of the store: --store, HIL_STORE, record.store, else the one in the user's
data directory; or those of a server: --server, with its key in HIL_API_KEY or in --key-file.

Exit codes:
  0  done; a list may be empty
  1  compare: the runs differ; import: a file or a run could not be taken
  3  the store or the server cannot do it
  4  usage error; no such run

Examples:
  hil runs list --serial SN-0042
  hil runs show 0193c0de
  hil runs stats --since 30d --server https://hil.lab
  hil runs export --format parquet --out runs.parquet";

#[derive(Args, Debug)]
pub(crate) struct RunsArgs {
    #[command(subcommand)]
    what: RunsCommand,
    #[command(flatten)]
    archive: ArchiveArgs,
}

#[derive(Debug, Subcommand)]
enum RunsCommand {
    /// List runs, the latest first.
    #[command(
        after_help = "Examples:\n  hil runs list --outcome FAIL --since 7d\n  hil runs list --requirement REQ-ALM-012 --json"
    )]
    List(list::ListArgs),
    /// Show a run: what it was, what is red, every phase and measurement.
    #[command(
        after_help = "Examples:\n  hil runs show 0193c0de --logs\n  hil runs show 0193c0de --html run.html"
    )]
    Show(show::ShowArgs),
    /// Show runs side by side, with what differs from the first one.
    #[command(after_help = "Example:\n  hil runs compare 0193c0de 0193c0ff")]
    Compare(compare::CompareArgs),
    /// Write runs as json, csv, parquet, xlsx, sql or openhtf.
    #[command(
        after_help = "Examples:\n  hil runs export --format csv --out runs.csv\n  hil runs export --serial SN-0042 > runs.json"
    )]
    Export(export::ExportArgs),
    /// Count: first-pass yield, Cp and Cpk, trends, flaky and slow phases, drift.
    #[command(
        after_help = "Examples:\n  hil runs stats\n  hil runs stats cpk --procedure 'Final test'\n  hil runs stats trend --measurement rail --by unit"
    )]
    Stats(stats::StatsArgs),
    /// Read runs from files of others: OpenHTF reports, junit.xml, documents of runs, journals.
    #[command(
        after_help = "Examples:\n  hil runs import report.json\n  hil runs import junit.xml --serial SN-0042 --part PCB-17 --procedure unit-tests"
    )]
    Import(import::ImportArgs),
}

/// Answers a question about runs.
pub(crate) fn run(args: &RunsArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let archive = args.archive.open(bench)?;
    match &args.what {
        RunsCommand::List(args) => list::run(args, &archive),
        RunsCommand::Show(args) => show::run(args, &archive),
        RunsCommand::Compare(args) => compare::run(args, &archive),
        RunsCommand::Export(args) => export::run(args, &archive),
        RunsCommand::Stats(args) => stats::run(args, &archive),
        RunsCommand::Import(args) => import::run(args, &archive),
    }
}

/// How much of an id is enough to find a run.
const PREFIX: usize = 8;

/// The run with that id, or the one whose id begins so.
pub(super) fn find(archive: &Archive, text: &str) -> anyhow::Result<Run> {
    let wrong = |why: &str| Wrong::usage(format!("{:?}: {why}", text));
    if text.chars().count() < PREFIX {
        return Err(wrong("at least 8 characters of a run's id are needed"));
    }
    // A UUID is written either way, and we write small letters; the id of another program may have been large ones.
    let small = text.to_lowercase();
    let id = text.parse().map_err(|_| wrong("this is no run's id"))?;
    match archive.run(&id) {
        Err(error) if error.is_not_found() => {}
        found => return Ok(found?),
    }
    let filter = RunFilter { search: Some(text.to_owned()), ..RunFilter::default() };
    let mut found = archive.runs(filter, Order::Newest, 1000, 0)?.runs;
    found.retain(|run| run.id.to_lowercase().starts_with(&small));
    match &found[..] {
        [one] => {
            let id = one.id.parse().context("the archive answers with an id that is none")?;
            Ok(archive.run(&id)?)
        }
        [] => Err(wrong("no run has an id that begins so")),
        [..] => Err(wrong("several runs have ids that begin so")),
    }
}

/// Prints what was asked for.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    console::print(text).context("cannot write to standard output")
}

/// Prints JSON.
fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(&(console::visible_json(&serde_json::to_string(value)?) + "\n"))
}

/// The terminal, as wide as it is, in colours.
fn terminal() -> Terminal<'static> {
    let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0));
    Terminal::painted(width, &paint)
}

/// How wide a line is that goes into a file.
const WIDTH: usize = 120;

fn paint(emphasis: Emphasis, text: &str) -> String {
    match emphasis {
        Emphasis::Good => text.green().to_string(),
        Emphasis::Odd => text.yellow().to_string(),
        Emphasis::Bad => text.red().to_string(),
        Emphasis::Broken => text.magenta().to_string(),
        Emphasis::Muted => text.dimmed().to_string(),
        Emphasis::Strong => text.bold().to_string(),
    }
}

/// An error of whoever takes the runs, on its way through the archive.
fn receiver(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ArchiveError {
    ArchiveError::Receiver(error.into())
}
