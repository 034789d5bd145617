//! Measured values and what they are held against, as a test states it.

use hil_model::run::{Axis, Expected, MeasuredValue, Measurement, MeasurementOutcome, Operator, Validator};
use hil_model::{Failure, Limits, SourceLocation, Unit};
use regex::Regex;

use super::Ctx;
use crate::error::{TestError, TestResult};

/// A value that was measured and is about to be recorded.
///
/// Unit, conditions and docstring come first, in any order; [`Self::record`] or the limits come last.
///
/// ```ignore
/// ctx.measure("version", version).matches(r"^1\.\d+$").check("is no prerelease", !version.contains('-')).record()?;
/// ctx.measure("rail", volts).units(Unit::VOLT).marginal(11.9, 12.1).within(11.5, 12.5)?;
/// ```
#[derive(Debug)]
#[must_use = "say `.record()`, or state the limits"]
pub struct Measure<'a> {
    ctx: &'a Ctx,
    measurement: Box<Measurement>,
    /// What the test said that cannot be meant.
    misuse: Option<TestError>,
}

impl<'a> Measure<'a> {
    /// A measurement as it was declared, with its value.
    pub(crate) fn new(ctx: &'a Ctx, declared: Measurement, value: MeasuredValue) -> Self {
        Self { ctx, measurement: Box::new(Measurement { value, ..declared }), misuse: None }
    }

    /// Says what unit the value has.
    pub fn units(mut self, unit: Unit) -> Self {
        self.measurement.unit = Some(unit.as_str().to_owned());
        self
    }

    /// Says what the value means, for the reader of the record.
    pub fn docstring(mut self, text: impl Into<String>) -> Self {
        self.measurement.docstring = Some(text.into());
        self
    }

    /// Says in which band the value should lie. Outside of it, and inside the limits, it passes as marginal.
    pub fn marginal(mut self, low: f64, high: f64) -> Self {
        self.measurement.marginal_limits = Limits::within(low, high);
        self
    }

    /// The value must be `expected`: the very number, text or truth value. A tolerance is a band, see [`Self::near`].
    pub fn equals(self, expected: impl Into<Expected>) -> Self {
        self.validator(Validator::new(Operator::Equal, expected))
    }

    /// The value must be one of `choice`.
    pub fn one_of(self, choice: impl Into<Expected>) -> Self {
        self.validator(Validator::new(Operator::OneOf, choice))
    }

    /// The value must be a text in which the regular expression finds a match; `^` and `$` tie it to the ends.
    ///
    /// A `pattern` that is none ends the test as broken when the value is recorded.
    #[track_caller]
    pub fn matches(mut self, pattern: &str) -> Self {
        let mut validator = Validator::new(Operator::Matches, pattern);
        match (Regex::new(pattern), &self.measurement.value) {
            (Ok(regex), MeasuredValue::Text(text)) => validator.outcome = verdict(regex.is_match(text)),
            (Ok(_), _) => validator.outcome = MeasurementOutcome::Fail,
            (Err(error), _) => {
                // Its message draws a picture, of which the last line says what is wrong.
                let told = error.to_string();
                let what = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
                let misuse = TestError::misuse(format!("{pattern:?} is no regular expression: {what}"));
                self.misuse.get_or_insert(misuse);
            }
        }
        self.validator(validator)
    }

    /// A condition that the test has judged itself, in words for the record, such as `x is even`.
    pub fn check(self, expression: &str, holds: bool) -> Self {
        self.validator(Validator { outcome: verdict(holds), ..Validator::expression(expression) })
    }

    fn validator(mut self, validator: Validator) -> Self {
        self.measurement.validators.push(validator);
        self
    }

    /// Records the value. Without a condition it is good whatever it is.
    ///
    /// # Errors
    ///
    /// A failure with the value and the conditions that do not hold, if there are any. It fails the test even if the
    /// test goes on.
    #[track_caller]
    pub fn record(self) -> TestResult {
        match self.misuse {
            Some(misuse) => Err(misuse),
            None => keep(self.ctx, self.measurement),
        }
    }

    /// Records the value; it must be at least `low` and at most `high`.
    ///
    /// # Errors
    ///
    /// As [`Self::record`]. What is no number lies in no band.
    #[track_caller]
    pub fn within(self, low: f64, high: f64) -> TestResult {
        self.limited(Limits::within(low, high))
    }

    /// Records the value; it must be at most `tolerance` away from `target`.
    ///
    /// # Errors
    ///
    /// As [`Self::within`].
    #[track_caller]
    pub fn near(self, target: f64, tolerance: f64) -> TestResult {
        self.within(target - tolerance, target + tolerance)
    }

    /// Records the value; it must be at least `low`.
    ///
    /// # Errors
    ///
    /// As [`Self::within`].
    #[track_caller]
    pub fn at_least(self, low: f64) -> TestResult {
        self.limited(Limits::at_least(low))
    }

    /// Records the value; it must be at most `high`.
    ///
    /// # Errors
    ///
    /// As [`Self::within`].
    #[track_caller]
    pub fn at_most(self, high: f64) -> TestResult {
        self.limited(Limits::at_most(high))
    }

    #[track_caller]
    fn limited(mut self, limits: Limits) -> TestResult {
        self.measurement.limits = limits;
        self.record()
    }
}

const fn verdict(good: bool) -> MeasurementOutcome {
    if good { MeasurementOutcome::Pass } else { MeasurementOutcome::Fail }
}

/// Judges a measurement and puts it into the record of its test.
///
/// # Errors
///
/// A failure, if it fails.
#[track_caller]
pub(super) fn keep(ctx: &Ctx, mut measurement: Box<Measurement>) -> TestResult {
    measurement.judge();
    // Not in the closure, which has another caller.
    let location = Some(SourceLocation::caller());
    let failure = (measurement.outcome == MeasurementOutcome::Fail).then(|| {
        let (expected, got) = unmet(&measurement);
        let message = format!("{}: want {expected}, got {got}", measurement.name);
        Failure { location, ..Failure::new(message).with_values(expected, got) }
    });
    ctx.measured(measurement, failure.as_ref());
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Every condition that does not hold, and what came instead.
fn unmet(measurement: &Measurement) -> (String, String) {
    let Measurement { value, limits, validators, .. } = measurement;
    let unit = measurement.unit.as_deref().filter(|unit| *unit != Unit::COUNT.as_str());
    let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let mut wanted = Vec::new();
    if !limits.is_unlimited() && !value.number().is_some_and(|number| limits.contains(number)) {
        wanted.push(format!("{limits}{unit}"));
    }
    wanted.extend(failed(validators).map(ToString::to_string));
    let mut seen = Vec::new();
    if let MeasuredValue::Series(series) = value {
        for axis in &series.axes {
            column(axis, &mut wanted, &mut seen);
        }
    }
    let value = format!("{value}{unit}");
    let got = if seen.is_empty() { value } else { format!("{} ({value})", seen.join(" and ")) };
    (wanted.join(" and "), got)
}

/// The same of a column: its conditions, and the first cell or the aggregation that does not meet each.
fn column(axis: &Axis, wanted: &mut Vec<String>, seen: &mut Vec<String>) {
    let name = axis.name.as_deref().unwrap_or("a column");
    for validator in failed(&axis.validators) {
        wanted.push(format!("{name} {validator}"));
        if let Some((row, cell)) = validator.first_miss(&axis.data) {
            seen.push(format!("{cell} in row {}", row + 1));
        }
    }
    for aggregation in &axis.aggregations {
        for validator in failed(&aggregation.validators) {
            wanted.push(format!("{} of {name} {validator}", aggregation.kind));
            seen.extend(aggregation.value.as_ref().map(ToString::to_string));
        }
    }
}

/// Those that fail the measurement.
fn failed(validators: &[Validator]) -> impl Iterator<Item = &Validator> {
    let failed =
        |validator: &&Validator| validator.outcome == MeasurementOutcome::Fail && validator.decides();
    validators.iter().filter(failed)
}
