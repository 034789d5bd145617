//! Measured values with their limits.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The unit of a measured value, as its symbol: `V`, `ms`, `1` for a bare count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unit(std::borrow::Cow<'static, str>);

impl Unit {
    /// A bare number of things.
    pub const COUNT: Self = Self::symbol("1");
    /// Volts.
    pub const VOLT: Self = Self::symbol("V");
    /// Amperes.
    pub const AMPERE: Self = Self::symbol("A");
    /// Seconds.
    pub const SECOND: Self = Self::symbol("s");
    /// Milliseconds.
    pub const MILLISECOND: Self = Self::symbol("ms");
    /// Degrees Celsius.
    pub const CELSIUS: Self = Self::symbol("°C");
    /// Hundredths.
    pub const PERCENT: Self = Self::symbol("%");

    /// A unit by its symbol.
    pub const fn symbol(symbol: &'static str) -> Self {
        Self(std::borrow::Cow::Borrowed(symbol))
    }

    /// The symbol.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A measured value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number; NaN and the infinities survive the journal.
    Number(#[serde(with = "number")] f64),
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => {
                // Six decimals hide the noise of binary fractions; trailing zeros say nothing.
                let text = format!("{number:.6}");
                let text =
                    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
                f.write_str(text)
            }
            Self::Text(text) => f.write_str(text),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// The band in which a number must lie; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The least value that is good.
    pub low: Option<f64>,
    /// The greatest value that is good.
    pub high: Option<f64>,
}

impl Limits {
    /// Whether `value` lies in the band. NaN lies in none.
    pub fn contains(&self, value: f64) -> bool {
        !value.is_nan()
            && self.low.is_none_or(|low| value >= low)
            && self.high.is_none_or(|high| value <= high)
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value: f64| Value::Number(value);
        match (self.low, self.high) {
            (Some(low), Some(high)) => write!(f, "{} … {}", number(low), number(high)),
            (Some(low), None) => write!(f, "≥ {}", number(low)),
            (None, Some(high)) => write!(f, "≤ {}", number(high)),
            (None, None) => f.write_str("any"),
        }
    }
}

/// What a measurement says about its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Within its limits, or without any.
    Pass,
    /// Outside its limits.
    Fail,
}

/// A value that a test measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// What was measured, unique within its test.
    pub name: String,
    /// The value.
    pub value: Value,
    /// Its unit, if it has one.
    pub unit: Option<Unit>,
    /// The limits it was held against, if any.
    pub limits: Option<Limits>,
    /// What follows from them.
    pub verdict: Verdict,
}

/// JSON has no NaN and no infinities: they are written as text.
mod number {
    use serde::{Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() { serializer.serialize_f64(*value) } else { serializer.collect_str(value) }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        struct Number;

        impl de::Visitor<'_> for Number {
            type Value = f64;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, \"NaN\", \"inf\" or \"-inf\"")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<f64, E> {
                Ok(value)
            }

            #[expect(clippy::cast_precision_loss, reason = "a JSON integer stands for the nearest double")]
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<f64, E> {
                Ok(value as f64)
            }

            #[expect(clippy::cast_precision_loss, reason = "a JSON integer stands for the nearest double")]
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<f64, E> {
                Ok(value as f64)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<f64, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1.5)]
    #[case(-3.0)]
    #[case(f64::NAN)]
    #[case(f64::INFINITY)]
    #[case(f64::NEG_INFINITY)]
    fn every_number_survives_the_journal(#[case] number: f64) {
        let json = serde_json::to_string(&Value::Number(number)).unwrap();
        let Value::Number(back) = serde_json::from_str(&json).unwrap() else { panic!("{json}") };
        assert_eq!(back.to_bits(), number.to_bits(), "{json}");
    }

    #[rstest]
    #[case(Some(1.0), Some(2.0), 1.0, true)]
    #[case(Some(1.0), Some(2.0), 2.1, false)]
    #[case(None, Some(2.0), -9.0, true)]
    #[case(None, None, f64::NAN, false)]
    fn limits_include_their_ends_and_exclude_nan(
        #[case] low: Option<f64>,
        #[case] high: Option<f64>,
        #[case] value: f64,
        #[case] good: bool,
    ) {
        assert_eq!(Limits { low, high }.contains(value), good);
    }
}
