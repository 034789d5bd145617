//! Limits, validators and aggregations.

use std::borrow::Cow;

use hil_model::Limits;
use hil_model::run::{Aggregation, Expected, MeasurementOutcome, Operator, Validator};
use serde::{Deserialize, Serialize};

use super::cell::{DocumentScalar, Number, Word};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentLimits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    low: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    high: Option<Number>,
}

impl DocumentLimits {
    pub(super) fn is_none(&self) -> bool {
        self.low.is_none() && self.high.is_none()
    }
}

impl From<&Limits> for DocumentLimits {
    fn from(limits: &Limits) -> Self {
        Self { low: limits.low.map(Number), high: limits.high.map(Number) }
    }
}

impl From<DocumentLimits> for Limits {
    fn from(limits: DocumentLimits) -> Self {
        Self { low: limits.low.map(|low| low.0), high: limits.high.map(|high| high.0) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DocumentExpected<'a> {
    One(DocumentScalar<'a>),
    Numbers(Vec<Number>),
    Texts(Cow<'a, [String]>),
}

impl<'a> From<&'a Expected> for DocumentExpected<'a> {
    fn from(expected: &'a Expected) -> Self {
        match expected {
            Expected::One(scalar) => Self::One(DocumentScalar(Cow::Borrowed(scalar))),
            Expected::Numbers(numbers) => Self::Numbers(numbers.iter().copied().map(Number).collect()),
            Expected::Texts(texts) => Self::Texts(texts.into()),
        }
    }
}

impl From<DocumentExpected<'_>> for Expected {
    fn from(expected: DocumentExpected<'_>) -> Self {
        match expected {
            DocumentExpected::One(scalar) => Self::One(scalar.0.into_owned()),
            DocumentExpected::Numbers(numbers) => {
                Self::Numbers(numbers.into_iter().map(|number| number.0).collect())
            }
            DocumentExpected::Texts(texts) => Self::Texts(texts.into_owned()),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentValidator<'a> {
    outcome: Word<MeasurementOutcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expected: Option<DocumentExpected<'a>>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    expression: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    custom: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decisive: Option<bool>,
}

impl<'a> From<&'a Validator> for DocumentValidator<'a> {
    fn from(validator: &'a Validator) -> Self {
        let Validator { outcome, operator, expected, expression, has_custom_expression, is_decisive } =
            validator;
        Self {
            outcome: Word(*outcome),
            operator: operator.as_ref().map(|operator| operator.as_str().into()),
            expected: expected.as_ref().map(DocumentExpected::from),
            expression: expression.into(),
            custom: *has_custom_expression,
            decisive: *is_decisive,
        }
    }
}

impl From<DocumentValidator<'_>> for Validator {
    fn from(validator: DocumentValidator<'_>) -> Self {
        Self {
            outcome: validator.outcome.0,
            operator: validator.operator.as_deref().map(Operator::from),
            expected: validator.expected.map(Expected::from),
            expression: validator.expression.into_owned(),
            has_custom_expression: validator.custom,
            is_decisive: validator.decisive,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentAggregation<'a> {
    kind: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Word<MeasurementOutcome>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<DocumentScalar<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<DocumentValidator<'a>>,
}

impl<'a> From<&'a Aggregation> for DocumentAggregation<'a> {
    fn from(aggregation: &'a Aggregation) -> Self {
        let Aggregation { kind, outcome, value, unit, validators } = aggregation;
        Self {
            kind: kind.into(),
            outcome: outcome.map(Word),
            value: value.as_ref().map(|value| DocumentScalar(Cow::Borrowed(value))),
            unit: unit.as_deref().map(Cow::from),
            validators: validators.iter().map(DocumentValidator::from).collect(),
        }
    }
}

impl From<DocumentAggregation<'_>> for Aggregation {
    fn from(aggregation: DocumentAggregation<'_>) -> Self {
        Self {
            kind: aggregation.kind.into_owned(),
            outcome: aggregation.outcome.map(|outcome| outcome.0),
            value: aggregation.value.map(|value| value.0.into_owned()),
            unit: aggregation.unit.map(Cow::into_owned),
            validators: aggregation.validators.into_iter().map(Validator::from).collect(),
        }
    }
}
