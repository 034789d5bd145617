//! Units and limits.

use std::fmt;

/// The unit of a measured value, as its symbol: `V`, `ms`, `1` for a bare count.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A number for people. Six decimals hide the noise of binary fractions; trailing zeros say nothing.
pub(crate) struct Plain(pub(crate) f64);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.6}", self.0);
        f.write_str(if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text })
    }
}

/// The band in which a number must lie; both ends belong to it. Without an end it has none on that side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// The least value that is good.
    pub low: Option<f64>,
    /// The greatest value that is good.
    pub high: Option<f64>,
}

impl Limits {
    /// From `low` to `high`.
    pub const fn within(low: f64, high: f64) -> Self {
        Self { low: Some(low), high: Some(high) }
    }

    /// From `low` on.
    pub const fn at_least(low: f64) -> Self {
        Self { low: Some(low), high: None }
    }

    /// Up to `high`.
    pub const fn at_most(high: f64) -> Self {
        Self { low: None, high: Some(high) }
    }

    /// Whether there is no limit at all.
    pub const fn is_unlimited(&self) -> bool {
        self.low.is_none() && self.high.is_none()
    }

    /// Whether `value` lies in the band. NaN lies in none.
    pub fn contains(&self, value: f64) -> bool {
        !value.is_nan()
            && self.low.is_none_or(|low| value >= low)
            && self.high.is_none_or(|high| value <= high)
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.low, self.high) {
            (Some(low), Some(high)) => write!(f, "{} … {}", Plain(low), Plain(high)),
            (Some(low), None) => write!(f, "≥ {}", Plain(low)),
            (None, Some(high)) => write!(f, "≤ {}", Plain(high)),
            (None, None) => f.write_str("any"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

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
