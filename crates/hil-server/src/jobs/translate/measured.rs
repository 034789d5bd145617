//! A measurement as it is shown live. Its record has all of it.

use hil_model::run::{MeasuredValue, Measurement};
use serde_json::{Value, json};

/// Name, value, unit, verdict and limits.
pub(super) fn json(measurement: &Measurement) -> Value {
    let limits = &measurement.limits;
    json!({
        "name": measurement.name,
        "value": value(&measurement.value),
        "unit": measurement.unit,
        "outcome": measurement.outcome.word(),
        "marginal": measurement.marginal,
        "limits": { "low": limits.low.map(number), "high": limits.high.map(number) },
    })
}

fn value(value: &MeasuredValue) -> Value {
    match value {
        MeasuredValue::Unset => Value::Null,
        MeasuredValue::Number(value) => number(*value),
        MeasuredValue::Text(text) => Value::from(text.clone()),
        MeasuredValue::Bool(value) => Value::from(*value),
        MeasuredValue::Json(value) => value.clone(),
        // A curve may have megabytes.
        MeasuredValue::Series(series) => {
            let axes = series.axes.iter().map(|axis| json!({ "name": axis.name, "unit": axis.unit }));
            json!({ "axes": axes.collect::<Vec<_>>(), "rows": series.len() })
        }
    }
}

/// A number; what JSON has no number for is a text.
fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or_else(|| Value::from(value.to_string()), Value::Number)
}
