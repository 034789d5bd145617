//! One phase or measurement of all runs: its cells, and what differs between them.

use std::cmp::Ordering;

use hil_model::run::{Axis, Cell, MeasuredValue, Measurement, MeasurementOutcome, Phase, Validator};
use serde::Serialize;

use super::align::{numbered, union};
use crate::present::number::Points;
use crate::present::phases::{self, took};
use crate::present::plot::Column;
use crate::present::row::{self, Row};
use crate::present::{Emphasis, condition, foreign, number};

#[derive(Debug, Serialize)]
pub(super) struct PhaseRow {
    pub(super) name: String,
    /// What differs, in words; also within its measurements.
    pub(super) changes: Vec<&'static str>,
    /// One for each run.
    pub(super) cells: Vec<Option<PhaseCell>>,
    pub(super) measurements: Vec<MeasurementRow>,
}

#[derive(Debug, Serialize)]
pub(super) struct PhaseCell {
    pub(super) outcome: &'static str,
    pub(super) class: &'static str,
    #[serde(skip)]
    pub(super) emphasis: Emphasis,
    pub(super) time: String,
    pub(super) attempts: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct MeasurementRow {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) changes: Vec<&'static str>,
    /// One for each run.
    pub(super) cells: Vec<Option<MeasurementCell>>,
}

#[derive(Debug, Serialize)]
pub(super) struct MeasurementCell {
    pub(super) outcome: &'static str,
    pub(super) class: &'static str,
    #[serde(skip)]
    pub(super) emphasis: Emphasis,
    pub(super) value: String,
    /// The same for print: in its column, the decimal points of the phase stand under each other.
    aligned: String,
    pub(super) is_number: bool,
    pub(super) limits: String,
    /// Against the first run: `+0.25`, nothing if the values are equal or no numbers.
    pub(super) delta: String,
    /// The same in percent of the first run's value.
    pub(super) percent: String,
}

impl PhaseRow {
    /// One phase of all runs; nothing where a run does not have it.
    pub(super) fn of(runs: &[Option<&(&Phase, usize)>]) -> Self {
        let cells: Vec<_> =
            runs.iter().map(|run| run.map(|(phase, attempts)| PhaseCell::of(phase, *attempts))).collect();
        let measurements: Vec<_> = runs
            .iter()
            .map(|run| run.map_or(&[][..], |(phase, _)| &phase.measurements))
            .map(|measurements| numbered(measurements, |measurement| measurement.name.as_str()))
            .collect();
        let mut changes = Vec::new();
        if runs.iter().any(Option::is_none) {
            changes.push("missing");
        }
        if differ(&cells, |cell| cell.outcome) {
            changes.push("outcome");
        }
        if differ(&cells, |cell| cell.attempts) {
            changes.push("attempts");
        }
        let name = runs.iter().flatten().next().map_or("", |(phase, _)| phase.name.as_str());
        Self {
            name: foreign::line(name, foreign::IN_A_LINE),
            changes,
            cells,
            measurements: aligned(
                union(&measurements).iter().map(|cells| MeasurementRow::of(&things(cells))).collect(),
            ),
        }
    }

    pub(super) fn differs(&self) -> bool {
        !self.changes.is_empty() || self.measurements.iter().any(|row| !row.changes.is_empty())
    }
}

impl PhaseCell {
    fn of(phase: &Phase, attempts: usize) -> Self {
        let emphasis = phases::emphasis(phase.outcome);
        Self { outcome: phase.outcome.word(), class: emphasis.class(), emphasis, time: took(phase), attempts }
    }
}

impl MeasurementRow {
    fn of(runs: &[Option<&Measurement>]) -> Self {
        let present = || runs.iter().copied().flatten();
        let numbers: Vec<f64> = present().filter_map(comparable).collect();
        // Digits that tell every value from its limits and from the values beside it.
        let digits =
            present().filter_map(|run| Some(row::digits(run).max(number::apart(comparable(run)?, &numbers))));
        let digits = digits.max().unwrap_or(number::USUAL);
        let first = runs.first().copied().flatten();
        let cells: Vec<_> = runs
            .iter()
            .map(|run| run.map(|measurement| MeasurementCell::of(measurement, first, digits)))
            .collect();
        let mut changes = Vec::new();
        if runs.iter().any(Option::is_none) {
            changes.push("missing");
        }
        let reference = present().next();
        let differs = |same: fn(&Measurement, &Measurement) -> bool| {
            reference.is_some_and(|reference| present().any(|measurement| !same(reference, measurement)))
        };
        if differ(&cells, |cell| cell.outcome) {
            changes.push("outcome");
        }
        if differs(|a, b| same(&a.value, &b.value)) {
            changes.push("value");
        }
        if differs(|a, b| conditions(a) == conditions(b)) {
            changes.push("limits");
        }
        let units: Vec<_> = present().map(|measurement| row::unit(measurement.unit.as_deref())).collect();
        if units.iter().any(|unit| *unit != units[0]) {
            changes.push("unit");
        }
        Self {
            name: reference.map(|m| foreign::line(&m.name, foreign::IN_A_LINE)).unwrap_or_default(),
            unit: units.into_iter().next().unwrap_or_default(),
            changes,
            cells,
        }
    }
}

impl MeasurementCell {
    fn of(measurement: &Measurement, first: Option<&Measurement>, digits: usize) -> Self {
        let Row { outcome, emphasis, limits, .. } = Row::of(measurement);
        let compared = comparable(measurement);
        let (delta, percent) = match (compared, first.and_then(comparable)) {
            (Some(value), Some(reference)) => delta(value, reference),
            (Some(_) | None, _) => (String::new(), String::new()),
        };
        let value = match (&measurement.value, compared) {
            (MeasuredValue::Series(_), Some(mean)) => number::rounded(mean, digits),
            (MeasuredValue::Unset, _) => "unset".to_owned(),
            (value, _) => row::text(value, digits),
        };
        Self {
            outcome,
            class: emphasis.class(),
            emphasis,
            value,
            aligned: String::new(),
            is_number: compared.is_some(),
            limits,
            delta,
            percent,
        }
    }
}

/// The things of a row without their keys.
pub(super) fn things<'a, K, T>(row: &[Option<&(K, &'a T)>]) -> Vec<Option<&'a T>> {
    row.iter().map(|cell| cell.map(|(_, thing)| *thing)).collect()
}

/// The rows of a phase, their decimal points under each other.
fn aligned(mut rows: Vec<MeasurementRow>) -> Vec<MeasurementRow> {
    let cells = || rows.iter().flat_map(|row| row.cells.iter().flatten());
    let points = Points::of(cells().filter(|cell| cell.is_number).map(|cell| cell.value.as_str()));
    for cell in rows.iter_mut().flat_map(|row| row.cells.iter_mut().flatten()) {
        cell.aligned = if cell.is_number { points.align_in_print(&cell.value) } else { cell.value.clone() };
    }
    rows
}

/// The number by which a value is compared: itself, or the mean of a series' measured column.
fn comparable(measurement: &Measurement) -> Option<f64> {
    match &measurement.value {
        MeasuredValue::Number(x) => Some(*x),
        MeasuredValue::Series(series) => Column::all(measurement, series).last()?.mean(),
        MeasuredValue::Unset | MeasuredValue::Text(_) | MeasuredValue::Bool(_) | MeasuredValue::Json(_) => {
            None
        }
    }
}

/// The difference, and what percentage of the reference it is.
fn delta(value: f64, reference: f64) -> (String, String) {
    let difference = value - reference;
    if !difference.is_finite() || difference == 0.0 {
        return (String::new(), String::new());
    }
    let sign = if difference > 0.0 { "+" } else { "" };
    let percent = difference / reference.abs() * 100.0;
    let percent =
        if percent.is_finite() { format!("{sign}{} %", number::rounded(percent, 3)) } else { String::new() };
    (format!("{sign}{}", number::rounded(difference, 4)), percent)
}

/// Limits and validators, without what the validators said.
fn conditions(measurement: &Measurement) -> String {
    let Measurement { limits, marginal_limits, .. } = measurement;
    let validators: Vec<_> = measurement
        .validators
        .iter()
        .map(|validator| Validator { outcome: MeasurementOutcome::Unset, ..validator.clone() })
        .collect();
    condition::all(*limits, *marginal_limits, &validators, number::EXACT)
}

/// Whether two values are the same; NaN is the same as NaN here.
fn same(a: &MeasuredValue, b: &MeasuredValue) -> bool {
    match (a, b) {
        (MeasuredValue::Number(a), MeasuredValue::Number(b)) => same_number(*a, *b),
        (MeasuredValue::Series(a), MeasuredValue::Series(b)) => {
            a.axes.len() == b.axes.len() && a.axes.iter().zip(&b.axes).all(|(a, b)| same_column(a, b))
        }
        (a, b) => a == b,
    }
}

fn same_column(a: &Axis, b: &Axis) -> bool {
    let same = |(a, b): (&Cell, &Cell)| match (a, b) {
        (Cell::Number(a), Cell::Number(b)) => same_number(*a, *b),
        (a, b) => a == b,
    };
    a.data.len() == b.data.len() && a.data.iter().zip(&b.data).all(same)
}

fn same_number(a: f64, b: f64) -> bool {
    a.partial_cmp(&b) == Some(Ordering::Equal) || (a.is_nan() && b.is_nan())
}

/// Whether two of the cells that are there differ in this.
fn differ<T, K: PartialEq>(cells: &[Option<T>], key: impl Fn(&T) -> K) -> bool {
    let mut keys = cells.iter().flatten().map(key);
    keys.next().is_some_and(|first| keys.any(|other| other != first))
}
