//! What was measured: one value, or columns of them.

use std::fmt;

use crate::measurement::Plain;

/// A measured value. Numbers may be NaN or infinite.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum MeasuredValue {
    /// Nothing was set.
    #[default]
    Unset,
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// Anything else that JSON can say: an object, a list, null, an integer that no double holds.
    Json(serde_json::Value),
    /// Columns of values.
    Series(Series),
}

impl MeasuredValue {
    /// How deep the lists and objects of a JSON value may be nested. What is deeper could be written, but not read.
    pub const MAX_DEPTH: usize = 100;

    /// A number that JSON says: as such if a double holds it, else as JSON.
    pub fn of_number(number: serde_json::Number) -> Self {
        match Self::exact(&number) {
            Some(exact) => Self::Number(exact),
            None => Self::Json(serde_json::Value::Number(number)),
        }
    }

    /// The double that is this number; nothing for an integer between two doubles.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the double is an integer, and far from the ends of an i128"
    )]
    pub fn exact(number: &serde_json::Number) -> Option<f64> {
        let double = number.as_f64()?;
        let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        integer.is_none_or(|integer| double as i128 == integer).then_some(double)
    }

    /// Whether it is JSON that is nested deeper than [`MeasuredValue::MAX_DEPTH`].
    pub fn is_too_deep(&self) -> bool {
        matches!(self, Self::Json(value) if !is_shallow(value, Self::MAX_DEPTH))
    }

    /// Whether nothing was set.
    pub const fn is_unset(&self) -> bool {
        matches!(self, Self::Unset)
    }

    /// The number, if it is one.
    pub const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Unset | Self::Text(_) | Self::Bool(_) | Self::Json(_) | Self::Series(_) => None,
        }
    }
}

fn is_shallow(value: &serde_json::Value, depth: usize) -> bool {
    use serde_json::Value;
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_shallow(item, depth - 1)),
        Value::Object(fields) => depth > 0 && fields.values().all(|item| is_shallow(item, depth - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

impl fmt::Display for MeasuredValue {
    /// For a line: a series is its size, JSON is compact.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset => f.write_str("unset"),
            Self::Number(number) => Plain(*number).fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Json(json) => write!(f, "{json}"),
            Self::Series(series) => write!(f, "{} columns of {} rows", series.axes.len(), series.len()),
        }
    }
}

impl From<f64> for MeasuredValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for MeasuredValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for MeasuredValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for MeasuredValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Series> for MeasuredValue {
    fn from(series: Series) -> Self {
        Self::Series(series)
    }
}

impl From<serde_json::Value> for MeasuredValue {
    /// What is a number, a text or a truth value becomes one; an integer that no double holds stays JSON.
    fn from(json: serde_json::Value) -> Self {
        const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
        let is_exact = |number: &serde_json::Number| {
            number.is_f64() || number.as_i64().map(i64::unsigned_abs).is_some_and(|size| size <= EXACT)
        };
        match json {
            serde_json::Value::Number(number) if is_exact(&number) => {
                number.as_f64().map_or_else(|| Self::Json(number.into()), Self::Number)
            }
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Bool(value) => Self::Bool(value),
            other => Self::Json(other),
        }
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for MeasuredValue {
            fn from(integer: $integer) -> Self {
                serde_json::Value::from(integer).into()
            }
        }
    )*};
}

from_integer!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

/// A multi-dimensional series: columns side by side, the measured one last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The columns. They need not be of one length: foreign clients send them one by one.
    pub axes: Vec<Axis>,
}

impl Series {
    /// How many rows there are: the length of the longest column.
    pub fn len(&self) -> usize {
        self.axes.iter().map(|axis| axis.data.len()).max().unwrap_or(0)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows, each with one cell a column; a column that is too short has none.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Option<&Cell>>> {
        (0..self.len()).map(|row| self.axes.iter().map(|axis| axis.data.get(row)).collect())
    }
}

/// One column of a series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What the column holds.
    pub name: Option<String>,
    /// The unit of its values, as its symbol.
    pub unit: Option<String>,
    /// What the test's author says about it.
    pub description: Option<String>,
    /// The values.
    pub data: Vec<Cell>,
    /// What the column was held against.
    pub validators: Vec<super::Validator>,
    /// What was computed over it.
    pub aggregations: Vec<super::Aggregation>,
}

/// One value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number; NaN and the infinities are numbers.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// Nothing.
    Null,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => Plain(*number).fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Null => f.write_str("null"),
        }
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(3.into(), MeasuredValue::Number(3.0))]
    #[case(1.5.into(), MeasuredValue::Number(1.5))]
    #[case(((1_u64 << 53) + 1).into(), MeasuredValue::Json(json!((1_u64 << 53) + 1)))]
    #[case(i64::MIN.into(), MeasuredValue::Json(json!(i64::MIN)))]
    #[case(json!(-7).into(), MeasuredValue::Number(-7.0))]
    #[case(json!("a").into(), MeasuredValue::Text("a".into()))]
    #[case(json!(true).into(), MeasuredValue::Bool(true))]
    #[case(json!(null).into(), MeasuredValue::Json(json!(null)))]
    #[case(json!([1]).into(), MeasuredValue::Json(json!([1])))]
    fn a_value_is_as_plain_as_it_can_be(#[case] value: MeasuredValue, #[case] expected: MeasuredValue) {
        assert_eq!(value, expected);
    }

    #[test]
    fn rows_of_uneven_columns_have_holes() {
        let series = Series {
            axes: vec![
                Axis { data: vec![1.0.into(), 2.0.into()], ..Axis::default() },
                Axis { data: vec!["CPU".into()], ..Axis::default() },
            ],
        };
        let rows: Vec<_> = series.rows().collect();
        assert_eq!(rows, [vec![Some(&1.0.into()), Some(&"CPU".into())], vec![Some(&2.0.into()), None]]);
    }
}
