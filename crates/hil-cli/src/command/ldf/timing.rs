//! `hil ldf timing`: whether the slots of schedule tables are long enough.

mod record;

use std::path::PathBuf;

use clap::Args;
use hil_ldf::{Database, ScheduleTiming, SlotTiming, TimingError};
use hil_model::ExitStatus;
use owo_colors::OwoColorize;

pub(super) use self::record::ScheduleRecord;
use self::record::TimingRecord;
use super::args::OutputFormat;
use super::number::{Milliseconds, percent};
use super::{counted, finding, show_json, source};
use crate::command::Wrong;
use crate::console;
use crate::console::visible;
use crate::console::{Align, Table};

/// Say how long the frames of each schedule take, and whether its slots are long enough.
#[derive(Args, Debug)]
#[command(after_help = "\
A slot must hold its frame's maximum and the master's jitter.
One that is no multiple of the time base is marked, but no failure.

Exit codes:
  0  every slot is long enough
  1  a slot is too short
  4  the file cannot be used, or has no such schedule

Examples:
  hil ldf timing vendor/alm.ldf
  hil ldf timing vendor/alm.ldf --schedule Collective --format json")]
pub(crate) struct TimingArgs {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only this schedule table. Repeatable.
    #[arg(long = "schedule", value_name = "NAME")]
    schedules: Vec<String>,
    /// How the tables are printed; json is one object.
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
}

/// Measures the schedule tables. Nothing is shown if one of the names is unknown.
pub(crate) fn run(args: &TimingArgs) -> anyhow::Result<ExitStatus> {
    let parsed = source::open(&args.file)?;
    let database = &parsed.database;
    let mut timings = Vec::new();
    for name in names(database, &args.schedules) {
        timings.push(ScheduleTiming::of(database, &name).map_err(|error| unmeasured(args, &error))?);
    }
    match args.format {
        OutputFormat::Text => super::print(&page(&timings))?,
        OutputFormat::Json => show_json(&TimingRecord::new(&args.file, database.bitrate(), &timings))?,
    }
    let short = timings.iter().flat_map(|timing| &timing.slots).any(SlotTiming::is_too_short);
    Ok(if short { ExitStatus::Failed } else { ExitStatus::Passed })
}

/// What is asked for, or every table.
fn names(database: &Database, wanted: &[String]) -> Vec<String> {
    if !wanted.is_empty() {
        return wanted.to_vec();
    }
    let mut names = Vec::new();
    for table in database.schedule_tables() {
        names.push(table.name().to_owned());
    }
    names
}

fn unmeasured(args: &TimingArgs, error: &TimingError) -> anyhow::Error {
    Wrong::usage(format!("{}: {}", finding::name(&args.file), visible(&console::chain(error))))
}

fn page(timings: &[ScheduleTiming]) -> String {
    if timings.is_empty() {
        return "the file has no schedule tables\n".to_owned();
    }
    let pages: Vec<String> = timings.iter().map(schedule).collect();
    pages.join("\n")
}

/// A table with its totals.
fn schedule(timing: &ScheduleTiming) -> String {
    let mut table = Table::with_header([
        ("#", Align::Right),
        ("start", Align::Right),
        ("frame", Align::Left),
        ("id", Align::Left),
        ("bytes", Align::Right),
        ("nominal", Align::Right),
        ("max", Align::Right),
        ("slot", Align::Right),
        ("margin", Align::Right),
        ("", Align::Left),
    ]);
    for slot in &timing.slots {
        table.row([
            slot.number.to_string(),
            Milliseconds::from(slot.start).rounded(),
            slot.frame.clone(),
            slot.id.map_or_else(|| "-".to_owned(), |id| id.to_string()),
            slot.bytes.to_string(),
            Milliseconds::from(slot.nominal).rounded(),
            Milliseconds::from(slot.maximum).rounded(),
            Milliseconds::from(slot.length).rounded(),
            Milliseconds::from(slot.margin).rounded(),
            marks(slot),
        ]);
    }
    let title = format!("Schedule {}", visible(&timing.schedule));
    format!("{} (times in ms)\n{}{}", title.bold(), table.lines("  "), totals(timing))
}

fn marks(slot: &SlotTiming) -> String {
    match (slot.is_too_short(), slot.on_time_base) {
        (false, true) => "",
        (true, true) => "too short",
        (false, false) => "not on the time base",
        (true, false) => "too short, not on the time base",
    }
    .to_owned()
}

fn totals(timing: &ScheduleTiming) -> String {
    let [time_base, jitter, period] =
        [timing.time_base, timing.jitter, timing.period].map(|time| Milliseconds::from(time).rounded());
    let load = timing.bus_load().map_or_else(
        || "no bus load".to_owned(),
        |load| format!("bus load {:.1} % nominal, {:.1} % at most", load.nominal, load.maximum),
    );
    let mut lines = vec![format!("period {period}, {load}; time base {time_base}, jitter {jitter}")];
    let slots = |count: usize| counted(count, "slot is", "slots are");
    let short = timing.slots.iter().filter(|slot| slot.is_too_short()).count();
    if short > 0 {
        let words = format!("{} too short for the maximum of the frame and the jitter", slots(short));
        lines.push(words.red().to_string());
    }
    let off = timing.slots.iter().filter(|slot| !slot.on_time_base).count();
    if off > 0 {
        lines.push(format!("{} no multiple of the time base", slots(off)).yellow().to_string());
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}
