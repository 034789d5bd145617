//! A run as a page that needs nothing beside it: its style sheet inside, no script, nothing from elsewhere.

use hil_model::run::{Attachment, Log, LogLevel, MeasuredValue, Measurement, MeasurementOutcome, Phase, Run};
use serde::Serialize;

use super::limit_bar;
use super::number::Points;
use super::phases::{self, attempt, is_red, is_to_blame, run_emphasis, took};
use super::plot::Figure;
use super::row::Row;
use super::summary::aggregations;
use super::text::{bytes, clock, place};
use super::{Emphasis, condition, foreign};
use crate::ReportError;
use crate::html::{Engine, STYLE};
use crate::svg::Ink;

/// The most log lines of a phase, from its beginning and up to its end.
const LOG_LINES: (usize, usize) = (100, 400);

/// Where an attachment's content is to be had; nothing if it cannot be had.
pub type Link<'a> = &'a dyn Fn(&Attachment) -> Option<String>;

#[derive(Debug, Serialize)]
struct Page {
    title: String,
    style: Option<&'static str>,
    run: RunView,
    phases: Vec<PhaseView>,
    properties: Vec<(String, String)>,
    files: Vec<FileView>,
    log: Vec<LogView>,
}

#[derive(Debug, Serialize)]
struct RunView {
    outcome: &'static str,
    class: &'static str,
    simulated: Option<String>,
    place: String,
    docstring: String,
    tiles: Vec<(usize, &'static str, &'static str)>,
    facts: Vec<(&'static str, String)>,
}

#[derive(Debug, Serialize)]
struct PhaseView {
    anchor: String,
    name: String,
    outcome: &'static str,
    class: &'static str,
    open: bool,
    attempt: String,
    time: String,
    docstring: String,
    /// Names of the measurements that are why it is red.
    blamed: String,
    measurements: Vec<MeasurementView>,
    log: Vec<LogView>,
}

#[derive(Debug, Serialize)]
pub(crate) struct MeasurementView {
    outcome: &'static str,
    class: &'static str,
    name: String,
    docstring: String,
    value: String,
    is_number: bool,
    unit: String,
    limits: String,
    margin: String,
    bar: String,
    aggregations: String,
    series: Option<Figure>,
}

#[derive(Debug, Serialize)]
struct LogView {
    time: String,
    level: &'static str,
    class: &'static str,
    message: String,
    place: String,
}

#[derive(Debug, Serialize)]
struct FileView {
    name: String,
    size: String,
    kind: String,
    is_report: bool,
    href: Option<String>,
}

/// The run as a page. Its style is in a `<style>` element; a content security policy has to allow that.
///
/// `link` says where attachments are: a relative address, or one with `http` or `https`. Anything else is not linked.
///
/// # Errors
///
/// [`ReportError::Template`].
pub fn html(run: &Run, link: Link<'_>) -> Result<String, ReportError> {
    let page = Page {
        title: format!(
            "{} {}",
            run.outcome,
            foreign::line(run.unit.serial_number.as_str(), foreign::IN_A_LINE)
        ),
        style: Some(STYLE),
        run: RunView::of(run),
        phases: run.phases.iter().enumerate().map(|(at, phase)| PhaseView::of(at + 1, phase)).collect(),
        properties: run
            .properties
            .iter()
            .map(|property| (foreign::line(&property.key, foreign::IN_A_LINE), long(&property.value)))
            .collect(),
        files: run.attachments.iter().map(|file| FileView::of(file, link)).collect(),
        log: log(&run.logs),
    };
    Engine::new()?.render("run.html", &page)
}

impl RunView {
    fn of(run: &Run) -> Self {
        let measurements = || run.phases.iter().flat_map(|phase| &phase.measurements);
        let red = measurements().filter(|measurement| is_to_blame(measurement)).count();
        let marginal = measurements()
            .filter(|measurement| measurement.outcome == MeasurementOutcome::Pass && measurement.marginal)
            .count();
        let red_phases = run.phases.iter().filter(|phase| is_red(phase)).count();
        let station = run.station.as_ref().map(|station| foreign::line(station.as_str(), foreign::IN_A_LINE));
        let started = crate::time::readable(run.started_at);
        Self {
            outcome: run.outcome.word(),
            class: run_emphasis(run.outcome).class(),
            simulated: phases::simulated(run),
            place: station.map_or_else(|| started.clone(), |station| format!("{station}, {started}")),
            docstring: run.docstring.as_deref().map(long).unwrap_or_default(),
            tiles: vec![
                (run.phases.len(), "phases", ""),
                (red_phases, "red phases", "failed"),
                (measurements().count(), "values", ""),
                (red, "out of limits or missing", "failed"),
                (marginal, "marginal", "flaky"),
            ],
            facts: phases::facts(run),
        }
    }
}

impl PhaseView {
    fn of(number: usize, phase: &Phase) -> Self {
        let blamed = phase.measurements.iter().filter(|measurement| is_to_blame(measurement));
        let blamed: Vec<_> = blamed.take(5).map(|measurement| foreign::line(&measurement.name, 60)).collect();
        Self {
            anchor: format!("p{number}"),
            name: foreign::line(&phase.name, foreign::IN_A_LINE),
            outcome: phase.outcome.word(),
            class: phases::emphasis(phase.outcome).class(),
            open: is_red(phase),
            attempt: attempt(phase),
            time: took(phase),
            docstring: phase.docstring.as_deref().map(long).unwrap_or_default(),
            blamed: blamed.join(", "),
            measurements: measurement_rows(&phase.measurements),
            log: log(&phase.logs),
        }
    }
}

/// The rows of a table, their decimal points under each other; for `measurements.html`.
pub(crate) fn measurement_rows<'a>(
    measurements: impl IntoIterator<Item = &'a Measurement>,
) -> Vec<MeasurementView> {
    let rows: Vec<_> =
        measurements.into_iter().map(|measurement| (measurement, Row::of(measurement))).collect();
    let numbers = rows.iter().map(|(_, row)| row).filter(|row| row.is_number);
    let points = Points::of(numbers.map(|row| row.value.as_str()));
    rows.into_iter().map(|(measurement, row)| MeasurementView::of(measurement, row, points)).collect()
}

impl MeasurementView {
    fn of(measurement: &Measurement, row: Row, points: Points) -> Self {
        let Measurement { limits, marginal_limits, validators, .. } = measurement;
        let bar = measurement.value.number().and_then(|value| {
            let bands = condition::bands(*limits, *marginal_limits, validators);
            limit_bar::draw(value, bands, ink(row.emphasis), &row.limits)
        });
        Self {
            outcome: row.outcome,
            class: row.emphasis.class(),
            name: row.name,
            docstring: measurement.docstring.as_deref().map(long).unwrap_or_default(),
            value: if row.is_number {
                points.align_in_print(&row.value)
            } else {
                full(&measurement.value, row.value)
            },
            is_number: row.is_number,
            unit: row.unit,
            limits: row.limits,
            margin: row.margin,
            bar: bar.unwrap_or_default(),
            aggregations: aggregations(&measurement.aggregations),
            series: match &measurement.value {
                MeasuredValue::Series(series) => Some(Figure::of(measurement, series)),
                MeasuredValue::Unset
                | MeasuredValue::Number(_)
                | MeasuredValue::Text(_)
                | MeasuredValue::Bool(_)
                | MeasuredValue::Json(_) => None,
            },
        }
    }
}

/// A text with its lines; a page has room for them.
fn full(value: &MeasuredValue, row: String) -> String {
    match value {
        MeasuredValue::Text(text) if !text.trim().is_empty() => long(text),
        MeasuredValue::Json(json) => long(&format!("{json:#}")),
        MeasuredValue::Text(_)
        | MeasuredValue::Unset
        | MeasuredValue::Number(_)
        | MeasuredValue::Bool(_)
        | MeasuredValue::Series(_) => row,
    }
}

const fn ink(emphasis: Emphasis) -> Ink {
    match emphasis {
        Emphasis::Good => Ink::GOOD,
        Emphasis::Odd => Ink::MARGINAL,
        Emphasis::Bad | Emphasis::Broken => Ink::BAD,
        Emphasis::Muted | Emphasis::Strong => Ink::MARK,
    }
}

fn long(text: &str) -> String {
    foreign::block(text, foreign::IN_A_BLOCK)
}

fn log(lines: &[Log]) -> Vec<LogView> {
    let view = |log: &Log| LogView {
        time: clock(log.at),
        level: log.level.word(),
        class: match log.level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warning => "warning",
            LogLevel::Error | LogLevel::Critical => "error",
        },
        message: long(&log.message),
        place: place(log),
    };
    let (head, tail) = LOG_LINES;
    if lines.len() <= head + tail {
        return lines.iter().map(view).collect();
    }
    let message = format!("… {} lines are left out here; the record has them …", lines.len() - head - tail);
    let gap = LogView { time: String::new(), level: "", class: "cut", message, place: String::new() };
    let (front, back) = (&lines[..head], &lines[lines.len() - tail..]);
    front.iter().map(view).chain([gap]).chain(back.iter().map(view)).collect()
}

impl FileView {
    fn of(file: &Attachment, link: Link<'_>) -> Self {
        Self {
            name: foreign::line(&file.name, foreign::IN_A_LINE),
            size: bytes(file.size),
            kind: file.content_type.as_deref().map(|kind| foreign::line(kind, 80)).unwrap_or_default(),
            is_report: file.is_report,
            href: link(file).filter(|href| leads_to_a_file(href)),
        }
    }
}

/// Whether an address is relative or begins with `http:` or `https:`: any other scheme could run something.
fn leads_to_a_file(href: &str) -> bool {
    let plain = !href.is_empty() && !href.chars().any(|char| char.is_control() || char.is_whitespace());
    let scheme =
        href.split(['/', '?', '#']).next().and_then(|part| part.split_once(':')).map(|(scheme, _)| scheme);
    plain
        && scheme
            .is_none_or(|scheme| ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("attachments/0af", true)]
    #[case("../files/a:b", true)]
    #[case("/files/1?token=x:y", true)]
    #[case("HTTPS://lab.example/1", true)]
    #[case("javascript:alert(1)", false)]
    #[case("java\nscript:alert(1)", false)]
    #[case(" javascript:alert(1)", false)]
    #[case("data:text/html,x", false)]
    #[case("file:///etc/passwd", false)]
    #[case("", false)]
    fn links_lead_to_files(#[case] href: &str, #[case] expected: bool) {
        assert_eq!(leads_to_a_file(href), expected);
    }
}
