//! Quantities with their unit in the type, so that volts and millivolts cannot be mixed up.

use std::fmt;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A text or number that is no such quantity.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum QuantityError {
    /// The number is NaN or infinite.
    #[error("{value} is not a finite number of {unit}")]
    NotFinite {
        /// The number that was given.
        value: f64,
        /// The unit's symbol.
        unit: &'static str,
    },
    /// The text is not a number with or without the unit.
    #[error("{text:?} is not a number of {unit}")]
    NotANumber {
        /// The text that was given.
        text: String,
        /// The unit's symbol.
        unit: &'static str,
    },
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $unit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(f64);

        impl $name {
            /// Nothing of it.
            pub const ZERO: Self = Self(0.0);
            /// The unit's symbol.
            pub const UNIT: &'static str = $unit;

            /// The quantity of `value` units. For constants; text and device answers go through
            /// [`FromStr`] or [`Self::try_new`].
            pub const fn new(value: f64) -> Self {
                Self(value)
            }

            /// The quantity of `value` units.
            ///
            /// # Errors
            ///
            /// [`QuantityError::NotFinite`] for NaN and the infinities.
            pub fn try_new(value: f64) -> Result<Self, QuantityError> {
                if value.is_finite() { Ok(Self(value)) } else { Err(QuantityError::NotFinite { value, unit: $unit }) }
            }

            /// The bare number of units.
            pub const fn get(self) -> f64 {
                self.0
            }

            /// The amount without its sign.
            pub const fn abs(self) -> Self {
                Self(self.0.abs())
            }

            /// Whether the distance to `other` is at most `tolerance`.
            ///
            /// Ten nanounits are allowed on top, so that 12.1 is within 0.1 of 12.0 although no double says so.
            pub fn is_within(self, tolerance: Self, other: Self) -> bool {
                (self.0 - other.0).abs() <= tolerance.0.abs() + 1e-8
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let precision = f.precision().unwrap_or(3);
                write!(f, "{:.precision$} {}", self.0, $unit)
            }
        }

        impl FromStr for $name {
            type Err = QuantityError;

            /// Reads `12`, `12.5` or `12.5 V` (with the quantity's own unit).
            fn from_str(text: &str) -> Result<Self, QuantityError> {
                let trimmed = text.trim();
                let number = trimmed.strip_suffix($unit).unwrap_or(trimmed).trim_end();
                let value = number
                    .parse()
                    .map_err(|_| QuantityError::NotANumber { text: text.to_owned(), unit: $unit })?;
                Self::try_new(value)
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, rhs: Self) -> Self {
                Self(self.0 + rhs.0)
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, rhs: Self) -> Self {
                Self(self.0 - rhs.0)
            }
        }

        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }
    };
}

quantity!(
    /// An electrical potential difference in volts.
    Volts, "V"
);
quantity!(
    /// An electrical current in amperes.
    Amps, "A"
);
quantity!(
    /// An electrical power in watts.
    Watts, "W"
);
quantity!(
    /// A duration in seconds, where it is a measured quantity rather than a time to wait.
    Seconds, "s"
);

impl From<Duration> for Seconds {
    fn from(duration: Duration) -> Self {
        Self::new(duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::bare("12", Some(12.0))]
    #[case::with_unit("12.5 V", Some(12.5))]
    #[case::touching("12.5V", Some(12.5))]
    #[case::negative("-0.02", Some(-0.02))]
    #[case::other_unit("12 A", None)]
    #[case::nan("NaN", None)]
    #[case::empty("", None)]
    fn volts_are_read_from_text(#[case] text: &str, #[case] expected: Option<f64>) {
        assert_eq!(text.parse::<Volts>().ok().map(Volts::get), expected);
    }

    #[test]
    fn a_tolerance_includes_its_edge() {
        assert!(Volts::new(12.1).is_within(Volts::new(0.1), Volts::new(12.0)));
        assert!(!Volts::new(12.11).is_within(Volts::new(0.1), Volts::new(12.0)));
    }
}
