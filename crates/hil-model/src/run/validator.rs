//! What a value is held against, and what is computed over a column of them.

use super::MeasurementOutcome;

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
