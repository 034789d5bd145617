//! Files in, files out: the standard layout, in the file's own encoding.

use thiserror::Error;

use crate::diagnostic::Diagnostics;
use crate::load::parse_bytes;
use crate::syntax::{SyntaxTree, TextEncoding, decode};

/// Why a file was not formatted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The file is not a valid description, so that nobody can tell whether its meaning is kept.
    #[error("{0}")]
    Invalid(Diagnostics),
    /// Some bytes are no characters: decoded and encoded again they would be others.
    #[error("the file cannot be written again without loss: not all of its bytes are {encoding}")]
    Lossy {
        /// What the file was taken for.
        encoding: TextEncoding,
    },
    /// Without the blanks that the layout drops, the bytes of the file would be taken for another encoding: a no-break
    /// space, say, may be all that shows that a file is not UTF-8.
    #[error("the file cannot be written without the blanks that show that it is {encoding}")]
    Ambiguous {
        /// What the file was taken for.
        encoding: TextEncoding,
    },
}

/// The bytes of a file in the standard layout; see [`SyntaxTree::format`]. Its encoding and byte order mark are kept.
///
/// # Errors
///
/// [`FormatError::Invalid`] for a file with errors, [`FormatError::Lossy`] for one with broken characters,
/// [`FormatError::Ambiguous`] for one whose encoding could no longer be told.
pub fn format_bytes(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let decoded = decode(bytes);
    parse_bytes(bytes).map_err(FormatError::Invalid)?;
    let lossy = FormatError::Lossy { encoding: decoded.encoding };
    if decoded.encode(&decoded.text).as_deref() != Some(bytes) {
        return Err(lossy);
    }
    let text = SyntaxTree::of(&decoded.text).format();
    let formatted = decoded.encode(&text).ok_or(lossy)?;
    if decode(&formatted).text != text {
        return Err(FormatError::Ambiguous { encoding: decoded.encoding });
    }
    Ok(formatted)
}
