//! Integers, numbers with a unit, durations.

use std::fmt;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::Rule;
use crate::key_path::KeyPath;
use crate::reader::Reader;
use crate::scalar::{Meaning, Scalar};
use crate::tree::{Node, Value};

/// An integer from `min` to `max`, decimal or as `0x…`.
pub(crate) struct Integer<T> {
    min: T,
    max: T,
}

impl<T> Integer<T> {
    pub(crate) const fn new(min: T, max: T) -> Self {
        Self { min, max }
    }
}

impl<T> Rule for Integer<T>
where
    T: TryFrom<i128> + PartialOrd + fmt::Display + Copy + Into<Json>,
{
    type Value = T;

    fn expected(&self) -> String {
        format!("an integer from {} to {}", self.min, self.max)
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<T> {
        let Some(Meaning::Integer(integer)) = meaning(node) else {
            reader.wrong_type(node, path, self.expected());
            return None;
        };
        let value = T::try_from(integer).ok().filter(|value| (self.min..=self.max).contains(value));
        if value.is_none() {
            reader.out_of_range(node, path, self.expected());
        }
        value
    }

    fn show(&self, value: &T) -> Json {
        (*value).into()
    }

    fn schema(&self) -> Json {
        json!({
            "type": "integer",
            "minimum": self.min.into(),
            "maximum": self.max.into(),
        })
    }
}

/// A number from `min` to `max` in a unit.
pub(crate) struct Number {
    min: f64,
    max: f64,
    unit: &'static str,
}

impl Number {
    pub(crate) const fn volts(min: f64, max: f64) -> Self {
        let unit = " V";
        Self { min, max, unit }
    }

    pub(crate) const fn amps(min: f64, max: f64) -> Self {
        let unit = " A";
        Self { min, max, unit }
    }

    /// A probability.
    pub(crate) const fn fraction() -> Self {
        Self { min: 0.0, max: 1.0, unit: "" }
    }
}

impl Rule for Number {
    type Value = f64;

    fn expected(&self) -> String {
        format!("a number from {} to {}{}", self.min, self.max, self.unit)
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<f64> {
        let Some(number) = meaning(node).and_then(to_f64) else {
            reader.wrong_type(node, path, self.expected());
            return None;
        };
        // A NaN is in no range.
        let is_in_range = (self.min..=self.max).contains(&number);
        if !is_in_range {
            reader.out_of_range(node, path, self.expected());
        }
        is_in_range.then_some(number)
    }

    fn show(&self, value: &f64) -> Json {
        json!(value)
    }

    fn schema(&self) -> Json {
        json!({ "type": "number", "minimum": self.min, "maximum": self.max })
    }
}

/// A duration: a number of seconds, or text with units as in `1min 30s`.
pub(crate) struct Seconds {
    min: Duration,
    max: Duration,
}

impl Seconds {
    pub(crate) const fn new(min: Duration, max: Duration) -> Self {
        Self { min, max }
    }
}

impl Rule for Seconds {
    type Value = Duration;

    fn expected(&self) -> String {
        format!(
            "a duration from {} to {} (seconds as a number, or text such as `500ms`)",
            humantime::format_duration(self.min),
            humantime::format_duration(self.max),
        )
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<Duration> {
        let duration = match (&node.value, meaning(node)) {
            (Value::Scalar(Scalar { text, .. }), Some(Meaning::Text)) => {
                humantime::parse_duration(text).ok().map(Some)
            }
            // What is negative, infinite or not a number is no duration but still a number.
            (_, Some(meaning)) => to_f64(meaning).map(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            (_, None) => None,
        };
        let Some(duration) = duration else {
            reader.wrong_type(node, path, self.expected());
            return None;
        };
        let duration = duration.filter(|duration| (self.min..=self.max).contains(duration));
        if duration.is_none() {
            reader.out_of_range(node, path, self.expected());
        }
        duration
    }

    fn show(&self, value: &Duration) -> Json {
        json!(value.as_secs_f64())
    }

    fn schema(&self) -> Json {
        json!({
            "type": ["number", "string"],
            "minimum": self.min.as_secs_f64(),
            "maximum": self.max.as_secs_f64(),
        })
    }
}

fn meaning(node: &Node) -> Option<Meaning> {
    match &node.value {
        Value::Scalar(scalar) => Some(scalar.meaning()),
        Value::List(_) | Value::Section(_) => None,
    }
}

fn to_f64(meaning: Meaning) -> Option<f64> {
    match meaning {
        // Beyond 2^53 digits are lost, and every range has ended long before.
        Meaning::Integer(integer) => Some(integer as f64),
        Meaning::Decimal(number) => Some(number),
        Meaning::Null | Meaning::Bool(_) | Meaning::LeadingZero | Meaning::Text => None,
    }
}
