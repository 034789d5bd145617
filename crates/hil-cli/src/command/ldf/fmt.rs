//! `hil ldf fmt`: files in the standard layout.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use hil_ldf::FormatError;
use hil_model::ExitStatus;
use tempfile::NamedTempFile;

use super::args::FmtArgs;
use super::{finding, source};
use crate::command::Wrong;
use crate::console;

/// Rewrites the files, or says which of them it would.
pub(super) fn run(args: &FmtArgs) -> anyhow::Result<ExitStatus> {
    let mut status = ExitStatus::Passed;
    for path in &args.files {
        match one(path, args.check) {
            Ok(ExitStatus::Passed) => {}
            // That a file could not be read or written outranks what is in others.
            Ok(ended) if status == ExitStatus::Passed => status = ended,
            Ok(_) => {}
            Err(error) => {
                console::alert(&format!("{}\n", console::error(&error)));
                status = crate::command::exit_status(&error);
            }
        }
    }
    Ok(status)
}

fn one(path: &Path, check: bool) -> anyhow::Result<ExitStatus> {
    let bytes = source::read(path).map_err(|error| Wrong::usage(source::unreadable(path, &error)))?;
    let formatted = match hil_ldf::format_bytes(&bytes) {
        Ok(formatted) => formatted,
        Err(FormatError::Invalid(diagnostics)) => {
            let errors: String = diagnostics.errors().map(|error| finding::full(path, error)).collect();
            console::alert(&errors);
            return Ok(ExitStatus::Failed);
        }
        Err(error) => return Err(Wrong::usage(format!("{}: {error}", finding::name(path)))),
    };
    if check {
        let Some(line) = first_difference(&bytes, &formatted) else { return Ok(ExitStatus::Passed) };
        let name = finding::name(path);
        super::print(&format!("{name}:{line}:1: warning: not in the standard layout [layout]\n"))?;
        return Ok(ExitStatus::Failed);
    }
    if source::is_stdin(path) {
        io::stdout().lock().write_all(&formatted).context("cannot write to standard output")?;
    } else if formatted != bytes {
        replace(path, &formatted)
            .map_err(|error| Wrong::usage(format!("cannot write {}: {error}", finding::name(path))))?;
    }
    Ok(ExitStatus::Passed)
}

/// The line of the original, from 1, from which on the two differ.
fn first_difference(original: &[u8], formatted: &[u8]) -> Option<usize> {
    if original == formatted {
        return None;
    }
    let same = original.iter().zip(formatted).take_while(|(left, right)| left == right).count();
    Some(1 + original.iter().take(same).filter(|byte| **byte == b'\n').count())
}

/// Puts a file into another's place, so that whatever happens one of them is there whole.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link is followed, or it would become a file.
    let path = fs::canonicalize(path)?;
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(&path))?;
    file.write_all(bytes)?;
    fs::set_permissions(file.path(), File::open(&path)?.metadata()?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}
