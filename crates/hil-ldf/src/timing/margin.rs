//! What a slot has left.

use std::fmt;
use std::time::Duration;

use crate::notation::milliseconds;

/// A difference of times, which may be negative.
///
/// `Display` gives milliseconds: `0.858333 ms`, `-1.5 ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Margin(i64);

impl Margin {
    /// `available` without `needed`. Beyond 292 years it is 292 years.
    pub(super) fn between(available: Duration, needed: Duration) -> Self {
        let nanoseconds = |time: Duration| i128::try_from(time.as_nanos()).unwrap_or(i128::MAX);
        let difference = nanoseconds(available).saturating_sub(nanoseconds(needed));
        let limit = if difference < 0 { i64::MIN } else { i64::MAX };
        Self(i64::try_from(difference).unwrap_or(limit))
    }

    /// The difference in nanoseconds.
    pub fn nanoseconds(self) -> i64 {
        self.0
    }

    /// Whether something is missing.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl fmt::Display for Margin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        write!(f, "{sign}{}", milliseconds(Duration::from_nanos(self.0.unsigned_abs())))
    }
}
