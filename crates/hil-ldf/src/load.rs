//! The ways in: from text, from bytes, from a file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::check;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Database;
use crate::syntax::{self, Fault, Faults, Span, TextEncoding};

/// An accepted file.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What the file describes.
    pub database: Database,
    /// Where the file departs from the language without losing its meaning.
    pub warnings: Vec<Diagnostic>,
    /// How the bytes were read; always UTF-8 for [`parse`].
    pub encoding: TextEncoding,
}

/// Why a file could not be loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a valid LIN description file.
    #[error("{}", Located { path, diagnostics })]
    Parse {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it.
        diagnostics: Diagnostics,
    },
}

/// Diagnostics with the path in front of each, so that editors can jump there.
struct Located<'a> {
    path: &'a Path,
    diagnostics: &'a Diagnostics,
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{diagnostic}", self.path.display())?;
        }
        Ok(())
    }
}

/// Reads and parses the file at `path`.
///
/// # Errors
///
/// [`LoadError::Read`] if the file cannot be read, [`LoadError::Parse`] if it is not a valid description.
pub fn load(path: &Path) -> Result<Parsed, LoadError> {
    let bytes = std::fs::read(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
    parse_bytes(&bytes).map_err(|diagnostics| LoadError::Parse { path: path.to_owned(), diagnostics })
}

/// Parses bytes as found in a file: a byte order mark decides, else UTF-8, else latin-1.
///
/// # Errors
///
/// Every fault of the file, or the one that it is not text.
pub fn parse_bytes(bytes: &[u8]) -> Result<Parsed, Diagnostics> {
    let decoded = syntax::decode(bytes);
    run(decoded.text, decoded.encoding)
}

/// Parses text.
///
/// # Errors
///
/// Every fault of the text.
pub fn parse(text: &str) -> Result<Parsed, Diagnostics> {
    run(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(), TextEncoding::Utf8)
}

fn run(text: String, encoding: TextEncoding) -> Result<Parsed, Diagnostics> {
    let mut faults = Faults::default();
    if u32::try_from(text.len()).is_err() {
        let message = "the file has 4 GiB or more";
        faults.push(Fault::error(Code::FileTooLarge, Span::default(), message));
        return Err(Diagnostics::new(faults.locate("")));
    }
    let file = syntax::parse(&text, &mut faults);
    if file.header.span.is_none() {
        return Err(Diagnostics::new(faults.locate(&text)));
    }
    // After a syntax error the check goes on with what could be read, so that all faults are seen at once.
    if file.has_holes {
        faults.expect_holes();
    }
    let mut strings = String::new();
    let tables = check::check(&text, &file, &mut strings, &mut faults);
    let is_refused = faults.any_error();
    let diagnostics = faults.locate(&text);
    if is_refused {
        return Err(Diagnostics::new(diagnostics));
    }
    let mut text = text;
    text.push_str(&strings);
    let database = Database { text, symbols: file.symbols, tables };
    Ok(Parsed { database, warnings: diagnostics, encoding })
}
