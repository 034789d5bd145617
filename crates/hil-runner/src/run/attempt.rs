//! One attempt of one test, on the bench thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use hil_model::{BenchTime, CheckSeen, Direction, Failure, Fault, FaultKind, Outcome, TestMeta};

use super::panics;
use super::plan::PlannedRun;
use crate::bench::{Bench, Ctx, Lease, Revoked};
use crate::error::{TestError, TestResult};
use crate::events::Latest;

/// How an attempt ended, and what the test wants to follow.
#[derive(Debug)]
pub(super) struct Attempted {
    pub(super) outcome: Outcome,
    pub(super) wish: Wish,
}

/// What a test wants to follow.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Whatever follows anyway.
    Nothing,
    /// The end of the run.
    Stop,
    /// Another attempt.
    Repeat,
}

impl Wish {
    const fn of(error: &TestError) -> Self {
        match error {
            TestError::Stopped(_) => Self::Stop,
            TestError::Repeat(_) => Self::Repeat,
            TestError::Failed(_) | TestError::Skipped(_) | TestError::Broken(_) => Self::Nothing,
        }
    }
}

/// Runs `planned` once, its baselines first.
pub(super) fn run(bench: &Arc<Bench>, planned: &PlannedRun, lease: &Lease) -> Attempted {
    let ctx = Ctx::new(Arc::clone(bench), planned.meta.clone(), lease.clone());
    let began = bench.clock.now();
    let body = AssertUnwindSafe(|| -> TestResult {
        for baseline in &planned.test.baselines {
            ctx.step(&format!("Baseline: {}", baseline.function.replace('_', " ")), || (baseline.run)(&ctx))?;
        }
        (planned.test.def.run)(&ctx)
    });
    let ended = catch_unwind(body);
    ctx.close_declarations();
    let wish = ended.as_ref().ok().and_then(|result| result.as_ref().err()).map_or(Wish::Nothing, Wish::of);
    let outcome = match ended {
        Ok(Ok(())) => with_failed(Outcome::Passed, ctx.failed_measurement()),
        Ok(Err(error)) => with_failed(error.into(), ctx.failed_measurement()),
        Err(payload) => match Lease::reason(&*payload) {
            Some(why) => Outcome::Errored(revoked(why, &planned.meta)),
            None => Outcome::Errored(panics::fault(&*payload)),
        },
    };
    // A body that never waits on the clock is not unwound by it, but is too late all the same.
    let late = bench.clock.now().since(began) > Duration::from_millis(planned.meta.timeout_ms);
    let (outcome, wish) = match (lease.revoked(), outcome) {
        (Some(why), Outcome::Passed | Outcome::Skipped { .. }) => {
            (Outcome::Errored(revoked(why, &planned.meta)), Wish::Nothing)
        }
        (None, Outcome::Passed) if late => {
            (Outcome::Errored(revoked(Revoked::TimedOut, &planned.meta)), Wish::Nothing)
        }
        (_, outcome) => (outcome, wish),
    };
    let bare = planned.meta.needs.is_empty();
    let outcome = if bare { outcome } else { with_evidence(outcome, &ctx.evidence(), began) };
    Attempted { outcome, wish }
}

/// The outcome of a test of which a measurement failed: no later skip, and no wish to be repeated, takes that back.
fn with_failed(outcome: Outcome, failed: Option<Failure>) -> Outcome {
    match (outcome, failed) {
        (Outcome::Passed, Some(failure)) => Outcome::Failed(failure),
        (Outcome::Skipped { reason }, Some(mut failure)) => {
            failure.details.push(format!("then skipped: {reason}"));
            Outcome::Failed(failure)
        }
        (outcome @ (Outcome::Failed(_) | Outcome::Errored(_)), Some(_)) | (outcome, None) => outcome,
    }
}

/// The fault of a test whose lease was revoked.
pub(super) fn revoked(why: Revoked, test: &TestMeta) -> Fault {
    match why {
        Revoked::TimedOut => {
            let limit = Duration::from_millis(test.timeout_ms);
            Fault::new(
                FaultKind::Timeout,
                format!("took longer than its limit of {:.3} s", limit.as_secs_f64()),
            )
        }
        Revoked::Interrupted => {
            Fault::new(FaultKind::Interrupted, "the run was interrupted while the test was in flight")
        }
    }
}

/// The outcome of a test after which the rail could not be brought back: no verdict, but what it had found
/// is kept.
pub(super) fn not_restored(outcome: Outcome) -> Outcome {
    let found = match &outcome {
        Outcome::Passed => "the test itself had passed".to_owned(),
        Outcome::Skipped { reason } => format!("the test itself had skipped: {reason}"),
        Outcome::Failed(failure) => format!("the test itself had failed: {failure}"),
        Outcome::Errored(fault) => format!("the test itself had errored: {fault}"),
    };
    let message = "the rail could not be brought back to nominal";
    Outcome::Errored(Fault { details: vec![found], ..Fault::new(FaultKind::Bench, message) })
}

/// Adds what was seen last on the bench to a red outcome (BEN-04).
fn with_evidence(outcome: Outcome, latest: &Latest, began: BenchTime) -> Outcome {
    match outcome {
        Outcome::Passed | Outcome::Skipped { .. } => outcome,
        Outcome::Failed(failure) => {
            let details = failure.details.into_iter().chain(evidence(latest, began)).collect();
            Outcome::Failed(Failure { details, ..failure })
        }
        Outcome::Errored(fault) => {
            let details = fault.details.into_iter().chain(evidence(latest, began)).collect();
            Outcome::Errored(Fault { details, ..fault })
        }
    }
}

/// The rail, and the last frame of each id since the test began.
fn evidence(latest: &Latest, began: BenchTime) -> Vec<String> {
    let rail =
        latest.supply.map(|(at, sample)| format!("rail  {:.2}, {:.3} (at {at})", sample.volts, sample.amps));
    let fresh = latest.frames.values().filter(|(at, _)| *at >= began);
    let frames = fresh.map(|(at, frame)| {
        let direction = match frame.direction {
            Direction::Tx => "tx",
            Direction::Rx => "rx",
        };
        let bytes: Vec<String> = frame.data.iter().map(|byte| format!("{byte:02X}")).collect();
        let data = match &frame.check {
            CheckSeen::Good => bytes.join(" "),
            CheckSeen::NoResponse => "no response".to_owned(),
            CheckSeen::Bad(what) => format!("{} ({what})", bytes.join(" ")),
        };
        let name = frame.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        format!("last  {direction} 0x{:02X}{name}: {data} (at {at})", frame.id)
    });
    rail.into_iter().chain(frames).collect()
}
