//! The codec of hil-ldf as the round trip uses it: owned values, frames by name.

use hil_ldf::{CodecError, Database, Fill, Raw, Value};

/// A raw value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bits {
    Scalar(u64),
    Array(Vec<u8>),
}

/// A value to encode.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    Raw(Bits),
    Number(f64),
    Text(String),
}

/// A decoded signal.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) raw: Bits,
    pub(crate) number: Option<f64>,
    pub(crate) text: Option<String>,
    /// As it is shown.
    pub(crate) shown: String,
}

/// Decodes a whole frame.
pub(crate) fn decode(database: &Database, frame: &str, payload: &[u8]) -> Result<Vec<Found>, CodecError> {
    let frame = database.frame(frame).expect("the frame is there");
    let mut all = Vec::new();
    for decoded in frame.decode(payload)?.iter() {
        let raw = match decoded.raw() {
            Raw::Scalar(value) => Bits::Scalar(value),
            Raw::Array(bytes) => Bits::Array(bytes.to_vec()),
        };
        all.push(Found {
            name: decoded.name().to_owned(),
            raw,
            number: decoded.physical(),
            text: decoded.text().map(Into::into),
            shown: decoded.to_string(),
        });
    }
    Ok(all)
}

/// Encodes values into a new payload.
pub(crate) fn encode(
    database: &Database,
    frame: &str,
    values: &[(&str, Given)],
    fill: Fill,
) -> Result<Vec<u8>, CodecError> {
    let frame = database.frame(frame).expect("the frame is there");
    frame
        .encode(values.iter().map(|(name, given)| (*name, value(given))), fill)
        .map(|payload| payload.to_vec())
}

/// Encodes values over a payload.
pub(crate) fn encode_over(
    database: &Database,
    frame: &str,
    base: &[u8],
    values: &[(&str, Given)],
) -> Result<Vec<u8>, CodecError> {
    let frame = database.frame(frame).expect("the frame is there");
    frame
        .encode_over(base, values.iter().map(|(name, given)| (*name, value(given))))
        .map(|payload| payload.to_vec())
}

fn value(given: &Given) -> Value<'_> {
    match given {
        Given::Raw(Bits::Scalar(number)) => Value::from(*number),
        Given::Raw(Bits::Array(bytes)) => Value::from(bytes.as_slice()),
        Given::Number(number) => Value::from(*number),
        Given::Text(text) => Value::from(text.as_str()),
    }
}
