//! A measurement as a client sends it. Whatever JSON can say may be measured.

use hil_model::Limits;
use hil_model::run::{
    Aggregation, Axis, Cell, Expected, MeasuredValue, Measurement, MeasurementOutcome, Operator, Scalar,
    Series, Validator,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult};
use crate::v2::field;
use crate::v2::non_finite::{Numeric, from_word};

/// A measurement: one value, or columns of numbers.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewMeasurement {
    name: String,
    /// PASS, FAIL or UNSET.
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String)]
    outcome: MeasurementOutcome,
    /// The column that the others are measured over.
    #[serde(default)]
    x_axis: Option<NewColumn>,
    /// The measured columns.
    #[serde(default, deserialize_with = "field::items")]
    y_axis: Vec<NewColumn>,
    /// The value, if there are no columns. Rows of equal length with a list of units are columns, too.
    #[serde(default)]
    measured_value: Option<Value>,
    /// The unit, or those of the columns.
    #[serde(default)]
    units: Option<Value>,
    #[serde(default)]
    lower_limit: Option<Numeric>,
    #[serde(default)]
    upper_limit: Option<Numeric>,
    #[serde(default, deserialize_with = "field::items")]
    validators: Vec<NewValidator>,
    #[serde(default, deserialize_with = "field::items")]
    aggregations: Vec<NewAggregation>,
    #[serde(default)]
    docstring: Option<String>,
}

/// A column of numbers.
#[derive(Deserialize, ToSchema)]
struct NewColumn {
    data: Vec<Numeric>,
    #[serde(default)]
    units: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, deserialize_with = "field::items")]
    validators: Vec<NewValidator>,
    #[serde(default, deserialize_with = "field::items")]
    aggregations: Vec<NewAggregation>,
}

/// What a value was held against.
#[derive(Deserialize, ToSchema)]
struct NewValidator {
    /// PASS, FAIL or UNSET.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>)]
    outcome: Option<MeasurementOutcome>,
    /// `>=`, `==`, `in`, `range`, `matches`, or any other word.
    #[serde(default)]
    operator: Option<String>,
    #[serde(default)]
    expected_value: Option<Value>,
    #[serde(default)]
    expression: Option<String>,
    /// False for a marginal limit.
    #[serde(default)]
    is_decisive: Option<bool>,
}

/// What was computed over a column.
#[derive(Deserialize, ToSchema)]
struct NewAggregation {
    /// `min`, `avg`, or any other word.
    #[serde(rename = "type")]
    kind: String,
    /// PASS, FAIL or UNSET.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>)]
    outcome: Option<MeasurementOutcome>,
    /// A number, a text or a truth value.
    #[serde(default)]
    value: Option<Value>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default, deserialize_with = "field::items")]
    validators: Vec<NewValidator>,
}

impl TryFrom<NewMeasurement> for Measurement {
    type Error = ApiError;

    fn try_from(new: NewMeasurement) -> ApiResult<Self> {
        let units = Units::try_from(new.units)?;
        let columns: Vec<Axis> = new.x_axis.into_iter().chain(new.y_axis).map(Axis::from).collect();
        let (value, unit) = if !columns.is_empty() {
            (MeasuredValue::Series(Series { axes: columns }), units.joined())
        } else if let Some(value) = new.measured_value {
            match units.table(&value) {
                Some(series) => (MeasuredValue::Series(series), None),
                None => (measured(value), units.joined()),
            }
        } else {
            (MeasuredValue::Unset, units.joined())
        };
        Ok(Self {
            outcome: new.outcome,
            value,
            unit,
            limits: Limits {
                low: new.lower_limit.map(|limit| limit.0),
                high: new.upper_limit.map(|limit| limit.0),
            },
            validators: new.validators.into_iter().map(Validator::from).collect(),
            aggregations: new.aggregations.into_iter().map(Aggregation::from).collect(),
            docstring: new.docstring,
            ..Self::new(new.name)
        })
    }
}

/// One unit, or one for each column.
enum Units {
    None,
    One(String),
    Each(Vec<String>),
}

impl TryFrom<Option<Value>> for Units {
    type Error = ApiError;

    fn try_from(value: Option<Value>) -> ApiResult<Self> {
        let wrong = || ApiError::invalid("units: a text or a list of texts is expected");
        match value {
            None | Some(Value::Null) => Ok(Self::None),
            Some(Value::String(unit)) => Ok(Self::One(unit)),
            Some(Value::Array(units)) => {
                let text = |unit: Value| match unit {
                    Value::String(text) => Some(text),
                    _ => None,
                };
                units.into_iter().map(text).collect::<Option<_>>().map(Self::Each).ok_or_else(wrong)
            }
            Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Err(wrong()),
        }
    }
}

impl Units {
    fn joined(self) -> Option<String> {
        match self {
            Self::None => None,
            Self::One(unit) => Some(unit),
            Self::Each(units) => Some(units.join(", ")),
        }
    }

    /// The rows as columns, if there is a unit for each column, and no cell that is a list or an object.
    fn table(&self, value: &Value) -> Option<Series> {
        let (Self::Each(units), Value::Array(rows)) = (self, value) else { return None };
        let mut axes: Vec<Axis> =
            units.iter().map(|unit| Axis { unit: Some(unit.clone()), ..Axis::default() }).collect();
        for row in rows {
            let row = row.as_array().filter(|row| row.len() == axes.len())?;
            for (axis, value) in axes.iter_mut().zip(row) {
                axis.data.push(cell(value)?);
            }
        }
        Some(Series { axes })
    }
}

fn cell(value: &Value) -> Option<Cell> {
    match value {
        Value::Null => Some(Cell::Null),
        Value::Bool(value) => Some(Cell::Bool(*value)),
        Value::Number(number) => number.as_f64().map(Cell::Number),
        Value::String(text) => Some(from_word(text).map_or_else(|| text.as_str().into(), Cell::Number)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn measured(value: Value) -> MeasuredValue {
    match value {
        Value::Bool(value) => MeasuredValue::Bool(value),
        Value::String(text) => match from_word(&text) {
            Some(number) => MeasuredValue::Number(number),
            None => MeasuredValue::Text(text),
        },
        Value::Number(number) => MeasuredValue::of_number(number),
        Value::Null | Value::Array(_) | Value::Object(_) => MeasuredValue::Json(value),
    }
}

impl From<NewColumn> for Axis {
    fn from(column: NewColumn) -> Self {
        Self {
            name: column.name,
            unit: column.units,
            description: column.description,
            data: column.data.into_iter().map(|number| Cell::Number(number.0)).collect(),
            validators: column.validators.into_iter().map(Validator::from).collect(),
            aggregations: column.aggregations.into_iter().map(Aggregation::from).collect(),
        }
    }
}

impl From<NewValidator> for Validator {
    fn from(new: NewValidator) -> Self {
        let expression = new.expression.unwrap_or_default();
        Self {
            outcome: new.outcome.unwrap_or(MeasurementOutcome::Unset),
            operator: new.operator.as_deref().map(Operator::from),
            expected: new.expected_value.and_then(expected),
            has_custom_expression: !expression.is_empty(),
            expression,
            is_decisive: new.is_decisive,
        }
    }
}

/// What a value is compared with. The client can be told of scalars and of lists of numbers or of texts; anything else
/// is kept as the text of its JSON.
fn expected(value: Value) -> Option<Expected> {
    match value {
        Value::Null => None,
        Value::Bool(value) => Some(value.into()),
        Value::Number(ref number) => number.as_f64().map(Expected::from),
        Value::String(ref text) => Some(from_word(text).map_or_else(|| text.as_str().into(), Expected::from)),
        Value::Array(ref items) => Some(
            numbers(items)
                .map(Expected::Numbers)
                .or_else(|| texts(items).map(Expected::Texts))
                .unwrap_or_else(|| value.to_string().as_str().into()),
        ),
        Value::Object(_) => Some(value.to_string().as_str().into()),
    }
}

fn numbers(items: &[Value]) -> Option<Vec<f64>> {
    let number = |item: &Value| item.as_f64().or_else(|| item.as_str().and_then(from_word));
    items.iter().map(number).collect()
}

fn texts(items: &[Value]) -> Option<Vec<String>> {
    items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

impl From<NewAggregation> for Aggregation {
    fn from(new: NewAggregation) -> Self {
        let value = new.value.and_then(|value| match value {
            Value::Null => None,
            Value::Bool(value) => Some(Scalar::Bool(value)),
            Value::Number(ref number) => number.as_f64().map(Scalar::Number),
            Value::String(text) => Some(from_word(&text).map_or(Scalar::Text(text), Scalar::Number)),
            Value::Array(_) | Value::Object(_) => Some(Scalar::Text(value.to_string())),
        });
        Self {
            kind: new.kind,
            outcome: new.outcome,
            value,
            unit: new.unit,
            validators: new.validators.into_iter().map(Validator::from).collect(),
        }
    }
}
