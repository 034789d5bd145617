//! `hil runs compare`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use hil_archive::Archive;
use hil_model::ExitStatus;
use hil_model::run::Run;
use hil_report::present::Comparison;

use super::{find, print, terminal};

#[derive(Args, Debug)]
pub(super) struct CompareArgs {
    /// The run that the others are compared with.
    #[arg(value_name = "RUN")]
    first: String,
    /// The others.
    #[arg(value_name = "RUN", required = true)]
    others: Vec<String>,
    /// Write a page in place of printing.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Compares runs with the first one.
pub(super) fn run(args: &CompareArgs, archive: &Archive) -> anyhow::Result<ExitStatus> {
    let ids = std::iter::once(&args.first).chain(&args.others);
    let runs = ids.map(|id| find(archive, id)).collect::<anyhow::Result<Vec<Run>>>()?;
    let comparison = Comparison::of(&runs.iter().collect::<Vec<_>>());
    match &args.html {
        Some(file) => {
            let page = comparison.html()?;
            std::fs::write(file, page).with_context(|| format!("cannot write {}", file.display()))?;
            print(&format!("{}\n", file.display()))?;
        }
        None => print(&comparison.text(&terminal()))?,
    }
    Ok(if comparison.differs() { ExitStatus::Failed } else { ExitStatus::Passed })
}
