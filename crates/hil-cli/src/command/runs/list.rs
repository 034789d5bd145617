//! `hil runs list`.

use clap::Args;
use hil_archive::answer::{RunLine, RunLines};
use hil_archive::{Archive, Order};
use hil_model::ExitStatus;

use super::filter::FilterArgs;
use super::moment::{duration, moment};
use super::{print, print_json};
use crate::console::{self, Align, Table};

/// The most that an archive answers at once.
const PAGE: u32 = 1000;

#[derive(Args, Debug)]
pub(super) struct ListArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// How many runs at most.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Print one JSON object; `next` says that there are more.
    #[arg(long)]
    json: bool,
}

/// Lists runs.
pub(super) fn run(args: &ListArgs, archive: &Archive) -> anyhow::Result<ExitStatus> {
    let mut listed = RunLines { runs: Vec::new(), next: Some(0) };
    let mut left = args.limit;
    while let (Some(cursor), 1..) = (listed.next, left) {
        let page = archive.runs(args.filter.filter(), Order::Newest, left.min(PAGE), cursor)?;
        left = left.saturating_sub(u32::try_from(page.runs.len()).unwrap_or(u32::MAX));
        listed.runs.extend(page.runs);
        listed.next = page.next;
    }
    if args.json {
        print_json(&listed)?;
        return Ok(ExitStatus::Passed);
    }
    print(&table(&listed.runs))?;
    if listed.next.is_some() {
        console::alert(&format!("there are more than {}: say --limit N\n", args.limit));
    }
    Ok(ExitStatus::Passed)
}

fn table(runs: &[RunLine]) -> String {
    if runs.is_empty() {
        return "no runs\n".to_owned();
    }
    let mut table = Table::with_header([
        ("id", Align::Left),
        ("began (UTC)", Align::Left),
        ("outcome", Align::Left),
        ("serial number", Align::Left),
        ("part", Align::Left),
        ("procedure", Align::Left),
        ("bench", Align::Left),
        ("took", Align::Right),
    ]);
    for run in runs {
        table.row([
            run.id.clone(),
            moment(run.started_ms),
            run.outcome.clone(),
            run.serial_number.clone(),
            run.part_number.clone(),
            run.procedure.name.clone(),
            run.station.clone().unwrap_or_default(),
            duration(run.duration_us),
        ]);
    }
    table.lines("")
}
