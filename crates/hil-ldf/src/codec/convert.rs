//! One signal: between the values of its encoding and the bits of its field.

use super::bytes::{Bytes, bytes_to_bits};
use super::error::CodecError;
use super::value::{Reading, Value};
use crate::model::{EntryRecord, SignalDef, SignalSlot};
use crate::nearest::nearest;

/// The field that carries a value.
pub(super) fn to_bits(signal: SignalDef<'_>, value: Value<'_>) -> Result<u64, CodecError> {
    match value {
        Value::Raw(_) if signal.is_array() => Err(wrong_kind(signal, "bytes", value)),
        Value::Raw(raw) => fit(signal, raw),
        Value::Bytes(_) if !signal.is_array() => Err(wrong_kind(signal, "a number", value)),
        Value::Bytes(bytes) if bytes.len() * 8 != signal.width() => {
            Err(array_length(signal, bytes.len(), value))
        }
        Value::Bytes(bytes) => Ok(bytes_to_bits(bytes)),
        Value::Physical(number) => number_to_bits(signal, number),
        Value::Text(text) => text_to_bits(signal, text),
    }
}

fn number_to_bits(signal: SignalDef<'_>, number: f64) -> Result<u64, CodecError> {
    if !number.is_finite() {
        return Err(CodecError::NotFinite { signal: signal.name().to_owned(), value: number });
    }
    let Some(entries) = signal.entry_records() else {
        return match whole(number) {
            Some(raw) if !signal.is_array() => fit(signal, raw),
            Some(_) | None => Err(not_encodable(signal, Value::Physical(number), None)),
        };
    };
    for entry in entries {
        match *entry {
            EntryRecord::Logical { value, text: None } if whole(number) == Some(value) => {
                return fit(signal, value);
            }
            EntryRecord::Physical { min, max, scale, offset, .. } => {
                if let Some(raw) = unscale(number, min, max, scale, offset) {
                    return fit(signal, raw);
                }
            }
            EntryRecord::Bcd => {
                if let Some(bits) = whole(number).and_then(|number| number_to_digits(signal, number)) {
                    return Ok(bits);
                }
            }
            EntryRecord::Logical { .. } | EntryRecord::Ascii => {}
        }
    }
    Err(not_encodable(signal, Value::Physical(number), None))
}

fn text_to_bits(signal: SignalDef<'_>, text: &str) -> Result<u64, CodecError> {
    let database = signal.database;
    for entry in signal.entry_records().unwrap_or_default() {
        match *entry {
            EntryRecord::Logical { value, text: Some(logical) } if database.is_text(logical, text) => {
                return fit(signal, value);
            }
            EntryRecord::Physical { min, max, scale, offset, unit } => {
                let number = quantity(text, database.optional_text(unit));
                if let Some(raw) = number.and_then(|number| unscale(number, min, max, scale, offset)) {
                    return fit(signal, raw);
                }
            }
            EntryRecord::Ascii if text.is_ascii() => {
                if text.len() * 8 != signal.width() {
                    return Err(array_length(signal, text.len(), Value::Text(text)));
                }
                return Ok(bytes_to_bits(text.as_bytes()));
            }
            EntryRecord::Bcd => {
                if let Some(bits) = text_to_digits(signal, text) {
                    return Ok(bits);
                }
            }
            EntryRecord::Logical { .. } | EntryRecord::Ascii => {}
        }
    }
    let meant = signal.encoding().and_then(|encoding| nearest(text, encoding.texts())).map(str::to_owned);
    Err(not_encodable(signal, Value::Text(text), meant))
}

/// What the encoding of the slot's signal makes of a field.
#[inline]
pub(super) fn read(slot: SignalSlot<'_>, bits: u64) -> Reading<'_> {
    let (database, is_array) = (slot.database, slot.record.is_array);
    let bytes = || Bytes::from_bits(bits, slot.record.width.div_ceil(8));
    for entry in slot.signal().entry_records().unwrap_or_default() {
        match *entry {
            EntryRecord::Logical { value, text } if value == bits && !is_array => {
                return Reading::Logical(database.optional_text(text));
            }
            EntryRecord::Physical { min, max, scale, offset, unit }
                if (min..=max).contains(&bits) && !is_array =>
            {
                let value = as_f64(bits) * scale + offset;
                return Reading::Physical { value, unit: database.optional_text(unit) };
            }
            EntryRecord::Bcd => return Reading::Digits(bytes()),
            EntryRecord::Ascii => return Reading::Characters(bytes()),
            EntryRecord::Logical { .. } | EntryRecord::Physical { .. } => {}
        }
    }
    Reading::Plain
}

/// Refuses a field that is read as digits and has a byte that is none.
pub(super) fn check_digits(slot: SignalSlot<'_>, bits: u64) -> Result<(), CodecError> {
    let Reading::Digits(digits) = read(slot, bits) else { return Ok(()) };
    match digits.iter().zip(0..).find(|(byte, _)| **byte > 9) {
        Some((byte, position)) => {
            Err(CodecError::NotADigit { signal: slot.name().to_owned(), position, byte: *byte })
        }
        None => Ok(()),
    }
}

/// The number that decimal digits are.
pub(super) fn digits_to_number(digits: &[u8]) -> f64 {
    digits.iter().fold(0.0, |number, digit| number * 10.0 + f64::from(*digit))
}

/// The raw value of a physical one, ties to even as in ldfparser. None outside of the raw limits.
fn unscale(number: f64, min: u64, max: u64, scale: f64, offset: f64) -> Option<u64> {
    // A scale of 0 gives an infinity or no number here, neither of which is whole.
    whole(round_ties_even((number - offset) / scale)).filter(|raw| (min..=max).contains(raw))
}

/// [`f64::round_ties_even`], which is a library call on the processors that a binary is made for.
fn round_ties_even(number: f64) -> f64 {
    /// Between this and twice this the floating point numbers are the whole ones, so a sum is rounded to one.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    match number {
        0.0..WHOLE => (number + WHOLE) - WHOLE,
        _ => number.round_ties_even(),
    }
}

/// The number without or with the unit that the encoding has.
fn quantity(text: &str, unit: Option<&str>) -> Option<f64> {
    let number = unit.and_then(|unit| text.strip_suffix(unit)).unwrap_or(text);
    number.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn whole(number: f64) -> Option<u64> {
    /// Up to here a signed number does, which processors convert in one instruction.
    const SIGNED: f64 = 9_223_372_036_854_775_808.0;
    // The ranges are checked; what a cast cuts off is a fraction.
    match number {
        0.0..SIGNED => {
            let cut = number as i64;
            (cut as f64 == number).then_some(cut.cast_unsigned())
        }
        // There are no fractions among floating point numbers of that size.
        SIGNED..18_446_744_073_709_551_616.0 => Some(number as u64),
        _ => None,
    }
}

// Scalars beyond 53 bits are outside of the language.
fn as_f64(bits: u64) -> f64 {
    bits as f64
}

/// One digit per byte, with leading zeros. None for too many digits, and for what is not a number.
fn text_to_digits(signal: SignalDef<'_>, text: &str) -> Option<u64> {
    let count = signal.width() / 8;
    let valid = signal.width().is_multiple_of(8) && (1..=count).contains(&text.len());
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    // The last digit is the last byte, the most significant of the field.
    (valid && digits).then(|| {
        text.bytes().fold(0, |bits, byte| (bits >> 8) | (u64::from(byte - b'0') << (8 * (count - 1))))
    })
}

fn number_to_digits(signal: SignalDef<'_>, mut number: u64) -> Option<u64> {
    let count = signal.width() / 8;
    let mut bits = 0;
    for _ in 0..count {
        bits = (bits << 8) | (number % 10);
        number /= 10;
    }
    (signal.width().is_multiple_of(8) && number == 0).then_some(bits)
}

#[inline]
fn fit(signal: SignalDef<'_>, raw: u64) -> Result<u64, CodecError> {
    if raw <= signal.mask() { Ok(raw) } else { Err(too_wide(signal, raw)) }
}

#[cold]
fn too_wide(signal: SignalDef<'_>, value: u64) -> CodecError {
    CodecError::TooWide { signal: signal.name().to_owned(), width: signal.width(), value }
}

#[cold]
fn wrong_kind(signal: SignalDef<'_>, takes: &'static str, value: Value<'_>) -> CodecError {
    CodecError::WrongKind {
        signal: signal.name().to_owned(),
        width: signal.width(),
        takes,
        value: value.to_string(),
    }
}

#[cold]
fn array_length(signal: SignalDef<'_>, actual: usize, value: Value<'_>) -> CodecError {
    CodecError::ArrayLength {
        signal: signal.name().to_owned(),
        width: signal.width(),
        actual,
        value: value.to_string(),
    }
}

#[cold]
fn not_encodable(signal: SignalDef<'_>, value: Value<'_>, nearest: Option<String>) -> CodecError {
    CodecError::NotEncodable {
        signal: signal.name().to_owned(),
        width: signal.width(),
        value: value.to_string(),
        encoding: signal.encoding().map(|encoding| encoding.name().to_owned()),
        nearest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounding_is_that_of_the_standard_library(number: f64, half in 0..1000_i32) {
            for number in [number, number % 1e6, f64::from(half) / 2.0] {
                let (ours, theirs) = (round_ties_even(number), number.round_ties_even());
                prop_assert!(ours == theirs || (ours.is_nan() && theirs.is_nan()), "{} of {}", ours, number);
            }
        }

        #[test]
        fn whole_numbers_are_those_without_a_fraction(number: f64, small: u32) {
            for number in [number, number.trunc(), f64::from(small), f64::from(small) / 4.0, -f64::from(small)] {
                let is_whole = (0.0..2_f64.powi(64)).contains(&number) && number.fract() == 0.0;
                prop_assert_eq!(whole(number), is_whole.then_some(number as u64));
            }
        }
    }
}
