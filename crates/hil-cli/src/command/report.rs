//! `hil report`: the reports, made again from a journal (REP-05).

use std::path::Path;

use anyhow::Context;
use hil_model::ExitStatus;
use hil_report::{Reports, RunRecord};

use super::Wrong;
use crate::args::ReportArgs;
use crate::console;

/// Makes the reports again.
pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<ExitStatus> {
    let journal = hil_report::read(&args.journal).map_err(|error| Wrong::usage(console::chain(&error)))?;
    if journal.torn {
        anstream::eprintln!("the journal's last line is torn: the run was killed");
    }
    let record = RunRecord::fold(&journal.entries);
    if let Some(file) = &args.single_file {
        let page = hil_report::render_single_file(&record)?;
        std::fs::write(file, page).with_context(|| format!("cannot write {}", file.display()))?;
        anstream::println!("{}", file.display());
        return Ok(ExitStatus::Passed);
    }
    let beside = args.journal.parent().unwrap_or(Path::new("."));
    let folder = args.out.as_deref().unwrap_or(beside);
    let written = Reports::new(folder)?.write_all(&record)?;
    anstream::print!("{}", console::reports(&written));
    Ok(ExitStatus::Passed)
}
