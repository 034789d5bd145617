//! Measurements and their values.

use std::borrow::Cow;

use hil_model::run::{Aggregation, Axis, MeasuredValue, Measurement, MeasurementOutcome, Series, Validator};
use serde::{Deserialize, Serialize};

use super::cell::{DocumentCell, Number, Word};
use super::condition::{DocumentAggregation, DocumentLimits, DocumentValidator};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentMeasurement<'a> {
    name: Cow<'a, str>,
    outcome: Word<MeasurementOutcome>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    marginal: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    optional: bool,
    /// Nothing was set if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<DocumentValue<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "DocumentLimits::is_none")]
    limits: DocumentLimits,
    #[serde(default, skip_serializing_if = "DocumentLimits::is_none")]
    marginal_limits: DocumentLimits,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<DocumentValidator<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aggregations: Vec<DocumentAggregation<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    docstring: Option<Cow<'a, str>>,
}

impl<'a> From<&'a Measurement> for DocumentMeasurement<'a> {
    fn from(measurement: &'a Measurement) -> Self {
        let Measurement {
            name,
            outcome,
            marginal,
            optional,
            value,
            unit,
            limits,
            marginal_limits,
            validators,
            aggregations,
            docstring,
        } = measurement;
        Self {
            name: name.into(),
            outcome: Word(*outcome),
            marginal: *marginal,
            optional: *optional,
            value: DocumentValue::new(value),
            unit: unit.as_deref().map(Cow::from),
            limits: limits.into(),
            marginal_limits: marginal_limits.into(),
            validators: validators.iter().map(DocumentValidator::from).collect(),
            aggregations: aggregations.iter().map(DocumentAggregation::from).collect(),
            docstring: docstring.as_deref().map(Cow::from),
        }
    }
}

impl From<DocumentMeasurement<'_>> for Measurement {
    fn from(measurement: DocumentMeasurement<'_>) -> Self {
        Self {
            name: measurement.name.into_owned(),
            outcome: measurement.outcome.0,
            marginal: measurement.marginal,
            optional: measurement.optional,
            value: measurement.value.map_or(MeasuredValue::Unset, MeasuredValue::from),
            unit: measurement.unit.map(Cow::into_owned),
            limits: measurement.limits.into(),
            marginal_limits: measurement.marginal_limits.into(),
            validators: measurement.validators.into_iter().map(Validator::from).collect(),
            aggregations: measurement.aggregations.into_iter().map(Aggregation::from).collect(),
            docstring: measurement.docstring.map(Cow::into_owned),
        }
    }
}

/// A value and what kind it is of: `{"number": 11.96}`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DocumentValue<'a> {
    Number(Number),
    Text(Cow<'a, str>),
    Bool(bool),
    Json(Cow<'a, serde_json::Value>),
    Series(Vec<DocumentAxis<'a>>),
}

impl<'a> DocumentValue<'a> {
    fn new(value: &'a MeasuredValue) -> Option<Self> {
        Some(match value {
            MeasuredValue::Unset => return None,
            MeasuredValue::Number(number) => Self::Number(Number(*number)),
            MeasuredValue::Text(text) => Self::Text(text.into()),
            MeasuredValue::Bool(value) => Self::Bool(*value),
            MeasuredValue::Json(value) => Self::Json(Cow::Borrowed(value)),
            MeasuredValue::Series(series) => {
                Self::Series(series.axes.iter().map(DocumentAxis::from).collect())
            }
        })
    }
}

impl From<DocumentValue<'_>> for MeasuredValue {
    fn from(value: DocumentValue<'_>) -> Self {
        match value {
            DocumentValue::Number(number) => Self::Number(number.0),
            DocumentValue::Text(text) => Self::Text(text.into_owned()),
            DocumentValue::Bool(value) => Self::Bool(value),
            DocumentValue::Json(value) => Self::Json(value.into_owned()),
            DocumentValue::Series(axes) => {
                Self::Series(Series { axes: axes.into_iter().map(Axis::from).collect() })
            }
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentAxis<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'a, str>>,
    data: Vec<DocumentCell<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<DocumentValidator<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aggregations: Vec<DocumentAggregation<'a>>,
}

impl<'a> From<&'a Axis> for DocumentAxis<'a> {
    fn from(axis: &'a Axis) -> Self {
        let Axis { name, unit, description, data, validators, aggregations } = axis;
        Self {
            name: name.as_deref().map(Cow::from),
            unit: unit.as_deref().map(Cow::from),
            description: description.as_deref().map(Cow::from),
            data: data.iter().map(|cell| DocumentCell(Cow::Borrowed(cell))).collect(),
            validators: validators.iter().map(DocumentValidator::from).collect(),
            aggregations: aggregations.iter().map(DocumentAggregation::from).collect(),
        }
    }
}

impl From<DocumentAxis<'_>> for Axis {
    fn from(axis: DocumentAxis<'_>) -> Self {
        Self {
            name: axis.name.map(Cow::into_owned),
            unit: axis.unit.map(Cow::into_owned),
            description: axis.description.map(Cow::into_owned),
            data: axis.data.into_iter().map(|cell| cell.0.into_owned()).collect(),
            validators: axis.validators.into_iter().map(Validator::from).collect(),
            aggregations: axis.aggregations.into_iter().map(Aggregation::from).collect(),
        }
    }
}
