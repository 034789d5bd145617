//! What the first page shows of the run as a whole.

use std::collections::BTreeMap;

use hil_model::{ExitStatus, Outcome, SessionPhase};
use serde::Serialize;

use super::statistics::{self, MarkerRow, RequirementRow};
use super::test::{Badge, anchor};
use crate::coverage::Coverage;
use crate::summary::{Ending, Summary};
use crate::text::visible;
use crate::{RunRecord, time};

#[derive(Debug, Serialize)]
pub(super) struct Overview {
    verdict: &'static str,
    class: &'static str,
    bench: String,
    started: String,
    /// What was simulated, in words; empty on a real bench.
    simulated: String,
    /// How the run ended, if not in order.
    ending: String,
    /// Why the supply's output is not known to be off; empty if it is.
    alarm: String,
    tiles: Vec<Tile>,
    facts: Vec<(&'static str, String)>,
    output: Option<OutputView>,
    session: Vec<SessionView>,
    /// Whether a step of the session is red: then the session comes before the tests.
    session_red: bool,
    rows: Vec<Row>,
    requirements: Vec<RequirementRow>,
    markers: Vec<MarkerRow>,
    not_run: Vec<String>,
    /// Why the run ended before them, where somebody decided so.
    stopped: String,
    not_selected: Vec<(String, Vec<String>)>,
    not_selected_total: usize,
    /// What the run might do and what it was given.
    start_up: Vec<(&'static str, String)>,
    config: Vec<(String, String, String)>,
    outside: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
struct Tile {
    label: &'static str,
    class: &'static str,
    count: usize,
    note: String,
}

#[derive(Debug, Serialize)]
struct OutputView {
    confirmed: bool,
    rail: String,
    after_ms: u64,
    how: String,
}

#[derive(Debug, Serialize)]
struct SessionView {
    phase: &'static str,
    step: String,
    badge: Badge,
    time: String,
    note: String,
    facts: Vec<(String, String)>,
}

/// A line of the table of tests.
#[derive(Debug, Serialize)]
struct Row {
    href: String,
    badge: Badge,
    title: String,
    /// Why it was skipped, if it was.
    why: String,
    name: String,
    requirements: String,
    markers: String,
    time: String,
}

/// What the head of every page says of the run.
#[derive(Debug, Serialize)]
pub(super) struct Banner<'a> {
    verdict: &'static str,
    class: &'static str,
    bench: &'a str,
    started: &'a str,
    simulated: &'a str,
}

impl Overview {
    /// `places` says on which page the details of each test are; empty for the first.
    pub(super) fn of(record: &RunRecord, places: &[String]) -> Self {
        let summary = Summary::of(record);
        let coverage = Coverage::of(record);
        let run = record.run.as_ref();
        Self {
            verdict: summary.verdict(),
            class: verdict_class(&summary),
            bench: visible(record.bench()),
            started: time::readable(record.started.wall),
            simulated: simulated(record),
            ending: ending(record, &summary.ending),
            alarm: alarm(record, &summary),
            tiles: tiles(&summary),
            facts: facts(record, &summary),
            output: record.output.as_ref().map(|output| OutputView {
                confirmed: output.confirmed,
                rail: output.rail.map(|rail| rail.to_string()).unwrap_or_default(),
                after_ms: output.after_ms,
                how: visible(&output.how),
            }),
            session: session(record),
            session_red: record.session.iter().any(|step| step.outcome.is_red()),
            rows: rows(record, places),
            requirements: statistics::by_requirement(&coverage),
            markers: statistics::by_marker(record),
            not_run: record.not_run().map(|meta| meta.name.to_string()).collect(),
            stopped: record.stopped.as_deref().map(visible).unwrap_or_default(),
            not_selected: not_selected(record),
            not_selected_total: summary.counts.not_selected,
            start_up: run.and_then(|run| run.start_up.as_ref()).map_or_else(Vec::new, |start_up| {
                start_up.lines().into_iter().map(|(name, said)| (name, visible(&said))).collect()
            }),
            config: run.map_or_else(Vec::new, |run| {
                let line = |(value, layer): &(hil_model::Property, String)| {
                    (visible(&value.key), visible(&value.value), visible(layer))
                };
                run.config.iter().map(line).collect()
            }),
            outside: record
                .outside
                .properties
                .iter()
                .map(|noted| (visible(&noted.what.key), visible(&noted.what.value)))
                .collect(),
        }
    }

    /// What the further pages show of it.
    pub(super) fn banner(&self) -> Banner<'_> {
        Banner {
            verdict: self.verdict,
            class: self.class,
            bench: &self.bench,
            started: &self.started,
            simulated: &self.simulated,
        }
    }

    /// The page's title.
    pub(super) fn title(&self) -> String {
        let simulated = if self.simulated.is_empty() { "" } else { " (simulated)" };
        format!("{}{simulated}: {}", self.verdict, self.bench)
    }
}

const fn verdict_class(summary: &Summary) -> &'static str {
    match (&summary.ending, summary.exit) {
        (
            _,
            ExitStatus::OutputUnconfirmed | ExitStatus::Failed | ExitStatus::Internal | ExitStatus::Usage,
        ) => "failed",
        (Ending::CutShort, _) | (_, ExitStatus::BenchFault | ExitStatus::Interrupted) => "errored",
        (_, ExitStatus::NothingRan) => "skipped",
        (_, ExitStatus::Passed) => "passed",
    }
}

fn simulated(record: &RunRecord) -> String {
    let simulated = record.simulated();
    let parts = [
        (simulated.lin, "the LIN bus and the unit under test"),
        (simulated.psu, "the power supply"),
        (simulated.clock, "time"),
    ];
    let parts: Vec<_> = parts.into_iter().filter_map(|(yes, what)| yes.then_some(what)).collect();
    match parts.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

fn ending(record: &RunRecord, ending: &Ending) -> String {
    match ending {
        Ending::Finished => record.untold().map_or_else(String::new, |untold| {
            format!("Live running was off: this run says nothing about {untold}.")
        }),
        Ending::Interrupted(signal) => format!("The run was interrupted by {}.", visible(signal)),
        Ending::CutShort => "The run was cut short: its journal ends before the run does.".to_owned(),
    }
}

fn alarm(record: &RunRecord, summary: &Summary) -> String {
    match &record.output {
        _ if summary.exit != ExitStatus::OutputUnconfirmed => String::new(),
        Some(output) => visible(&output.how),
        None => "the journal ends before anybody looked".to_owned(),
    }
}

fn tiles(summary: &Summary) -> Vec<Tile> {
    let counts = summary.counts;
    let some = |count: usize, word: &str| if count > 0 { format!("{count} {word}") } else { String::new() };
    let tile = |label, class, count, note| Tile { label, class, count, note };
    vec![
        tile("passed", "passed", counts.passed, some(counts.flaky, "flaky")),
        tile("failed", "failed", counts.failed, String::new()),
        tile("errored", "errored", counts.errored, some(counts.bench_faults, "bench")),
        tile("skipped", "skipped", counts.skipped, String::new()),
        tile("not run", "not-run", counts.not_run, String::new()),
    ]
}

fn facts(record: &RunRecord, summary: &Summary) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(run) = &record.run {
        facts.push(("Bench", format!("{} on {}", visible(&run.bench), visible(&run.host))));
    }
    facts.push(("Started", time::readable(record.started.wall)));
    facts.push(("Bench time", time::duration(record.bench_duration())));
    facts.push(("Wall time", time::duration(record.wall_duration())));
    facts.push(("Exit code", format!("{}, {}", summary.exit.code(), summary.exit.meaning())));
    if let Some(run) = &record.run {
        facts.push(("hil", visible(&run.version)));
        facts.push(("Seed", run.seed.to_string()));
        facts.push(("Run", run.run_id.to_string()));
    }
    facts
}

fn session(record: &RunRecord) -> Vec<SessionView> {
    let view = |step: &crate::SessionRecord| SessionView {
        phase: match step.phase {
            SessionPhase::Setup => "set-up",
            SessionPhase::Teardown => "teardown",
        },
        step: step.case.clone(),
        badge: Badge::of(&step.outcome),
        time: time::duration(step.duration()),
        note: match &step.outcome {
            Outcome::Passed => String::new(),
            Outcome::Failed(failure) => visible(&failure.message),
            Outcome::Skipped { reason } => visible(reason),
            Outcome::Errored(fault) => visible(&fault.message),
        },
        facts: step.facts.iter().map(|fact| (visible(&fact.key), visible(&fact.value))).collect(),
    };
    record.session.iter().map(view).collect()
}

fn rows(record: &RunRecord, places: &[String]) -> Vec<Row> {
    fn joined(items: impl Iterator<Item = impl ToString>) -> String {
        items.map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
    }
    let tests = record.tests.iter().enumerate().zip(places);
    tests
        .map(|((index, test), place)| Row {
            href: format!("{place}#{}", anchor(index)),
            badge: Badge::of_test(test),
            title: visible(test.title()),
            why: match test.outcome() {
                Outcome::Skipped { reason } => visible(reason),
                Outcome::Passed | Outcome::Failed(_) | Outcome::Errored(_) => String::new(),
            },
            name: visible(&format!("{}.{}", test.meta.class, test.case)),
            requirements: joined(test.meta.description.requirements.iter()),
            markers: joined(test.meta.markers.iter()),
            time: time::duration(test.duration()),
        })
        .collect()
}

/// The why-ledger, by reason (RUN-07).
fn not_selected(record: &RunRecord) -> Vec<(String, Vec<String>)> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (meta, reason) in record.not_selected() {
        reasons.entry(reason).or_default().push(meta.name.to_string());
    }
    reasons.into_iter().map(|(reason, tests)| (visible(reason), tests)).collect()
}
