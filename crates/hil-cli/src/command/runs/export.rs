//! `hil runs export`: runs as files of others, one after the other.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use hil_archive::Archive;
use hil_exchange::export::Format;
use hil_model::ExitStatus;
use hil_store::RunFilter;

use super::filter::FilterArgs;
use super::receiver;
use crate::command::Wrong;
use crate::console;

#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// json, csv, parquet, xlsx, sql or openhtf.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// The file; standard output if nothing is said.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes the runs.
pub(super) fn run(args: &ExportArgs, archive: &Archive) -> anyhow::Result<ExitStatus> {
    let filter = args.filter.filter();
    match &args.out {
        Some(file) => {
            let count = whole(file, |out| export(args.format, filter, archive, out))?;
            console::alert(&format!("{count} runs in {}\n", file.display()));
        }
        None if io::stdout().is_terminal() && matches!(args.format, Format::Parquet | Format::Xlsx) => {
            return Err(Wrong::usage(format!("{} is nothing for a terminal: say --out FILE", args.format)));
        }
        None => {
            export(args.format, filter, archive, io::stdout())?;
        }
    }
    Ok(ExitStatus::Passed)
}

/// How many runs were written.
fn export(
    format: Format,
    filter: RunFilter,
    archive: &Archive,
    out: impl Write + Send + 'static,
) -> anyhow::Result<u64> {
    let mut export = format.exporter(out)?;
    let mut count = 0;
    archive.each(filter, &mut |run| {
        count += 1;
        export.push(&run).map_err(receiver)
    })?;
    export.finish()?;
    Ok(count)
}

/// Writes a file under a temporary name and renames it, so that an export that breaks off leaves nothing that looks
/// like one.
fn whole<T>(path: &Path, write: impl FnOnce(File) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".part");
    let temporary = PathBuf::from(temporary);
    let file = File::create(&temporary).with_context(|| format!("cannot write {}", temporary.display()))?;
    let written = write(file).and_then(|written| {
        fs::rename(&temporary, path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(written)
    });
    if written.is_err() {
        // It may be gone already; the error above is the one that matters.
        let _ = fs::remove_file(&temporary);
    }
    written
}
