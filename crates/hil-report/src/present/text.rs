//! A run on a terminal: what it was, what is red, then everything in order.

use hil_model::WallTime;
use hil_model::run::{Log, LogLevel, MeasuredValue, Measurement, Phase, PhaseOutcome, Run, Series};

use super::grid::{Cell, Grid};
use super::phases::{self, attempt, is_red, is_to_blame, run_emphasis, took};
use super::plot::Column;
use super::row::Row;
use super::summary::{Summary, aggregations, sparkline};
use super::{Emphasis, Terminal, foreign};
use crate::time;

/// How many reasons for a failure stand at the top.
const REASONS: usize = 12;

/// The most columns of a series, and how wide its line is drawn.
const COLUMNS: usize = 24;
const SPARKLINE: usize = 24;

/// How much of the logs to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logs {
    /// How many lines there are.
    Counted,
    /// Every line, below the phase that wrote it.
    Listed,
}

/// The run as text, with a line feed behind each line.
pub fn text(run: &Run, logs: Logs, terminal: &Terminal<'_>) -> String {
    let mut text = heading(run, terminal);
    let grid = measurements(run);
    let mut rows = grid.lines(7, &[4, 1, 2], terminal).into_iter();
    for (at, phase) in run.phases.iter().enumerate() {
        text.push_str(&phase_line(at + 1, phase, terminal));
        if let Some(docstring) = &phase.docstring {
            text.push_str(&muted(7, told(phase.outcome, docstring), terminal));
        }
        for measurement in &phase.measurements {
            text.push_str(&rows.next().unwrap_or_default());
            text.push('\n');
            if let MeasuredValue::Series(series) = &measurement.value {
                text.push_str(&columns(measurement, series, terminal));
            }
            if !measurement.aggregations.is_empty() {
                text.push_str(&muted(11, &aggregations(&measurement.aggregations), terminal));
            }
        }
        if logs == Logs::Listed {
            text.extend(phase.logs.iter().map(|log| logged(log, terminal)));
        }
    }
    text.push_str(&ending(run, logs, terminal));
    text
}

/// As much of a docstring as the reader wants: its title, and all of it where something went wrong.
fn told(outcome: PhaseOutcome, docstring: &str) -> &str {
    match outcome {
        PhaseOutcome::Pass | PhaseOutcome::Skip => docstring.trim_start().lines().next().unwrap_or_default(),
        PhaseOutcome::Fail | PhaseOutcome::Error => docstring,
    }
}

fn phase_line(number: usize, phase: &Phase, terminal: &Terminal<'_>) -> String {
    let outcome = terminal.paint(phases::emphasis(phase.outcome), &format!("{:5}", phase.outcome.word()));
    let name = foreign::line(&phase.name, foreign::IN_A_LINE);
    let name = foreign::fit(&name, terminal.width().saturating_sub(36));
    let attempt = terminal.paint(Emphasis::Muted, &attempt(phase));
    let line = format!(
        "{number:>3}  {outcome}  {:>11}  {}  {attempt}",
        took(phase),
        terminal.paint(Emphasis::Strong, &name)
    );
    format!("\n{}\n", line.trim_end())
}

/// What the run was, how it ended and why.
fn heading(run: &Run, terminal: &Terminal<'_>) -> String {
    let mut text = terminal.line("outcome", &terminal.paint(run_emphasis(run.outcome), run.outcome.word()));
    if let Some(simulated) = phases::simulated(run) {
        let note = terminal.paint(Emphasis::Strong, "SIMULATED");
        text.push_str(
            &terminal.line("note", &format!("{note}: {simulated}; this says nothing about hardware")),
        );
    }
    // A phase that was repeated counts with its last attempt.
    let last = phases::last_attempts(run).into_iter().map(|(phase, _)| phase);
    let reasons: Vec<_> = last.filter(|phase| is_red(phase)).flat_map(reasons).collect();
    for (phase, reason) in reasons.iter().take(REASONS) {
        let reason = foreign::fit(&format!("{phase}: {reason}"), terminal.width().saturating_sub(11));
        text.push_str(&terminal.line("red", &terminal.paint(Emphasis::Bad, &reason)));
    }
    if reasons.len() > REASONS {
        text.push_str(&terminal.line("", &format!("and {} more", reasons.len() - REASONS)));
    }
    for (label, fact) in phases::facts(run) {
        text.push_str(&terminal.line(label, &fact));
    }
    text.push_str(&terminal.line("phases", &phases::counts(run)));
    if let Some(docstring) = &run.docstring {
        text.push_str(&muted(11, docstring, terminal));
    }
    text
}

/// Why a phase is red: the measurements that failed it, or else its last word in the log.
fn reasons(phase: &Phase) -> Vec<(String, String)> {
    let name = foreign::line(&phase.name, 60);
    let blamed = phase.measurements.iter().filter(|measurement| is_to_blame(measurement));
    let mut reasons: Vec<_> = blamed.map(|measurement| (name.clone(), reason(measurement))).collect();
    if reasons.is_empty() {
        let said = phase.logs.iter().rev().find(|log| log.level >= LogLevel::Error);
        let said =
            said.map_or_else(|| phase.outcome.word().to_owned(), |log| foreign::line(&log.message, 120));
        reasons.push((name, said));
    }
    reasons
}

fn reason(measurement: &Measurement) -> String {
    let Row { name, value, unit, limits, outcome, .. } = Row::of(measurement);
    if measurement.value.is_unset() {
        return format!("{name} was never set");
    }
    let value = format!("{value} {unit}");
    let value = value.trim_end();
    if limits.is_empty() {
        format!("{name} = {value} ({outcome})")
    } else {
        format!("{name} = {value}, not {limits}")
    }
}

/// The measurements of all phases, so that their decimal points stand under each other throughout.
fn measurements(run: &Run) -> Grid {
    let mut grid = Grid::default();
    for measurement in run.phases.iter().flat_map(|phase| &phase.measurements) {
        let row = Row::of(measurement);
        let value = if row.is_number { Cell::number(row.value) } else { Cell::spilling(row.value) };
        grid.push(vec![
            Cell::left(row.outcome).emphasised(row.emphasis),
            Cell::left(row.name),
            value,
            Cell::left(row.unit),
            Cell::left(row.limits),
            Cell::right(row.margin).emphasised(Emphasis::Muted),
        ]);
    }
    grid
}

/// The columns of a series, each with its extremes, its mean and its shape.
fn columns(measurement: &Measurement, series: &Series, terminal: &Terminal<'_>) -> String {
    let mut grid = Grid::default();
    let heads = ["", "", "min", "mean", "max", "", ""];
    grid.push(heads.iter().map(|head| Cell::right(*head).emphasised(Emphasis::Muted)).collect());
    let columns = Column::all(measurement, series);
    let mut notes = Vec::new();
    for column in columns.iter().take(COLUMNS) {
        let summary = Summary::of(column);
        let shape = if summary.min.is_empty() {
            String::new()
        } else {
            sparkline(&column.numbers().collect::<Vec<_>>(), SPARKLINE)
        };
        grid.push(vec![
            Cell::left(summary.name),
            Cell::left(summary.unit),
            Cell::number(summary.min),
            Cell::number(summary.mean),
            Cell::number(summary.max),
            Cell::left(shape),
            Cell::left(summary.other).emphasised(Emphasis::Odd),
        ]);
        let notes_of_column =
            [summary.limits, summary.aggregations].into_iter().filter(|note| !note.is_empty());
        notes.push(notes_of_column.collect::<Vec<_>>().join("; "));
    }
    let mut lines = grid.lines(11, &[5, 6, 0], terminal).into_iter();
    let mut text = lines.next().map(|line| line + "\n").unwrap_or_default();
    for (line, note) in lines.zip(notes) {
        text.push_str(&line);
        text.push('\n');
        if !note.is_empty() {
            text.push_str(&muted(13, &note, terminal));
        }
    }
    if columns.len() > COLUMNS {
        text.push_str(&muted(11, &format!("and {} more columns", columns.len() - COLUMNS), terminal));
    }
    text
}

/// What belongs to the run as a whole.
fn ending(run: &Run, logs: Logs, terminal: &Terminal<'_>) -> String {
    let mut text = String::from("\n");
    for (at, file) in run.attachments.iter().enumerate() {
        let name = foreign::line(&file.name, foreign::IN_A_LINE);
        let kind = file.content_type.as_deref().map(|kind| format!(", {}", foreign::line(kind, 80)));
        let report = if file.is_report { ", the report that the run was made from" } else { "" };
        let line = format!("{name}  {}{}{report}", bytes(file.size), kind.unwrap_or_default());
        text.push_str(&terminal.line(if at == 0 { "files" } else { "" }, &line));
    }
    for property in &run.properties {
        let [key, value] =
            [&property.key, &property.value].map(|text| foreign::line(text, foreign::IN_A_LINE));
        text.push_str(&terminal.line("property", &format!("{key} = {value}")));
    }
    match logs {
        Logs::Listed => text.extend(run.logs.iter().map(|log| logged(log, terminal))),
        Logs::Counted => {
            let count = run.logs.len() + run.phases.iter().map(|phase| phase.logs.len()).sum::<usize>();
            if count > 0 {
                text.push_str(&terminal.line("logs", &format!("{count} lines")));
            }
        }
    }
    if text == "\n" { String::new() } else { text }
}

fn logged(log: &Log, terminal: &Terminal<'_>) -> String {
    let emphasis = match log.level {
        LogLevel::Debug | LogLevel::Info => Emphasis::Muted,
        LogLevel::Warning => Emphasis::Odd,
        LogLevel::Error | LogLevel::Critical => Emphasis::Bad,
    };
    let level = terminal.paint(emphasis, &format!("{:8}", log.level.word()));
    let message = foreign::line(&log.message, foreign::IN_A_BLOCK);
    let place = terminal.paint(Emphasis::Muted, &place(log));
    format!("       {}  {level}  {message}{place}\n", clock(log.at))
}

/// The moment within its day: `04:30:00.250`.
pub(super) fn clock(at: WallTime) -> String {
    time::datetime(at).format("%H:%M:%S%.3f").to_string()
}

/// Where in the source a line was written, in brackets.
pub(super) fn place(log: &Log) -> String {
    match (log.source_file.as_str(), log.line_number) {
        ("", _) => String::new(),
        (file, 0) => format!("  ({})", foreign::line(file, foreign::IN_A_LINE)),
        (file, line) => format!("  ({}:{line})", foreign::line(file, foreign::IN_A_LINE)),
    }
}

/// A size for people: `512 B`, `1.5 KiB`, `10.0 MiB`.
pub(super) fn bytes(bytes: u64) -> String {
    // Tenths of the unit, so that no size is too large to be counted.
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..0x400 => format!("{bytes} B"),
        0x400..0x10_0000 => format!("{} KiB", tenths(0x400)),
        0x10_0000..0x4000_0000 => format!("{} MiB", tenths(0x10_0000)),
        0x4000_0000.. => format!("{} GiB", tenths(0x4000_0000)),
    }
}

fn muted(indent: usize, text: &str, terminal: &Terminal<'_>) -> String {
    let line = |line: &str| format!("{:indent$}{}\n", "", terminal.paint(Emphasis::Muted, line));
    foreign::block(text, foreign::IN_A_BLOCK).lines().map(line).collect()
}
