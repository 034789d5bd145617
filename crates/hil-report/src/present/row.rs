//! A measurement as a row of a table: what both the terminal and the page show of it.

use hil_model::run::{MeasuredValue, Measurement, MeasurementOutcome};

use super::margin::Margin;
use super::{Emphasis, condition, foreign, number};

/// The row of a measurement.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) outcome: &'static str,
    pub(crate) emphasis: Emphasis,
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether the value is a number, which stands by its decimal point.
    pub(crate) is_number: bool,
    pub(crate) unit: String,
    /// What the value is held against.
    pub(crate) limits: String,
    pub(crate) margin: String,
}

impl Row {
    pub(crate) fn of(measurement: &Measurement) -> Self {
        let Measurement { value, limits, marginal_limits, validators, .. } = measurement;
        let digits = digits(measurement);
        let unit = unit(measurement.unit.as_deref());
        let (outcome, emphasis) = outcome(measurement);
        let margin = value.number().and_then(|value| Margin::of(value, measurement.bounds()));
        Self {
            outcome,
            emphasis,
            name: foreign::line(&measurement.name, foreign::IN_A_LINE),
            value: text(value, digits),
            is_number: value.number().is_some(),
            limits: condition::all(*limits, *marginal_limits, validators, digits),
            margin: margin.map(|margin| margin.text(&unit)).unwrap_or_default(),
            unit,
        }
    }
}

/// How many digits show a number on the right side of everything that it is held against.
pub(super) fn digits(measurement: &Measurement) -> usize {
    let limits = [measurement.limits, measurement.marginal_limits];
    let others = condition::numbers(limits, &measurement.validators);
    measurement.value.number().map_or(number::USUAL, |value| number::telling(value, &others))
}

/// The outcome as a word, and how it strikes the eye.
pub(super) const fn outcome(measurement: &Measurement) -> (&'static str, Emphasis) {
    let emphasis = match measurement.outcome {
        MeasurementOutcome::Pass if measurement.marginal => return ("MARGINAL", Emphasis::Odd),
        MeasurementOutcome::Pass => Emphasis::Good,
        MeasurementOutcome::Fail => Emphasis::Bad,
        MeasurementOutcome::Error => Emphasis::Broken,
        MeasurementOutcome::Skip => Emphasis::Muted,
        MeasurementOutcome::Unset if measurement.optional || !measurement.value.is_unset() => Emphasis::Muted,
        MeasurementOutcome::Unset => Emphasis::Bad,
    };
    (measurement.outcome.word(), emphasis)
}

/// A unit as it stands beside a value; a bare number has none.
pub(super) fn unit(unit: Option<&str>) -> String {
    match unit.map(str::trim) {
        None | Some("" | "1") => String::new(),
        Some(unit) => foreign::line(unit, foreign::IN_A_LINE),
    }
}

/// A value on one line.
pub(super) fn text(value: &MeasuredValue, digits: usize) -> String {
    match value {
        MeasuredValue::Unset => String::new(),
        MeasuredValue::Number(x) => number::rounded(*x, digits),
        MeasuredValue::Text(text) if text.trim().is_empty() => {
            format!("\"{}\"", foreign::line(text, foreign::IN_A_LINE))
        }
        MeasuredValue::Text(text) => foreign::line(text, foreign::IN_A_LINE),
        MeasuredValue::Bool(value) => value.to_string(),
        MeasuredValue::Json(json) => foreign::line(&json.to_string(), foreign::IN_A_LINE),
        MeasuredValue::Series(series) => {
            let (rows, columns) = (series.len(), series.axes.len());
            let plural = |count: usize| if count == 1 { "" } else { "s" };
            format!("{rows} row{} of {columns} column{}", plural(rows), plural(columns))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hil_model::Limits;
    use hil_model::run::{Operator, Validator};
    use rstest::rstest;

    fn judged(value: MeasuredValue, low: f64, high: f64) -> Measurement {
        let limits = Limits { low: Some(low), high: Some(high) };
        let mut measurement =
            Measurement { value, limits, unit: Some("V".into()), ..Measurement::new("supply <b>") };
        measurement.judge();
        measurement
    }

    #[rstest]
    #[case(12.0, ["PASS", "12", "11.5 … 12.5", "50 %"])]
    #[case(12.500_000_1, ["FAIL", "12.5000001", "11.5 … 12.5", "< 0 %"])]
    #[case(f64::NAN, ["FAIL", "NaN", "11.5 … 12.5", ""])]
    fn numbers_beside_their_limits(#[case] value: f64, #[case] expected: [&str; 4]) {
        let row = Row::of(&judged(MeasuredValue::Number(value), 11.5, 12.5));
        assert_eq!([row.outcome, &row.value, &row.limits, &row.margin], expected);
    }

    #[test]
    fn marginal_is_a_word_of_its_own() {
        let mut measurement = judged(MeasuredValue::Number(9.0), 0.0, 10.0);
        measurement.validators = vec![Validator::new(Operator::AtMost, 8.0).marginal()];
        measurement.judge();
        let row = Row::of(&measurement);
        assert_eq!((row.outcome, row.limits.as_str()), ("MARGINAL", "0 … 10, marginal ≤ 8"));
    }

    #[rstest]
    #[case(MeasuredValue::Text("  ".into()), "\"  \"")]
    #[case(MeasuredValue::Text("a\nb".into()), "a ⏎ b")]
    #[case(MeasuredValue::Bool(true), "true")]
    #[case(MeasuredValue::Json(serde_json::json!({"a": [1, null]})), r#"{"a":[1,null]}"#)]
    #[case(MeasuredValue::Unset, "")]
    fn other_values_are_one_line(#[case] value: MeasuredValue, #[case] expected: &str) {
        assert_eq!(text(&value, number::USUAL), expected);
    }

    #[rstest]
    #[case(Some("V"), "V")]
    #[case(Some("1"), "")]
    #[case(Some(" "), "")]
    #[case(None, "")]
    fn bare_numbers_have_no_unit(#[case] text: Option<&str>, #[case] expected: &str) {
        assert_eq!(unit(text), expected);
    }
}
