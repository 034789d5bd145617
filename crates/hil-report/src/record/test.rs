//! What is known of one test: its attempts, and the evidence of each.

use std::ops::Range;
use std::time::Duration;

use hil_model::run::Measurement;
use hil_model::{
    Attachment, BenchTime, Entry, Fault, FaultKind, FrameSeen, LogLine, Outcome, Property, StepEnd, StepId,
    SupplySample, TestMeta, WallTime,
};

/// A moment on both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// On the bench's clock.
    pub at: BenchTime,
    /// In the world.
    pub wall: WallTime,
}

impl From<&Entry> for Moment {
    fn from(entry: &Entry) -> Self {
        Self { at: entry.at, wall: entry.wall }
    }
}

/// Something with its place in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The number of its entry; tells the order where times are equal.
    pub seq: u64,
    /// When, on the bench's clock.
    pub at: BenchTime,
    /// When, in the world.
    pub wall: WallTime,
    /// What.
    pub what: T,
}

/// What the bench was seen doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// A frame on the bus.
    Frame(FrameSeen),
    /// A sample of the supply.
    Supply(SupplySample),
    /// A line of the log.
    Log(LogLine),
}

/// An observation with its place in the journal.
pub type Observed = At<Observation>;

/// A step within an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRecord {
    /// Its number, unique within the attempt.
    pub id: StepId,
    /// The step that it is part of.
    pub parent: Option<StepId>,
    /// What is done.
    pub title: String,
    /// When it began.
    pub started: BenchTime,
    /// When and how it ended; nothing if it was left open (a panic, a kill).
    pub ended: Option<(BenchTime, StepEnd)>,
}

impl StepRecord {
    /// Whether it ended without doing what its title says.
    pub const fn is_broken(&self) -> bool {
        matches!(self.ended, Some((_, StepEnd::Broken(_))))
    }
}

/// What an attempt left behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Its steps, in the order in which they began.
    pub steps: Vec<StepRecord>,
    /// What was measured.
    pub measurements: Vec<At<Measurement>>,
    /// What was recorded with `rp`, repeated keys included.
    pub properties: Vec<At<Property>>,
    /// The files that were attached.
    pub attachments: Vec<Attachment>,
    /// Which part of [`RunRecord::trace`](crate::RunRecord::trace) was observed meanwhile.
    pub observed: Range<usize>,
}

/// One try at a test.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRecord {
    /// Which try it is, from 1.
    pub number: u32,
    /// When it began.
    pub started: Moment,
    /// When it ended; while it is in flight, the moment of the last entry.
    pub ended: Moment,
    /// Whether it came to its end.
    pub finished: bool,
    /// How it ended. An attempt in flight counts as interrupted until it says otherwise.
    pub outcome: Outcome,
    /// Whether another try was to follow.
    pub retried: bool,
    /// What it left behind.
    pub evidence: Evidence,
}

impl AttemptRecord {
    pub(super) fn begin(number: u32, started: Moment, trace: usize) -> Self {
        let fault = Fault::new(FaultKind::Interrupted, "the run was cut short while this test was in flight");
        Self {
            number,
            started,
            ended: started,
            finished: false,
            outcome: Outcome::Errored(fault),
            retried: false,
            evidence: Evidence { observed: trace..trace, ..Evidence::default() },
        }
    }

    /// How long it took, on the bench's clock.
    pub fn duration(&self) -> Duration {
        self.ended.at - self.started.at
    }

    /// The moment of the failure: when its last broken step broke, at its innermost; without one, its end.
    /// Nothing for an attempt that is not red.
    pub fn failed_at(&self) -> Option<BenchTime> {
        let broken = self.evidence.steps.iter().rfind(|step| step.is_broken());
        let at = broken.and_then(|step| step.ended.as_ref()).map_or(self.ended.at, |(at, _)| *at);
        self.outcome.is_red().then_some(at)
    }
}

/// A test that was begun: every attempt at it.
#[derive(Clone, Debug, PartialEq)]
pub struct TestRecord {
    /// What the plan says of it. A test that the plan does not list is named after its name only.
    pub meta: TestMeta,
    /// Its name within its class, unique in the run: function, case, iteration.
    pub case: String,
    /// Its attempts, in order; never empty.
    pub(crate) attempts: Vec<AttemptRecord>,
}

impl TestRecord {
    /// Its attempts, in order; at least one.
    pub fn attempts(&self) -> &[AttemptRecord] {
        &self.attempts
    }

    /// The attempt that counts: the last.
    pub fn last(&self) -> &AttemptRecord {
        &self.attempts[self.attempts.len() - 1]
    }

    /// The attempts before the last.
    pub fn earlier(&self) -> &[AttemptRecord] {
        &self.attempts[..self.attempts.len() - 1]
    }

    /// How the test ended: as its last attempt did.
    pub fn outcome(&self) -> &Outcome {
        &self.last().outcome
    }

    /// When its first attempt began.
    pub fn started(&self) -> Moment {
        self.attempts[0].started
    }

    /// How long all attempts took together, on the bench's clock.
    pub fn duration(&self) -> Duration {
        self.last().ended.at - self.started().at
    }

    /// Whether it passed only after an attempt that did not.
    pub fn is_flaky(&self) -> bool {
        matches!(self.outcome(), Outcome::Passed) && self.earlier().iter().any(|a| a.outcome.is_red())
    }

    /// Its title, or its name within the class where the doc comment has none.
    pub fn title(&self) -> &str {
        if self.meta.description.title.is_empty() { &self.case } else { &self.meta.description.title }
    }
}
