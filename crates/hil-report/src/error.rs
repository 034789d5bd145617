//! What can go wrong with journals and reports.

use std::io;
use std::path::PathBuf;

/// A journal that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be created.
    #[error("cannot create the journal {}", path.display())]
    Create {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An entry cannot be written or flushed.
    #[error("cannot write to the journal {}", path.display())]
    Append {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be read.
    #[error("cannot read the journal {}", path.display())]
    Read {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A complete line is not an entry.
    #[error("line {line} of {} is not an entry of a journal", path.display())]
    Corrupt {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// An entry is missing or stands twice.
    #[error("line {line} of {} is entry {found}, expected entry {expected}", path.display())]
    Sequence {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The number that should stand there.
        expected: u64,
        /// The number that stands there.
        found: u64,
    },
    /// The first entry does not say what the run is.
    #[error("{} does not begin with the start of a run", path.display())]
    NoStart {
        /// The journal.
        path: PathBuf,
    },
    /// A newer `hil` wrote it.
    #[error("{} has format {found}, this version of hil reads up to {known}: use a newer one", path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// The format's version.
        found: u64,
        /// The newest version that can be read.
        known: u32,
    },
}

/// A report that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A folder cannot be created.
    #[error("cannot create the folder {}", path.display())]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The JUnit file cannot be serialised.
    #[error("cannot serialise junit.xml")]
    Junit(#[from] quick_junit::SerializeError),
    /// A template of the HTML report does not fit its data.
    #[error("cannot render the template of {page}")]
    Template {
        /// The page.
        page: &'static str,
        /// What the template engine says.
        source: minijinja::Error,
    },
    /// The coverage cannot be serialised.
    #[error("cannot serialise requirements_coverage.json")]
    Coverage(#[source] serde_json::Error),
}
