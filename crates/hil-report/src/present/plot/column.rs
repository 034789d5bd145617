//! A column of a series: its name, what it holds, what it is held against.

use hil_model::Limits;
use hil_model::run::{Axis, Cell, Measurement, Series};

use super::chart::Line;
use crate::present::number::Points;
use crate::present::{condition, foreign, number, row, summary};

/// The most characters of a name or a cell.
const NAME: usize = 40;

/// A column as it is shown.
#[derive(Debug)]
pub(in crate::present) struct Column<'a> {
    pub(in crate::present) axis: &'a Axis,
    pub(in crate::present) name: String,
    pub(in crate::present) unit: String,
    /// Whether there is text in it.
    pub(super) is_text: bool,
    /// The band that its values must lie in, and the one that they should lie in.
    limits: Limits,
    marginal: Limits,
    /// Everything that it is held against.
    conditions: String,
}

/// What makes two cells the same coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Number(u64),
    Text(&'a str),
    Nothing,
}

impl<'a> Column<'a> {
    /// All columns of a measurement's series.
    pub(in crate::present) fn all(measurement: &'a Measurement, series: &'a Series) -> Vec<Self> {
        (0..series.axes.len()).map(|at| Self::of(measurement, series, at)).collect()
    }

    /// The measured column is the last one; the measurement's own conditions and unit are about it.
    fn of(measurement: &'a Measurement, series: &'a Series, at: usize) -> Self {
        let axis = &series.axes[at];
        let is_measured = at + 1 == series.axes.len();
        let of_all = measurement.validators.iter().filter(|_| is_measured);
        let own = |limits: Limits| if is_measured { limits } else { Limits::default() };
        let (limits, marginal) = (own(measurement.limits), own(measurement.marginal_limits));
        let validators: Vec<_> = of_all.chain(&axis.validators).cloned().collect();
        let [band, marginal_band] = condition::bands(limits, marginal, &validators);
        let name = match axis.name.as_deref().map(str::trim) {
            Some(name) if !name.is_empty() => foreign::line(name, NAME),
            _ if is_measured => foreign::line(&measurement.name, NAME),
            _ => format!("column {}", at + 1),
        };
        let unit = row::unit(axis.unit.as_deref());
        Self {
            axis,
            name,
            unit: if unit.is_empty() && is_measured { row::unit(measurement.unit.as_deref()) } else { unit },
            is_text: axis.data.iter().any(|cell| matches!(cell, Cell::Text(_))),
            limits: band,
            marginal: marginal_band,
            conditions: condition::all(limits, marginal, &validators, number::USUAL),
        }
    }

    /// The value of a row as a number; NaN where there is none.
    pub(super) fn number(&self, row: usize) -> f64 {
        self.axis.data.get(row).map_or(f64::NAN, number_of)
    }

    /// The value of a row as text.
    pub(super) fn text(&self, row: usize) -> String {
        match self.axis.data.get(row) {
            Some(Cell::Number(x)) => number::usual(*x),
            Some(Cell::Text(text)) => foreign::line(text, NAME),
            Some(Cell::Bool(value)) => value.to_string(),
            Some(Cell::Null) | None => String::new(),
        }
    }

    /// The first rows as text for print, decimal points under each other.
    pub(super) fn printed(&self, rows: usize) -> Vec<String> {
        let is_number = |row: &usize| matches!(self.axis.data.get(*row), Some(Cell::Number(_)));
        let texts: Vec<_> = (0..rows).map(|row| self.text(row)).collect();
        let points = Points::of((0..rows).filter(is_number).map(|row| texts[row].as_str()));
        let printed = texts.iter().enumerate();
        printed
            .map(|(row, text)| if is_number(&row) { points.align_in_print(text) } else { text.clone() })
            .collect()
    }

    pub(super) fn key(&self, row: usize) -> Key<'a> {
        match self.axis.data.get(row) {
            // Both zeros are one place.
            Some(Cell::Number(x)) => Key::Number((x + 0.0).to_bits()),
            Some(Cell::Bool(value)) => Key::Number(f64::from(u8::from(*value)).to_bits()),
            Some(Cell::Text(text)) => Key::Text(text),
            Some(Cell::Null) | None => Key::Nothing,
        }
    }

    /// All numbers in it.
    pub(in crate::present) fn numbers(&self) -> impl Iterator<Item = f64> {
        self.axis.data.iter().map(number_of)
    }

    /// The mean of its finite numbers; nothing if there is none.
    pub(in crate::present) fn mean(&self) -> Option<f64> {
        summary::mean(self.numbers())
    }

    /// Its values over these places.
    pub(super) fn over(&self, places: &[f64]) -> Line {
        let points = places.iter().enumerate().map(|(row, place)| (*place, self.number(row))).collect();
        self.line(self.name.clone(), points)
    }

    /// A line that is held against what the column is held against.
    pub(super) fn line(&self, name: String, points: Vec<(f64, f64)>) -> Line {
        Line { name, points, limits: self.limits, marginal: self.marginal }
    }

    /// What its values are held against, in signs.
    pub(in crate::present) fn conditions(&self) -> &str {
        &self.conditions
    }
}

fn number_of(cell: &Cell) -> f64 {
    match cell {
        Cell::Number(x) => *x,
        Cell::Bool(value) => f64::from(u8::from(*value)),
        Cell::Text(_) | Cell::Null => f64::NAN,
    }
}
