//! What a guardian leaves behind for the next run.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// No note is longer.
const LONGEST: u64 = 16 * 1024;
/// No more notes are read.
const MOST: usize = 100;
const BEGIN: &str = "hil-guardian-";
const END: &str = ".json";

/// That a guardian had to act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When, RFC 3339 in UTC.
    pub when: String,
    /// The bench's name.
    pub bench: String,
    /// The port that the supply hangs on.
    pub port: String,
    /// The process id of the harness.
    pub harness: u32,
    /// Why it acted.
    pub cause: String,
    /// Whether the supply says that its output is off.
    pub verified: bool,
    /// What was done, and what was seen.
    pub how: String,
    /// Where it was read.
    #[serde(skip)]
    path: PathBuf,
}

impl Note {
    pub(super) fn now(charge: &super::Charge, cause: String, verified: bool, how: String) -> Self {
        Self {
            when: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            bench: charge.bench.clone(),
            port: charge.port.display().to_string(),
            harness: charge.harness,
            cause,
            verified,
            how,
            path: PathBuf::new(),
        }
    }

    /// Writes it into `folder`, whole or not at all.
    pub(super) fn write(&mut self, folder: &Path) -> io::Result<()> {
        let stem = format!("{BEGIN}{}-{}-{}", safe(&self.bench), self.harness, std::process::id());
        let (draft, path) = (folder.join(format!("{stem}.part")), folder.join(format!("{stem}{END}")));
        // The folder may be everybody's: what lies there under this name is not followed.
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&draft)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        self.path = path;
        Ok(())
    }

    fn read(path: &Path) -> Option<Self> {
        let mut text = String::new();
        File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
        let mut note: Self = serde_json::from_str(&text).ok()?;
        for text in [&mut note.when, &mut note.bench, &mut note.port, &mut note.cause, &mut note.how] {
            // Anybody may have written it.
            text.retain(|c| !c.is_control());
        }
        note.path = path.to_owned();
        Some(note)
    }

    /// Takes the note away: it was reported.
    ///
    /// # Errors
    ///
    /// The file cannot be removed: it may be another user's.
    pub fn acknowledge(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { when, bench, port, harness, cause, verified, how, .. } = self;
        let off = if *verified { "switched the output off" } else { "COULD NOT CONFIRM THE OUTPUT OFF" };
        write!(
            f,
            "{when}: the guardian of process {harness} {off} at {port} on bench {bench:?}, because {cause}: {how}"
        )
    }
}

/// Where guardians leave their notes: beside the lock files of the benches.
pub fn folder() -> PathBuf {
    let folder = std::env::temp_dir();
    std::path::absolute(&folder).unwrap_or(folder)
}

/// The notes in `folder`, oldest first. What cannot be read is no note.
pub fn notes(folder: &Path) -> Vec<Note> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_note = |name: &str| name.starts_with(BEGIN) && name.ends_with(END);
    let mut notes: Vec<Note> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(is_note))
        // A pipe would keep us waiting.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| Note::read(&entry.path()))
        .take(MOST)
        .collect();
    notes.sort_by(|a, b| a.when.cmp(&b.when));
    notes
}

/// A name as a part of a file's name.
pub(super) fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SerialParams;
    use crate::guardian::Charge;

    fn note(folder: &Path, bench: &str) -> Note {
        let (port, folder) = (PathBuf::from("/dev/ttyUSB0"), folder.to_owned());
        let charge =
            Charge { bench: bench.to_owned(), port, params: SerialParams::default(), folder, harness: 7 };
        Note::now(&charge, "the harness was killed".to_owned(), true, "off\u{1b}[2J".to_owned())
    }

    #[test]
    fn a_note_is_read_until_it_is_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let mut written = note(folder.path(), "bench/3");
        written.write(folder.path()).unwrap();
        let [read] = notes(folder.path()).try_into().unwrap();
        assert_eq!(read, Note { how: "off[2J".to_owned(), ..written });
        read.acknowledge().unwrap();
        assert_eq!(notes(folder.path()), []);
    }

    #[test]
    fn what_is_no_note_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        fs::write(place("hil-guardian-torn.json"), b"{\"when\":\"20").unwrap();
        fs::write(place("hil-guardian-huge.json"), vec![b' '; 1 << 20]).unwrap();
        fs::write(place("else.json"), b"{}").unwrap();
        nix::unistd::mkfifo(&place("hil-guardian-pipe.json"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(notes(folder.path()), []);
        assert_eq!(notes(&place("nowhere")), []);
    }
}
