//! Where a value was written: the text, the bytes within it, and the layer that the text belongs to.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// The layer of the configuration that decided a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// No file and no override sets the key: its default applies.
    BuiltIn,
    /// A configuration file.
    File {
        /// The file, relative to the bench's root where it lies below it.
        path: PathBuf,
        /// The line of the value, counted from 1.
        line: usize,
    },
    /// A variable of the environment.
    Environment {
        /// Its name.
        variable: &'static str,
    },
    /// A `--set key.path=value` argument.
    CommandLine,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment { variable } => f.write_str(variable),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// A position in a configuration file, a variable or a `--set` argument, shown as `file:line:column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file as it is shown to people, `<VARIABLE>`, or `<command line>`.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Where a configuration text comes from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// A file, under the name that people see.
    File(PathBuf),
    /// A variable of the environment, under its name.
    Environment(&'static str),
    /// A `--set` argument.
    CommandLine,
}

/// A configuration text that places point into.
#[derive(Debug)]
pub(crate) struct SourceText {
    pub(crate) origin: Origin,
    pub(crate) text: String,
}

impl SourceText {
    pub(crate) fn new(origin: Origin, text: String) -> Arc<Self> {
        Arc::new(Self { origin, text })
    }

    /// The name that people see in messages.
    pub(crate) fn name(&self) -> String {
        match &self.origin {
            Origin::File(path) => path.display().to_string(),
            Origin::Environment(variable) => format!("<{variable}>"),
            Origin::CommandLine => "<command line>".to_owned(),
        }
    }
}

/// A range of bytes in a [`SourceText`].
#[derive(Debug, Clone)]
pub(crate) struct Place {
    source: Arc<SourceText>,
    span: Range<usize>,
}

impl Place {
    /// A place in `source`. The ends are moved to character boundaries inside the text, so that
    /// every later slice is valid whatever the parser reported.
    pub(crate) fn new(source: &Arc<SourceText>, span: Range<usize>) -> Self {
        let start = source.text.floor_char_boundary(span.start);
        let end = source.text.ceil_char_boundary(span.end).max(start);
        Self { source: Arc::clone(source), span: start..end }
    }

    pub(crate) fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.span.is_empty()
    }

    pub(crate) fn is_in_same_text(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source)
    }

    pub(crate) fn is_in_assignment(&self) -> bool {
        matches!(self.source.origin, Origin::CommandLine | Origin::Environment(_))
    }

    pub(crate) fn location(&self) -> Location {
        let before = &self.source.text[..self.span.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Location {
            file: self.source.name(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    pub(crate) fn layer(&self) -> Layer {
        match &self.source.origin {
            Origin::File(path) => Layer::File { path: path.clone(), line: self.location().line },
            Origin::Environment(variable) => Layer::Environment { variable },
            Origin::CommandLine => Layer::CommandLine,
        }
    }
}
