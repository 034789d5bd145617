//! Runs beside each other: the same phases and measurements in one row, and what differs marked.

mod align;
mod page;
mod row;
mod text;

use hil_model::run::Run;
use serde::Serialize;

use self::align::{numbered, union};
use self::row::{PhaseRow, things};
use super::phases::{self, last_attempts};
use super::{Emphasis, foreign};

/// Runs side by side. The first one is what the others are compared with.
///
/// A phase that was repeated is compared by its last attempt. Phases belong together by their name, and by their place
/// among those of that name; so do measurements within a phase.
#[derive(Debug)]
pub struct Comparison {
    heads: Vec<Head>,
    facts: Vec<Fact>,
    phases: Vec<PhaseRow>,
}

/// A run as the head of a column.
#[derive(Debug, Serialize)]
struct Head {
    label: String,
    outcome: &'static str,
    class: &'static str,
    #[serde(skip)]
    emphasis: Emphasis,
    serial: String,
    simulated: bool,
}

/// What the runs say of themselves.
#[derive(Debug, Serialize)]
struct Fact {
    label: &'static str,
    differs: bool,
    /// One for each run.
    texts: Vec<String>,
}

impl Comparison {
    /// Compares the runs with the first one.
    pub fn of(runs: &[&Run]) -> Self {
        let heads = runs.iter().enumerate().map(|(at, run)| Head::of(at, run)).collect();
        let attempts: Vec<_> = runs.iter().map(|run| last_attempts(run)).collect();
        let phases = attempts.iter().map(|phases| numbered(phases, |(phase, _)| phase.name.as_str()));
        let phases: Vec<_> = phases.collect();
        let rows = union(&phases).iter().map(|cells| PhaseRow::of(&things(cells))).collect();
        Self { heads, facts: facts(runs), phases: rows }
    }

    /// Whether a phase or a measurement differs in anything but the time that it took.
    pub fn differs(&self) -> bool {
        self.phases.iter().any(PhaseRow::differs)
    }
}

impl Head {
    fn of(at: usize, run: &Run) -> Self {
        let emphasis = phases::run_emphasis(run.outcome);
        let label = u8::try_from(at).ok().filter(|at| *at < 26).map(|at| char::from(b'A' + at).to_string());
        Self {
            label: label.unwrap_or_else(|| format!("#{}", at + 1)),
            outcome: run.outcome.word(),
            class: emphasis.class(),
            emphasis,
            serial: foreign::line(run.unit.serial_number.as_str(), foreign::IN_A_LINE),
            simulated: phases::simulated(run).is_some(),
        }
    }
}

/// The facts of all runs, a row for each label that one of them has.
fn facts(runs: &[&Run]) -> Vec<Fact> {
    let all: Vec<_> = runs.iter().map(|run| phases::facts(run)).collect();
    let row = |cells: Vec<Option<&(&'static str, String)>>| {
        let (label, _) = cells.iter().flatten().next()?;
        let texts = cells.iter().map(|cell| cell.map_or_else(String::new, |(_, text)| text.clone()));
        let texts: Vec<_> = texts.collect();
        // No two runs have one id or one time; that tells nobody anything.
        let tells = !matches!(*label, "run" | "started" | "duration");
        Some(Fact { label, differs: tells && texts.iter().any(|text| *text != texts[0]), texts })
    };
    union(&all).into_iter().filter_map(row).collect()
}
