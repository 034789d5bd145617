//! What follows from a value, its limits and its validators.

use crate::Limits;

use super::{
    Aggregation, Axis, Cell, Expected, MeasuredValue, Measurement, MeasurementOutcome, Operator, Scalar,
    Validator,
};

impl Measurement {
    /// Asks every validator and every limit, and sets the outcomes.
    ///
    /// Outside the limits fails, and so does what is no number where there are limits. Inside them and outside the
    /// marginal ones passes as marginal (REC-05). A value that was never set is UNSET. A validator that `hil` cannot
    /// evaluate (a regular expression, words) keeps the outcome that it came with. A series is what its columns and
    /// their aggregations are.
    pub fn judge(&mut self) {
        if self.value.is_unset() {
            (self.outcome, self.marginal) = (MeasurementOutcome::Unset, false);
            return;
        }
        let mut verdict = Verdict::default();
        let within = |limits: Limits| {
            limits.is_unlimited() || self.value.number().is_some_and(|number| limits.contains(number))
        };
        verdict.fails |= !within(self.limits);
        verdict.marginal |= !within(self.marginal_limits);
        for validator in &mut self.validators {
            validator.ask(&self.value);
            verdict.hear(validator);
        }
        if let MeasuredValue::Series(series) = &mut self.value {
            for axis in &mut series.axes {
                axis.judge(&mut verdict);
            }
        }
        for aggregation in &mut self.aggregations {
            aggregation.judge(&mut verdict);
        }
        self.outcome = if verdict.fails { MeasurementOutcome::Fail } else { MeasurementOutcome::Pass };
        self.marginal = verdict.marginal && !verdict.fails;
    }

    /// The band that the limits and the decisive validators describe together. Statistics use it.
    pub fn bounds(&self) -> Limits {
        let mut bounds = self.limits;
        for validator in self.validators.iter().filter(|validator| validator.decides()) {
            let Some(expected) = &validator.expected else { continue };
            match (&validator.operator, expected) {
                (Some(Operator::AtLeast | Operator::Greater), Expected::One(Scalar::Number(low))) => {
                    tighten_low(&mut bounds, *low);
                }
                (Some(Operator::AtMost | Operator::Less), Expected::One(Scalar::Number(high))) => {
                    tighten_high(&mut bounds, *high);
                }
                (Some(Operator::Range), Expected::Numbers(ends)) => {
                    if let [low, high] = ends[..] {
                        tighten_low(&mut bounds, low);
                        tighten_high(&mut bounds, high);
                    }
                }
                // No other condition is a band.
                _ => {}
            }
        }
        bounds
    }
}

/// What the conditions amount to so far.
#[derive(Default)]
struct Verdict {
    fails: bool,
    marginal: bool,
}

impl Verdict {
    fn hear(&mut self, validator: &Validator) {
        if validator.outcome == MeasurementOutcome::Fail {
            if validator.decides() {
                self.fails = true;
            } else {
                self.marginal = true;
            }
        }
    }
}

impl Axis {
    fn judge(&mut self, verdict: &mut Verdict) {
        for validator in &mut self.validators {
            validator.ask_each(&self.data);
            verdict.hear(validator);
        }
        for aggregation in &mut self.aggregations {
            aggregation.judge(verdict);
        }
    }
}

impl Aggregation {
    /// One that nothing is asked of keeps the outcome that it came with.
    fn judge(&mut self, verdict: &mut Verdict) {
        let Some(value) = self.value.clone() else { return };
        let value = match value {
            Scalar::Number(number) => MeasuredValue::Number(number),
            Scalar::Text(text) => MeasuredValue::Text(text),
            Scalar::Bool(value) => MeasuredValue::Bool(value),
        };
        let mut own = Verdict::default();
        for validator in &mut self.validators {
            validator.ask(&value);
            own.hear(validator);
        }
        if !self.validators.is_empty() {
            self.outcome = Some(if own.fails { MeasurementOutcome::Fail } else { MeasurementOutcome::Pass });
        }
        verdict.fails |= own.fails;
        verdict.marginal |= own.marginal;
    }
}

fn tighten_low(bounds: &mut Limits, low: f64) {
    bounds.low = Some(bounds.low.map_or(low, |known| known.max(low)));
}

fn tighten_high(bounds: &mut Limits, high: f64) {
    bounds.high = Some(bounds.high.map_or(high, |known| known.min(high)));
}

impl Validator {
    /// Sets the outcome, if it follows from operator and expected value.
    pub fn ask(&mut self, value: &MeasuredValue) {
        if let Some(good) = self.holds(value) {
            self.outcome = if good { MeasurementOutcome::Pass } else { MeasurementOutcome::Fail };
        }
    }

    /// The same of a whole column: it fails with the first cell that does.
    fn ask_each(&mut self, cells: &[Cell]) {
        if self.first_miss(cells).is_some() {
            self.outcome = MeasurementOutcome::Fail;
        } else if cells.iter().any(|cell| self.holds_for(cell).is_some()) {
            self.outcome = MeasurementOutcome::Pass;
        }
    }

    /// The first cell of a column that does not meet the condition, with its place.
    pub fn first_miss<'a>(&self, cells: &'a [Cell]) -> Option<(usize, &'a Cell)> {
        cells.iter().enumerate().find(|(_, cell)| self.holds_for(cell) == Some(false))
    }

    /// What is null is not asked.
    fn holds_for(&self, cell: &Cell) -> Option<bool> {
        self.holds(&match cell {
            Cell::Number(number) => MeasuredValue::Number(*number),
            Cell::Text(text) => MeasuredValue::Text(text.clone()),
            Cell::Bool(value) => MeasuredValue::Bool(*value),
            Cell::Null => return None,
        })
    }

    fn holds(&self, value: &MeasuredValue) -> Option<bool> {
        let (operator, expected) = (self.operator.as_ref()?, self.expected.as_ref()?);
        match operator {
            Operator::Equal => equals(value, expected),
            Operator::NotEqual => equals(value, expected).map(|equal| !equal),
            Operator::Less => compare(value, expected, |x, limit| x < limit),
            Operator::AtMost => compare(value, expected, |x, limit| x <= limit),
            Operator::Greater => compare(value, expected, |x, limit| x > limit),
            Operator::AtLeast => compare(value, expected, |x, limit| x >= limit),
            Operator::Range => match (value.number()?, expected) {
                (x, Expected::Numbers(ends)) => {
                    if let [low, high] = ends[..] {
                        Some(low <= x && x <= high)
                    } else {
                        None
                    }
                }
                (_, Expected::One(_) | Expected::Texts(_)) => None,
            },
            Operator::OneOf => match (value, expected) {
                (MeasuredValue::Number(x), Expected::Numbers(choice)) => Some(choice.contains(x)),
                (MeasuredValue::Text(x), Expected::Texts(choice)) => Some(choice.contains(x)),
                (_, Expected::Numbers(_) | Expected::Texts(_)) => Some(false),
                (_, Expected::One(_)) => None,
            },
            Operator::Matches | Operator::Other(_) => None,
        }
    }
}

/// NaN compares with nothing, so it fails every comparison.
fn compare(value: &MeasuredValue, expected: &Expected, good: fn(f64, f64) -> bool) -> Option<bool> {
    match (value.number()?, expected) {
        (x, Expected::One(Scalar::Number(limit))) => Some(good(x, *limit)),
        (_, Expected::One(Scalar::Text(_) | Scalar::Bool(_)) | Expected::Numbers(_) | Expected::Texts(_)) => {
            None
        }
    }
}

#[expect(clippy::float_cmp, reason = "a test that asks for equality gets equality; a tolerance is a range")]
fn equals(value: &MeasuredValue, expected: &Expected) -> Option<bool> {
    let Expected::One(expected) = expected else { return None };
    Some(match (value, expected) {
        (MeasuredValue::Number(x), Scalar::Number(y)) => x == y,
        (MeasuredValue::Text(x), Scalar::Text(y)) => x == y,
        (MeasuredValue::Bool(x), Scalar::Bool(y)) => x == y,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const LIMITS: Limits = Limits { low: Some(0.0), high: Some(10.0) };
    const MARGINAL: Limits = Limits { low: Some(4.0), high: Some(8.0) };

    #[rstest]
    #[case(5.0, MeasurementOutcome::Pass, false)]
    #[case(4.0, MeasurementOutcome::Pass, false)]
    #[case(3.9, MeasurementOutcome::Pass, true)]
    #[case(10.0, MeasurementOutcome::Pass, true)]
    #[case(10.1, MeasurementOutcome::Fail, false)]
    #[case(f64::NAN, MeasurementOutcome::Fail, false)]
    #[case(f64::INFINITY, MeasurementOutcome::Fail, false)]
    fn limits_fail_and_marginal_limits_warn(
        #[case] number: f64,
        #[case] outcome: MeasurementOutcome,
        #[case] marginal: bool,
    ) {
        let mut measurement = Measurement {
            value: MeasuredValue::Number(number),
            limits: LIMITS,
            marginal_limits: MARGINAL,
            ..Measurement::new("m")
        };
        measurement.judge();
        assert_eq!((measurement.outcome, measurement.marginal), (outcome, marginal));
    }

    #[rstest]
    #[case(Operator::Equal, 3.0.into(), MeasuredValue::Number(3.0), MeasurementOutcome::Pass)]
    #[case(Operator::Equal, true.into(), MeasuredValue::Bool(false), MeasurementOutcome::Fail)]
    #[case(Operator::Equal, 1.0.into(), MeasuredValue::Bool(true), MeasurementOutcome::Fail)]
    #[case(Operator::NotEqual, "a".into(), MeasuredValue::Text("b".into()), MeasurementOutcome::Pass)]
    #[case(Operator::Less, 3.0.into(), MeasuredValue::Number(3.0), MeasurementOutcome::Fail)]
    #[case(Operator::AtLeast, 3.0.into(), MeasuredValue::Number(f64::NAN), MeasurementOutcome::Fail)]
    #[case(Operator::AtLeast, 3.0.into(), MeasuredValue::Text("4".into()), MeasurementOutcome::Unset)]
    #[case(Operator::Range, Expected::Numbers(vec![1.0, 2.0]), MeasuredValue::Number(2.0), MeasurementOutcome::Pass)]
    #[case(Operator::Range, Expected::Numbers(vec![1.0]), MeasuredValue::Number(2.0), MeasurementOutcome::Unset)]
    #[case(Operator::OneOf, Expected::Texts(vec!["a".into()]), MeasuredValue::Text("a".into()), MeasurementOutcome::Pass)]
    #[case(Operator::OneOf, Expected::Numbers(vec![1.0]), MeasuredValue::Text("a".into()), MeasurementOutcome::Fail)]
    #[case(Operator::Matches, "^a".into(), MeasuredValue::Text("a".into()), MeasurementOutcome::Unset)]
    fn validators_answer_what_they_can(
        #[case] operator: Operator,
        #[case] expected: Expected,
        #[case] value: MeasuredValue,
        #[case] outcome: MeasurementOutcome,
    ) {
        let mut validator = Validator::new(operator, expected);
        validator.ask(&value);
        assert_eq!(validator.outcome, outcome);
    }

    #[test]
    fn a_marginal_validator_does_not_fail() {
        let mut measurement = Measurement {
            value: MeasuredValue::Number(9.0),
            validators: vec![
                Validator::new(Operator::AtMost, 10.0),
                Validator::new(Operator::AtMost, 8.0).marginal(),
            ],
            ..Measurement::new("m")
        };
        measurement.judge();
        assert_eq!((measurement.outcome, measurement.marginal), (MeasurementOutcome::Pass, true));
        assert_eq!(measurement.bounds(), Limits { low: None, high: Some(10.0) });
    }

    #[rstest]
    #[case(MeasuredValue::Text("5".into()))]
    #[case(MeasuredValue::Bool(true))]
    #[case(MeasuredValue::Json(serde_json::json!({"x": 5})))]
    fn what_is_no_number_lies_in_no_band(#[case] value: MeasuredValue) {
        let mut measurement = Measurement { value, limits: LIMITS, ..Measurement::new("m") };
        measurement.judge();
        assert_eq!(measurement.outcome, MeasurementOutcome::Fail);
    }

    #[rstest]
    #[case(vec![1.0.into(), Cell::Null, 3.0.into()], 3.0, MeasurementOutcome::Pass, false)]
    #[case(vec![1.0.into(), 4.5.into()], 3.0, MeasurementOutcome::Pass, true)]
    #[case(vec![1.0.into(), 5.5.into()], 3.0, MeasurementOutcome::Fail, false)]
    #[case(vec![1.0.into(), f64::NAN.into()], 3.0, MeasurementOutcome::Fail, false)]
    #[case(vec![1.0.into()], 9.0, MeasurementOutcome::Fail, false)]
    #[case(vec![], 3.0, MeasurementOutcome::Pass, false)]
    fn a_series_is_what_its_columns_are(
        #[case] data: Vec<Cell>,
        #[case] mean: f64,
        #[case] outcome: MeasurementOutcome,
        #[case] marginal: bool,
    ) {
        let axis = Axis {
            data,
            validators: vec![
                Validator::new(Operator::AtMost, 5.0),
                Validator::new(Operator::AtMost, 4.0).marginal(),
            ],
            aggregations: vec![Aggregation {
                kind: "avg".into(),
                outcome: None,
                value: Some(Scalar::Number(mean)),
                unit: None,
                validators: vec![Validator::new(Operator::Less, 8.0)],
            }],
            ..Axis::default()
        };
        let value = MeasuredValue::Series(crate::run::Series { axes: vec![Axis::default(), axis] });
        let mut measurement = Measurement { value, ..Measurement::new("m") };
        measurement.judge();
        assert_eq!((measurement.outcome, measurement.marginal), (outcome, marginal));
    }

    #[test]
    fn bounds_are_the_tightest() {
        let measurement = Measurement {
            limits: LIMITS,
            validators: vec![
                Validator::new(Operator::Range, Expected::Numbers(vec![1.0, 20.0])),
                Validator::new(Operator::Greater, -3.0),
            ],
            ..Measurement::new("m")
        };
        assert_eq!(measurement.bounds(), Limits { low: Some(1.0), high: Some(10.0) });
    }
}
