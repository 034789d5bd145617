//! What a value is held against, and what is computed over a column of them.

use std::fmt;

use super::MeasurementOutcome;
use crate::Limits;
use crate::measurement::Plain;

/// A condition on a measured value. Those of foreign clients are kept as they were sent, outcome and all.
#[derive(Clone, Debug, PartialEq)]
pub struct Validator {
    /// What it said: PASS, FAIL, or UNSET where nobody asked it.
    pub outcome: MeasurementOutcome,
    /// The comparison; without one there is nothing but the expression.
    pub operator: Option<Operator>,
    /// What the value is compared with.
    pub expected: Option<Expected>,
    /// The condition in words: `1 <= x <= 4`. Empty if nobody wrote one.
    pub expression: String,
    /// Whether the expression was written by a person and not derived from operator and expected value.
    pub has_custom_expression: bool,
    /// `Some(false)`: a marginal limit, which does not fail the measurement.
    pub is_decisive: Option<bool>,
}

impl Validator {
    /// A condition that nobody has asked yet.
    pub fn new(operator: Operator, expected: impl Into<Expected>) -> Self {
        Self {
            outcome: MeasurementOutcome::Unset,
            operator: Some(operator),
            expected: Some(expected.into()),
            expression: String::new(),
            has_custom_expression: false,
            is_decisive: Some(true),
        }
    }

    /// A condition that only its author can evaluate.
    pub fn expression(text: impl Into<String>) -> Self {
        Self {
            outcome: MeasurementOutcome::Unset,
            operator: None,
            expected: None,
            expression: text.into(),
            has_custom_expression: true,
            is_decisive: Some(true),
        }
    }

    /// The condition that a number lies within `limits`; nothing where they limit nothing.
    pub fn limits(limits: Limits) -> Option<Self> {
        match (limits.low, limits.high) {
            (Some(low), Some(high)) => Some(Self::new(Operator::Range, Expected::Numbers(vec![low, high]))),
            (Some(low), None) => Some(Self::new(Operator::AtLeast, low)),
            (None, Some(high)) => Some(Self::new(Operator::AtMost, high)),
            (None, None) => None,
        }
    }

    /// The same as a marginal limit: beyond it a value still passes, as marginal.
    #[must_use]
    pub fn marginal(self) -> Self {
        Self { is_decisive: Some(false), ..self }
    }

    /// Whether failing it fails the measurement.
    pub fn decides(&self) -> bool {
        self.is_decisive != Some(false)
    }

    /// Whether there is nothing but words.
    pub fn is_expression_only(&self) -> bool {
        self.operator.is_none()
    }
}

impl fmt::Display for Validator {
    /// The expression, or what follows from operator and expected value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.operator, &self.expected) {
            (Some(Operator::Range), Some(Expected::Numbers(ends))) if self.expression.is_empty() => {
                match ends[..] {
                    [low, high] => Limits::within(low, high).fmt(f),
                    _ => write!(f, "range {}", Expected::Numbers(ends.clone())),
                }
            }
            (Some(operator), Some(expected)) if self.expression.is_empty() => {
                write!(f, "{} {expected}", operator.as_str())
            }
            _ => f.write_str(&self.expression),
        }
    }
}

macro_rules! operators {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// A comparison. What foreign clients send beyond the known ones is kept as text.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Operator {
            $($(#[$doc])* $variant,)+
            /// One that `hil` cannot evaluate.
            Other(Box<str>),
        }

        impl Operator {
            /// The operator as records spell it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for Operator {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text.into()),
                }
            }
        }
    };
}

operators! {
    /// The value is the expected one.
    Equal = "==",
    /// The value is not the expected one.
    NotEqual = "!=",
    /// The value is less.
    Less = "<",
    /// The value is not greater.
    AtMost = "<=",
    /// The value is greater.
    Greater = ">",
    /// The value is not less.
    AtLeast = ">=",
    /// The value lies between two numbers or is one of them.
    Range = "range",
    /// The value is one of a list.
    OneOf = "in",
    /// The text matches a regular expression; `hil` keeps it and leaves judging to whoever set it.
    Matches = "matches",
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
}

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// One value.
    One(Scalar),
    /// Numbers: the ends of a range, or a choice.
    Numbers(Vec<f64>),
    /// Texts to choose from.
    Texts(Vec<String>),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => Plain(*number).fmt(f),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |f: &mut fmt::Formatter<'_>, texts: Vec<String>| write!(f, "[{}]", texts.join(", "));
        match self {
            Self::One(scalar) => scalar.fmt(f),
            Self::Numbers(numbers) => listed(f, numbers.iter().map(|n| Plain(*n).to_string()).collect()),
            Self::Texts(texts) => listed(f, texts.iter().map(|text| format!("{text:?}")).collect()),
        }
    }
}

impl From<i32> for Expected {
    fn from(number: i32) -> Self {
        f64::from(number).into()
    }
}

impl From<String> for Expected {
    fn from(text: String) -> Self {
        Self::One(Scalar::Text(text))
    }
}

impl From<Vec<f64>> for Expected {
    fn from(numbers: Vec<f64>) -> Self {
        Self::Numbers(numbers)
    }
}

impl From<Vec<&str>> for Expected {
    fn from(texts: Vec<&str>) -> Self {
        Self::Texts(texts.into_iter().map(str::to_owned).collect())
    }
}

impl<const N: usize> From<[f64; N]> for Expected {
    fn from(numbers: [f64; N]) -> Self {
        Self::Numbers(numbers.into())
    }
}

impl<const N: usize> From<[&str; N]> for Expected {
    fn from(texts: [&str; N]) -> Self {
        Self::Texts(texts.map(str::to_owned).into())
    }
}

impl From<f64> for Expected {
    fn from(number: f64) -> Self {
        Self::One(Scalar::Number(number))
    }
}

impl From<bool> for Expected {
    fn from(value: bool) -> Self {
        Self::One(Scalar::Bool(value))
    }
}

impl From<&str> for Expected {
    fn from(text: &str) -> Self {
        Self::One(Scalar::Text(text.to_owned()))
    }
}

/// A number that stands for a whole column: its mean, its maximum.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregation {
    /// Which one, as the client calls it: `avg`, `max`.
    pub kind: String,
    /// What its validators say.
    pub outcome: Option<MeasurementOutcome>,
    /// The value.
    pub value: Option<Scalar>,
    /// Its unit, if it differs from the column's.
    pub unit: Option<String>,
    /// What it was held against.
    pub validators: Vec<Validator>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Validator::new(Operator::Range, [1.0, 2.5]), "1 … 2.5")]
    #[case(Validator::new(Operator::Equal, "a\nb"), "== \"a\\nb\"")]
    #[case(Validator::new(Operator::OneOf, ["a", "b"]), "in [\"a\", \"b\"]")]
    #[case(Validator::new(Operator::AtMost, 3.0), "<= 3")]
    #[case(Validator::expression("is prime"), "is prime")]
    fn a_validator_says_what_it_asks(#[case] validator: Validator, #[case] words: &str) {
        assert_eq!(validator.to_string(), words);
    }
}
