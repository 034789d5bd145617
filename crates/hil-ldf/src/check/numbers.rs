//! Numbers that must be in a range.

use std::time::Duration;

use crate::syntax::ast::{Integer, Number};
use crate::syntax::{Fault, Faults};

/// The integer, if it is in `0..=max`; else an error that says what it should be.
pub(super) fn within<T>(number: Integer, max: T, what: &str, faults: &mut Faults) -> Option<T>
where
    T: TryFrom<i128> + PartialOrd + std::fmt::Display,
{
    let value = T::try_from(number.value).ok().filter(|value| *value <= max);
    if value.is_none() {
        let message = format!("{what} {} is out of range", number.value);
        faults.push(Fault::error(number.span, message).expected(format!("0 to {max}")));
    }
    value
}

pub(super) fn byte(number: Integer, what: &str, faults: &mut Faults) -> Option<u8> {
    within(number, u8::MAX, what, faults)
}

pub(super) fn bytes<const N: usize>(numbers: [Integer; N], what: &str, faults: &mut Faults) -> [u8; N] {
    numbers.map(|number| byte(number, what, faults).unwrap_or_default())
}

/// Milliseconds as a duration, to the nanosecond.
pub(super) fn milliseconds(number: Number, what: &str, faults: &mut Faults) -> Duration {
    let nanoseconds = (number.value * 1e6).round();
    if !(0.0..=1e18).contains(&nanoseconds) {
        let fault = Fault::error(number.span, format!("{what} of {} ms is out of range", number.value));
        faults.push(fault.expected("0 ms or more"));
        return Duration::ZERO;
    }
    // The range is checked.
    Duration::from_nanos(nanoseconds as u64)
}
