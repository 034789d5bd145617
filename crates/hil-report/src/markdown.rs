//! `summary.md` (REP-02): what one reads first, in a terminal, a merge request or a mail.

use hil_model::{ExitStatus, Outcome, SessionPhase};

use crate::coverage::{Coverage, RequirementStatus};
use crate::present::{Emphasis, Row};
use crate::summary::{Ending, Summary};
use crate::text::{one_line, visible};
use crate::{AttemptRecord, RunRecord, TestRecord, time};

/// The file's name in the reports' folder.
pub(crate) const FILE_NAME: &str = "summary.md";

/// The most lines of evidence for each failure.
const EVIDENCE: usize = 20;

/// The most measurements that are listed.
const MEASUREMENTS: usize = 40;

/// Renders the file.
pub(crate) fn render(record: &RunRecord) -> String {
    let summary = Summary::of(record);
    let mut page = Page::default();
    headline(&mut page, record, &summary);
    start_up(&mut page, record);
    session(&mut page, record);
    tests(&mut page, record);
    failures(&mut page, record);
    measurements(&mut page, record);
    coverage(&mut page, &Coverage::of(record));
    not_run(&mut page, record);
    page.0.join("\n") + "\n"
}

#[derive(Default)]
struct Page(Vec<String>);

impl Page {
    fn line(&mut self, line: impl Into<String>) {
        self.0.push(line.into());
    }

    fn heading(&mut self, text: &str) {
        self.0.extend([String::new(), format!("## {text}"), String::new()]);
    }

    fn table<const N: usize>(&mut self, columns: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
        self.line(format!("| {} |", columns.join(" | ")));
        self.line(format!("|{}", " --- |".repeat(N)));
        for row in rows {
            self.line(format!("| {} |", row.join(" | ")));
        }
    }
}

fn headline(page: &mut Page, record: &RunRecord, summary: &Summary) {
    let badge = if summary.simulated { " (SIMULATED)" } else { "" };
    page.line(format!("# {}{badge}: {}", summary.verdict(), summary.counts));
    page.line("");
    if summary.simulated {
        page.line(format!("> **Simulated bench** ({}): not a statement about hardware.", simulated(record)));
        page.line("");
    }
    if let Some(untold) = record.untold() {
        page.line(format!("> **Live running was off**: this run says nothing about {untold}."));
        page.line("");
    }
    if summary.exit == ExitStatus::OutputUnconfirmed {
        page.line(
            "> **The supply's output could not be confirmed off. Look at the bench before you touch it.**",
        );
        page.line("");
    }
    match &summary.ending {
        Ending::Finished => {}
        Ending::Interrupted(signal) => {
            page.line(format!("> The run was interrupted by {}.", inline(signal)));
            page.line("");
        }
        Ending::CutShort => {
            page.line("> The run was cut short: its journal ends before the run does.");
            page.line("");
        }
    }
    let mut rows = Vec::new();
    let mut row = |name: &str, value: String| rows.push([name.to_owned(), value]);
    if let Some(run) = &record.run {
        row("run", code_cell(run.run_id.as_str()));
        row("bench", format!("{} on {}", inline(&run.bench), inline(&run.host)));
        row("hil", inline(&run.version));
        row("seed", run.seed.to_string());
    }
    row("started", time::readable(record.started.wall));
    row("bench time", time::duration(record.bench_duration()));
    row("wall time", time::duration(record.wall_duration()));
    row("exit code", format!("{} ({})", summary.exit.code(), summary.exit.meaning()));
    if let Some(output) = &record.output {
        let state = if output.confirmed { "confirmed off" } else { "**NOT confirmed off**" };
        let rail = output.rail.map(|rail| format!(", rail {rail}")).unwrap_or_default();
        row(
            "output",
            format!("{state}{rail}, {} ms after the command: {}", output.after_ms, inline(&output.how)),
        );
    }
    page.table(["", ""], rows);
}

fn simulated(record: &RunRecord) -> String {
    let simulated = record.simulated();
    let parts = [("LIN", simulated.lin), ("PSU", simulated.psu), ("clock", simulated.clock)];
    parts.into_iter().filter(|(_, yes)| *yes).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// What the run might do and what it was given (LIV-08).
fn start_up(page: &mut Page, record: &RunRecord) {
    let Some(start_up) = record.run.as_ref().and_then(|run| run.start_up.as_ref()) else { return };
    page.heading("Start-up");
    page.table(["", ""], start_up.lines().into_iter().map(|(name, said)| [name.to_owned(), inline(&said)]));
}

fn session(page: &mut Page, record: &RunRecord) {
    if record.session.is_empty() {
        return;
    }
    page.heading("Session");
    page.table(
        ["phase", "step", "outcome", "time", "facts"],
        record.session.iter().map(|step| {
            let phase = match step.phase {
                SessionPhase::Setup => "set-up",
                SessionPhase::Teardown => "teardown",
            };
            let facts: Vec<_> = step
                .facts
                .iter()
                .map(|fact| format!("{} = {}", inline(&fact.key), inline(&fact.value)))
                .collect();
            let reason = reason(&step.outcome).map(inline);
            let notes = reason.into_iter().chain(facts).collect::<Vec<_>>().join("; ");
            [
                phase.to_owned(),
                step.case.clone(),
                step.outcome.word().to_owned(),
                time::duration(step.duration()),
                notes,
            ]
        }),
    );
}

fn reason(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Passed => None,
        Outcome::Failed(failure) => Some(&failure.message),
        Outcome::Skipped { reason } => Some(reason),
        Outcome::Errored(fault) => Some(&fault.message),
    }
}

fn tests(page: &mut Page, record: &RunRecord) {
    page.heading("Tests");
    if record.tests.is_empty() {
        page.line("No test was begun.");
        return;
    }
    page.table(
        ["outcome", "title", "requirements", "time", "test"],
        record.tests.iter().map(|test| {
            let requirements: Vec<_> =
                test.meta.description.requirements.iter().map(|id| inline(id.as_str())).collect();
            let mut title = inline(test.title());
            if let Outcome::Skipped { reason } = test.outcome() {
                title = format!("{title} ({})", inline(reason));
            }
            let name = format!("{}.{}", test.meta.class, test.case);
            [outcome(test), title, requirements.join(", "), time::duration(test.duration()), code_cell(&name)]
        }),
    );
}

fn outcome(test: &TestRecord) -> String {
    match test.outcome() {
        Outcome::Passed if test.is_flaky() => format!("passed (attempt {})", test.attempts.len()),
        Outcome::Failed(_) => "**failed**".to_owned(),
        Outcome::Errored(fault) => format!("**errored** ({})", fault.kind.word()),
        Outcome::Passed | Outcome::Skipped { .. } => test.outcome().word().to_owned(),
    }
}

fn failures(page: &mut Page, record: &RunRecord) {
    let mut red = record.tests.iter().filter(|test| test.outcome().is_red() || test.is_flaky()).peekable();
    if red.peek().is_none() {
        return;
    }
    page.heading("Failures");
    for test in red {
        page.line(format!("### {}", inline(test.title())));
        page.line("");
        page.line(format!("{}, {}", code(&format!("{}.{}", test.meta.class, test.case)), outcome(test)));
        page.line("");
        for attempt in test.attempts.iter().filter(|attempt| attempt.outcome.is_red()) {
            failure(page, attempt, test.attempts.len());
        }
    }
    page.0.pop();
}

fn failure(page: &mut Page, attempt: &AttemptRecord, attempts: usize) {
    let (message, location, expected, got, details) = match &attempt.outcome {
        Outcome::Passed | Outcome::Skipped { .. } => return,
        Outcome::Failed(f) => (&f.message, &f.location, f.expected.as_ref(), f.got.as_ref(), &f.details),
        Outcome::Errored(f) => (&f.message, &f.location, None, None, &f.details),
    };
    if attempts > 1 {
        page.line(format!("Attempt {} of {attempts}:", attempt.number));
        page.line("");
    }
    page.line(format!("- {}", inline(message)));
    page.0.extend(location.iter().map(|location| format!("- at {}", code(&location.to_string()))));
    page.0.extend(expected.map(|text| format!("- expected: {}", code(text))));
    page.0.extend(got.map(|text| format!("- got: {}", code(text))));
    page.0.extend(details.iter().take(EVIDENCE).map(|line| format!("- {}", code(line))));
    if details.len() > EVIDENCE {
        page.line(format!("- … and {} more lines in report.html", details.len() - EVIDENCE));
    }
    page.line("");
}

/// Those that are worth a look: all that did not pass, and all that only just did (REC-05).
fn measurements(page: &mut Page, record: &RunRecord) {
    let mut rows = Vec::new();
    for test in &record.tests {
        for attempt in test.attempts() {
            for measured in &attempt.evidence.measurements {
                let row = Row::of(&measured.what);
                let outcome = match row.emphasis {
                    Emphasis::Bad | Emphasis::Broken => format!("**{}**", row.outcome.to_lowercase()),
                    Emphasis::Odd => row.outcome.to_lowercase(),
                    Emphasis::Good | Emphasis::Muted | Emphasis::Strong => continue,
                };
                let value = [row.value, row.unit].join(" ");
                let name = code_cell(&format!("{}.{}", test.meta.class, test.case));
                let which = if test.attempts.len() > 1 {
                    format!(" (attempt {})", attempt.number)
                } else {
                    String::new()
                };
                rows.push([
                    outcome,
                    inline(&row.name),
                    inline(value.trim()),
                    inline(&row.limits),
                    name + &which,
                ]);
            }
        }
    }
    if rows.is_empty() {
        return;
    }
    page.heading("Measurements outside their limits, or marginal");
    let more = rows.len().saturating_sub(MEASUREMENTS);
    rows.truncate(MEASUREMENTS);
    page.table(["outcome", "measurement", "value", "limits", "test"], rows);
    if more > 0 {
        page.line("");
        page.line(format!("… and {more} more in report.html"));
    }
}

fn coverage(page: &mut Page, coverage: &Coverage) {
    if coverage.requirements.is_empty() && coverage.uncovered.is_empty() {
        return;
    }
    page.heading("Requirements");
    let statuses = [
        RequirementStatus::Passed,
        RequirementStatus::Failed,
        RequirementStatus::Errored,
        RequirementStatus::Skipped,
        RequirementStatus::NotRun,
    ];
    let counts = statuses.map(|status| (coverage.count(status), status.word()));
    let mut counts: Vec<_> = counts.into_iter().filter(|(count, _)| *count > 0).collect();
    if coverage.catalogue {
        counts.push((coverage.uncovered.len(), "covered by no test"));
    }
    let counts: Vec<_> = counts.into_iter().map(|(count, word)| format!("{count} {word}")).collect();
    page.line(format!("{}.", counts.join(", ")));
    if !coverage.uncovered.is_empty() {
        page.line("");
        page.line("Covered by no test:");
        page.line("");
        page.0.extend(
            coverage.uncovered.iter().map(|r| format!("- {} {}", inline(r.id.as_str()), inline(&r.title))),
        );
    }
    if !coverage.unknown.is_empty() {
        let unknown: Vec<_> = coverage.unknown.iter().map(|id| inline(id.as_str())).collect();
        page.line("");
        page.line(format!("Not in the catalogue: {}.", unknown.join(", ")));
    }
}

fn not_run(page: &mut Page, record: &RunRecord) {
    let mut rest = record.not_run().peekable();
    if rest.peek().is_some() {
        page.heading("Selected, but not run");
        let why = record.stopped.as_deref().map(|why| format!(": {}", inline(why))).unwrap_or_default();
        page.line(format!("The run ended before these tests began{why}."));
        page.line("");
        page.0.extend(rest.map(|meta| format!("- {}", code(meta.name.as_str()))));
    }
}

/// Text in a line or a cell, with everything escaped that Markdown would take for markup. An underscore
/// inside a word is none.
fn inline(text: &str) -> String {
    let text = visible(text);
    let mut result = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let in_word = before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
        match char {
            '\n' => result.push(' '),
            '_' if in_word => result.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => {
                result.extend(['\\', char])
            }
            _ => result.push(char),
        }
        before = char;
    }
    result
}

/// Text as a code span, whose fence is longer than any run of backticks inside.
fn code(text: &str) -> String {
    let text = one_line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A code span in a table, where a bar would end the cell even so.
fn code_cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("a|b", r"a\|b")]
    #[case("<script>", r"\<script\>")]
    #[case("*x* _y_ [z](u)", r"\*x\* \_y\_ \[z\](u)")]
    #[case("psu_idn", "psu_idn")]
    #[case("two\nlines", "two lines")]
    fn text_is_never_markup(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(inline(text), expected);
    }

    #[rstest]
    #[case("a", "`a`")]
    #[case("a`b", "`` a`b ``")]
    #[case("a|b", "`a|b`")]
    fn code_spans_hold(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(code(text), expected);
    }
}
