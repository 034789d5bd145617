//! The little that is shown of a smoke run while it goes on.

use hil_model::{Entry, Event, Outcome, SessionPhase};
use hil_runner::Listener;

use crate::console::{context, line, show, visible};

/// Shows what the run was given, and a line for each step and test.
pub(super) struct Watch;

fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => "good".to_owned(),
        Outcome::Failed(failure) => format!("FAILED: {}", failure.message),
        Outcome::Skipped { reason } => format!("not there: {reason}"),
        Outcome::Errored(fault) => format!("{}: {}", fault.kind.word(), fault.message),
    }
}

impl Listener for Watch {
    fn on_entry(&mut self, entry: &Entry) {
        match &entry.event {
            Event::RunStarted(run) => {
                if let Some(start_up) = &run.start_up {
                    show(&context(start_up));
                }
            }
            Event::SessionStepFinished { phase: SessionPhase::Setup, step, outcome, .. } => {
                show(&line("smoke", &format!("{}: {}", step.word(), visible(&said(outcome)))));
            }
            Event::SessionStepFinished { phase: SessionPhase::Teardown, step, outcome, .. } => {
                if outcome.is_red() {
                    show(&line("smoke", &format!("{} down: {}", step.word(), visible(&said(outcome)))));
                }
            }
            Event::TestFinished { test, outcome, .. } => {
                show(&line("smoke", &format!("{test}: {}", visible(&said(outcome)))));
            }
            Event::Interrupted { signal } => {
                show(&line("smoke", &format!("{signal}: it ends in order; again to hurry it")));
            }
            Event::Planned(_)
            | Event::SessionStepStarted { .. }
            | Event::Progressed { .. }
            | Event::TestStarted { .. }
            | Event::StepStarted { .. }
            | Event::StepFinished { .. }
            | Event::Measured(_)
            | Event::Noted(_)
            | Event::Logged(_)
            | Event::Frame(_)
            | Event::Supply(_)
            | Event::Attached(_)
            | Event::Stopped { .. }
            | Event::OutputVerified(_)
            | Event::RunFinished(_) => {}
        }
    }
}
