//! Faults while a file is read: a byte range and words, located only when all are known.

use super::span::{Lines, Span};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Note, Severity};

/// Faults that one file may show. A file of garbage would otherwise give one for each of its tokens.
const LIMIT: usize = 100;

/// One fault, before its line and column are known.
#[derive(Debug)]
pub(crate) struct Fault {
    code: Code,
    severity: Severity,
    span: Span,
    message: String,
    expected: Option<String>,
    hint: Option<String>,
    notes: Vec<(Span, String)>,
}

impl Fault {
    pub(crate) fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, span, message.into())
    }

    pub(crate) fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, span, message.into())
    }

    fn new(code: Code, severity: Severity, span: Span, message: String) -> Self {
        Self { code, severity, span, message, expected: None, hint: None, notes: Vec::new() }
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Suggests a name, if one is near enough.
    pub(crate) fn nearest(mut self, nearest: Option<&str>) -> Self {
        self.hint = nearest.map(|name| format!("did you mean \"{name}\"?"));
        self
    }

    pub(crate) fn note(mut self, span: Span, message: impl Into<String>) -> Self {
        self.notes.push((span, message.into()));
        self
    }
}

/// All faults of a file.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<Fault>,
    errors: usize,
    /// Parts of the file could not be read: what seems to be absent may be there.
    has_holes: bool,
}

impl Faults {
    /// From now on nothing counts as a fault that may only be a consequence of what could not be read.
    pub(crate) fn expect_holes(&mut self) {
        self.has_holes = true;
    }

    /// Adds a fault. Of several errors at one place the first is the cause, the others are its consequences.
    pub(crate) fn push(&mut self, fault: Fault) {
        let consequence = fault.severity == Severity::Error
            && self.found.iter().any(|f| f.severity == Severity::Error && f.span.start == fault.span.start);
        if consequence || (self.has_holes && fault.code.is_about_absence()) {
            return;
        }
        if self.wants(fault.severity) {
            self.errors += usize::from(fault.severity == Severity::Error);
            self.found.push(fault);
        }
    }

    /// Whether a further fault would be shown. A suggestion costs a look at all names, so a file with thousands
    /// of faults must not ask for thousands of them.
    pub(crate) fn wants(&self, severity: Severity) -> bool {
        // An error must never be lost to the limit, or a file with many warnings would be accepted.
        self.found.len() < LIMIT || (severity == Severity::Error && self.errors == 0)
    }

    pub(crate) fn any_error(&self) -> bool {
        self.errors > 0
    }

    /// Gives each fault its line and column, in the order of the file.
    pub(crate) fn locate(mut self, text: &str) -> Vec<Diagnostic> {
        if self.found.is_empty() {
            return Vec::new();
        }
        self.found.sort_by_key(|fault| fault.span.start);
        let lines = Lines::new(text);
        self.found
            .into_iter()
            .map(|fault| Diagnostic {
                code: fault.code,
                severity: fault.severity,
                message: fault.message,
                place: lines.place(fault.span),
                expected: fault.expected,
                hint: fault.hint,
                notes: fault
                    .notes
                    .into_iter()
                    .map(|(span, message)| Note { message, place: lines.place(span) })
                    .collect(),
            })
            .collect()
    }
}
