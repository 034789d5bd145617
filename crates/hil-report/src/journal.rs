//! `events.jsonl`: the run's events, one JSON object a line, written first and in order.
//!
//! | reader \ data | written by an older `hil` | same version | newer |
//! | --- | --- | --- | --- |
//! | this `hil` (4) | reads 1 to 3: fields that are missing have defaults | reads it | refuses, names both versions |
//! | `hil` before it (3) | reads 1 and 2 | reads it | refuses 4, names both versions |
//!
//! A killed run leaves at most one torn line, the last. That line is dropped and [`Journal::torn`] says
//! so. A line that is complete but wrong, or a hole in the numbering, is not the mark of a kill: the file
//! was damaged, and a report on it would be a guess.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use hil_model::{Entry, Event, SCHEMA};

use crate::JournalError;

/// The journal's name in the reports' folder.
pub const FILE_NAME: &str = "events.jsonl";

/// Writes a journal.
///
/// Entries are buffered; call [`Self::flush`] at the end of each phase (set-up, each test, teardown), so
/// that a kill loses at most the phase in flight.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Writer {
    /// Begins a journal at `path`; an old one is replaced.
    ///
    /// # Errors
    ///
    /// [`JournalError::Create`].
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, JournalError> {
        let path = path.into();
        match File::create(&path) {
            Ok(file) => Ok(Self { path, file: BufWriter::with_capacity(64 * 1024, file) }),
            Err(source) => Err(JournalError::Create { path, source }),
        }
    }

    /// Where the journal lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends `entry` as a line.
    ///
    /// # Errors
    ///
    /// [`JournalError::Append`].
    pub fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        serde_json::to_writer(&mut self.file, entry)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|source| JournalError::Append { path: self.path.clone(), source })
    }

    /// Hands everything that was appended to the system, where a kill of this process cannot reach it.
    ///
    /// # Errors
    ///
    /// [`JournalError::Append`].
    pub fn flush(&mut self) -> Result<(), JournalError> {
        self.file.flush().map_err(|source| JournalError::Append { path: self.path.clone(), source })
    }
}

/// A journal that was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Journal {
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// Whether the last line was torn and is left out.
    pub torn: bool,
}

/// Reads the journal at `path`.
///
/// # Errors
///
/// Every variant of [`JournalError`] but `Create` and `Append`.
pub fn read(path: impl AsRef<Path>) -> Result<Journal, JournalError> {
    let path = path.as_ref();
    let owned = || path.to_owned();
    let bytes = fs::read(path).map_err(|source| JournalError::Read { path: owned(), source })?;
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
    check_version(path, lines.peek().map_or(&[][..], |(_, line)| line))?;

    let mut journal = Journal { entries: Vec::new(), torn: false };
    for (index, line) in lines {
        let entry: Entry = match serde_json::from_slice(line) {
            Ok(entry) => entry,
            Err(_) if !line.ends_with(b"\n") => {
                journal.torn = true;
                break;
            }
            Err(source) => return Err(JournalError::Corrupt { path: owned(), line: index + 1, source }),
        };
        let expected = index as u64 + 1;
        if entry.seq != expected {
            return Err(JournalError::Sequence {
                path: owned(),
                line: index + 1,
                expected,
                found: entry.seq,
            });
        }
        journal.entries.push(entry);
    }
    match journal.entries.first() {
        Some(Entry { event: Event::RunStarted(_), .. }) => Ok(journal),
        Some(_) | None => Err(JournalError::NoStart { path: owned() }),
    }
}

/// Looks at the version before anything else: a newer format may not parse as ours at all.
fn check_version(path: &Path, first: &[u8]) -> Result<(), JournalError> {
    let version = serde_json::from_slice::<serde_json::Value>(first)
        .ok()
        .and_then(|line| line.pointer("/event/run_started/schema")?.as_u64());
    match version {
        Some(found) if found > u64::from(SCHEMA) => {
            Err(JournalError::Newer { path: path.to_owned(), found, known: SCHEMA })
        }
        Some(_) | None => Ok(()),
    }
}
