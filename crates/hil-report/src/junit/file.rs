//! `junit.xml` while the run goes on: written again after each test, at a bounded cost.
//!
//! Writing the whole file after each of *n* tests costs O(n²). Appending to the file in place would cost
//! O(n), but a kill in the middle of a write to a visible file can leave it torn, and then Jenkins loses
//! every result. So the file is always written whole, under a temporary name, and renamed; and it is
//! written less often when it comes to cost something:
//!
//! - at once, if the last write is longer ago than [`QUIET`] and than [`SHARE`] times what it took;
//! - otherwise when that time is over, by [`JunitFile::tick`], which the runner calls while it waits.
//!
//! It follows that the file is well-formed at every moment; that writing takes at most one part in
//! [`SHARE`] of the run's time; and that after a kill the file lacks at most what happened in the last
//! [`QUIET`] (or [`SHARE`] × the last write, if that is longer). On a bench, where a test takes longer
//! than that, the file is complete after each test. What the file lacks is in the journal, from which
//! `hil report` makes it again. A test that was in flight when the file was written stands there as an
//! error of the type `interrupted`, so a stale file errs towards red.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::render;
use crate::flight::Flights;
use crate::{ReportError, Reports, RunRecord, files};

/// The file is not written twice within this time.
const QUIET: Duration = Duration::from_millis(20);

/// After a write, this many times what it took must pass before the next.
const SHARE: u32 = 10;

/// `junit.xml` of a run that goes on.
#[derive(Debug)]
pub struct JunitFile {
    path: PathBuf,
    folder: PathBuf,
    prefix: String,
    flights: Flights,
    stale: bool,
    not_before: Option<Instant>,
}

impl JunitFile {
    /// The file that `reports` will write at the end as well.
    pub fn new(reports: &Reports) -> Self {
        Self {
            path: reports.folder().join(render::FILE_NAME),
            folder: reports.folder().to_owned(),
            prefix: reports.attachment_prefix().to_owned(),
            flights: Flights::default(),
            stale: false,
            not_before: None,
        }
    }

    /// Takes note that a test was begun or has finished, or a session step, and writes the file if it is
    /// time to.
    ///
    /// # Errors
    ///
    /// The file or a flight recorder cannot be written. The run need not end for it.
    pub fn on_test_finished(&mut self, record: &RunRecord, now: Instant) -> Result<(), ReportError> {
        self.stale = true;
        self.tick(record, now)
    }

    /// Writes the file if it is stale and it is time to.
    ///
    /// # Errors
    ///
    /// As for [`Self::on_test_finished`].
    pub fn tick(&mut self, record: &RunRecord, now: Instant) -> Result<(), ReportError> {
        if self.stale && self.not_before.is_none_or(|at| at <= now) {
            self.write(record, now)
        } else {
            Ok(())
        }
    }

    /// When [`Self::tick`] has something to do; nothing while the file is up to date.
    pub fn due(&self) -> Option<Instant> {
        self.not_before.filter(|_| self.stale)
    }

    fn write(&mut self, record: &RunRecord, now: Instant) -> Result<(), ReportError> {
        // Even a write that fails takes its time and must not be tried again at once.
        self.not_before = Some(now + QUIET);
        let begun = Instant::now();
        self.flights.write_finished(&self.folder, record)?;
        let xml = render::render(record, &self.flights, &self.prefix)?;
        files::write_atomically(&self.path, xml)?;
        self.stale = false;
        self.not_before = Some(now + (begun.elapsed() * SHARE).max(QUIET));
        Ok(())
    }
}
