//! Measured values and their limits, as a test states them.

use hil_model::{Event, Failure, Limits, Measurement, SourceLocation, Unit, Value, Verdict};

use super::Ctx;
use crate::error::TestResult;

/// A value that was measured and is about to be recorded.
#[derive(Debug)]
#[must_use = "say `.record()`, or state the limits"]
pub struct Measure<'a> {
    ctx: &'a Ctx,
    name: String,
    value: Value,
    unit: Option<Unit>,
}

impl<'a> Measure<'a> {
    pub(crate) fn new(ctx: &'a Ctx, name: &str, value: Value) -> Self {
        Self { ctx, name: name.to_owned(), value, unit: None }
    }

    /// Says what unit the value has.
    pub fn units(mut self, unit: Unit) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Records the value without limits.
    pub fn record(self) {
        self.emit(None, Verdict::Pass);
    }

    /// Records the value; it must be at least `low` and at most `high`.
    ///
    /// # Errors
    ///
    /// A failure with the limits and the value, if it is not, or if it is no number.
    #[track_caller]
    pub fn within(self, low: f64, high: f64) -> TestResult {
        self.limited(Limits { low: Some(low), high: Some(high) })
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
        self.limited(Limits { low: Some(low), high: None })
    }

    /// Records the value; it must be at most `high`.
    ///
    /// # Errors
    ///
    /// As [`Self::within`].
    #[track_caller]
    pub fn at_most(self, high: f64) -> TestResult {
        self.limited(Limits { low: None, high: Some(high) })
    }

    #[track_caller]
    fn limited(self, limits: Limits) -> TestResult {
        let good = matches!(self.value, Value::Number(number) if limits.contains(number));
        if good {
            self.emit(Some(limits), Verdict::Pass);
            return Ok(());
        }
        let unit = self.unit.as_ref().filter(|unit| **unit != Unit::COUNT);
        let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        let expected = format!("{limits}{unit}");
        let got = format!("{}{unit}", self.value);
        let failure = Failure {
            expected: Some(expected.clone()),
            got: Some(got.clone()),
            location: Some(SourceLocation::caller()),
            ..Failure::new(format!("{}: want {expected}, got {got}", self.name))
        };
        self.ctx.measurement_failed(&failure);
        self.emit(Some(limits), Verdict::Fail);
        Err(failure.into())
    }

    fn emit(self, limits: Option<Limits>, verdict: Verdict) {
        let Self { ctx, name, value, unit } = self;
        ctx.events().emit(Event::Measured(Measurement { name, value, unit, limits, verdict }));
    }
}
