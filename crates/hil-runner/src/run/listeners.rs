//! Who is told of every event: the journal first, then the record and with it `junit.xml`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hil_model::{Entry, Event, LogLine};
use hil_report::{JournalError, JunitFile, RunRecord, Writer};

use crate::events::Listener;

/// Writes the journal.
///
/// A full disk must not end a run on a bench: the first error is kept, and reported at the end.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) writer: Writer,
    pub(super) broken: Arc<Mutex<Option<JournalError>>>,
}

impl Listener for Journal {
    fn on_entry(&mut self, entry: &Entry) {
        let mut broken = lock(&self.broken);
        if broken.is_some() {
            return;
        }
        let mut result = self.writer.append(entry);
        if ends_a_phase(&entry.event) {
            result = result.and_then(|()| self.writer.flush());
        }
        *broken = result.err();
    }
}

/// Whether what was written so far must survive a kill from now on: at the end of each phase, and at the
/// beginning of a test, so that the one in flight is known.
fn ends_a_phase(event: &Event) -> bool {
    match event {
        Event::RunStarted(_)
        | Event::Planned(_)
        | Event::SessionStepStarted { .. }
        | Event::SessionStepFinished { .. }
        | Event::TestStarted { .. }
        | Event::TestFinished { .. }
        | Event::Stopped { .. }
        | Event::Interrupted { .. }
        | Event::OutputVerified(_)
        | Event::RunFinished(_) => true,
        Event::Progressed { .. }
        | Event::StepStarted { .. }
        | Event::StepFinished { .. }
        | Event::Measured(_)
        | Event::Noted(_)
        | Event::Logged(_)
        | Event::Frame(_)
        | Event::Supply(_)
        | Event::Attached(_) => false,
    }
}

/// Writes what others than `hil` and the tests have to say into a file beside the reports, and nowhere else where
/// somebody looks while a run goes on (LIV-11). The file is there once somebody has said something.
#[derive(Debug)]
pub(super) struct Noise {
    path: PathBuf,
    own: BTreeSet<String>,
    file: Option<File>,
}

impl Noise {
    /// The file's name in the folder of reports.
    const FILE: &'static str = "third-party.log";

    /// Noise in the reports at `folder`; `own` are the crates and the classes of the tests. What an earlier run left there goes.
    pub(super) fn new(folder: &Path, own: BTreeSet<String>) -> Self {
        let path = folder.join(Self::FILE);
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!("cannot remove {}: {error}", path.display()),
        }
        Self { path, own, file: None }
    }

    fn is_foreign(&self, target: &str) -> bool {
        let krate = target.split("::").next().unwrap_or(target);
        krate != "hil" && !krate.starts_with("hil_") && !self.own.contains(krate)
    }
}

impl Listener for Noise {
    fn on_entry(&mut self, entry: &Entry) {
        let Event::Logged(line) = &entry.event else { return };
        if !self.is_foreign(&line.target) {
            return;
        }
        if self.file.is_none() {
            self.file = File::create(&self.path).ok();
        }
        if let Some(file) = &mut self.file {
            let LogLine { level, target, message, .. } = line;
            // It is in the journal as well.
            let _ = writeln!(file, "{} {level:?} {target}: {message}", entry.at);
        }
    }
}

/// Folds the record.
#[derive(Debug)]
pub(super) struct Record(pub(super) Arc<Mutex<RunRecord>>);

impl Listener for Record {
    fn on_entry(&mut self, entry: &Entry) {
        lock(&self.0).apply(entry);
    }
}

/// Keeps `junit.xml` current while the run goes on (REP-01).
#[derive(Debug)]
pub(super) struct Current {
    pub(super) record: Arc<Mutex<RunRecord>>,
    pub(super) junit: JunitFile,
}

impl Current {
    /// A test began or is over.
    pub(super) fn changed(&mut self) {
        let result = self.junit.on_test_finished(&lock(&self.record), Instant::now());
        if let Err(error) = result {
            tracing::warn!("junit.xml is not current: {error}");
        }
    }

    /// Time passed.
    pub(super) fn tick(&mut self) {
        if let Err(error) = self.junit.tick(&lock(&self.record), Instant::now()) {
            tracing::warn!("junit.xml is not current: {error}");
        }
    }

    /// When the next tick has something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        self.junit.due()
    }
}

/// What a listener that panicked left is as good as it gets.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
