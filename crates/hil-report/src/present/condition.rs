//! What a value is held against, in the signs that engineers use.

use hil_model::Limits;
use hil_model::run::{Expected, Measurement, MeasurementOutcome, Operator, Scalar, Validator};

use super::{foreign, number};

/// The most values that a choice lists.
const CHOICES: usize = 8;

/// Everything that decides about a value, joined by commas; numbers with at least so many digits.
pub(super) fn decisive(limits: Limits, validators: &[Validator], digits: usize) -> String {
    joined(limits, validators.iter().filter(|validator| validator.decides()), digits)
}

/// Everything that makes it marginal.
pub(super) fn marginal(limits: Limits, validators: &[Validator], digits: usize) -> String {
    joined(limits, validators.iter().filter(|validator| !validator.decides()), digits)
}

/// Both, one behind the other.
pub(super) fn all(
    limits: Limits,
    marginal_limits: Limits,
    validators: &[Validator],
    digits: usize,
) -> String {
    let (decisive, marginal) =
        (decisive(limits, validators, digits), marginal(marginal_limits, validators, digits));
    match (decisive.as_str(), marginal.as_str()) {
        (_, "") => decisive,
        ("", _) => format!("marginal {marginal}"),
        (_, _) => format!("{decisive}, marginal {marginal}"),
    }
}

/// The band that limits and validators describe together, and the marginal one.
pub(super) fn bands(limits: Limits, marginal_limits: Limits, validators: &[Validator]) -> [Limits; 2] {
    [(limits, true), (marginal_limits, false)].map(|(limits, decide)| {
        let validators = validators.iter().filter(|validator| validator.decides() == decide);
        let validators =
            validators.map(|validator| Validator { is_decisive: None, ..validator.clone() }).collect();
        Measurement { limits, validators, ..Measurement::new("") }.bounds()
    })
}

/// The numbers in limits and validators, which a value's digits must tell from it.
pub(super) fn numbers<'a>(
    limits: impl IntoIterator<Item = Limits>,
    validators: impl IntoIterator<Item = &'a Validator>,
) -> Vec<f64> {
    let ends = limits.into_iter().flat_map(|limits| limits.low.into_iter().chain(limits.high));
    let expected = validators.into_iter().flat_map(|validator| match &validator.expected {
        Some(Expected::One(Scalar::Number(number))) => vec![*number],
        Some(Expected::Numbers(numbers)) => numbers.iter().copied().take(CHOICES).collect(),
        Some(Expected::One(Scalar::Text(_) | Scalar::Bool(_)) | Expected::Texts(_)) | None => Vec::new(),
    });
    ends.chain(expected).collect()
}

/// A band: `1 … 2`, `≥ 1`, `≤ 2`, `= 1`; nothing for no band.
pub(super) fn band(limits: Limits, digits: usize) -> String {
    let number = |x| number::limit(x, digits);
    match (limits.low, limits.high) {
        (Some(low), Some(high)) if low.total_cmp(&high).is_eq() => format!("= {}", number(low)),
        (Some(low), Some(high)) => format!("{} … {}", number(low), number(high)),
        (Some(low), None) => format!("≥ {}", number(low)),
        (None, Some(high)) => format!("≤ {}", number(high)),
        (None, None) => String::new(),
    }
}

fn joined<'a>(limits: Limits, validators: impl Iterator<Item = &'a Validator>, digits: usize) -> String {
    let mut parts: Vec<(String, bool)> = Vec::new();
    let limits = band(limits, digits);
    if !limits.is_empty() {
        parts.push((limits, false));
    }
    for validator in validators {
        let failed = matches!(validator.outcome, MeasurementOutcome::Fail | MeasurementOutcome::Error);
        let text = condition(validator, digits);
        // Clients send limits as validators as well.
        match parts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, known_failed)) => *known_failed |= failed,
            None => parts.push((text, failed)),
        }
    }
    // With a single condition, the measurement's outcome says it all.
    let several = parts.len() > 1;
    let marked = parts
        .into_iter()
        .map(|(text, failed)| if several && failed { format!("{text} (not met)") } else { text });
    marked.collect::<Vec<_>>().join(", ")
}

/// One condition in signs, or in its author's words.
pub(super) fn condition(validator: &Validator, digits: usize) -> String {
    let words = || foreign::line(&validator.expression, foreign::IN_A_LINE);
    if validator.has_custom_expression && !validator.expression.trim().is_empty() {
        return words();
    }
    let (Some(operator), Some(expected)) = (&validator.operator, &validator.expected) else { return words() };
    let sign = match operator {
        Operator::Equal => "=",
        Operator::NotEqual => "≠",
        Operator::Less => "<",
        Operator::AtMost => "≤",
        Operator::Greater => ">",
        Operator::AtLeast => "≥",
        Operator::Range => match expected {
            Expected::Numbers(ends) if ends.len() == 2 => {
                return band(Limits { low: Some(ends[0]), high: Some(ends[1]) }, digits);
            }
            Expected::One(_) | Expected::Numbers(_) | Expected::Texts(_) => "range",
        },
        Operator::OneOf => "one of",
        Operator::Matches => return format!("/{}/", values(expected, digits)),
        Operator::Other(other) => {
            return format!("{} {}", foreign::line(other, foreign::IN_A_LINE), values(expected, digits));
        }
    };
    format!("{sign} {}", values(expected, digits))
}

fn values(expected: &Expected, digits: usize) -> String {
    let text = |text: &String| foreign::line(text, foreign::IN_A_LINE);
    match expected {
        Expected::One(Scalar::Number(x)) => number::limit(*x, digits),
        Expected::One(Scalar::Text(one)) => text(one),
        Expected::One(Scalar::Bool(value)) => value.to_string(),
        Expected::Numbers(numbers) => list(numbers, |x| number::limit(*x, digits)),
        Expected::Texts(texts) => list(texts, text),
    }
}

fn list<T>(values: &[T], show: impl Fn(&T) -> String) -> String {
    let listed: Vec<_> = values.iter().take(CHOICES).map(show).collect();
    let more = values.len() - listed.len();
    let listed = listed.join(", ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::number::USUAL;
    use rstest::rstest;

    #[rstest]
    #[case(Validator::new(Operator::Equal, 3.0), "= 3")]
    #[case(Validator::new(Operator::NotEqual, "off"), "≠ off")]
    #[case(Validator::new(Operator::Less, 0.1 + 0.2), "< 0.3")]
    #[case(Validator::new(Operator::AtLeast, f64::NEG_INFINITY), "≥ -inf")]
    #[case(Validator::new(Operator::Equal, true), "= true")]
    #[case(Validator::new(Operator::Range, Expected::Numbers(vec![1.0, 2.5])), "1 … 2.5")]
    #[case(Validator::new(Operator::Range, Expected::Numbers(vec![2.0, 2.0])), "= 2")]
    #[case(Validator::new(Operator::Range, Expected::Numbers(vec![1.0])), "range 1")]
    #[case(Validator::new(Operator::OneOf, Expected::Texts(vec!["a".into(), "b".into()])), "one of a, b")]
    #[case(Validator::new(Operator::OneOf, Expected::Numbers((0..20).map(f64::from).collect())), "one of 0, 1, 2, 3, 4, 5, 6, 7 and 12 more")]
    #[case(Validator::new(Operator::Matches, "^v[0-9]+$"), "/^v[0-9]+$/")]
    #[case(Validator::new(Operator::Other("≈".into()), 3.0), "≈ 3")]
    #[case(Validator::expression("x is prime"), "x is prime")]
    #[case(Validator { expression: "1 <= x".into(), ..Validator::new(Operator::AtLeast, 1.0) }, "≥ 1")]
    fn conditions_have_signs(#[case] validator: Validator, #[case] expected: &str) {
        assert_eq!(condition(&validator, USUAL), expected);
    }

    #[test]
    fn what_is_said_twice_is_shown_once_and_what_is_not_met_is_marked() {
        let limits = Limits { low: Some(1.0), high: Some(2.0) };
        let validators = [
            Validator::new(Operator::Range, Expected::Numbers(vec![1.0, 2.0])),
            Validator { outcome: MeasurementOutcome::Fail, ..Validator::new(Operator::NotEqual, 1.5) },
            Validator::new(Operator::AtMost, 1.8).marginal(),
        ];
        assert_eq!(decisive(limits, &validators, USUAL), "1 … 2, ≠ 1.5 (not met)");
        assert_eq!(marginal(Limits::default(), &validators, USUAL), "≤ 1.8");
        let none = Limits::default();
        assert_eq!(bands(limits, none, &validators), [limits, Limits { low: None, high: Some(1.8) }]);
    }
}
