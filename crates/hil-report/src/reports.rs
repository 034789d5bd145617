//! Writes all reports of a run into one folder.

use std::path::{Path, PathBuf};

use crate::coverage::{self, Coverage};
use crate::files::{create_folder, write_atomically};
use crate::flight::Flights;
use crate::{ReportError, RunRecord, html, junit, markdown};

/// The folder that reports go to.
#[derive(Clone, Debug)]
pub struct Reports {
    folder: PathBuf,
    attachment_prefix: String,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// `junit.xml`.
    pub junit: PathBuf,
    /// `summary.md`.
    pub summary: PathBuf,
    /// `report.html`; its style sheet and further pages lie beside it.
    pub html: PathBuf,
    /// `requirements_coverage.json`.
    pub coverage: PathBuf,
    /// The flight recorders of red tests, sorted.
    pub flights: Vec<PathBuf>,
}

impl Reports {
    /// Reports in `folder`, which is created if need be.
    ///
    /// # Errors
    ///
    /// [`ReportError::CreateFolder`].
    pub fn new(folder: impl Into<PathBuf>) -> Result<Self, ReportError> {
        let folder = folder.into();
        create_folder(&folder)?;
        let attachment_prefix = folder.to_string_lossy().replace('\\', "/").trim_end_matches('/').to_owned();
        Ok(Self { folder, attachment_prefix })
    }

    /// Says how the folder is reached from Jenkins' workspace, where that is not the way it was given:
    /// `junit.xml` names attachments so.
    #[must_use]
    pub fn with_attachment_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.attachment_prefix = prefix.into();
        self
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn attachment_prefix(&self) -> &str {
        &self.attachment_prefix
    }

    /// Writes every report, each under a temporary name first. The same record gives the same bytes.
    ///
    /// Call it after the run's last entry, so that a report made from the journal later is the same.
    ///
    /// # Errors
    ///
    /// The first report that cannot be made or written; those before it are there.
    pub fn write_all(&self, record: &RunRecord) -> Result<Written, ReportError> {
        let path = |name: &str| self.folder.join(name);
        let mut flights = Flights::default();
        flights.write_all(&self.folder, record)?;

        // JUnit first: if the process is killed in between, it is the one that Jenkins reads.
        let junit = path(junit::FILE_NAME);
        write_atomically(&junit, junit::render(record, &flights, &self.attachment_prefix)?)?;
        let coverage = path(coverage::FILE_NAME);
        write_atomically(&coverage, Coverage::of(record).render()?)?;
        let summary = path(markdown::FILE_NAME);
        write_atomically(&summary, markdown::render(record))?;
        let html = html::write(&self.folder, record, &flights)?;

        let mut flights: Vec<_> = flights.paths().map(path).collect();
        flights.sort();
        Ok(Written { junit, summary, html, coverage, flights })
    }
}
