//! `hil why`: the ledger of a run, asked for one test (RUN-07).

use hil_model::{ExitStatus, Outcome, TestName};
use hil_report::{JOURNAL_FILE, RunRecord};

use super::{Wrong, configuration};
use crate::args::{BenchArgs, WhyArgs};
use crate::console;

/// Says why the named test ran, was skipped, or was not selected.
pub(crate) fn run(args: &WhyArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let path = match &args.journal {
        Some(path) => path.clone(),
        None => {
            let resolved = configuration(bench)?;
            resolved.in_root(&resolved.config.reports.dir).join(JOURNAL_FILE)
        }
    };
    let journal = hil_report::read(&path).map_err(|error| {
        Wrong::usage(format!(
            "{}; run the tests first, or name a journal with --journal",
            console::chain(&error)
        ))
    })?;
    let record = RunRecord::fold(&journal.entries);
    let wanted = |name: &TestName| name.as_str().contains(&args.name);
    let mut found = false;
    for test in record.tests.iter().filter(|test| wanted(&test.meta.name)) {
        found = true;
        let why = match test.outcome() {
            Outcome::Passed => "ran and passed".to_owned(),
            Outcome::Failed(failure) => format!("ran and failed: {failure}"),
            Outcome::Skipped { reason } => format!("was selected, but skipped: {reason}"),
            Outcome::Errored(fault) => format!("ran into a {}: {fault}", fault.kind.word()),
        };
        let attempts = test.earlier().len() + 1;
        let again = if attempts > 1 { format!(" (attempt {attempts})") } else { String::new() };
        anstream::println!("{} {why}{again}", test.meta.name);
        if !test.meta.mutates.is_empty() {
            anstream::println!("  it {}", hil_model::listed_mutations(&test.meta.mutates));
        }
    }
    for test in record.not_run().filter(|test| wanted(&test.name)) {
        found = true;
        let why = record.stopped.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        anstream::println!("{} was selected, but the run ended before it{why}", test.name);
    }
    for (test, reason) in record.not_selected().filter(|(test, _)| wanted(&test.name)) {
        found = true;
        anstream::println!("{} was not selected: {reason}", test.name);
    }
    if !found {
        return Err(Wrong::usage(format!("no test of that run has {:?} in its name", args.name)));
    }
    Ok(ExitStatus::Passed)
}
