//! Numbers that must be in a range.

use std::time::Duration;

use crate::code::Code;
use crate::syntax::ast::{Integer, Number};
use crate::syntax::{Fault, Faults};

/// The integer, if it is in `0..=max`; else an error that says what it should be.
pub(super) fn within<T>(number: Integer, max: T, what: &str, faults: &mut Faults) -> Option<T>
where
    T: TryFrom<u64> + PartialOrd + std::fmt::Display,
{
    let value = number.unsigned().and_then(|value| T::try_from(value).ok()).filter(|value| *value <= max);
    if value.is_none() {
        let fault = Fault::error(Code::OutOfRange, number.span, format!("{what} {number} is out of range"));
        faults.push(fault.expected(format!("0 to {max}")));
    }
    value
}

pub(super) fn byte(number: Integer, what: &str, faults: &mut Faults) -> Option<u8> {
    within(number, u8::MAX, what, faults)
}

/// As many bytes as the parser has made sure there are.
pub(super) fn bytes<const N: usize>(numbers: &[Integer], what: &str, faults: &mut Faults) -> [u8; N] {
    let mut bytes = [0; N];
    for (place, number) in bytes.iter_mut().zip(numbers) {
        *place = byte(*number, what, faults).unwrap_or_default();
    }
    bytes
}

/// Milliseconds as a duration, to the nanosecond.
pub(super) fn milliseconds(number: Number, what: &str, faults: &mut Faults) -> Duration {
    let nanoseconds = (number.value * 1e6).round();
    if !(0.0..=1e18).contains(&nanoseconds) {
        let message = format!("{what} of {} ms is out of range", number.value);
        faults.push(Fault::error(Code::OutOfRange, number.span, message).expected("0 ms or more"));
        return Duration::ZERO;
    }
    // The range is checked.
    Duration::from_nanos(nanoseconds as u64)
}
