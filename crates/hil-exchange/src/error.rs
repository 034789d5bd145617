//! What can go wrong with a foreign file, or with an export.

use hil_model::run::FieldError;

use crate::export::Format;

/// What lies under an error: the text of a driver or of the system.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The longest piece of a foreign text that an error repeats, in characters.
const EXCERPT: usize = 200;

/// A file that cannot be read, or a run that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The text does not have the form of its format, or something in it has the wrong type.
    #[error("{format}, line {line}, column {column}{}: {problem}", place(path))]
    Malformed {
        /// What it should have been: `OpenHTF report`.
        format: &'static str,
        /// Where in the document, such as `phases[2].outcome`; empty if the text is broken as such.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The byte in that line, from 1.
        column: usize,
        /// What the parser says.
        problem: String,
    },
    /// Something that a run cannot do without is not there.
    #[error("{format}: no {what} ({path} is missing)")]
    Missing {
        /// What it should have been.
        format: &'static str,
        /// What is missing, in words: `serial number`.
        what: &'static str,
        /// Where it should stand.
        path: &'static str,
    },
    /// A number or a name is not one.
    #[error("{format}: {problem} ({path})")]
    Field {
        /// What it should have been.
        format: &'static str,
        /// Where it stands.
        path: String,
        /// What is wrong with it.
        problem: FieldError,
    },
    /// A value is not what its place demands.
    #[error("{format}: {path} {problem}")]
    Invalid {
        /// What it should have been.
        format: &'static str,
        /// Where it stands.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody knows that format.
    #[error("{0:?} is no export format: json, csv, parquet, xlsx, sql and openhtf are")]
    UnknownFormat(String),
    /// This program was built without the format.
    #[error("this hil writes no {format}: build it with the feature `{feature}`")]
    NotBuilt {
        /// The format.
        format: Format,
        /// The feature of this crate.
        feature: &'static str,
    },
    /// The export cannot be written.
    #[error("cannot write the export as {format}")]
    Write {
        /// The format.
        format: Format,
        /// What the writer says.
        source: Cause,
    },
}

/// What this crate answers.
pub type Result<T, E = ExchangeError> = std::result::Result<T, E>;

impl ExchangeError {
    /// For `map_err`: the export in `format` cannot be written.
    pub(crate) fn write<E: Into<Cause>>(format: Format) -> impl Fn(E) -> Self {
        move |source| Self::Write { format, source: source.into() }
    }
}

fn place(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(", at {path}") }
}

/// A foreign text, fit for a message: on one line, and no longer than people read.
pub(crate) fn excerpt(text: &str) -> String {
    let mut chars = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut excerpt: String = chars.by_ref().take(EXCERPT).collect();
    if chars.next().is_some() {
        excerpt.push('…');
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_on_one_line() {
        assert_eq!(excerpt("a\nb"), "a\u{fffd}b");
        assert_eq!(excerpt(&"é".repeat(EXCERPT)).chars().count(), EXCERPT);
        assert!(excerpt(&"é".repeat(1000)).ends_with("é…"));
    }
}
