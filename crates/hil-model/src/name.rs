//! Names that come from outside: tests, requirements, markers, runs.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is no such name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {what}: {rule}")]
pub struct NameError {
    /// What the text should have been.
    pub what: &'static str,
    /// The text.
    pub text: String,
    /// The rule that it breaks.
    pub rule: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err(NameError { what: $what, text, rule: $rule }) }
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
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

name!(
    /// The full name of a test: module path and function joined by `::`, a case and an iteration appended,
    /// such as `hardware::animation::fade_takes_its_duration::mode_1`.
    TestName, "test name", "segments joined by `::`, no blanks and no control characters",
    |text| !text.is_empty() && text.split("::").all(|part| !part.is_empty()) && !text.chars().any(|c| c.is_whitespace() || c.is_control())
);

name!(
    /// The id of a requirement, such as `REQ-ALM-012`.
    ReqId, "requirement id", "letters, digits, `-`, `_`, `.` and `/` only",
    |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
);

name!(
    /// A marker that selects tests, such as `hardware` or `slow`.
    Marker, "marker", "a lower-case identifier",
    |text| text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
);

name!(
    /// The id of a run: a UUID (version 7, so that ids sort by time).
    RunId, "run id", "letters, digits and `-` only",
    |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
);

impl TestName {
    /// The suite: the first segment.
    pub fn suite(&self) -> &str {
        self.0.split("::").next().unwrap_or(&self.0)
    }

    /// Everything but the function (and its case), joined by dots, as Jenkins wants a class name.
    ///
    /// `function` is the name that the test's function has in the source.
    pub fn class(&self, function: &str) -> String {
        let mut parts: Vec<&str> = self.0.split("::").collect();
        match parts.iter().rposition(|part| *part == function) {
            Some(0) | None => self.suite().to_owned(),
            Some(at) => {
                parts.truncate(at);
                parts.join(".")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("hardware::animation::fade", "fade", "hardware", "hardware.animation")]
    #[case("hardware::animation::fade::mode_1", "fade", "hardware", "hardware.animation")]
    #[case("smoke::answers", "answers", "smoke", "smoke")]
    #[case("answers", "answers", "answers", "answers")]
    fn suite_and_class_follow_from_the_name(
        #[case] name: &str,
        #[case] function: &str,
        #[case] suite: &str,
        #[case] class: &str,
    ) {
        let name: TestName = name.parse().unwrap();
        assert_eq!((name.suite(), name.class(function).as_str()), (suite, class));
    }

    #[rstest]
    #[case("")]
    #[case("a::")]
    #[case("a b")]
    fn broken_test_names_are_refused(#[case] text: &str) {
        assert!(text.parse::<TestName>().is_err());
    }
}
