//! Where a description comes from: a file, or standard input.

use std::io::{self, Read};
use std::path::Path;

use hil_ldf::Parsed;

use super::finding;
use crate::command::Wrong;
use crate::console;

/// The bytes of `path`; `-` is standard input.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !is_stdin(path) {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether `path` names standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Why `path` gave no bytes.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("cannot read {}: {error}", finding::name(path))
}

/// The description in `path`. If it has errors they are shown as `hil ldf check` shows them.
pub(super) fn open(path: &Path) -> anyhow::Result<Parsed> {
    let bytes = read(path).map_err(|error| Wrong::usage(unreadable(path, &error)))?;
    hil_ldf::parse_bytes(&bytes).map_err(|diagnostics| {
        let errors: Vec<String> = diagnostics.errors().map(|error| finding::full(path, error)).collect();
        console::alert(&errors.concat());
        let count = super::counted(errors.len(), "error", "errors");
        Wrong::usage(format!("{} has {count} and cannot be used", finding::name(path)))
    })
}
