//! Measured values: JSON on one side, numbers, texts and series on the other.

use hil_model::run::{Axis, Cell, MeasuredValue, Series};
use serde_json::{Number, Value};

use super::wire::WireUnit;

/// What OpenHTF's list of units calls the absence of one.
const NO_DIMENSION: &str = "NDL";

/// The value of a measurement without dimensions.
///
/// `is_text`: a validator says that it is one, so that `"nan"` stays what it is.
pub(super) fn scalar(value: Value, is_text: bool) -> MeasuredValue {
    match value {
        Value::Number(number) => MeasuredValue::of_number(number),
        Value::String(text) => match not_finite(&text).filter(|_| !is_text) {
            Some(number) => MeasuredValue::Number(number),
            None => MeasuredValue::Text(text),
        },
        Value::Bool(value) => MeasuredValue::Bool(value),
        other @ (Value::Null | Value::Array(_) | Value::Object(_)) => MeasuredValue::Json(other),
    }
}

/// The value of a measurement with dimensions: rows, the measured value last. What is no such table stays JSON.
pub(super) fn table(value: Value, dimensions: &[WireUnit], unit: Option<&str>) -> MeasuredValue {
    let width = dimensions.len() + 1;
    match value {
        Value::Array(rows) if rows.iter().all(|row| is_row(row, width)) => {
            let mut axes: Vec<Axis> = dimensions.iter().map(axis).collect();
            axes.push(Axis { unit: unit.map(str::to_owned), ..Axis::default() });
            for row in rows {
                let Value::Array(cells) = row else { continue };
                for (axis, value) in axes.iter_mut().zip(cells) {
                    axis.data.extend(cell(value));
                }
            }
            MeasuredValue::Series(Series { axes })
        }
        other => MeasuredValue::Json(other),
    }
}

fn is_row(row: &Value, width: usize) -> bool {
    let is_cell = |value: &Value| match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => MeasuredValue::exact(number).is_some(),
        Value::Array(_) | Value::Object(_) => false,
    };
    matches!(row, Value::Array(cells) if cells.len() == width && cells.iter().all(is_cell))
}

fn cell(value: Value) -> Option<Cell> {
    match value {
        Value::Null => Some(Cell::Null),
        Value::Bool(value) => Some(Cell::Bool(value)),
        Value::String(text) => Some(not_finite(&text).map_or(Cell::Text(text), Cell::Number)),
        Value::Number(number) => MeasuredValue::exact(&number).map(Cell::Number),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn axis(dimension: &WireUnit) -> Axis {
    Axis {
        name: dimension.name.clone().filter(|name| !name.is_empty()),
        unit: unit(dimension, true),
        description: dimension.description.clone().filter(|text| !text.is_empty()),
        ..Axis::default()
    }
}

/// The symbol of a unit, else its name.
///
/// A dimension without a unit of the list has the author's own text as its name, which most often is a unit. One without
/// a code was written by `hil`, and has no unit.
pub(super) fn unit(unit: &WireUnit, is_dimension: bool) -> Option<String> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    filled(&unit.suffix).or_else(|| match unit.code.as_deref() {
        Some("") => None,
        Some(NO_DIMENSION) if !is_dimension => None,
        Some(_) | None => filled(&unit.name),
    })
}

/// The number that a text of OpenHTF's stands for.
fn not_finite(text: &str) -> Option<f64> {
    match text {
        "nan" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A number as JSON, or as one of the texts that stand for those that JSON does not have.
pub(super) fn number_to_json(number: f64) -> Value {
    // A whole number is written as one, as Python would an integer.
    if number.fract() == 0.0 && number.abs() < 9e15 && !(number == 0.0 && number.is_sign_negative()) {
        return Value::from(number as i64);
    }
    match Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None if number.is_nan() => Value::from("nan"),
        None if number > 0.0 => Value::from("inf"),
        None => Value::from("-inf"),
    }
}

/// A cell as JSON; a column that is too short has nothing there.
pub(super) fn cell_to_json(cell: Option<&Cell>) -> Value {
    match cell {
        Some(Cell::Number(number)) => number_to_json(*number),
        Some(Cell::Text(text)) => Value::from(text.as_str()),
        Some(Cell::Bool(value)) => Value::from(*value),
        Some(Cell::Null) | None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!(3), MeasuredValue::Number(3.0))]
    #[case(json!("inf"), MeasuredValue::Number(f64::INFINITY))]
    #[case(json!("Nan"), MeasuredValue::Text("Nan".into()))]
    #[case(json!(9_007_199_254_740_993_u64), MeasuredValue::Json(json!(9_007_199_254_740_993_u64)))]
    #[case(json!(u64::MAX), MeasuredValue::Json(json!(u64::MAX)))]
    #[case(json!(i64::MIN), MeasuredValue::Number(-9_223_372_036_854_775_808.0))]
    #[case(json!(null), MeasuredValue::Json(json!(null)))]
    fn a_value_keeps_its_type(#[case] json: Value, #[case] expected: MeasuredValue) {
        assert_eq!(scalar(json, false), expected);
    }

    #[test]
    fn a_text_that_is_compared_with_a_text_is_one() {
        assert_eq!(scalar(json!("nan"), true), MeasuredValue::Text("nan".into()));
    }

    fn dimension(suffix: Option<&str>) -> WireUnit {
        let text = |text: &str| Some(text.to_owned());
        WireUnit {
            name: text("time"),
            code: text("NDL"),
            suffix: suffix.map(str::to_owned),
            description: None,
        }
    }

    #[test]
    fn rows_become_columns() {
        let rows = json!([["RAM", "nan", 1], ["CPU", "inf", null]]);
        let MeasuredValue::Series(series) = table(rows, &[dimension(None), dimension(Some("s"))], Some("V"))
        else {
            panic!("no series");
        };
        let units: Vec<_> = series.axes.iter().map(|axis| axis.unit.as_deref()).collect();
        assert_eq!(units, [Some("time"), Some("s"), Some("V")]);
        assert_eq!(series.axes[0].data, ["RAM".into(), "CPU".into()]);
        assert!(
            matches!(series.axes[1].data[..], [Cell::Number(a), Cell::Number(b)] if a.is_nan() && b > 0.0)
        );
        assert_eq!(series.axes[2].data, [Cell::Number(1.0), Cell::Null]);
    }

    #[rstest]
    #[case(json!([[1, 2, 3]]))]
    #[case(json!([[1, [2]]]))]
    #[case(json!([1, 2]))]
    #[case(json!({"1": 2}))]
    fn what_is_no_table_stays_json(#[case] json: Value) {
        assert_eq!(table(json.clone(), &[dimension(None)], None), MeasuredValue::Json(json));
    }
}
