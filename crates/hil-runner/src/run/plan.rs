//! What will run, in which order, and what the session must set up for it.

use std::collections::BTreeSet;
use std::time::Duration;

use hil_model::{Decision, PlannedTest, Resource, TestMeta};
use hil_sim::Seeded;

use crate::live::Missing;
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
    /// Why it is held back and skips, if it is: what it needs is not opened for it.
    pub(crate) held: Option<Missing>,
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

/// Makes the plan. What takes down a suite is part of it wherever a test of that suite is, runs once, and last.
pub fn plan(registry: &Registry, selection: &Selection, schedule: Schedule) -> Plan {
    let mut plan = Plan::default();
    let suites: BTreeSet<&str> = registry
        .tests()
        .iter()
        .filter(|test| !test.def.teardown && selection.decide(&test.meta) == Decision::Selected)
        .map(|test| test.meta.name.suite())
        .collect();
    for test in registry.tests() {
        let takes_down = test.def.teardown && suites.contains(test.meta.name.suite());
        let decision = match selection.decide(&test.meta) {
            Decision::NotSelected { .. } if takes_down && !selection.skips(&test.meta) => Decision::Selected,
            decision => decision,
        };
        let runs = match decision {
            Decision::Selected if !test.def.teardown => schedule.repeat.max(1),
            Decision::Selected | Decision::NotSelected { .. } => 1,
        };
        for iteration in 1..=runs {
            let meta = effective(test, schedule, (runs > 1).then_some(iteration));
            if decision == Decision::Selected {
                plan.runs.push(PlannedRun { test: test.clone(), meta: meta.clone(), held: None });
            }
            plan.ledger.push(PlannedTest { test: meta, decision: decision.clone() });
        }
    }
    let (last, mut first) = plan.runs.into_iter().partition::<Vec<_>, _>(|run| run.test.def.teardown);
    if let Some(seed) = schedule.shuffle {
        let order = Seeded::new(seed, STREAM).shuffled(first.len());
        first = order.into_iter().map(|at| first[at].clone()).collect();
    }
    first.extend(last);
    Plan { runs: first, ledger: plan.ledger }
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
    /// Brings the tests into the order of the filters that they meet. Those that take down stay last.
    pub fn order_by(&mut self, selection: &Selection) {
        let first = |run: &PlannedRun| selection.place(&run.test.meta);
        self.runs.sort_by_key(|run| (run.test.def.teardown, first(run)));
    }

    /// The session resources that must be set up: what a selected test needs, and the supply wherever a
    /// hardware test needs the bench at all, so that the unit is powered.
    pub(crate) fn needs(&self) -> BTreeSet<Resource> {
        let mut needs = BTreeSet::new();
        for PlannedRun { meta, .. } in self.runs.iter().filter(|run| run.held.is_none()) {
            needs.extend(meta.needs.iter().copied());
            if !meta.needs.is_empty() && meta.markers.iter().any(|marker| marker.as_str() == HARDWARE) {
                needs.insert(Resource::Psu);
            }
        }
        needs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Ctx;
    use crate::error::TestResult;
    use crate::registry::TestDef;
    use rstest::rstest;

    fn passes(_: &Ctx) -> TestResult {
        Ok(())
    }

    const fn def(module: &'static str, function: &'static str, teardown: bool) -> TestDef {
        TestDef {
            module,
            function,
            case: None,
            doc: "Title: A test",
            markers: &[],
            needs: &[],
            mutates: &[],
            covers: &[],
            timeout_ms: None,
            retries: None,
            repeats: None,
            stop_on_fail: false,
            teardown,
            file: "tests/a.rs",
            line: 1,
            run: passes,
        }
    }

    static DEFS: [TestDef; 5] = [
        def("suites::one", "a_clears", true),
        def("suites::one", "b", false),
        def("suites::one", "c", false),
        def("suites::two", "clears", true),
        def("suites::two", "d", false),
    ];

    #[rstest]
    #[case(Selection::default(), 1, &["one::b", "one::c", "two::d", "one::a_clears", "two::clears"])]
    #[case(Selection { filters: vec!["one::c".into()], ..Selection::default() }, 2, &["one::c#1", "one::c#2", "one::a_clears"])]
    #[case(Selection { filters: vec!["one::c".into()], skip: vec!["clears".into()], ..Selection::default() }, 1, &["one::c"])]
    #[case(Selection { filters: vec!["two::clears".into()], ..Selection::default() }, 1, &["two::clears"])]
    fn what_takes_down_a_suite_comes_last(
        #[case] selection: Selection,
        #[case] repeat: u32,
        #[case] expected: &[&str],
    ) {
        let registry = Registry::of(&DEFS, &[]).unwrap();
        let schedule =
            Schedule { repeat, shuffle: None, timeout: None, default_timeout: Duration::from_secs(1) };
        let plan = plan(&registry, &selection, schedule);
        let names: Vec<&str> = plan.runs.iter().map(|run| run.meta.name.as_str()).collect();
        assert_eq!(names, expected);
        let selected = plan.ledger.iter().filter(|planned| planned.decision == Decision::Selected);
        assert_eq!(selected.count(), expected.len());
    }
}
