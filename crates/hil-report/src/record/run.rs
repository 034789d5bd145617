//! The record of a run, and what can be asked of it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use hil_model::{
    Decision, Entry, Outcome, OutputVerified, PlannedTest, Property, RunFinished, RunStarted, SessionPhase,
    SessionStep, Simulated, TestMeta, TestName,
};

use super::test::{At, Evidence, Moment, Observed, TestRecord};
use crate::time;

/// A step of the session's way up or down.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRecord {
    /// Up or down.
    pub phase: SessionPhase,
    /// Which resource.
    pub step: SessionStep,
    /// Its name within its phase, unique in the run.
    pub case: String,
    /// When it began.
    pub started: Moment,
    /// When it ended; while it goes on, the moment of the last entry.
    pub ended: Moment,
    /// Whether it came to its end.
    pub finished: bool,
    /// How it ended. A step that goes on counts as interrupted until it says otherwise.
    pub outcome: Outcome,
    /// What was learnt.
    pub facts: Vec<Property>,
}

impl SessionRecord {
    /// How long it took, on the bench's clock.
    pub fn duration(&self) -> Duration {
        self.ended.at - self.started.at
    }

    /// The dotted class that stands for its phase in JUnit.
    pub const fn class(&self) -> &'static str {
        match self.phase {
            SessionPhase::Setup => "bench.setup",
            SessionPhase::Teardown => "bench.teardown",
        }
    }
}

/// What the journal says of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunRecord {
    /// What the run is; nothing before its first entry.
    pub run: Option<RunStarted>,
    /// The moment of the first entry.
    pub started: Moment,
    /// The moment of the last entry so far.
    pub last: Moment,
    /// Every test in the binary, and why it runs or does not.
    pub plan: Vec<PlannedTest>,
    /// The session's way up and down, in order.
    pub session: Vec<SessionRecord>,
    /// The tests that were begun, in order.
    pub tests: Vec<TestRecord>,
    /// Everything that the bench was seen doing, in order, in tests and between them.
    pub trace: Vec<Observed>,
    /// What was measured, recorded and attached outside of tests.
    pub outside: Evidence,
    /// Why no further test was begun, if somebody decided so.
    pub stopped: Option<String>,
    /// The signals that asked for the end, in order.
    pub interruptions: Vec<At<String>>,
    /// What the supply's output is at the end.
    pub output: Option<OutputVerified>,
    /// The last entry of a run that came to its end.
    pub finished: Option<RunFinished>,
    pub(super) open: Option<usize>,
    pub(super) planned: HashMap<TestName, usize>,
    pub(super) latest: HashMap<TestName, usize>,
    pub(super) cases: HashSet<(String, String)>,
}

impl RunRecord {
    /// The record that `entries` amount to.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut record = Self::default();
        for entry in entries {
            record.apply(entry);
        }
        record
    }

    /// What of the bench was simulated.
    pub fn simulated(&self) -> Simulated {
        self.run.as_ref().map(|run| run.simulated).unwrap_or_default()
    }

    /// What the run says nothing about, because live running was off and tests of it were held back (LIV-10).
    pub fn untold(&self) -> Option<&'static str> {
        let start_up = self.run.as_ref()?.start_up.as_ref()?;
        start_up.live.untold().filter(|_| start_up.held_back > 0)
    }

    /// The bench's name; empty before the first entry.
    pub fn bench(&self) -> &str {
        self.run.as_ref().map_or("", |run| &run.bench)
    }

    /// How long the run took on the bench's clock, so far.
    pub fn bench_duration(&self) -> Duration {
        self.last.at - self.started.at
    }

    /// How long the run took in the world, so far.
    pub fn wall_duration(&self) -> Duration {
        time::elapsed(self.started.wall, self.last.wall)
    }

    /// The test in flight.
    pub fn in_flight(&self) -> Option<&TestRecord> {
        self.open.map(|index| &self.tests[index])
    }

    /// The tests that were selected and never begun, because the run ended before them.
    pub fn not_run(&self) -> impl Iterator<Item = &TestMeta> {
        // An iteration of a test stands for the test, hence the comparison with the record's `meta`.
        let begun: HashSet<&TestName> = self.tests.iter().map(|test| &test.meta.name).collect();
        self.plan.iter().filter_map(move |planned| match planned.decision {
            Decision::Selected => (!begun.contains(&planned.test.name)).then_some(&planned.test),
            Decision::NotSelected { .. } => None,
        })
    }

    /// The tests that are not part of the plan, with the first criterion that each does not meet.
    pub fn not_selected(&self) -> impl Iterator<Item = (&TestMeta, &str)> {
        self.plan.iter().filter_map(|planned| match &planned.decision {
            Decision::Selected => None,
            Decision::NotSelected { reason } => Some((&planned.test, reason.as_str())),
        })
    }

    /// What the bench was seen doing during an attempt.
    pub fn observed(&self, evidence: &Evidence) -> &[Observed] {
        &self.trace[evidence.observed.clone()]
    }
}
