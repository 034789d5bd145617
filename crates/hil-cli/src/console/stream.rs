//! Writing to a terminal that may be gone.
//!
//! A closed window, a full disk behind `>`, a reader that has had enough: none of them may end a run on a
//! powered bench, so what cannot be shown is not shown.

use std::io::Write;

/// Shows `text` on standard output, if anybody sees it.
pub(crate) fn show(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Shows `text` on standard error, if anybody sees it.
pub(crate) fn alert(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}
