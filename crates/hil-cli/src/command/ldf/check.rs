//! `hil ldf check`: every finding of every file.

use hil_ldf::Severity;
use hil_model::ExitStatus;

use super::args::{CheckArgs, OutputFormat};
use super::{counted, finding, source};
use crate::command::Wrong;
use crate::console;

/// What all files came to.
#[derive(Default)]
struct Tally {
    files: usize,
    errors: usize,
    warnings: usize,
    unreadable: usize,
}

/// Checks the files, one after the other.
pub(super) fn run(args: &CheckArgs) -> anyhow::Result<ExitStatus> {
    if args.files.iter().filter(|file| source::is_stdin(file)).count() > 1 {
        return Err(Wrong::usage("standard input can be read only once, but `-` is given twice"));
    }
    let mut tally = Tally::default();
    for path in &args.files {
        tally.files += 1;
        let bytes = match source::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                tally.unreadable += 1;
                let unreadable = Wrong::usage(source::unreadable(path, &error));
                console::alert(&format!("{}\n", console::error(&unreadable)));
                continue;
            }
        };
        let findings = match hil_ldf::parse_bytes(&bytes) {
            Ok(parsed) => parsed.warnings,
            Err(diagnostics) => diagnostics.into_vec(),
        };
        for found in &findings {
            match found.severity() {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
            }
            super::print(&match args.format {
                OutputFormat::Json => finding::json(path, found)?,
                OutputFormat::Text if args.quiet => finding::brief(path, found),
                OutputFormat::Text => finding::full(path, found),
            })?;
        }
    }
    console::alert(&format!("{}\n", tally.words()));
    Ok(tally.status(args.deny_warnings))
}

impl Tally {
    fn words(&self) -> String {
        let files = counted(self.files, "file", "files");
        let errors = counted(self.errors, "error", "errors");
        let mut words = format!("{files}, {errors}, {}", counted(self.warnings, "warning", "warnings"));
        if self.unreadable > 0 {
            words.extend([", ", &self.unreadable.to_string(), " not read"]);
        }
        words
    }

    /// A file that cannot be read outranks errors: the answer is not complete.
    fn status(&self, deny_warnings: bool) -> ExitStatus {
        if self.unreadable > 0 {
            ExitStatus::Usage
        } else if self.errors > 0 || (deny_warnings && self.warnings > 0) {
            ExitStatus::Failed
        } else {
            ExitStatus::Passed
        }
    }
}
