//! What will run, in which order, and what the session must set up for it.

use std::collections::BTreeSet;
use std::time::Duration;

use hil_model::{Decision, PlannedTest, Resource, TestMeta};
use hil_sim::Seeded;

use crate::registry::{RegisteredTest, Registry};
use crate::select::Selection;

/// The marker of tests that need the bench to be powered (PSU-03).
const HARDWARE: &str = "hardware";

/// The stream of chance that belongs to `--shuffle`.
const STREAM: u64 = 9;

/// A test that will run.
#[derive(Clone, Debug)]
pub struct PlannedRun {
    /// Its registration.
    pub(crate) test: RegisteredTest,
    /// What is known of it, with the effective time limit and the iteration in its name.
    pub meta: TestMeta,
}

/// What will run, and why the rest will not.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The tests that will run, in order.
    pub runs: Vec<PlannedRun>,
    /// Every test, with the decision about it: the why-ledger.
    pub ledger: Vec<PlannedTest>,
}

/// What the command line says about how often, how long and in which order.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How often each test runs, from 1.
    pub repeat: u32,
    /// The seed of a random order.
    pub shuffle: Option<u64>,
    /// The time limit of each test, in place of its own and the configuration's.
    pub timeout: Option<Duration>,
    /// The time limit of a test that has none.
    pub default_timeout: Duration,
}

/// Makes the plan.
pub fn plan(registry: &Registry, selection: &Selection, schedule: Schedule) -> Plan {
    let mut plan = Plan::default();
    for test in registry.tests() {
        let decision = selection.decide(&test.meta);
        let runs = match decision {
            Decision::Selected => schedule.repeat.max(1),
            Decision::NotSelected { .. } => 1,
        };
        for iteration in 1..=runs {
            let meta = effective(test, schedule, (runs > 1).then_some(iteration));
            if decision == Decision::Selected {
                plan.runs.push(PlannedRun { test: test.clone(), meta: meta.clone() });
            }
            plan.ledger.push(PlannedTest { test: meta, decision: decision.clone() });
        }
    }
    if let Some(seed) = schedule.shuffle {
        let order = Seeded::new(seed, STREAM).shuffled(plan.runs.len());
        plan.runs = order.into_iter().map(|at| plan.runs[at].clone()).collect();
    }
    plan
}

fn effective(test: &RegisteredTest, schedule: Schedule, iteration: Option<u32>) -> TestMeta {
    let mut meta = test.meta.clone();
    if let Some(iteration) = iteration {
        meta.short = format!("{}#{iteration}", meta.short);
        // A `#` and digits cannot make a good name bad.
        if let Ok(name) = format!("{}#{iteration}", meta.name).parse() {
            meta.name = name;
        }
    }
    let own = test.def.timeout_ms.map(Duration::from_millis);
    let limit = schedule.timeout.or(own).unwrap_or(schedule.default_timeout);
    meta.timeout_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    meta
}

impl Plan {
    /// The session resources that must be set up: what a selected test needs, and the supply wherever a
    /// hardware test needs the bench at all, so that the unit is powered.
    pub(crate) fn needs(&self) -> BTreeSet<Resource> {
        let mut needs = BTreeSet::new();
        for PlannedRun { meta, .. } in &self.runs {
            needs.extend(meta.needs.iter().copied());
            if !meta.needs.is_empty() && meta.markers.iter().any(|marker| marker.as_str() == HARDWARE) {
                needs.insert(Resource::Psu);
            }
        }
        needs
    }
}
