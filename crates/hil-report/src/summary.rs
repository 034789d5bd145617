//! The run in a few words: counts, how it ended, the exit code.

use std::fmt;

use hil_model::{ExitStatus, FaultKind, Outcome, SessionPhase, SessionStep};

use crate::RunRecord;

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Every check held, at once or after a retry.
    pub passed: usize,
    /// A requirement was not met.
    pub failed: usize,
    /// No verdict: the bench or the test broke, time ran out, or the run was cut short.
    pub errored: usize,
    /// Of the errored ones, those where the bench broke.
    pub bench_faults: usize,
    /// Skipped at run time, with a reason.
    pub skipped: usize,
    /// Of the passed ones, those that needed a retry.
    pub flaky: usize,
    /// Selected, and never begun.
    pub not_run: usize,
    /// In the binary, and not selected.
    pub not_selected: usize,
}

impl Counts {
    /// Counts the tests of a run.
    pub fn of(record: &RunRecord) -> Self {
        let mut counts = Self {
            not_run: record.not_run().count(),
            not_selected: record.not_selected().count(),
            ..Self::default()
        };
        for test in &record.tests {
            match test.outcome() {
                Outcome::Passed => counts.passed += 1,
                Outcome::Failed(_) => counts.failed += 1,
                Outcome::Skipped { .. } => counts.skipped += 1,
                Outcome::Errored(fault) => {
                    counts.errored += 1;
                    counts.bench_faults += usize::from(fault.kind == FaultKind::Bench);
                }
            }
            counts.flaky += usize::from(test.is_flaky());
        }
        counts
    }

    /// The tests that were begun, skipped ones included.
    pub const fn total(self) -> usize {
        self.passed + self.failed + self.errored + self.skipped
    }
}

impl fmt::Display for Counts {
    /// `12 passed (1 flaky), 2 failed, 1 errored, 3 skipped`; what is zero is left out, but not `passed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed", self.passed)?;
        if self.flaky > 0 {
            write!(f, " ({} flaky)", self.flaky)?;
        }
        for (count, word) in [
            (self.failed, "failed"),
            (self.errored, "errored"),
            (self.skipped, "skipped"),
            (self.not_run, "not run"),
            (self.not_selected, "not selected"),
        ] {
            if count > 0 {
                write!(f, ", {count} {word}")?;
            }
        }
        Ok(())
    }
}

/// How the journal ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With the end of the run.
    Finished,
    /// With the end of the run, which a signal of this name asked for.
    Interrupted(String),
    /// In the middle: the harness was killed, or the run still goes on.
    CutShort,
}

/// The run in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many tests ended how.
    pub counts: Counts,
    /// How the journal ends.
    pub ending: Ending,
    /// The exit code that follows from the record (RUN-05).
    pub exit: ExitStatus,
    /// Whether anything was simulated (SIM-05).
    pub simulated: bool,
}

impl Summary {
    /// Sums a run up.
    pub fn of(record: &RunRecord) -> Self {
        let ending = match (&record.finished, record.interruptions.first()) {
            (None, _) => Ending::CutShort,
            (Some(_), Some(signal)) => Ending::Interrupted(signal.what.clone()),
            (Some(_), None) => Ending::Finished,
        };
        // The runner knows of failures of its own, which no test's outcome shows.
        let own = record.finished.filter(|finished| {
            [ExitStatus::Internal, ExitStatus::Usage].iter().any(|status| status.code() == finished.exit)
        });
        let exit = match own {
            Some(finished) if finished.exit == ExitStatus::Usage.code() => ExitStatus::Usage,
            Some(_) => ExitStatus::Internal,
            None => exit_status(record),
        };
        Self { counts: Counts::of(record), ending, exit, simulated: record.simulated().any() }
    }

    /// The verdict in a word or two.
    pub const fn verdict(&self) -> &'static str {
        match (&self.ending, self.exit) {
            (_, ExitStatus::OutputUnconfirmed) => "OUTPUT NOT CONFIRMED OFF",
            (Ending::CutShort, _) => "CUT SHORT",
            (_, ExitStatus::Passed) => "PASSED",
            (_, ExitStatus::Failed) => "FAILED",
            (_, ExitStatus::Interrupted) => "INTERRUPTED",
            (_, ExitStatus::Internal) => "INTERNAL ERROR",
            (_, ExitStatus::Usage) => "USAGE ERROR",
            (_, ExitStatus::NothingRan) => "NOTHING RAN",
            (_, ExitStatus::BenchFault) => "BENCH FAULT",
        }
    }
}

/// The exit code that follows from what is in the record (RUN-05).
///
/// The worst wins: output unconfirmed, interrupted, bench fault, failed, nothing ran, passed. A supply
/// that was set up and whose output nobody verified is unconfirmed: call this after the teardown.
pub fn exit_status(record: &RunRecord) -> ExitStatus {
    let outcomes =
        || record.session.iter().map(|step| &step.outcome).chain(record.tests.iter().map(|t| t.outcome()));
    let faults =
        |kind| outcomes().any(|outcome| matches!(outcome, Outcome::Errored(fault) if fault.kind == kind));
    if !output_is_confirmed(record) {
        ExitStatus::OutputUnconfirmed
    } else if !record.interruptions.is_empty() || faults(FaultKind::Interrupted) {
        ExitStatus::Interrupted
    } else if faults(FaultKind::Bench) {
        ExitStatus::BenchFault
    } else if outcomes().any(Outcome::is_red) {
        ExitStatus::Failed
    } else if record.tests.iter().any(|test| matches!(test.outcome(), Outcome::Passed)) {
        ExitStatus::Passed
    } else {
        ExitStatus::NothingRan
    }
}

fn output_is_confirmed(record: &RunRecord) -> bool {
    match &record.output {
        Some(output) => output.confirmed,
        None => !record.session.iter().any(|step| {
            step.phase == SessionPhase::Setup
                && step.step == SessionStep::Psu
                && matches!(step.outcome, Outcome::Passed)
        }),
    }
}
