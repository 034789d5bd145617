//! How values, validators and aggregations look on disk: JSON in a text column. Part of version 1 of the database.
//!
//! JSON has no NaN and no infinities. Where a number may be one of them it is written as `{"n": "NaN"}`; a text that
//! happens to be `NaN` stays a text.

use std::fmt;

use hil_model::Limits;
use hil_model::run::{
    Aggregation, Axis, Cell, Expected, MeasurementOutcome, Operator, Scalar, Series, Validator,
};
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Result, StoreError};

/// The disk form of something, as text.
pub(super) fn write<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::damaged(error.to_string()))
}

/// Something from its disk form.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::damaged(error.to_string()))
}

/// One value: a number, a text, a truth value or nothing.
#[derive(Debug)]
pub(super) struct DiskCell(pub(super) Cell);

impl Serialize for DiskCell {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match &self.0 {
            Cell::Number(number) if number.is_finite() => serializer.serialize_f64(*number),
            Cell::Number(number) => serializer.collect_map([("n", number.to_string())]),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Bool(value) => serializer.serialize_bool(*value),
            Cell::Null => serializer.serialize_unit(),
        }
    }
}

impl<'de> Deserialize<'de> for DiskCell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct CellVisitor;

        impl<'de> Visitor<'de> for CellVisitor {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a text, a truth value or nothing")
            }

            fn visit_f64<E>(self, number: f64) -> std::result::Result<Cell, E> {
                Ok(Cell::Number(number))
            }

            #[expect(clippy::cast_precision_loss, reason = "written as a double in the first place")]
            fn visit_u64<E>(self, number: u64) -> std::result::Result<Cell, E> {
                Ok(Cell::Number(number as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "written as a double in the first place")]
            fn visit_i64<E>(self, number: i64) -> std::result::Result<Cell, E> {
                Ok(Cell::Number(number as f64))
            }

            fn visit_str<E>(self, text: &str) -> std::result::Result<Cell, E> {
                Ok(Cell::Text(text.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> std::result::Result<Cell, E> {
                Ok(Cell::Bool(value))
            }

            fn visit_unit<E>(self) -> std::result::Result<Cell, E> {
                Ok(Cell::Null)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Cell, A::Error> {
                match map.next_entry::<String, String>()? {
                    Some((key, number)) if key == "n" => {
                        number.parse().map(Cell::Number).map_err(A::Error::custom)
                    }
                    _ => Err(A::Error::custom("an object that is no number")),
                }
            }
        }

        deserializer.deserialize_any(CellVisitor).map(Self)
    }
}

impl From<&Scalar> for DiskCell {
    fn from(scalar: &Scalar) -> Self {
        Self(match scalar {
            Scalar::Number(number) => Cell::Number(*number),
            Scalar::Text(text) => Cell::Text(text.clone()),
            Scalar::Bool(value) => Cell::Bool(*value),
        })
    }
}

impl DiskCell {
    fn scalar(self) -> Result<Scalar> {
        match self.0 {
            Cell::Number(number) => Ok(Scalar::Number(number)),
            Cell::Text(text) => Ok(Scalar::Text(text)),
            Cell::Bool(value) => Ok(Scalar::Bool(value)),
            Cell::Null => Err(StoreError::damaged("nothing stands in place of a value")),
        }
    }

    pub(super) fn number(&self) -> Result<f64> {
        match self.0 {
            Cell::Number(number) => Ok(number),
            Cell::Text(_) | Cell::Bool(_) | Cell::Null => Err(StoreError::damaged("not a number")),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DiskExpected {
    One(DiskCell),
    Numbers(Vec<DiskCell>),
    Texts(Vec<String>),
}

/// A validator.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DiskValidator {
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<DiskExpected>,
    expression: String,
    custom: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    decisive: Option<bool>,
}

impl From<&Validator> for DiskValidator {
    fn from(validator: &Validator) -> Self {
        let numbers =
            |numbers: &[f64]| numbers.iter().map(|number| DiskCell(Cell::Number(*number))).collect();
        Self {
            outcome: validator.outcome.word().to_owned(),
            operator: validator.operator.as_ref().map(|operator| operator.as_str().to_owned()),
            expected: validator.expected.as_ref().map(|expected| match expected {
                Expected::One(scalar) => DiskExpected::One(scalar.into()),
                Expected::Numbers(values) => DiskExpected::Numbers(numbers(values)),
                Expected::Texts(texts) => DiskExpected::Texts(texts.clone()),
            }),
            expression: validator.expression.clone(),
            custom: validator.has_custom_expression,
            decisive: validator.is_decisive,
        }
    }
}

impl TryFrom<DiskValidator> for Validator {
    type Error = StoreError;

    fn try_from(disk: DiskValidator) -> Result<Self> {
        let expected = match disk.expected {
            None => None,
            Some(DiskExpected::One(cell)) => Some(Expected::One(cell.scalar()?)),
            Some(DiskExpected::Numbers(cells)) => {
                Some(Expected::Numbers(cells.iter().map(DiskCell::number).collect::<Result<_>>()?))
            }
            Some(DiskExpected::Texts(texts)) => Some(Expected::Texts(texts)),
        };
        Ok(Self {
            outcome: outcome(&disk.outcome)?,
            operator: disk.operator.as_deref().map(Operator::from),
            expected,
            expression: disk.expression,
            has_custom_expression: disk.custom,
            is_decisive: disk.decisive,
        })
    }
}

fn outcome(word: &str) -> Result<MeasurementOutcome> {
    word.parse().map_err(|error| StoreError::damaged(format!("{error}")))
}

/// An aggregation.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DiskAggregation {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<DiskCell>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<DiskValidator>,
}

impl From<&Aggregation> for DiskAggregation {
    fn from(aggregation: &Aggregation) -> Self {
        Self {
            kind: aggregation.kind.clone(),
            outcome: aggregation.outcome.map(|outcome| outcome.word().to_owned()),
            value: aggregation.value.as_ref().map(DiskCell::from),
            unit: aggregation.unit.clone(),
            validators: aggregation.validators.iter().map(DiskValidator::from).collect(),
        }
    }
}

impl TryFrom<DiskAggregation> for Aggregation {
    type Error = StoreError;

    fn try_from(disk: DiskAggregation) -> Result<Self> {
        Ok(Self {
            kind: disk.kind,
            outcome: disk.outcome.as_deref().map(outcome).transpose()?,
            value: disk.value.map(DiskCell::scalar).transpose()?,
            unit: disk.unit,
            validators: from_disk(disk.validators)?,
        })
    }
}

fn from_disk<D, T: TryFrom<D, Error = StoreError>>(disk: Vec<D>) -> Result<Vec<T>> {
    disk.into_iter().map(T::try_from).collect()
}

#[derive(Debug, Serialize, Deserialize)]
struct DiskAxis {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    data: Vec<DiskCell>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<DiskValidator>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aggregations: Vec<DiskAggregation>,
}

/// A series.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct DiskSeries(Vec<DiskAxis>);

impl From<&Series> for DiskSeries {
    fn from(series: &Series) -> Self {
        Self(
            series
                .axes
                .iter()
                .map(|axis| DiskAxis {
                    name: axis.name.clone(),
                    unit: axis.unit.clone(),
                    description: axis.description.clone(),
                    data: axis.data.iter().cloned().map(DiskCell).collect(),
                    validators: axis.validators.iter().map(DiskValidator::from).collect(),
                    aggregations: axis.aggregations.iter().map(DiskAggregation::from).collect(),
                })
                .collect(),
        )
    }
}

impl TryFrom<DiskSeries> for Series {
    type Error = StoreError;

    fn try_from(disk: DiskSeries) -> Result<Self> {
        let axis = |disk: DiskAxis| {
            Ok(Axis {
                name: disk.name,
                unit: disk.unit,
                description: disk.description,
                data: disk.data.into_iter().map(|cell| cell.0).collect(),
                validators: from_disk(disk.validators)?,
                aggregations: from_disk(disk.aggregations)?,
            })
        };
        Ok(Self { axes: disk.0.into_iter().map(axis).collect::<Result<_>>()? })
    }
}

/// What a measurement was held against.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct DiskConditions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    low: Option<DiskCell>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    high: Option<DiskCell>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marginal_low: Option<DiskCell>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marginal_high: Option<DiskCell>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validators: Vec<DiskValidator>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aggregations: Vec<DiskAggregation>,
}

/// Limits, marginal limits, validators and aggregations.
pub(super) type Conditions = (Limits, Limits, Vec<Validator>, Vec<Aggregation>);

impl DiskConditions {
    pub(super) fn new(
        limits: &Limits,
        marginal: &Limits,
        validators: &[Validator],
        aggregations: &[Aggregation],
    ) -> Self {
        let cell = |number: Option<f64>| number.map(|number| DiskCell(Cell::Number(number)));
        Self {
            low: cell(limits.low),
            high: cell(limits.high),
            marginal_low: cell(marginal.low),
            marginal_high: cell(marginal.high),
            validators: validators.iter().map(DiskValidator::from).collect(),
            aggregations: aggregations.iter().map(DiskAggregation::from).collect(),
        }
    }

    /// Whether there is nothing to write down.
    pub(super) fn is_empty(&self) -> bool {
        let Self { low, high, marginal_low, marginal_high, validators, aggregations } = self;
        [low, high, marginal_low, marginal_high].into_iter().all(Option::is_none)
            && validators.is_empty()
            && aggregations.is_empty()
    }

    pub(super) fn parts(self) -> Result<Conditions> {
        let number = |cell: Option<DiskCell>| cell.map(|cell| cell.number()).transpose();
        Ok((
            Limits { low: number(self.low)?, high: number(self.high)? },
            Limits { low: number(self.marginal_low)?, high: number(self.marginal_high)? },
            from_disk(self.validators)?,
            from_disk(self.aggregations)?,
        ))
    }
}
