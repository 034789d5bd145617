//! Numbers in JSON as people would write them: 5 and not 5.0, 0.1 and not 0.1000000001.

use std::time::Duration;

use hil_ldf::Margin;
use serde::{Serialize, Serializer};

/// A time in milliseconds, exact to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Milliseconds {
    nanoseconds: i64,
}

impl From<Duration> for Milliseconds {
    fn from(duration: Duration) -> Self {
        // No time of a file is above 10^18 nanoseconds; a sum of very many of them is cut.
        Self { nanoseconds: i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX) }
    }
}

impl From<Margin> for Milliseconds {
    fn from(margin: Margin) -> Self {
        Self { nanoseconds: margin.nanoseconds() }
    }
}

impl Milliseconds {
    /// With three decimals, for tables.
    pub(super) fn rounded(self) -> String {
        format!("{:.3}", self.nanoseconds as f64 / 1e6)
    }
}

impl Serialize for Milliseconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.nanoseconds % 1_000_000 == 0 {
            serializer.serialize_i64(self.nanoseconds / 1_000_000)
        } else {
            // One division of two exact numbers: the nearest number, which prints with the fewest digits.
            serializer.serialize_f64(self.nanoseconds as f64 / 1e6)
        }
    }
}

/// A number of the file that may have a fraction. JSON has no infinity: a number beyond those of a double is null.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Decimal(pub(super) f64);

/// Up to here every whole number is exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() <= EXACT {
            // The range is checked.
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// Percent with three decimals: loads are quotients of measured lengths, more digits would say nothing.
pub(super) fn percent(percent: f64) -> Decimal {
    Decimal((percent * 1e3).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn json(value: impl Serialize) -> String {
        serde_json::to_string(&value).unwrap()
    }

    #[rstest]
    #[case(5_000_000, "5", "5.000")]
    #[case(10_500_000, "10.5", "10.500")]
    #[case(100_000, "0.1", "0.100")]
    #[case(6_458_334, "6.458334", "6.458")]
    #[case(0, "0", "0.000")]
    fn milliseconds(#[case] nanoseconds: u64, #[case] number: &str, #[case] rounded: &str) {
        let time = Milliseconds::from(Duration::from_nanos(nanoseconds));
        assert_eq!((json(time).as_str(), time.rounded().as_str()), (number, rounded));
    }

    #[rstest]
    #[case(-40.0, "-40")]
    #[case(0.5, "0.5")]
    #[case(0.1, "0.1")]
    #[case(-0.0, "0")]
    #[case(1e300, "1e+300")]
    #[case(f64::INFINITY, "null")]
    fn decimals(#[case] number: f64, #[case] shown: &str) {
        assert_eq!(json(Decimal(number)), shown);
    }

    #[test]
    fn percents_are_rounded() {
        assert_eq!(json(percent(28.750_000_000_000_004)), "28.75");
    }
}
