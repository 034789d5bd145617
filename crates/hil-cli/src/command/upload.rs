//! `hil upload`: runs on their way to a server.

use std::error::Error;

use clap::Args;
use hil_archive::{Archive, Contents, Fate, Obstacle};
use hil_model::ExitStatus;
use hil_model::run::Run;
use hil_store::RunFilter;

use super::Wrong;
use super::archive::{ArchiveArgs, server_spool};
use super::runs::{self, Since};
use crate::args::BenchArgs;
use crate::console::{self, chain, visible};

pub(crate) const AFTER_HELP: &str = "\
Runs that wait go first, oldest first. What was sent before is not sent twice.

Exit codes:
  0  everything arrived
  1  the server did not take a run: one that it refuses for good is set aside with its reason,
     one that lacks something goes on waiting
  3  the server cannot be reached, or does not take the key; what waits goes on waiting
  4  usage error

Examples:
  hil upload --server https://hil.lab
  hil upload --server https://hil.lab --key-file ~/.hil-key --since 7d";

/// What is sent besides the runs that wait.
#[derive(Args, Debug)]
pub(crate) struct UploadArgs {
    /// Runs of the store: their ids, or at least 8 characters from the beginning.
    #[arg(value_name = "RUN", conflicts_with_all = ["all", "since"])]
    runs: Vec<String>,
    /// All runs of the store.
    #[arg(long, conflicts_with = "since")]
    all: bool,
    /// The runs of the store that began since: a date, a moment, or how long ago, such as `7d`.
    #[arg(long, value_name = "WHEN")]
    since: Option<Since>,
    #[command(flatten)]
    archive: ArchiveArgs,
}

/// Sends what waits, then what is asked for.
pub(crate) fn run(args: &UploadArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let environment = std::env::var("HIL_SERVER_URL").ok().filter(|url| !url.is_empty());
    let server = args.archive.open_server(environment.as_deref(), bench)?;
    let mut count = Count::default();
    if let Some(spool) = server_spool() {
        spool.drain(&server, &mut |drained| match &drained.fate {
            Fate::Arrived => count.sent(&drained.run),
            Fate::Waits(why) => count.not_taken("waits", &drained.run, why),
            Fate::Rejected(error) => count.not_taken("refused", &drained.run, error),
        })?;
    }
    if args.all || args.since.is_some() || !args.runs.is_empty() {
        send_stored(args, bench, &server, &mut count)?;
    }
    let Count { sent, refused } = count;
    super::runs::print(&format!("{sent} sent, {refused} refused\n"))?;
    Ok(if refused == 0 { ExitStatus::Passed } else { ExitStatus::Failed })
}

fn send_stored(
    args: &UploadArgs,
    bench: &BenchArgs,
    server: &Archive,
    count: &mut Count,
) -> anyhow::Result<()> {
    let archive = Archive::Store(args.archive.open_store(bench)?);
    let Archive::Store(store) = &archive else { return Err(Wrong::usage("runs are sent from a store")) };
    let mut send = |run: Run| match server.save(&run, Contents::Store(store)) {
        Ok(id) => {
            count.sent(id.as_str());
            Ok(())
        }
        Err(error) => match error.obstacle() {
            Obstacle::Run | Obstacle::RunForNow => {
                count.not_taken("refused", run.id.as_str(), &error);
                Ok(())
            }
            Obstacle::Archive => Err(error),
        },
    };
    if args.runs.is_empty() {
        let since = args.since.as_ref().map(Since::time);
        archive.each(RunFilter { started_after: since, ..RunFilter::default() }, &mut send)?;
    }
    for id in &args.runs {
        send(runs::find(&archive, id)?)?;
    }
    Ok(())
}

/// What became of the runs so far.
#[derive(Debug, Default)]
struct Count {
    sent: u64,
    refused: u64,
}

impl Count {
    fn sent(&mut self, run: &str) {
        self.sent += 1;
        console::show(&format!("sent {}\n", visible(run)));
    }

    fn not_taken(&mut self, how: &str, run: &str, why: &(dyn Error + 'static)) {
        self.refused += 1;
        console::alert(&format!("{how} {}: {}\n", visible(run), visible(&chain(why))));
    }
}
