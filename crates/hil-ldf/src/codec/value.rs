//! Values as tests give them and as frames carry them.

use std::fmt;
use std::sync::Arc;

/// A value to encode.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The raw number of a scalar.
    Raw(u64),
    /// A number in the unit of the signal's encoding; the raw number if there is no encoding.
    Physical(f64),
    /// The text of a logical value, a number with its unit (`25.2 °C`), the characters of an ASCII array or
    /// the digits of a BCD one.
    Text(String),
    /// The bytes of an array.
    Bytes(Vec<u8>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw(raw) => write!(f, "{raw}"),
            Self::Physical(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Bytes(bytes) => write!(f, "{bytes:02X?}"),
        }
    }
}

impl From<u8> for Value {
    fn from(raw: u8) -> Self {
        Self::Raw(raw.into())
    }
}

impl From<u16> for Value {
    fn from(raw: u16) -> Self {
        Self::Raw(raw.into())
    }
}

impl From<u32> for Value {
    fn from(raw: u32) -> Self {
        Self::Raw(raw.into())
    }
}

impl From<u64> for Value {
    fn from(raw: u64) -> Self {
        Self::Raw(raw)
    }
}

impl From<bool> for Value {
    fn from(set: bool) -> Self {
        Self::Raw(set.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Physical(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// A value as the frame carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// A number.
    Scalar(u64),
    /// Bytes, the first on the wire first.
    Array(Vec<u8>),
}

impl Raw {
    /// The number of a scalar.
    pub fn as_scalar(&self) -> Option<u64> {
        match self {
            Self::Scalar(value) => Some(*value),
            Self::Array(_) => None,
        }
    }

    /// The bytes of an array.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Scalar(_) => None,
            Self::Array(bytes) => Some(bytes),
        }
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(value) => write!(f, "{value}"),
            Self::Array(bytes) => write!(f, "{bytes:02X?}"),
        }
    }
}

/// A decoded signal. A raw value for which the encoding has no entry has neither number nor text.
///
/// `Display` gives the text, else the number with three decimals and its unit, else the raw value.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// Name of the signal.
    pub name: Arc<str>,
    /// The value as carried.
    pub raw: Raw,
    /// The value in `unit`, for physical and BCD encodings.
    pub physical: Option<f64>,
    /// The unit of `physical`, if it has one.
    pub unit: Option<Arc<str>>,
    /// The text of a logical value, the digits of a BCD one, or the characters of an ASCII one, in which bytes
    /// that are not text are escaped.
    pub text: Option<Arc<str>>,
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.text, self.physical, &self.unit) {
            (Some(text), _, _) => f.write_str(text),
            (None, Some(number), Some(unit)) => write!(f, "{number:.3} {unit}"),
            (None, Some(number), None) => write!(f, "{number:.3}"),
            (None, None, _) => write!(f, "{}", self.raw),
        }
    }
}
