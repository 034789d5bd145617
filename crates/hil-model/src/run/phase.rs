//! One phase of a run: a test, or a step of a foreign sequence.

use crate::{ReqId, WallTime};

use super::{Log, Measurement, PhaseOutcome};

/// A phase (REC-03). One that was skipped is present, as SKIP; one that was repeated is there once an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// What it is called.
    pub name: String,
    /// How it ended.
    pub outcome: PhaseOutcome,
    /// When it began.
    pub started_at: WallTime,
    /// When it ended; nothing if it was cut short.
    pub ended_at: Option<WallTime>,
    /// How often it had been tried before.
    pub retry_count: u32,
    /// What the test's author says about it.
    pub docstring: Option<String>,
    /// Which requirements it touches.
    pub requirements: Vec<ReqId>,
    /// What it measured, in order.
    pub measurements: Vec<Measurement>,
    /// What it logged, in order.
    pub logs: Vec<Log>,
}

impl Phase {
    /// A phase that passed at the beginning of time and holds nothing.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            outcome: PhaseOutcome::Pass,
            started_at: WallTime::default(),
            ended_at: None,
            retry_count: 0,
            docstring: None,
            requirements: Vec::new(),
            measurements: Vec::new(),
            logs: Vec::new(),
        }
    }
}
