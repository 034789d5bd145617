//! Measurements as answers have them.
//!
//! The client knows three outcomes of a measurement: what was left out or could not be taken is UNSET to it. Limits are
//! shown as validators. Columns of numbers are data series; a table that holds texts stays a table of rows.

use hil_model::Limits;
use hil_model::run::{
    Aggregation, Axis, Cell, Expected, MeasuredValue, Measurement, MeasurementOutcome, Operator, Scalar,
    Series, Validator,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::non_finite;

/// A measurement of a phase.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeasurementView {
    id: String,
    name: String,
    /// PASS, FAIL or UNSET.
    outcome: &'static str,
    units: Option<String>,
    /// Left out if nothing was set; `nan`, `inf` and `-inf` are texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured_value: Option<Value>,
    validators: Option<Vec<ValidatorView>>,
    aggregations: Option<Vec<AggregationView>>,
    /// The columns of a multi-dimensional measurement, the measured ones last.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_series: Option<Vec<DataSeriesView>>,
    docstring: Option<String>,
}

/// A column of numbers.
#[derive(Serialize, ToSchema)]
pub(crate) struct DataSeriesView {
    /// Numbers; `nan`, `inf` and `-inf` are texts.
    #[schema(value_type = Vec<f64>)]
    data: Vec<Value>,
    units: Option<String>,
    name: Option<String>,
    description: Option<String>,
    validators: Option<Vec<ValidatorView>>,
    aggregations: Option<Vec<AggregationView>>,
}

/// What a value was held against.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValidatorView {
    /// PASS, FAIL or UNSET.
    outcome: &'static str,
    operator: Option<String>,
    expected_value: Option<Value>,
    expression: String,
    is_decisive: Option<bool>,
    is_expression_only: bool,
    analytics_expression: Option<String>,
    has_custom_expression: bool,
}

/// What was computed over a column.
#[derive(Serialize, ToSchema)]
pub(crate) struct AggregationView {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    /// PASS, FAIL or UNSET.
    outcome: Option<&'static str>,
    value: Option<Value>,
    unit: Option<String>,
    validators: Option<Vec<ValidatorView>>,
}

fn outcome(outcome: MeasurementOutcome) -> &'static str {
    match outcome {
        MeasurementOutcome::Pass => "PASS",
        MeasurementOutcome::Fail => "FAIL",
        MeasurementOutcome::Skip | MeasurementOutcome::Error | MeasurementOutcome::Unset => "UNSET",
    }
}

impl MeasurementView {
    pub(crate) fn new(id: String, measurement: &Measurement) -> Self {
        let (measured_value, data_series) = match &measurement.value {
            MeasuredValue::Unset => (None, None),
            MeasuredValue::Number(number) => (Some(non_finite::json(*number)), None),
            MeasuredValue::Text(text) => (Some(Value::from(text.as_str())), None),
            MeasuredValue::Bool(value) => (Some(Value::from(*value)), None),
            MeasuredValue::Json(value) => (Some(value.clone()), None),
            MeasuredValue::Series(series) => match columns(&id, series) {
                Some(columns) => (None, Some(columns)),
                None => (Some(rows(series)), None),
            },
        };
        let number = measurement.value.number();
        let validators: Vec<_> = unsaid(measurement.limits, &measurement.validators, true)
            .chain(unsaid(measurement.marginal_limits, &measurement.validators, false))
            .map(|mut limit| {
                if let Some(number) = number {
                    limit.ask(&MeasuredValue::Number(number));
                }
                ValidatorView::from(&limit)
            })
            .chain(measurement.validators.iter().map(ValidatorView::from))
            .collect();
        Self {
            name: measurement.name.clone(),
            outcome: outcome(measurement.outcome),
            units: measurement.unit.clone(),
            measured_value,
            validators: some(validators),
            aggregations: aggregations(&id, &measurement.aggregations),
            data_series,
            docstring: measurement.docstring.clone(),
            id,
        }
    }
}

/// Null instead of an empty list.
fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    if items.is_empty() { None } else { Some(items) }
}

/// The band as conditions, without the ends that one of the validators says as well; a marginal one does not decide.
fn unsaid(limits: Limits, validators: &[Validator], decisive: bool) -> impl Iterator<Item = Validator> {
    let alike = validators.iter().filter(|validator| validator.decides() == decisive);
    let validators = alike.map(|validator| Validator { is_decisive: None, ..validator.clone() }).collect();
    let said = Measurement { validators, ..Measurement::new("") }.bounds();
    let low = limits.low.filter(|low| said.low != Some(*low));
    let high = limits.high.filter(|high| said.high != Some(*high));
    let low = low.map(|low| Validator::new(Operator::AtLeast, low));
    let high = high.map(|high| Validator::new(Operator::AtMost, high));
    low.into_iter().chain(high).map(move |validator| if decisive { validator } else { validator.marginal() })
}

/// The columns, if there are numbers in all of them.
fn columns(measurement: &str, series: &Series) -> Option<Vec<DataSeriesView>> {
    let column = |(position, axis): (usize, &Axis)| {
        let data = axis.data.iter().map(|cell| match cell {
            Cell::Number(number) => Some(non_finite::json(*number)),
            Cell::Text(_) | Cell::Bool(_) | Cell::Null => None,
        });
        Some(DataSeriesView {
            data: data.collect::<Option<_>>()?,
            units: axis.unit.clone(),
            name: axis.name.clone(),
            description: axis.description.clone(),
            validators: some(axis.validators.iter().map(ValidatorView::from).collect()),
            aggregations: aggregations(&format!("{measurement}.{position}"), &axis.aggregations),
        })
    };
    series.axes.iter().enumerate().map(column).collect()
}

fn rows(series: &Series) -> Value {
    let cell = |cell: Option<&Cell>| match cell {
        Some(Cell::Number(number)) => non_finite::json(*number),
        Some(Cell::Text(text)) => Value::from(text.as_str()),
        Some(Cell::Bool(value)) => Value::from(*value),
        Some(Cell::Null) | None => Value::Null,
    };
    series.rows().map(|row| row.into_iter().map(cell).collect::<Value>()).collect()
}

fn scalar(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Number(number) => non_finite::json(*number),
        Scalar::Text(text) => Value::from(text.as_str()),
        Scalar::Bool(value) => Value::from(*value),
    }
}

fn aggregations(owner: &str, aggregations: &[Aggregation]) -> Option<Vec<AggregationView>> {
    let view = |(position, aggregation): (usize, &Aggregation)| AggregationView {
        id: format!("{owner}.{position}"),
        kind: aggregation.kind.clone(),
        outcome: aggregation.outcome.map(outcome),
        value: aggregation.value.as_ref().map(scalar),
        unit: aggregation.unit.clone(),
        validators: some(aggregation.validators.iter().map(ValidatorView::from).collect()),
    };
    some(aggregations.iter().enumerate().map(view).collect())
}

impl From<&Validator> for ValidatorView {
    fn from(validator: &Validator) -> Self {
        let expected_value = validator.expected.as_ref().map(|expected| match expected {
            Expected::One(value) => scalar(value),
            Expected::Numbers(numbers) => numbers.iter().copied().map(non_finite::json).collect(),
            Expected::Texts(texts) => texts.iter().map(String::as_str).collect(),
        });
        let expression = if validator.expression.is_empty() {
            in_words(validator.operator.as_ref(), expected_value.as_ref())
        } else {
            validator.expression.clone()
        };
        Self {
            outcome: outcome(validator.outcome),
            operator: validator.operator.as_ref().map(|operator| operator.as_str().to_owned()),
            expected_value,
            expression,
            is_decisive: validator.is_decisive,
            is_expression_only: validator.is_expression_only(),
            analytics_expression: None,
            has_custom_expression: validator.has_custom_expression,
        }
    }
}

/// The condition in words, where nobody wrote it down.
fn in_words(operator: Option<&Operator>, expected: Option<&Value>) -> String {
    match (operator, expected) {
        (None, _) => String::new(),
        (Some(operator), None) => format!("x {}", operator.as_str()),
        (Some(Operator::Range), Some(Value::Array(ends))) if ends.len() == 2 => {
            format!("{} <= x <= {}", ends[0], ends[1])
        }
        (Some(operator), Some(expected)) => format!("x {} {expected}", operator.as_str()),
    }
}
