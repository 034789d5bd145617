//! What follows from a value, its limits and its validators.

use crate::Limits;

use super::{Expected, MeasuredValue, Measurement, MeasurementOutcome, Operator, Scalar, Validator};

impl Measurement {
    /// Asks every validator and every limit, and sets the outcomes.
    ///
    /// Outside the limits fails. Inside them and outside the marginal ones passes as marginal (REC-05). A value that
    /// was never set is UNSET. A validator that `hil` cannot evaluate (a regular expression, words) keeps the outcome
    /// that it came with.
    pub fn judge(&mut self) {
        if self.value.is_unset() {
            (self.outcome, self.marginal) = (MeasurementOutcome::Unset, false);
            return;
        }
        for validator in &mut self.validators {
            validator.ask(&self.value);
        }
        let (mut pass, mut marginal) = (true, false);
        if let Some(number) = self.value.number() {
            pass = self.limits == Limits::default() || self.limits.contains(number);
            marginal = self.marginal_limits != Limits::default() && !self.marginal_limits.contains(number);
        }
        for validator in &self.validators {
            if validator.outcome == MeasurementOutcome::Fail {
                if validator.decides() {
                    pass = false;
                } else {
                    marginal = true;
                }
            }
        }
        self.outcome = if pass { MeasurementOutcome::Pass } else { MeasurementOutcome::Fail };
        self.marginal = pass && marginal;
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
