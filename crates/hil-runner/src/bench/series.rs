//! Series: rows of values with a name and a unit for each column.

use hil_model::run::{Aggregation, Axis, Cell, Measurement, Scalar, Series, Validator};
use hil_model::{Limits, Unit};

use super::Ctx;
use super::measure::keep;
use crate::error::{TestError, TestResult};

/// What is computed over the numbers of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The mean.
    Mean,
}

impl Aggregate {
    /// What records call it.
    const fn word(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::Mean => "avg",
        }
    }

    /// NaN of a column with a NaN, and of one without a number.
    fn of(self, cells: &[Cell]) -> f64 {
        let numbers = cells.iter().filter_map(|cell| match cell {
            Cell::Number(number) => Some(*number),
            Cell::Text(_) | Cell::Bool(_) | Cell::Null => None,
        });
        let (mut count, mut sum, mut least, mut greatest) = (0_u32, 0.0, f64::INFINITY, f64::NEG_INFINITY);
        for number in numbers {
            count += 1;
            sum += number;
            least = least.min(number);
            greatest = greatest.max(number);
        }
        if count == 0 || sum.is_nan() && cells.iter().any(is_nan) {
            return f64::NAN;
        }
        match self {
            Self::Min => least,
            Self::Max => greatest,
            Self::Mean => sum / f64::from(count),
        }
    }
}

fn is_nan(cell: &Cell) -> bool {
    matches!(cell, Cell::Number(number) if number.is_nan())
}

/// A series that is being measured, row by row.
///
/// ```ignore
/// let mut sweep = ctx.series("iv_curve").axis("voltage", Unit::VOLT).axis("current", Unit::AMPERE);
/// for (volts, amps) in readings {
///     sweep.push([volts, amps])?;
/// }
/// sweep.limit("current", Limits::at_most(2.0))?.aggregate("current", Aggregate::Mean, Limits::default())?.record()?;
/// ```
#[derive(Debug)]
#[must_use = "say `.record()` when the last row is there"]
pub struct SeriesMeasure<'a> {
    ctx: &'a Ctx,
    measurement: Box<Measurement>,
    axes: Vec<Axis>,
    asked: Vec<(usize, Aggregate, Limits)>,
}

impl<'a> SeriesMeasure<'a> {
    /// A series as it was declared, without a column.
    pub(crate) fn new(ctx: &'a Ctx, declared: Measurement) -> Self {
        Self { ctx, measurement: Box::new(declared), axes: Vec::new(), asked: Vec::new() }
    }

    /// Adds a column. What is measured comes last.
    pub fn axis(mut self, name: &str, unit: Unit) -> Self {
        self.axes.push(Axis {
            name: Some(name.to_owned()),
            unit: Some(unit.as_str().to_owned()),
            ..Axis::default()
        });
        self
    }

    /// Says what the series means, for the reader of the record.
    pub fn docstring(mut self, text: impl Into<String>) -> Self {
        self.measurement.docstring = Some(text.into());
        self
    }

    /// Adds a row, with a value for each column.
    ///
    /// # Errors
    ///
    /// The test's own mistake, if the row has more values than there are columns, or less.
    #[track_caller]
    pub fn push(&mut self, row: impl IntoIterator<Item = impl Into<Cell>>) -> TestResult {
        let row: Vec<Cell> = row.into_iter().map(Into::into).collect();
        if row.len() != self.axes.len() {
            let (got, name, want) = (row.len(), &self.measurement.name, self.axes.len());
            return Err(TestError::misuse(format!(
                "a row of {got} values for {name}, which has {want} columns"
            )));
        }
        for (axis, cell) in self.axes.iter_mut().zip(row) {
            axis.data.push(cell);
        }
        Ok(())
    }

    /// Every number in the column must lie within `limits`.
    ///
    /// # Errors
    ///
    /// The test's own mistake, if there is no such column.
    #[track_caller]
    pub fn limit(mut self, axis: &str, limits: Limits) -> TestResult<Self> {
        let place = self.place(axis)?;
        self.axes[place].validators.extend(Validator::limits(limits));
        Ok(self)
    }

    /// Inside the limits and outside this band, the column passes as marginal.
    ///
    /// # Errors
    ///
    /// As [`Self::limit`].
    #[track_caller]
    pub fn marginal(mut self, axis: &str, limits: Limits) -> TestResult<Self> {
        let place = self.place(axis)?;
        self.axes[place].validators.extend(Validator::limits(limits).map(Validator::marginal));
        Ok(self)
    }

    /// Records what is computed over the column, once all rows are there; it must lie within `limits`.
    ///
    /// # Errors
    ///
    /// As [`Self::limit`].
    #[track_caller]
    pub fn aggregate(mut self, axis: &str, aggregate: Aggregate, limits: Limits) -> TestResult<Self> {
        let place = self.place(axis)?;
        self.asked.push((place, aggregate, limits));
        Ok(self)
    }

    #[track_caller]
    fn place(&self, name: &str) -> TestResult<usize> {
        match self.axes.iter().position(|axis| axis.name.as_deref() == Some(name)) {
            Some(place) => Ok(place),
            None => Err(TestError::misuse(format!("{} has no column {name:?}", self.measurement.name))),
        }
    }

    /// Records the series.
    ///
    /// # Errors
    ///
    /// A failure with the columns that are not within their limits, if there are any. It fails the test even if the
    /// test goes on.
    #[track_caller]
    pub fn record(self) -> TestResult {
        let Self { ctx, mut measurement, mut axes, asked } = self;
        for (place, aggregate, limits) in asked {
            let axis = &mut axes[place];
            axis.aggregations.push(Aggregation {
                kind: aggregate.word().to_owned(),
                outcome: None,
                value: Some(Scalar::Number(aggregate.of(&axis.data))),
                unit: axis.unit.clone(),
                validators: Validator::limits(limits).into_iter().collect(),
            });
        }
        measurement.value = Series { axes }.into();
        keep(ctx, measurement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Aggregate::Min, &[3.0, -1.0, 2.0], -1.0)]
    #[case(Aggregate::Max, &[3.0, -1.0, 2.0], 3.0)]
    #[case(Aggregate::Mean, &[3.0, -1.0, 2.5], 1.5)]
    #[case(Aggregate::Min, &[f64::NEG_INFINITY, f64::INFINITY], f64::NEG_INFINITY)]
    #[case(Aggregate::Mean, &[], f64::NAN)]
    #[case(Aggregate::Max, &[1.0, f64::NAN], f64::NAN)]
    fn columns_are_summed_up(#[case] aggregate: Aggregate, #[case] numbers: &[f64], #[case] expected: f64) {
        let mut cells: Vec<Cell> = numbers.iter().copied().map(Cell::from).collect();
        cells.push("a text is left out".into());
        assert_eq!(aggregate.of(&cells).to_bits(), expected.to_bits());
    }
}
