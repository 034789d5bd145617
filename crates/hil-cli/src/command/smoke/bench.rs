//! The bench's half of smoke: the run of the smoke tests, and what it says.

use std::collections::BTreeSet;

use hil_config::Resolved;
use hil_model::{ExitStatus, Operation, Outcome, SessionStep, SmokeEnd, Subject};
use hil_psu::guardian::Launch;
use hil_report::{RunRecord, TestRecord};
use hil_runner::{
    Format, Listener, LiveOptions, LogCapture, MarkerExpression, Missing, Registry, RunOptions, RunResult,
    SaidBy, Selection,
};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::watch::Watch;
use super::{Deadline, Ended, SmokeArgs};
use crate::command::GUARDIAN;
use crate::console::Console;

/// Who turns live running on and allows mutation.
const COMMAND: SaidBy = SaidBy::Command("hil smoke");

/// The run of the smoke tests.
pub(super) struct Ran {
    pub(super) result: RunResult,
}

/// Runs the tests with the marker `smoke`.
pub(super) fn run(
    args: &SmokeArgs,
    registry: &Registry,
    resolved: Resolved,
    live: LiveOptions,
    deadline: &Deadline,
) -> anyhow::Result<Ran> {
    let folder = resolved.in_root(&resolved.config.reports.dir).join("smoke");
    let marker: MarkerExpression = "smoke".parse()?;
    let options = RunOptions {
        config: resolved,
        selection: Selection { markers: Some(marker), ..Selection::default() },
        timeout: None,
        until: deadline.at(),
        retries: Some(0),
        fail_fast: false,
        repeat: 1,
        shuffle: None,
        in_order: false,
        subject: Subject::default(),
        live: LiveOptions { run_live: Some(COMMAND), allow_mutation: Some(COMMAND), ..live },
        reports: Some(args.reports.clone().unwrap_or(folder)),
        wait: args.wait,
        allow_empty: false,
        format: Format::Pretty,
        guardian: Launch::this_program([GUARDIAN]).ok(),
    };
    let log = LogCapture::default();
    // A second subscriber in one process would be a mistake of ours, not of the user's.
    let _ = tracing_subscriber::registry().with(log.clone()).try_init();
    let listener: Box<dyn Listener> =
        if args.verbose { Box::new(Console::new(Format::Pretty)) } else { Box::new(Watch) };
    let result = hil_runner::run(registry, options, listener, &log, |_| {}, |_, _| {})?;
    Ok(Ran { result })
}

/// What the run says of the bench; [`SmokeEnd::Proven`] stands for its half alone.
pub(super) fn judge(ran: &Ran, deadline: &Deadline) -> Ended {
    let record = &ran.result.record;
    match ran.result.status {
        ExitStatus::OutputUnconfirmed => {
            let how = record.output.as_ref().map(|output| output.how.clone());
            return Ended::new(SmokeEnd::OutputUnconfirmed, how.unwrap_or_default());
        }
        // Whatever came of what was cut short, this is why.
        ExitStatus::Interrupted if deadline.is_over() => return deadline.missed(),
        ExitStatus::Interrupted => {
            let signal = record.interruptions.first().map(|signal| signal.what.clone());
            return Ended::new(SmokeEnd::Broken, format!("interrupted by {}", signal.unwrap_or_default()));
        }
        ExitStatus::Internal | ExitStatus::Usage => {
            return Ended::new(SmokeEnd::Broken, ran.result.status.meaning());
        }
        ExitStatus::Passed | ExitStatus::Failed | ExitStatus::NothingRan | ExitStatus::BenchFault => {}
    }
    if let Some(why) = red(record) {
        return Ended::new(SmokeEnd::Red, why);
    }
    if let Some(reason) = unreachable(record) {
        return Ended::new(SmokeEnd::Unreachable, reason);
    }
    let mut notices: BTreeSet<String> = BTreeSet::new();
    let mut end = SmokeEnd::Proven;
    for operation in [Operation::LinRead, Operation::PsuRead, Operation::LinWrite] {
        let is_lacking = match stands(record, operation) {
            Stands::Shown => continue,
            Stands::Skipped(reason) => {
                notices.insert(reason);
                // The write path may be good without a supply of ours.
                operation != Operation::PsuRead
            }
            Stands::Untested => {
                notices.insert(untested(operation));
                operation == Operation::LinWrite
            }
        };
        if is_lacking {
            end = SmokeEnd::NothingEligible;
        }
    }
    Ended { notices: notices.into_iter().collect(), ..Ended::new(end, "") }
}

/// What of the bench cannot be reached, by the reason that the set-up gave.
fn unreachable(record: &RunRecord) -> Option<&str> {
    record.session.iter().find_map(|step| {
        let Outcome::Skipped { reason } = &step.outcome else { return None };
        let code = step.facts.iter().find(|fact| fact.key == Missing::FACT)?.value.as_str();
        let is_reached = match step.step {
            SessionStep::Lin => false,
            // A bench may be without a supply of ours, but not if it is said to have one.
            SessionStep::Psu => code == Missing::SupplyDisabled.code(),
            // Somebody is there, who is not meant.
            SessionStep::Node => code == Missing::NODE_IDENTITY,
            SessionStep::Config | SessionStep::Lock | SessionStep::Ldf | SessionStep::Flash => true,
        };
        (!is_reached).then_some(reason.as_str())
    })
}

fn untested(operation: Operation) -> String {
    Missing::Writable { what: format!("no test with the marker smoke covers {operation}") }.to_string()
}

/// The first red thing.
fn red(record: &RunRecord) -> Option<String> {
    let steps = record.session.iter().map(|step| (step.step.word().to_owned(), &step.outcome));
    let tests = record.tests.iter().map(|test| (test.meta.name.to_string(), test.outcome()));
    steps.chain(tests).find_map(|(name, outcome)| match outcome {
        Outcome::Failed(failure) => Some(format!("{name}: {}", failure.message)),
        Outcome::Errored(fault) => Some(format!("{name}: {}: {}", fault.kind.word(), fault.message)),
        Outcome::Passed | Outcome::Skipped { .. } => None,
    })
}

/// What the run says of a kind of operation.
enum Stands {
    /// A test showed it to work.
    Shown,
    /// Every test of it skipped; why the first one did.
    Skipped(String),
    /// There is no test of it.
    Untested,
}

fn stands(record: &RunRecord, operation: Operation) -> Stands {
    let covers = |test: &&TestRecord| test.meta.covers.contains(&operation);
    let mut skipped = None;
    for test in record.tests.iter().filter(covers) {
        match test.outcome() {
            Outcome::Passed => return Stands::Shown,
            Outcome::Skipped { reason } => skipped = skipped.or_else(|| Some(reason.clone())),
            Outcome::Failed(_) | Outcome::Errored(_) => {}
        }
    }
    skipped.map_or(Stands::Untested, Stands::Skipped)
}
