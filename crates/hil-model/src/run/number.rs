//! The numbers and names that a run is found by. Matching ignores case; the spelling is kept.

use std::fmt;
use std::str::FromStr;

/// A text that a field does not accept. Its message begins with the field's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct FieldError {
    /// The field, in words: `serial number`.
    pub field: &'static str,
    /// What is wrong with the text.
    pub problem: FieldProblem,
}

/// What can be wrong with a number or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldProblem {
    /// Nothing, or nothing but white space.
    Empty,
    /// Too many characters.
    TooLong {
        /// How many there are.
        length: usize,
        /// How many there may be.
        max: usize,
    },
    /// A character that may not be in it.
    Character(char),
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("must not be empty"),
            Self::TooLong { length, max } => write!(f, "must have at most {max} characters, not {length}"),
            Self::Character(c) => write!(f, "must not contain {c:?}"),
        }
    }
}

/// The first problem of `text`, if it has any.
fn problem(text: &str, max: usize, allowed: fn(char) -> bool) -> Option<FieldProblem> {
    if text.trim().is_empty() {
        return Some(FieldProblem::Empty);
    }
    let length = text.chars().count();
    if length > max {
        return Some(FieldProblem::TooLong { length, max });
    }
    text.chars().find(|&c| !allowed(c)).map(FieldProblem::Character)
}

/// Anything that can be printed on a line. Control characters would break lists, labels and logs.
fn printable(c: char) -> bool {
    !c.is_control()
}

/// What a batch number is made of.
fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $field:literal, $max:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// What errors call this field.
            pub const FIELD: &'static str = $field;
            /// How many characters it may have.
            pub const MAX: usize = $max;

            /// The text as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// What stands for the text where it is compared: two texts that differ only in case have one key.
            pub fn key(&self) -> String {
                self.0.to_lowercase()
            }

            /// Whether both mean the same thing.
            pub fn matches(&self, other: &Self) -> bool {
                self.key() == other.key()
            }
        }

        impl TryFrom<String> for $name {
            type Error = FieldError;

            fn try_from(text: String) -> Result<Self, FieldError> {
                match problem(&text, $max, $allowed) {
                    None => Ok(Self(text)),
                    Some(problem) => Err(FieldError { field: $field, problem }),
                }
            }
        }

        impl FromStr for $name {
            type Err = FieldError;

            fn from_str(text: &str) -> Result<Self, FieldError> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> Self {
                number.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

number!(
    /// The serial number of a unit: 1 to 60 printable characters.
    SerialNumber, "serial number", 60, printable
);
number!(
    /// The number of a part, of which there are many units: 1 to 60 printable characters.
    PartNumber, "part number", 60, printable
);
number!(
    /// The revision of a part: 1 to 60 printable characters.
    RevisionNumber, "revision number", 60, printable
);
number!(
    /// The tag of a procedure's version: 1 to 60 printable characters.
    VersionTag, "version tag", 60, printable
);
number!(
    /// The batch that a unit was made in: 1 to 100 of `A-Z a-z 0-9 _ -`.
    BatchNumber, "batch number", 100, plain
);
number!(
    /// What a part is called: 1 to 255 printable characters.
    PartName, "part name", 255, printable
);
number!(
    /// What a procedure is called: 1 to 255 printable characters. Names are not unique.
    ProcedureName, "procedure name", 255, printable
);
number!(
    /// The station or bench that a run was made on: 1 to 255 printable characters.
    StationName, "station name", 255, printable
);
number!(
    /// Who executed a run, an e-mail address or a name: 1 to 255 printable characters.
    OperatorName, "operator", 255, printable
);

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", "serial number must not be empty")]
    #[case(" \t ", "serial number must not be empty")]
    #[case("a\0b", "serial number must not contain '\\0'")]
    #[case("a\nb", "serial number must not contain '\\n'")]
    fn a_bad_serial_number_says_why(#[case] text: &str, #[case] message: &str) {
        assert_eq!(text.parse::<SerialNumber>().unwrap_err().to_string(), message);
    }

    #[rstest]
    #[case("../../etc/passwd")]
    #[case("a b/c\\d")]
    #[case("'; DROP TABLE runs; --")]
    #[case("<script>")]
    #[case("Ω-Ünit")]
    fn foreign_spelling_is_kept(#[case] text: &str) {
        assert_eq!(text.parse::<SerialNumber>().unwrap().as_str(), text);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!("Ω".repeat(60).parse::<PartNumber>().is_ok());
        let error = "Ω".repeat(61).parse::<VersionTag>().unwrap_err();
        assert_eq!(error.to_string(), "version tag must have at most 60 characters, not 61");
    }

    #[rstest]
    #[case("LOT-1_a", true)]
    #[case("LOT 1", false)]
    #[case("LÖT", false)]
    fn batch_numbers_are_plain(#[case] text: &str, #[case] good: bool) {
        assert_eq!(text.parse::<BatchNumber>().is_ok(), good);
    }

    #[test]
    fn matching_ignores_case() {
        let (upper, lower) = ("SN-Ä1".parse::<SerialNumber>().unwrap(), "sn-ä1".parse().unwrap());
        assert!(upper.matches(&lower));
        assert_ne!(upper, lower);
    }
}
