//! A measurement as the journal writes it.
//!
//! [`Measurement`] itself is a core type that nothing serialises. What is empty is left out of the line. Versions 1
//! and 2 wrote a `verdict`, no validators and no series; such a line is read as it is.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number::Number;
use crate::Limits;
use crate::run::{
    Aggregation, Axis, Cell, Expected, MeasuredValue, Measurement, MeasurementOutcome, Scalar, Series,
    UnknownOutcome, Validator,
};

pub(super) fn serialize<S: Serializer>(measurement: &Measurement, serializer: S) -> Result<S::Ok, S::Error> {
    Line::from(measurement).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<Measurement>, D::Error> {
    Line::deserialize(deserializer).map(|line| Box::new(line.into()))
}

#[derive(Serialize, Deserialize)]
struct Line {
    name: String,
    #[serde(alias = "verdict")]
    outcome: Word,
    #[serde(default, skip_serializing_if = "is_default")]
    marginal: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    optional: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<LineValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limits: Option<Band>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marginal_limits: Option<Band>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<LineValidator>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aggregations: Vec<LineAggregation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    docstring: Option<String>,
}

/// An outcome in lower case, as everything in a journal.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Word(MeasurementOutcome);

#[derive(Serialize, Deserialize)]
struct Band {
    low: Option<Number>,
    high: Option<Number>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineValue {
    Number(Number),
    Text(String),
    Bool(bool),
    Json(serde_json::Value),
    Series(Vec<LineAxis>),
}

#[derive(Serialize, Deserialize)]
struct LineAxis {
    name: Option<String>,
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    data: Vec<LineCell>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<LineValidator>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aggregations: Vec<LineAggregation>,
}

/// Columns are long, so a cell is written as plainly as JSON can.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum LineCell {
    Null,
    Bool(bool),
    Finite(f64),
    Text(String),
    /// A text that says `NaN` is a text, so a NaN is wrapped.
    NotFinite {
        number: Number,
    },
}

#[derive(Serialize, Deserialize)]
struct LineValidator {
    outcome: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expected: Option<LineExpected>,
    #[serde(default, skip_serializing_if = "is_default")]
    expression: String,
    #[serde(default, skip_serializing_if = "is_default")]
    has_custom_expression: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_decisive: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineExpected {
    Number(Number),
    Text(String),
    Bool(bool),
    Numbers(Vec<Number>),
    Texts(Vec<String>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineScalar {
    Number(Number),
    Text(String),
    Bool(bool),
}

#[derive(Serialize, Deserialize)]
struct LineAggregation {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Word>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<LineScalar>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<LineValidator>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Every item in another form.
fn each<T, U: From<T>>(items: impl IntoIterator<Item = T>) -> Vec<U> {
    items.into_iter().map(U::from).collect()
}

impl TryFrom<String> for Word {
    type Error = UnknownOutcome;

    fn try_from(word: String) -> Result<Self, UnknownOutcome> {
        word.to_ascii_uppercase().parse().map(Self)
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.0.word().to_ascii_lowercase()
    }
}

impl From<&Measurement> for Line {
    fn from(measurement: &Measurement) -> Self {
        Self {
            name: measurement.name.clone(),
            outcome: Word(measurement.outcome),
            marginal: measurement.marginal,
            optional: measurement.optional,
            value: LineValue::of(&measurement.value),
            unit: measurement.unit.clone(),
            limits: Band::of(measurement.limits),
            marginal_limits: Band::of(measurement.marginal_limits),
            validators: each(&measurement.validators),
            aggregations: each(&measurement.aggregations),
            docstring: measurement.docstring.clone(),
        }
    }
}

impl From<Line> for Measurement {
    fn from(line: Line) -> Self {
        Self {
            name: line.name,
            outcome: line.outcome.0,
            marginal: line.marginal,
            optional: line.optional,
            value: line.value.map_or(MeasuredValue::Unset, MeasuredValue::from),
            unit: line.unit,
            limits: line.limits.map(Limits::from).unwrap_or_default(),
            marginal_limits: line.marginal_limits.map(Limits::from).unwrap_or_default(),
            validators: each(line.validators),
            aggregations: each(line.aggregations),
            docstring: line.docstring,
        }
    }
}

impl Band {
    /// Nothing for a band that holds every number.
    fn of(limits: Limits) -> Option<Self> {
        let Limits { low, high } = limits;
        (limits != Limits::default()).then(|| Self { low: low.map(Number), high: high.map(Number) })
    }
}

impl From<Band> for Limits {
    fn from(band: Band) -> Self {
        Self { low: band.low.map(|low| low.0), high: band.high.map(|high| high.0) }
    }
}

impl LineValue {
    /// Nothing for a value that was never set.
    fn of(value: &MeasuredValue) -> Option<Self> {
        Some(match value {
            MeasuredValue::Unset => return None,
            MeasuredValue::Number(number) => Self::Number(Number(*number)),
            MeasuredValue::Text(text) => Self::Text(text.clone()),
            MeasuredValue::Bool(value) => Self::Bool(*value),
            MeasuredValue::Json(json) => Self::Json(json.clone()),
            MeasuredValue::Series(series) => Self::Series(each(&series.axes)),
        })
    }
}

impl From<LineValue> for MeasuredValue {
    fn from(value: LineValue) -> Self {
        match value {
            LineValue::Number(Number(number)) => Self::Number(number),
            LineValue::Text(text) => Self::Text(text),
            LineValue::Bool(value) => Self::Bool(value),
            LineValue::Json(json) => Self::Json(json),
            LineValue::Series(axes) => Self::Series(Series { axes: each(axes) }),
        }
    }
}

impl From<&Axis> for LineAxis {
    fn from(axis: &Axis) -> Self {
        Self {
            name: axis.name.clone(),
            unit: axis.unit.clone(),
            description: axis.description.clone(),
            data: each(&axis.data),
            validators: each(&axis.validators),
            aggregations: each(&axis.aggregations),
        }
    }
}

impl From<LineAxis> for Axis {
    fn from(axis: LineAxis) -> Self {
        Self {
            name: axis.name,
            unit: axis.unit,
            description: axis.description,
            data: each(axis.data),
            validators: each(axis.validators),
            aggregations: each(axis.aggregations),
        }
    }
}

impl From<&Cell> for LineCell {
    fn from(cell: &Cell) -> Self {
        match cell {
            Cell::Number(number) if number.is_finite() => Self::Finite(*number),
            Cell::Number(number) => Self::NotFinite { number: Number(*number) },
            Cell::Text(text) => Self::Text(text.clone()),
            Cell::Bool(value) => Self::Bool(*value),
            Cell::Null => Self::Null,
        }
    }
}

impl From<LineCell> for Cell {
    fn from(cell: LineCell) -> Self {
        match cell {
            LineCell::Finite(number) | LineCell::NotFinite { number: Number(number) } => Self::Number(number),
            LineCell::Text(text) => Self::Text(text),
            LineCell::Bool(value) => Self::Bool(value),
            LineCell::Null => Self::Null,
        }
    }
}

impl From<&Validator> for LineValidator {
    fn from(validator: &Validator) -> Self {
        Self {
            outcome: Word(validator.outcome),
            operator: validator.operator.as_ref().map(|operator| operator.as_str().to_owned()),
            expected: validator.expected.as_ref().map(LineExpected::from),
            expression: validator.expression.clone(),
            has_custom_expression: validator.has_custom_expression,
            is_decisive: validator.is_decisive,
        }
    }
}

impl From<LineValidator> for Validator {
    fn from(validator: LineValidator) -> Self {
        Self {
            outcome: validator.outcome.0,
            operator: validator.operator.map(|operator| operator.as_str().into()),
            expected: validator.expected.map(Expected::from),
            expression: validator.expression,
            has_custom_expression: validator.has_custom_expression,
            is_decisive: validator.is_decisive,
        }
    }
}

impl From<&Expected> for LineExpected {
    fn from(expected: &Expected) -> Self {
        match expected {
            Expected::One(Scalar::Number(number)) => Self::Number(Number(*number)),
            Expected::One(Scalar::Text(text)) => Self::Text(text.clone()),
            Expected::One(Scalar::Bool(value)) => Self::Bool(*value),
            Expected::Numbers(numbers) => Self::Numbers(numbers.iter().copied().map(Number).collect()),
            Expected::Texts(texts) => Self::Texts(texts.clone()),
        }
    }
}

impl From<LineExpected> for Expected {
    fn from(expected: LineExpected) -> Self {
        match expected {
            LineExpected::Number(Number(number)) => Self::One(Scalar::Number(number)),
            LineExpected::Text(text) => Self::One(Scalar::Text(text)),
            LineExpected::Bool(value) => Self::One(Scalar::Bool(value)),
            LineExpected::Numbers(numbers) => {
                Self::Numbers(numbers.into_iter().map(|number| number.0).collect())
            }
            LineExpected::Texts(texts) => Self::Texts(texts),
        }
    }
}

impl From<&Scalar> for LineScalar {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Number(number) => Self::Number(Number(*number)),
            Scalar::Text(text) => Self::Text(text.clone()),
            Scalar::Bool(value) => Self::Bool(*value),
        }
    }
}

impl From<LineScalar> for Scalar {
    fn from(scalar: LineScalar) -> Self {
        match scalar {
            LineScalar::Number(Number(number)) => Self::Number(number),
            LineScalar::Text(text) => Self::Text(text),
            LineScalar::Bool(value) => Self::Bool(value),
        }
    }
}

impl From<&Aggregation> for LineAggregation {
    fn from(aggregation: &Aggregation) -> Self {
        Self {
            kind: aggregation.kind.clone(),
            outcome: aggregation.outcome.map(Word),
            value: aggregation.value.as_ref().map(LineScalar::from),
            unit: aggregation.unit.clone(),
            validators: each(&aggregation.validators),
        }
    }
}

impl From<LineAggregation> for Aggregation {
    fn from(aggregation: LineAggregation) -> Self {
        Self {
            kind: aggregation.kind,
            outcome: aggregation.outcome.map(|word| word.0),
            value: aggregation.value.map(Scalar::from),
            unit: aggregation.unit,
            validators: each(aggregation.validators),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::Event;

    fn read(line: &str) -> Measurement {
        match serde_json::from_str(line).unwrap() {
            Event::Measured(measurement) => *measurement,
            other => panic!("{other:?}"),
        }
    }

    /// Lines that `hil` 0.1.0 wrote.
    #[rstest]
    #[case(
        r#"{"measured":{"name":"rail","value":{"number":12.01},"unit":"V","limits":{"low":11.9,"high":12.1},"verdict":"pass"}}"#,
        Measurement {
            outcome: MeasurementOutcome::Pass,
            value: MeasuredValue::Number(12.01),
            unit: Some("V".into()),
            limits: Limits { low: Some(11.9), high: Some(12.1) },
            ..Measurement::new("rail")
        }
    )]
    #[case(
        r#"{"measured":{"name":"ratio","value":{"number":"-inf"},"unit":null,"limits":{"low":null,"high":2.0},"verdict":"fail"}}"#,
        Measurement {
            outcome: MeasurementOutcome::Fail,
            value: MeasuredValue::Number(f64::NEG_INFINITY),
            limits: Limits { low: None, high: Some(2.0) },
            ..Measurement::new("ratio")
        }
    )]
    #[case(
        r#"{"measured":{"name":"version","value":{"text":"1.4"},"unit":null,"limits":null,"verdict":"pass"}}"#,
        Measurement {
            outcome: MeasurementOutcome::Pass,
            value: MeasuredValue::Text("1.4".into()),
            ..Measurement::new("version")
        }
    )]
    fn lines_of_older_versions_are_read(#[case] line: &str, #[case] expected: Measurement) {
        assert_eq!(read(line), expected);
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let event = Event::Measured(Box::new(Measurement::new("m")));
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(line, r#"{"measured":{"name":"m","outcome":"unset"}}"#);
    }

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![
            3 => any::<f64>().prop_filter("a NaN with a payload is any NaN", |n| !n.is_nan()),
            1 => Just(f64::NAN),
            1 => Just(f64::INFINITY),
        ]
    }

    fn cell() -> impl Strategy<Value = Cell> {
        prop_oneof![
            number().prop_map(Cell::Number),
            "NaN|inf|a|".prop_map(Cell::Text),
            any::<bool>().prop_map(Cell::Bool),
            Just(Cell::Null),
        ]
    }

    fn outcome() -> impl Strategy<Value = MeasurementOutcome> {
        prop::sample::select(MeasurementOutcome::ALL)
    }

    fn scalar() -> impl Strategy<Value = Scalar> {
        prop_oneof![
            number().prop_map(Scalar::Number),
            any::<String>().prop_map(Scalar::Text),
            any::<bool>().prop_map(Scalar::Bool),
        ]
    }

    fn validator() -> impl Strategy<Value = Validator> {
        let expected = prop_oneof![
            scalar().prop_map(Expected::One),
            prop::collection::vec(number(), 0..3).prop_map(Expected::Numbers),
            prop::collection::vec(any::<String>(), 0..3).prop_map(Expected::Texts),
        ];
        let operator = prop::option::of("==|range|~~".prop_map(|text| text.as_str().into()));
        (
            outcome(),
            operator,
            prop::option::of(expected),
            any::<String>(),
            any::<bool>(),
            any::<Option<bool>>(),
        )
            .prop_map(|(outcome, operator, expected, expression, custom, is_decisive)| Validator {
                outcome,
                operator,
                expected,
                expression,
                has_custom_expression: custom,
                is_decisive,
            })
    }

    fn aggregation() -> impl Strategy<Value = Aggregation> {
        (prop::option::of(outcome()), prop::option::of(scalar()), prop::collection::vec(validator(), 0..2))
            .prop_map(|(outcome, value, validators)| Aggregation {
                kind: "avg".into(),
                outcome,
                value,
                unit: None,
                validators,
            })
    }

    fn value() -> impl Strategy<Value = MeasuredValue> {
        let axis = (
            prop::collection::vec(cell(), 0..4),
            any::<Option<String>>(),
            prop::collection::vec(validator(), 0..2),
            prop::collection::vec(aggregation(), 0..2),
        );
        let axis = axis.prop_map(|(data, name, validators, aggregations)| Axis {
            data,
            name,
            validators,
            aggregations,
            ..Axis::default()
        });
        prop_oneof![
            Just(MeasuredValue::Unset),
            number().prop_map(MeasuredValue::Number),
            any::<String>().prop_map(MeasuredValue::Text),
            any::<bool>().prop_map(MeasuredValue::Bool),
            Just(MeasuredValue::Json(serde_json::json!({"number": "NaN", "deep": [1, 2.5, null]}))),
            prop::collection::vec(axis, 0..3).prop_map(|axes| MeasuredValue::Series(Series { axes })),
        ]
    }

    proptest! {
        #[test]
        fn every_measurement_comes_back(
            value in value(),
            outcome in outcome(),
            validators in prop::collection::vec(validator(), 0..3),
            aggregations in prop::collection::vec(aggregation(), 0..2),
            low in prop::option::of(number()),
            flags in any::<[bool; 2]>(),
            texts in any::<[Option<String>; 2]>(),
        ) {
            let [unit, docstring] = texts;
            let measurement = Measurement {
                outcome,
                marginal: flags[0],
                optional: flags[1],
                value,
                unit,
                limits: Limits { low, high: None },
                marginal_limits: Limits { low: None, high: low },
                validators,
                aggregations,
                docstring,
                ..Measurement::new("m")
            };
            let line = serde_json::to_string(&Event::Measured(Box::new(measurement.clone()))).unwrap();
            // NaN equals nothing, not even itself; its text does.
            prop_assert_eq!(format!("{:?}", read(&line)), format!("{measurement:?}"), "{}", line);
        }
    }
}
