//! One signal: between the values of its encoding and the bits of its field.

use std::sync::Arc;

use super::error::CodecError;
use super::layout::bytes_to_bits;
use super::value::{Decoded, Raw, Value};
use crate::model::{EncodingDef, EncodingEntry, SignalDef};
use crate::nearest::nearest;

/// The field that carries a value.
pub(super) fn to_bits(signal: &SignalDef, value: Value) -> Result<u64, CodecError> {
    match value {
        Value::Raw(raw) if signal.is_array() => Err(wrong_kind(signal, "bytes", Value::Raw(raw))),
        Value::Raw(raw) => fit(signal, raw),
        Value::Bytes(bytes) if !signal.is_array() => Err(wrong_kind(signal, "a number", Value::Bytes(bytes))),
        Value::Bytes(bytes) if bytes.len() * 8 != signal.width() => {
            Err(array_length(signal, bytes.len(), Value::Bytes(bytes)))
        }
        Value::Bytes(bytes) => Ok(bytes_to_bits(&bytes)),
        Value::Physical(number) => number_to_bits(signal, number),
        Value::Text(text) => text_to_bits(signal, text),
    }
}

fn number_to_bits(signal: &SignalDef, number: f64) -> Result<u64, CodecError> {
    if !number.is_finite() {
        return Err(CodecError::NotFinite { signal: signal.name().to_owned(), value: number });
    }
    let Some(encoding) = signal.encoding() else {
        return match whole(number) {
            Some(raw) if !signal.is_array() => fit(signal, raw),
            Some(_) | None => Err(not_encodable(signal, Value::Physical(number), None)),
        };
    };
    for entry in encoding.entries() {
        match entry {
            EncodingEntry::Logical { value, text: None } if whole(number) == Some(*value) => {
                return fit(signal, *value);
            }
            EncodingEntry::Physical { min, max, scale, offset, .. } => {
                if let Some(raw) = unscale(number, *min, *max, *scale, *offset) {
                    return fit(signal, raw);
                }
            }
            EncodingEntry::Bcd => {
                if let Some(bits) =
                    whole(number).and_then(|number| digits_to_bits(signal, &number.to_string()))
                {
                    return Ok(bits);
                }
            }
            EncodingEntry::Logical { .. } | EncodingEntry::Ascii => {}
        }
    }
    Err(not_encodable(signal, Value::Physical(number), None))
}

fn text_to_bits(signal: &SignalDef, text: String) -> Result<u64, CodecError> {
    let Some(encoding) = signal.encoding() else {
        return Err(not_encodable(signal, Value::Text(text), None));
    };
    for entry in encoding.entries() {
        match entry {
            EncodingEntry::Logical { value, text: Some(logical) } if **logical == *text => {
                return fit(signal, *value);
            }
            EncodingEntry::Physical { min, max, scale, offset, unit } => {
                let number = quantity(&text, unit.as_deref());
                if let Some(raw) = number.and_then(|number| unscale(number, *min, *max, *scale, *offset)) {
                    return fit(signal, raw);
                }
            }
            EncodingEntry::Ascii if text.is_ascii() => {
                if text.len() * 8 != signal.width() {
                    return Err(array_length(signal, text.len(), Value::Text(text)));
                }
                return Ok(bytes_to_bits(text.as_bytes()));
            }
            EncodingEntry::Bcd => {
                if let Some(bits) = digits_to_bits(signal, &text) {
                    return Ok(bits);
                }
            }
            EncodingEntry::Logical { .. } | EncodingEntry::Ascii => {}
        }
    }
    let meant = nearest(&text, encoding.texts()).map(str::to_owned);
    Err(not_encodable(signal, Value::Text(text), meant))
}

/// The decoded form of a field.
pub(super) fn from_bits(signal: &SignalDef, bits: u64) -> Result<Decoded, CodecError> {
    let bytes = || bits.to_le_bytes().into_iter().take(signal.width().div_ceil(8)).collect::<Vec<u8>>();
    let raw = if signal.is_array() { Raw::Array(bytes()) } else { Raw::Scalar(bits) };
    let mut decoded = Decoded { name: Arc::clone(&signal.name), raw, physical: None, unit: None, text: None };
    for entry in signal.encoding().map_or(&[][..], EncodingDef::entries) {
        match entry {
            EncodingEntry::Logical { value, text } if !signal.is_array() && *value == bits => {
                decoded.text.clone_from(text);
                return Ok(decoded);
            }
            EncodingEntry::Physical { min, max, scale, offset, unit }
                if !signal.is_array() && (*min..=*max).contains(&bits) =>
            {
                decoded.physical = Some(as_f64(bits) * scale + offset);
                decoded.unit.clone_from(unit);
                return Ok(decoded);
            }
            EncodingEntry::Bcd => {
                let digits = digits_from_bytes(signal, &bytes())?;
                decoded.physical = digits.parse().ok();
                decoded.text = Some(digits.into());
                return Ok(decoded);
            }
            EncodingEntry::Ascii => {
                decoded.text = Some(bytes().escape_ascii().to_string().into());
                return Ok(decoded);
            }
            EncodingEntry::Logical { .. } | EncodingEntry::Physical { .. } => {}
        }
    }
    Ok(decoded)
}

/// The raw value of a physical one, ties to even as in ldfparser. None outside of the raw limits.
fn unscale(number: f64, min: u64, max: u64, scale: f64, offset: f64) -> Option<u64> {
    // A scale of 0 gives an infinity or no number here, neither of which is whole.
    whole(((number - offset) / scale).round_ties_even()).filter(|raw| (min..=max).contains(raw))
}

/// The number without or with the unit that the encoding has.
fn quantity(text: &str, unit: Option<&str>) -> Option<f64> {
    let number = unit.and_then(|unit| text.strip_suffix(unit)).unwrap_or(text);
    number.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn whole(number: f64) -> Option<u64> {
    let in_range = (0.0..18_446_744_073_709_551_616.0).contains(&number);
    // Range and fraction are checked.
    (in_range && number.fract() == 0.0).then_some(number as u64)
}

// Scalars beyond 53 bits are outside of the language.
fn as_f64(bits: u64) -> f64 {
    bits as f64
}

/// One digit per byte, with leading zeros. None for too many digits, and for what is not a number.
fn digits_to_bits(signal: &SignalDef, digits: &str) -> Option<u64> {
    let count = signal.width() / 8;
    let valid =
        signal.width().is_multiple_of(8) && !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    if !valid || digits.len() > count {
        return None;
    }
    let bytes: Vec<u8> = format!("{digits:0>count$}").bytes().map(|digit| digit - b'0').collect();
    Some(bytes_to_bits(&bytes))
}

fn digits_from_bytes(signal: &SignalDef, bytes: &[u8]) -> Result<String, CodecError> {
    match bytes.iter().position(|byte| *byte > 9) {
        Some(position) => Err(CodecError::NotADigit {
            signal: signal.name().to_owned(),
            position,
            byte: bytes.get(position).copied().unwrap_or_default(),
        }),
        None => Ok(bytes.iter().map(|digit| char::from(b'0' + digit)).collect()),
    }
}

fn fit(signal: &SignalDef, raw: u64) -> Result<u64, CodecError> {
    if raw <= signal.mask() {
        return Ok(raw);
    }
    Err(CodecError::TooWide { signal: signal.name().to_owned(), width: signal.width(), value: raw })
}

fn wrong_kind(signal: &SignalDef, takes: &'static str, value: Value) -> CodecError {
    CodecError::WrongKind { signal: signal.name().to_owned(), width: signal.width(), takes, value }
}

fn array_length(signal: &SignalDef, actual: usize, value: Value) -> CodecError {
    CodecError::ArrayLength { signal: signal.name().to_owned(), width: signal.width(), actual, value }
}

fn not_encodable(signal: &SignalDef, value: Value, nearest: Option<String>) -> CodecError {
    CodecError::NotEncodable {
        signal: signal.name().to_owned(),
        width: signal.width(),
        value,
        encoding: signal.encoding().map(|encoding| encoding.name().to_owned()),
        nearest,
    }
}
