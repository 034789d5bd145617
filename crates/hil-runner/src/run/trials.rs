//! The run as libtest-mimic sees it: names, filters and formats as Rust users know them (RUN-03).

use std::sync::{Arc, Mutex};

use hil_model::Outcome;
use libtest_mimic::{Arguments, Completion, Failed, FormatSetting, Trial};

use super::dispatcher::Format;
use super::listeners::lock;

/// Where libtest-mimic's own lines go while the console shows ours.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// Runs the tests named `names` one after the other through `run`, which gets each one's index.
pub(super) fn run_all(names: &[&str], format: Format, run: impl FnMut(usize) -> Outcome + Send + 'static) {
    let run = Arc::new(Mutex::new(run));
    let trials = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let run = Arc::clone(&run);
            Trial::ignorable_test(*name, move || verdict((lock(&run))(index)))
        })
        .collect();
    let (format, logfile) = match format {
        Format::Pretty => (None, Some(NOWHERE.to_owned())),
        Format::Terse => (Some(FormatSetting::Terse), None),
        Format::Json => (Some(FormatSetting::Json), None),
    };
    // One thread: tests never run in parallel on one bench. The selection was made before.
    let arguments = Arguments { test_threads: Some(1), format, logfile, ..Arguments::default() };
    // The conclusion counts less than our record does.
    let _ = libtest_mimic::run(&arguments, trials);
}

fn verdict(outcome: Outcome) -> Result<Completion, Failed> {
    match outcome {
        Outcome::Passed => Ok(Completion::Completed),
        Outcome::Skipped { reason } => Ok(Completion::ignored_with(reason)),
        Outcome::Failed(failure) => Err(failure.message.into()),
        Outcome::Errored(fault) => Err(format!("{}: {}", fault.kind.word(), fault.message).into()),
    }
}
