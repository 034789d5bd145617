//! JSON read strictly by type: what is wrong is named by its path.

use std::ops::RangeInclusive;

use crate::error::{ApiError, ApiResult};
use serde_json::{Map, Value};

/// The fields of an object that nobody has taken yet. Null is the same as absent.
#[derive(Debug)]
pub(super) struct Fields {
    path: String,
    left: Map<String, Value>,
}

impl Fields {
    /// The fields of the body.
    pub(super) fn of_body(value: Value) -> ApiResult<Self> {
        match value {
            Value::Object(left) => Ok(Self { path: String::new(), left }),
            other => Err(ApiError::bad_value("body", format!("expected an object, found {}", kind(&other)))),
        }
    }

    /// The path of a field.
    pub(super) fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, expected: &str, found: &Value) -> ApiError {
        ApiError::bad_value(&self.path(name), format!("expected {expected}, found {}", kind(found)))
    }

    pub(super) fn text(&mut self, name: &str) -> ApiResult<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(name, "a text", &other)),
        }
    }

    /// A list of at most `most` texts.
    pub(super) fn texts(&mut self, name: &str, most: usize) -> ApiResult<Option<Vec<String>>> {
        let items = match self.take(name) {
            None => return Ok(None),
            Some(Value::Array(items)) => items,
            Some(other) => return Err(self.wrong(name, "a list of texts", &other)),
        };
        if items.len() > most {
            let message = format!("at most {most} are taken, not {}", items.len());
            return Err(ApiError::bad_value(&self.path(name), message));
        }
        let texts = items.into_iter().map(|item| match item {
            Value::String(text) => Ok(text),
            other => Err(self.wrong(name, "a list of texts", &other)),
        });
        texts.collect::<Result<Vec<_>, _>>().map(Some)
    }

    pub(super) fn object(&mut self, name: &str) -> ApiResult<Option<Self>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(left)) => Ok(Some(Self { path: self.path(name), left })),
            Some(other) => Err(self.wrong(name, "an object", &other)),
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> ApiResult<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(other) => Err(self.wrong(name, "true or false", &other)),
        }
    }

    /// A whole number. One that is written with a point is none.
    pub(super) fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> ApiResult<Option<i64>> {
        let value = match self.take(name) {
            None => return Ok(None),
            Some(value) => value,
        };
        let number = match &value {
            Value::Number(number) if number.is_u64() || number.is_i64() => {
                // Larger than any range.
                number.as_i64().unwrap_or(i64::MAX)
            }
            other => return Err(self.wrong(name, "a whole number", other)),
        };
        if range.contains(&number) {
            return Ok(Some(number));
        }
        let (low, high) = (range.start(), range.end());
        let expected = if *high == i64::MAX { format!("at least {low}") } else { format!("{low} to {high}") };
        Err(ApiError::bad_value(&self.path(name), format!("expected {expected}, found {value}")))
    }

    pub(super) fn number(&mut self, name: &str, range: RangeInclusive<f64>) -> ApiResult<Option<f64>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Number(number)) => match number.as_f64().filter(|value| range.contains(value)) {
                Some(value) => Ok(Some(value)),
                None => {
                    let message = format!("expected {} to {}, found {number}", range.start(), range.end());
                    Err(ApiError::bad_value(&self.path(name), message))
                }
            },
            Some(other) => Err(self.wrong(name, "a number", &other)),
        }
    }

    /// The names of what is left.
    pub(super) fn names(&self) -> Vec<String> {
        self.left.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.clone()).collect()
    }

    /// The values that are left, by dotted paths beneath this object, each as a line of JSON.
    pub(super) fn leaves(self) -> Vec<(String, String)> {
        fn walk(prefix: &str, value: Value, leaves: &mut Vec<(String, String)>) {
            match value {
                Value::Object(fields) => {
                    for (name, value) in fields {
                        walk(&format!("{prefix}.{name}"), value, leaves);
                    }
                }
                other => leaves.push((prefix.to_owned(), other.to_string())),
            }
        }
        let mut leaves = Vec::new();
        for (name, value) in self.left {
            walk(&name, value, &mut leaves);
        }
        leaves
    }

    /// Refuses what nobody took.
    pub(super) fn finish(self) -> ApiResult<()> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => {
                let path = self.path(name);
                Err(ApiError::unknown(&path, "UNKNOWN_FIELD", format!("there is no field {path:?}")))
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
