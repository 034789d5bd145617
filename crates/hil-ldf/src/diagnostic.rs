//! What is wrong with a file, where, and what would be right.

use std::error::Error;
use std::fmt;

use crate::code::Code;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file has no single meaning; it is refused.
    Error,
    /// The file departs from the language, its meaning is still clear.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One finding with its place in the file.
///
/// `Display` gives `line:column: severity: message [code]`, the marked excerpt, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) place: Excerpt,
    pub(crate) expected: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) notes: Vec<Note>,
}

/// A second place that belongs to a finding, such as the first of two equal names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub(crate) message: String,
    pub(crate) place: Excerpt,
}

/// A marked part of one line. `Display` gives the line behind its number, and below it the marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Line, from 1.
    pub(crate) line: usize,
    /// Column in characters, from 1.
    pub(crate) column: usize,
    /// The line, or the part of a long line around the mark.
    pub(crate) excerpt: String,
    /// Characters of the excerpt before the mark.
    pub(crate) indent: usize,
    /// Characters under the mark, at least one.
    pub(crate) width: usize,
}

impl Diagnostic {
    /// The kind of finding.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Error or warning.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, in one sentence without place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Line, from 1. CR, LF, CR LF and CR CR LF each end one line.
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// Column in characters, from 1.
    pub fn column(&self) -> usize {
        self.place.column
    }

    /// The line, or the part of a long one around the place, and the place marked in it. Control characters are
    /// replaced.
    pub fn excerpt(&self) -> &Excerpt {
        &self.place
    }

    /// What the language wants at this place.
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// What was probably meant.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Other places that belong to the finding.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, severity, message, place, .. } = self;
        writeln!(f, "{}:{}: {severity}: {message} [{code}]", place.line, place.column)?;
        write!(f, "{place}")?;
        if let Some(expected) = &self.expected {
            write!(f, "\n      = expected {expected}")?;
        }
        for note in &self.notes {
            write!(f, "\n      = {}\n{}", note.message, note.place)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n      = help: {hint}")?;
        }
        Ok(())
    }
}

impl Note {
    /// What the place has to do with the finding.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Line, from 1.
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// Column in characters, from 1.
    pub fn column(&self) -> usize {
        self.place.column
    }

    /// The line with the place marked in it.
    pub fn excerpt(&self) -> &Excerpt {
        &self.place
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{:>5} | {}", self.line, self.excerpt);
        let mark = format!("      | {:indent$}{}", "", "^".repeat(self.width), indent = self.indent);
        write!(f, "{}\n{mark}", line.trim_end())
    }
}

/// Why a file was refused: at least one error, with the warnings in between, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// The caller has found at least one error.
    pub(crate) fn new(diagnostics: Vec<Diagnostic>) -> Self {
        debug_assert!(!diagnostics.is_empty());
        Self(diagnostics)
    }

    /// All findings.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// The findings for which the file was refused.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The findings as a list.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl Error for Diagnostics {}
