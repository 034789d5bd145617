//! A finding in a file as compilers print theirs, which editors and build servers can read, or as JSON.

use std::fmt::Write;
use std::path::Path;

use hil_ldf::{Diagnostic, Excerpt, Severity};
use owo_colors::OwoColorize;
use serde::Serialize;

use crate::console::{visible, visible_excerpt, visible_json};

/// The name of a file, as the user gave it.
pub(super) fn name(path: &Path) -> String {
    visible(&path.display().to_string())
}

/// `FILE:line:column: severity: message`, with a line end.
pub(super) fn brief(path: &Path, finding: &Diagnostic) -> String {
    let severity = match finding.severity() {
        Severity::Error => "error:".red().bold().to_string(),
        Severity::Warning => "warning:".yellow().bold().to_string(),
    };
    let message = format!("{} [{}]", finding.message(), finding.code());
    headline(path, (finding.line(), finding.column()), &severity, &message)
}

/// The brief line, the excerpt, what was expected, what helps, and each note with its own place.
pub(super) fn full(path: &Path, finding: &Diagnostic) -> String {
    let mut text = brief(path, finding);
    text.push_str(&excerpt(finding.excerpt()));
    // Writing to a string cannot fail.
    if let Some(expected) = finding.expected() {
        let _ = writeln!(text, "      = expected {}", visible(expected));
    }
    if let Some(hint) = finding.hint() {
        let _ = writeln!(text, "      = help: {}", visible(hint));
    }
    for note in finding.notes() {
        let label = "note:".cyan().bold().to_string();
        text.push_str(&headline(path, (note.line(), note.column()), &label, note.message()));
        text.push_str(&excerpt(note.excerpt()));
    }
    text
}

fn headline(path: &Path, (line, column): (usize, usize), label: &str, message: &str) -> String {
    format!("{}:{line}:{column}: {label} {}\n", name(path), visible(message))
}

fn excerpt(excerpt: &Excerpt) -> String {
    excerpt.to_string().split('\n').map(|line| visible_excerpt(line) + "\n").collect()
}

/// A finding for programs.
#[derive(Serialize)]
struct Finding<'a> {
    file: String,
    line: usize,
    column: usize,
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    expected: Option<&'a str>,
    hint: Option<&'a str>,
    notes: Vec<Remark<'a>>,
}

/// Another place that belongs to a finding.
#[derive(Serialize)]
struct Remark<'a> {
    line: usize,
    column: usize,
    message: &'a str,
}

/// One JSON object, with a line end.
pub(super) fn json(path: &Path, finding: &Diagnostic) -> anyhow::Result<String> {
    let severity = match finding.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let notes = finding
        .notes()
        .iter()
        .map(|note| Remark { line: note.line(), column: note.column(), message: note.message() })
        .collect();
    let finding = Finding {
        file: path.display().to_string(),
        line: finding.line(),
        column: finding.column(),
        severity,
        code: finding.code().as_str(),
        message: finding.message(),
        expected: finding.expected(),
        hint: finding.hint(),
        notes,
    };
    Ok(visible_json(&serde_json::to_string(&finding)?) + "\n")
}
