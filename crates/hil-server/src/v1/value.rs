//! What was measured, from JSON and back.

use hil_model::run::{Axis, Cell, MeasuredValue, Series};
use serde_json::{Number, Value, json};

use super::wire::Units;

/// The value, and its unit unless its columns have units of their own.
///
/// A list of rows with as many cells as there are units is a table. Other lists, objects, and integers that no double
/// holds stay JSON.
pub(super) fn measured(value: Option<Value>, units: Option<Units>) -> (MeasuredValue, Option<String>) {
    let Some(Units::Columns(columns)) = units else {
        let unit = units.map(|units| match units {
            Units::One(unit) => unit,
            Units::Columns(_) => String::new(),
        });
        return (value.map_or(MeasuredValue::Unset, plain), unit);
    };
    match value.map(|value| table(value, &columns)) {
        Some(Ok(series)) => (MeasuredValue::Series(series), None),
        other => {
            let words: Vec<String> = columns.into_iter().flatten().collect();
            let unit = (!words.is_empty()).then(|| words.join(", "));
            (other.and_then(Result::err).map_or(MeasuredValue::Unset, plain), unit)
        }
    }
}

fn plain(value: Value) -> MeasuredValue {
    match value {
        Value::Null => MeasuredValue::Unset,
        Value::Bool(value) => MeasuredValue::Bool(value),
        Value::String(text) => MeasuredValue::Text(text),
        Value::Number(number) => MeasuredValue::of_number(number),
        value @ (Value::Array(_) | Value::Object(_)) => MeasuredValue::Json(value),
    }
}

/// The columns of a table, or the value back if it is none.
fn table(value: Value, units: &[Option<String>]) -> Result<Series, Value> {
    let is_row = |row: &Value| {
        row.as_array().is_some_and(|cells| {
            cells.len() == units.len() && !cells.iter().any(|cell| cell.is_array() || cell.is_object())
        })
    };
    match value {
        Value::Array(rows) if !units.is_empty() && rows.iter().all(is_row) => {
            let mut axes: Vec<Axis> =
                units.iter().map(|unit| Axis { unit: unit.clone(), ..Axis::default() }).collect();
            for row in &rows {
                for (axis, cell) in axes.iter_mut().zip(row.as_array().into_iter().flatten()) {
                    axis.data.push(cell_of(cell));
                }
            }
            Ok(Series { axes })
        }
        other => Err(other),
    }
}

fn cell_of(value: &Value) -> Cell {
    match value {
        Value::Bool(value) => Cell::Bool(*value),
        Value::Number(number) => number.as_f64().map_or(Cell::Null, Cell::Number),
        Value::String(text) => Cell::Text(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => Cell::Null,
    }
}

/// A number as JSON; what JSON cannot say is a word, as OpenHTF spells it.
pub(super) fn number(number: f64) -> Value {
    match Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None if number.is_nan() => json!("nan"),
        None => json!(if number > 0.0 { "inf" } else { "-inf" }),
    }
}

/// The value as JSON: a table is a list of rows.
pub(super) fn json(value: &MeasuredValue) -> Value {
    match value {
        MeasuredValue::Unset => Value::Null,
        MeasuredValue::Number(value) => number(*value),
        MeasuredValue::Text(text) => json!(text),
        MeasuredValue::Bool(value) => json!(value),
        MeasuredValue::Json(value) => value.clone(),
        MeasuredValue::Series(series) => series
            .rows()
            .map(|row| row.into_iter().map(|cell| cell.map_or(Value::Null, cell_json)).collect::<Value>())
            .collect(),
    }
}

fn cell_json(cell: &Cell) -> Value {
    match cell {
        Cell::Number(value) => number(*value),
        Cell::Text(text) => json!(text),
        Cell::Bool(value) => json!(value),
        Cell::Null => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn columns(units: &[&str]) -> Option<Units> {
        Some(Units::Columns(units.iter().map(|unit| Some((*unit).to_owned())).collect()))
    }

    #[rstest]
    #[case(json!(3), MeasuredValue::Number(3.0))]
    #[case(json!(3.5), MeasuredValue::Number(3.5))]
    #[case(json!(9_007_199_254_740_993_i64), MeasuredValue::Json(json!(9_007_199_254_740_993_i64)))]
    #[case(json!(u64::MAX), MeasuredValue::Json(json!(u64::MAX)))]
    #[case(json!("nan"), MeasuredValue::Text("nan".into()))]
    #[case(json!(true), MeasuredValue::Bool(true))]
    #[case(json!(null), MeasuredValue::Unset)]
    #[case(json!({"a": [1]}), MeasuredValue::Json(json!({"a": [1]})))]
    #[case(json!([[1, 2]]), MeasuredValue::Json(json!([[1, 2]])))]
    fn values_keep_their_kind(#[case] value: Value, #[case] expected: MeasuredValue) {
        let (measured, unit) = measured(Some(value.clone()), Some(Units::One("V".into())));
        assert_eq!((&measured, unit.as_deref()), (&expected, Some("V")));
        if !matches!(expected, MeasuredValue::Number(_)) {
            assert_eq!(json(&measured), value);
        }
    }

    #[test]
    fn rows_with_a_unit_for_each_cell_are_a_table() {
        let rows = json!([[1.0, "a", null], [2.0, true, 0.5]]);
        let (value, unit) = measured(Some(rows.clone()), columns(&["s", "", "V"]));
        let MeasuredValue::Series(series) = &value else { panic!("{value:?} is no series") };
        assert_eq!((series.axes[2].unit.as_deref(), unit), (Some("V"), None));
        assert_eq!(json(&value), rows);
    }

    #[rstest]
    #[case(json!([[1], [1, 2]]))]
    #[case(json!([[1, [2]]]))]
    #[case(json!([1, 2]))]
    #[case(json!({}))]
    fn other_lists_stay_as_they_are(#[case] value: Value) {
        let (measured, unit) = measured(Some(value.clone()), columns(&["s", "V"]));
        assert_eq!((measured, unit.as_deref()), (MeasuredValue::Json(value), Some("s, V")));
    }

    #[test]
    fn what_json_cannot_say_is_a_word() {
        let words = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(number);
        assert_eq!(words, [json!("nan"), json!("inf"), json!("-inf")]);
    }
}
