//! Schedule tables by hand: which there are, and one that runs while somebody looks at what changes.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use anyhow::Context;
use hil_config::Resolved;
use hil_lin::{Bitrate, LinError, TableStatistics};
use hil_model::ExitStatus;
use hil_runner::{Desk, ScheduleTables};

use super::changes::{Change, ChangeWatch, Seen};
use super::interruption::Interruption;
use super::open;
use crate::command::Wrong;
use crate::console::chain;

/// How often it is looked whether something has changed.
const LOOK: Duration = Duration::from_millis(50);

fn tables(resolved: &Resolved) -> anyhow::Result<ScheduleTables> {
    ScheduleTables::configured(resolved)?
        .ok_or_else(|| Wrong::usage("schedule tables come from an LDF: set interface.ldf_path"))
}

/// Lists the tables of the LDF. Nothing is opened.
pub(super) fn list(resolved: &Resolved) -> anyhow::Result<ExitStatus> {
    let tables = tables(resolved)?;
    let width = tables.ldf().schedule_tables().map(|table| table.name().len()).max();
    let Some(width) = width else { return Err(Wrong::usage("the LDF has no schedule tables")) };
    for table in tables.ldf().schedule_tables() {
        let slots = table.entries().count();
        let period = table.entries().fold(Duration::ZERO, |sum, entry| sum.saturating_add(entry.delay()));
        anstream::println!("{:width$}  {slots:>3} slots {:>10.3} ms", table.name(), milliseconds(period));
    }
    Ok(ExitStatus::Passed)
}

/// Runs the table `name` for `duration`, shows what changes, and says what became of the slots.
///
/// A table that cannot be run is refused before anything is opened.
pub(super) fn run(resolved: &Resolved, name: &str, duration: Duration) -> anyhow::Result<ExitStatus> {
    let tables = tables(resolved)?;
    let set = tables.set(name).map_err(|error| Wrong::usage(chain(&error)))?;
    let bitrate = Bitrate::new(resolved.config.interface.bitrate);
    let bitrate = bitrate.map_err(|error| Wrong::usage(chain(&error)))?;
    for warning in tables.short_slots(name) {
        anstream::eprintln!("{warning}");
    }
    let interruption = Interruption::listen().context("cannot listen to signals")?;
    let (watch, changes) = ChangeWatch::new();
    let desk = open(|| Desk::watched(resolved, watch))?;
    let clock = desk.clock();
    let end = clock.now() + duration;
    let running = desk.schedule(set, bitrate).map_err(|error| Wrong::usage(chain(&error)))?;
    let mut heard = Heard::default();
    while clock.now() < end && heard.lost.is_none() && !interruption.has_come() {
        clock.sleep_until((clock.now() + LOOK).min(end));
        heard.show(&changes, &tables);
    }
    running.stop();
    heard.show(&changes, &tables);
    for table in running.statistics() {
        anstream::print!("{}", page(&table));
    }
    desk.close();
    match heard {
        Heard { lost: Some(error), .. } => Err(super::bus_error(&error)),
        Heard { .. } if interruption.has_come() => Ok(ExitStatus::Interrupted),
        Heard { amiss: true, answered: false, .. } => Ok(ExitStatus::BenchFault),
        Heard { .. } => Ok(ExitStatus::Passed),
    }
}

/// What is known of the bus so far.
#[derive(Debug, Default)]
struct Heard {
    /// A slave answered.
    answered: bool,
    /// One did not, or a frame failed.
    amiss: bool,
    /// The adapter is gone: every slot would fail from now on.
    lost: Option<LinError>,
}

impl Heard {
    /// Shows the changes that have come.
    fn show(&mut self, changes: &Receiver<Change>, tables: &ScheduleTables) {
        for change in changes.try_iter() {
            if change.lost > 0 {
                anstream::println!("{:>10} {} changes were not shown", "…", change.lost);
            }
            anstream::println!("{}", change.line(tables.ldf()));
            match change.seen {
                Seen::Sent(_) => {}
                Seen::Answered(_) => self.answered = true,
                Seen::Silence => self.amiss = true,
                Seen::Unsent(error) | Seen::Bad(error) => {
                    self.amiss = true;
                    if matches!(error, LinError::AdapterLost { .. } | LinError::NotConnected { .. }) {
                        self.lost.get_or_insert(error);
                    }
                }
            }
        }
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// What became of the slots of a table.
fn page(of: &TableStatistics) -> String {
    let [median, p99, max] = [of.jitter.median(), of.jitter.p99(), of.jitter.max()].map(milliseconds);
    format!(
        "{}: {} of {} slots run, {} missed ({:.2} % kept)\n   \
         {} frames, {} unanswered, {} failed, {} collisions, {} longer than their slot\n   \
         jitter: median {median:.3} ms, p99 {p99:.3} ms, max {max:.3} ms\n",
        of.table,
        of.run,
        of.planned,
        of.missed,
        of.kept() * 100.0,
        of.frames,
        of.unanswered,
        of.failed,
        of.collisions,
        of.overran,
    )
}
