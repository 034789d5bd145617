//! `hil ldf diff`: what changed from one description to another.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use hil_ldf::{Change, What};
use hil_model::ExitStatus;
use owo_colors::OwoColorize;
use serde::Serialize;

use super::args::OutputFormat;
use super::{counted, finding, show_json, source};
use crate::command::Wrong;
use crate::console::visible;

/// Say what changed from one file to another, and what of it the bus notices.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes:
  0  the files describe the same
  1  they differ
  4  a file cannot be used

Examples:
  hil ldf diff vendor/alm.ldf vendor/alm.ldf
  git show HEAD:vendor/alm.ldf | hil ldf diff - vendor/alm.ldf")]
pub(crate) struct DiffArgs {
    /// The file as it was; `-` is standard input.
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The file as it is; `-` is standard input.
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    /// How the changes are printed; json is one object.
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
}

/// Compares two files.
pub(crate) fn run(args: &DiffArgs) -> anyhow::Result<ExitStatus> {
    if source::is_stdin(&args.before) && source::is_stdin(&args.after) {
        return Err(Wrong::usage("standard input can be read only once, but `-` is given twice"));
    }
    let (before, after) = (source::open(&args.before)?, source::open(&args.after)?);
    let changes = hil_ldf::diff(&before.database, &after.database);
    match args.format {
        OutputFormat::Text => super::print(&page(args, &changes))?,
        OutputFormat::Json => show_json(&DiffRecord::new(args, &changes))?,
    }
    Ok(if changes.is_empty() { ExitStatus::Passed } else { ExitStatus::Failed })
}

/// The changes by section, and how many there are.
fn page(args: &DiffArgs, changes: &[Change]) -> String {
    let mut text = format!("{} → {}\n", finding::name(&args.before), finding::name(&args.after));
    for group in changes.chunk_by(|one, next| one.section == next.section) {
        if let Some(first) = group.first() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n{}", first.section.keyword().bold());
        }
        group.iter().for_each(|change| text.push_str(&line(change)));
    }
    text + &totals(changes)
}

fn totals(changes: &[Change]) -> String {
    let all = counted(changes.len(), "change", "changes");
    match changes.iter().filter(|change| change.is_wire_change()).count() {
        0 if changes.is_empty() => "no changes\n".to_owned(),
        0 => format!("\n{all}, none of them on the wire\n"),
        wire => format!("\n{all}, {wire} of them on the wire\n"),
    }
}

fn line(change: &Change) -> String {
    let words = visible(&change.to_string());
    let words = match change.what {
        What::Added { .. } => words.green().to_string(),
        What::Removed { .. } => words.red().to_string(),
        What::Renamed { .. } | What::Changed { .. } => words,
    };
    let mark = if change.is_wire_change() { format!("  {}", "[wire]".yellow()) } else { String::new() };
    format!("  {words}{mark}\n")
}

/// The output of `hil ldf diff --format json`: `hil-ldf-diff/1`.
#[derive(Serialize)]
struct DiffRecord {
    schema: &'static str,
    before: String,
    after: String,
    wire_changes: usize,
    changes: Vec<ChangeRecord>,
}

/// A change. What is added has no `before`, what is removed no `after`; a rename is a change of the `name`.
#[derive(Serialize)]
struct ChangeRecord {
    section: &'static str,
    name: String,
    change: &'static str,
    field: Option<String>,
    before: Option<String>,
    after: Option<String>,
    wire: bool,
}

impl DiffRecord {
    fn new(args: &DiffArgs, changes: &[Change]) -> Self {
        Self {
            schema: "hil-ldf-diff/1",
            before: args.before.display().to_string(),
            after: args.after.display().to_string(),
            wire_changes: changes.iter().filter(|change| change.is_wire_change()).count(),
            changes: changes.iter().map(ChangeRecord::from).collect(),
        }
    }
}

impl From<&Change> for ChangeRecord {
    fn from(change: &Change) -> Self {
        let (word, field, before, after) = match change.what.clone() {
            What::Added { definition } => ("added", None, None, Some(definition)),
            What::Removed { definition } => ("removed", None, Some(definition), None),
            What::Renamed { to } => ("renamed", Some("name".to_owned()), Some(change.name.clone()), Some(to)),
            What::Changed { field, before, after } => ("changed", Some(field), before, after),
        };
        Self {
            section: change.section.keyword(),
            name: change.name.clone(),
            change: word,
            field,
            before,
            after,
            wire: change.is_wire_change(),
        }
    }
}
