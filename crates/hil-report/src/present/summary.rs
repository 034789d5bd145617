//! What a column of a series comes to: extremes, mean, what is no number in it, and its shape as one line of text.

use hil_model::Limits;
use hil_model::run::{Aggregation, Cell, Scalar};
use serde::Serialize;

use super::plot::Column;
use super::{condition, foreign, number, row};

/// The steps of a line drawn in text.
const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A column in a few words.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) name: String,
    pub(super) unit: String,
    /// Nothing in these three if the column has no number.
    pub(super) min: String,
    pub(super) mean: String,
    pub(super) max: String,
    /// What else is in it: `3 texts, 1 NaN`.
    pub(super) other: String,
    pub(super) limits: String,
    /// What its author computed over it.
    pub(super) aggregations: String,
}

impl Summary {
    pub(super) fn of(column: &Column<'_>) -> Self {
        let numbers = || column.numbers().filter(|x| x.is_finite());
        let shown = |x: Option<f64>| x.map(number::usual).unwrap_or_default();
        Self {
            name: column.name.clone(),
            unit: column.unit.clone(),
            min: shown(numbers().reduce(f64::min)),
            mean: shown(column.mean()),
            max: shown(numbers().reduce(f64::max)),
            other: other(&column.axis.data),
            limits: column.conditions().to_owned(),
            aggregations: aggregations(&column.axis.aggregations),
        }
    }
}

/// What is no finite number.
fn other(data: &[Cell]) -> String {
    let (mut nan, mut infinite, mut texts, mut empty) = (0, 0, 0, 0);
    for cell in data {
        match cell {
            Cell::Number(x) if x.is_nan() => nan += 1,
            Cell::Number(x) if x.is_infinite() => infinite += 1,
            Cell::Number(_) | Cell::Bool(_) => {}
            Cell::Text(_) => texts += 1,
            Cell::Null => empty += 1,
        }
    }
    let parts = [(nan, "NaN"), (infinite, "infinite"), (texts, "text"), (empty, "empty")];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// `avg 3.2 V (≥ 3, PASS), max 4`.
pub(super) fn aggregations(aggregations: &[Aggregation]) -> String {
    let one = |aggregation: &Aggregation| {
        let kind = foreign::line(&aggregation.kind, foreign::IN_A_LINE);
        let value = match &aggregation.value {
            None => "without a value".to_owned(),
            Some(Scalar::Number(x)) => number::usual(*x),
            Some(Scalar::Text(text)) => foreign::line(text, foreign::IN_A_LINE),
            Some(Scalar::Bool(value)) => value.to_string(),
        };
        let unit = row::unit(aggregation.unit.as_deref());
        let none = Limits::default();
        let limits = condition::all(none, none, &aggregation.validators, number::USUAL);
        let outcome = aggregation.outcome.map(|outcome| outcome.word().to_owned());
        let notes: Vec<_> = [limits].into_iter().filter(|limits| !limits.is_empty()).chain(outcome).collect();
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
        format!("{kind} {value} {unit}").trim_end().to_owned() + &notes
    };
    aggregations.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The numbers as a line of at most `columns` characters, the least one low and the greatest one high. Where there are
/// more numbers than characters, each character stands for the mean of a stretch; one without a number is blank.
pub(super) fn sparkline(numbers: &[f64], columns: usize) -> String {
    let stretch = numbers.len().div_ceil(columns.max(1)).max(1);
    let means: Vec<Option<f64>> = numbers.chunks(stretch).map(|part| mean(part.iter().copied())).collect();
    let finite = || means.iter().flatten().copied();
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let step = |mean: f64| {
        // Halves, because the span of all doubles is infinite.
        let half = high / 2.0 - low / 2.0;
        let place = if half > 0.0 { (mean / 2.0 - low / 2.0) / half } else { 0.5 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 8")]
        let step = (place * 8.0) as usize;
        STEPS[step.min(7)]
    };
    means.iter().map(|mean| mean.map_or(' ', step)).collect()
}

/// The mean of the finite ones; nothing if there is none.
pub(super) fn mean(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    let finite = numbers.into_iter().filter(|x| x.is_finite());
    let (mean, count) = finite.fold((0.0, 0.0), |(mean, count), x| {
        let count = count + 1.0;
        // Dividing first keeps the sum of large numbers finite.
        (mean + x / count - mean / count, count)
    });
    (count > 0.0).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hil_model::run::{MeasurementOutcome, Operator, Validator};
    use rstest::rstest;

    #[rstest]
    #[case::ramp(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 8, "▁▂▃▄▅▆▇█")]
    #[case::stretches(&[0.0, 0.0, 7.0, 7.0, 3.0, 3.0], 3, "▁█▄")]
    #[case::constant(&[5.0, 5.0], 8, "▅▅")]
    #[case::gaps(&[0.0, f64::NAN, 1.0, f64::INFINITY], 8, "▁ █ ")]
    #[case::extremes(&[f64::MIN, f64::MAX, 0.0], 8, "▁█▅")]
    #[case::nothing(&[], 8, "")]
    fn sparklines(#[case] numbers: &[f64], #[case] columns: usize, #[case] expected: &str) {
        assert_eq!(sparkline(numbers, columns), expected);
    }

    #[test]
    fn aggregations_have_units_and_limits() {
        let average = Aggregation {
            kind: "avg".into(),
            outcome: Some(MeasurementOutcome::Pass),
            value: Some(Scalar::Number(3.2)),
            unit: Some("V".into()),
            validators: vec![Validator::new(Operator::AtLeast, 3.0)],
        };
        let bare =
            Aggregation { kind: "max".into(), outcome: None, value: None, unit: None, validators: vec![] };
        assert_eq!(aggregations(&[average, bare]), "avg 3.2 V (≥ 3, PASS), max without a value");
    }
}
