//! What every test gets: its clock, its record, its steps.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hil_config::Config;
use hil_model::{
    Attachment, BenchTime, Clock, Event, Failure, Level, LogLine, Property, SourceLocation, TestMeta, Value,
    poll_until,
};

use super::{Bench, Lease, Measure, Steps, TestClock};
use crate::error::{TestError, TestResult};
use crate::events::{EventLog, Latest};

/// What ended a test happened this shortly after its guards were dropped, if it was the reason for it.
const JUST_NOW: Duration = Duration::from_millis(20);

/// A test's view of its run. A handle; clones are the same test.
#[derive(Clone)]
pub struct Ctx(Arc<Scope>);

/// What one attempt of a test has for itself.
pub(crate) struct Scope {
    bench: Arc<Bench>,
    test: TestMeta,
    lease: Lease,
    clock: Arc<TestClock>,
    steps: Steps,
    attachments: AtomicU32,
    /// The first measurement outside its limits: it fails the test even if the test goes on.
    failed_measurement: Mutex<Option<Failure>>,
    /// What the bench looked like before the last guard put it back, and when that was done.
    kept: Mutex<Option<(Latest, BenchTime)>>,
}

impl Ctx {
    pub(crate) fn new(bench: Arc<Bench>, test: TestMeta, lease: Lease) -> Self {
        let limit = Duration::from_millis(test.timeout_ms);
        let clock = Arc::new(TestClock::new(Arc::clone(&bench.clock), lease.clone(), limit));
        let steps = Steps::new(bench.events.clone());
        Self(Arc::new(Scope {
            bench,
            test,
            lease,
            clock,
            steps,
            attachments: AtomicU32::new(0),
            failed_measurement: Mutex::default(),
            kept: Mutex::default(),
        }))
    }

    pub(crate) fn bench(&self) -> &Bench {
        &self.0.bench
    }

    pub(crate) fn lease(&self) -> &Lease {
        &self.0.lease
    }

    pub(crate) fn events(&self) -> &EventLog {
        &self.0.bench.events
    }

    /// What is known of the test.
    pub fn test(&self) -> &TestMeta {
        &self.0.test
    }

    /// The effective configuration.
    pub fn config(&self) -> &Config {
        &self.0.bench.config
    }

    /// The bench's clock, which ends with the test's time limit.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// The same clock, to be kept by a helper.
    pub fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::<TestClock>::clone(&self.0.clock)
    }

    /// Lets `duration` of bench time pass. For waiting until something is true, see [`Self::wait_for`].
    pub fn sleep(&self, duration: Duration) {
        self.clock().sleep(duration);
    }

    /// Polls every `interval` until `poll` yields a value, for at most `timeout`.
    ///
    /// # Errors
    ///
    /// A failure that names `what` when the time is over; an error of `poll` at once.
    #[track_caller]
    pub fn wait_for<T>(
        &self,
        what: &str,
        interval: Duration,
        timeout: Duration,
        poll: impl FnMut() -> TestResult<Option<T>>,
    ) -> TestResult<T> {
        Ok(poll_until(self.clock(), what, interval, timeout, poll)?)
    }

    /// Runs `body` as a step of the test, which reports show with its time and outcome.
    ///
    /// # Errors
    ///
    /// Those of `body`.
    pub fn step<T>(&self, title: &str, body: impl FnOnce() -> TestResult<T>) -> TestResult<T> {
        self.0.lease.check();
        self.0.steps.run(title, body)
    }

    /// Records a measured value; continue with its unit and limits.
    pub fn measure(&self, name: &str, value: impl Into<Value>) -> Measure<'_> {
        self.0.lease.check();
        Measure::new(self, name, value.into())
    }

    /// Keeps what the bench looks like now over `restore`, which puts it back as a step of its own.
    ///
    /// Does not look at the lease: a guard puts things back although its test is over.
    pub(super) fn keep_evidence(&self, title: &str, restore: impl FnOnce() -> TestResult) {
        let latest = self.events().latest();
        // The step shows an error, and whoever runs next asks whether the bench is as it should be.
        let _ = self.0.steps.run(title, restore);
        *self.0.kept.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((latest, self.bench().clock.now()));
    }

    /// What the bench looked like when the test ended: before its guards put it back, where nothing has
    /// happened since they did.
    pub(crate) fn evidence(&self) -> Latest {
        let kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        let now = self.bench().clock.now();
        match kept {
            Some((latest, restored)) if now.since(restored) <= JUST_NOW => latest,
            Some(_) | None => self.events().latest(),
        }
    }

    /// Remembers a measurement outside its limits.
    pub(super) fn measurement_failed(&self, failure: &Failure) {
        let mut first = self.0.failed_measurement.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| failure.clone());
    }

    /// The first measurement outside its limits, if there was one.
    pub(crate) fn failed_measurement(&self) -> Option<Failure> {
        self.0.failed_measurement.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records a property that reaches JUnit, and echoes it to the test's output (HLP-07).
    pub fn rp(&self, key: &str, value: impl ToString) {
        self.events().emit(Event::Noted(Property::new(key, value)));
    }

    /// Writes a line to the test's log.
    #[track_caller]
    pub fn log(&self, message: impl Into<String>) {
        self.events().emit(Event::Logged(LogLine {
            level: Level::Info,
            target: self.0.test.class.clone(),
            message: message.into(),
            location: Some(SourceLocation::caller()),
        }));
    }

    /// A requirement: `holds` must be true.
    ///
    /// # Errors
    ///
    /// A failure that says `what`, if it is not.
    #[track_caller]
    pub fn expect(&self, what: &str, holds: bool) -> TestResult {
        if holds { Ok(()) } else { Err(TestError::failed(format!("{what}: does not hold"))) }
    }

    /// A requirement: `got` must equal `expected`.
    ///
    /// # Errors
    ///
    /// A failure with both, if it does not.
    #[track_caller]
    pub fn expect_eq<T: PartialEq<U> + fmt::Debug, U: fmt::Debug>(
        &self,
        what: &str,
        got: T,
        expected: U,
    ) -> TestResult {
        if got == expected {
            return Ok(());
        }
        let (got, expected) = (format!("{got:?}"), format!("{expected:?}"));
        Err(Failure {
            location: Some(SourceLocation::caller()),
            expected: Some(expected.clone()),
            got: Some(got.clone()),
            ..Failure::new(format!("{what}: want {expected}, got {got}"))
        }
        .into())
    }

    /// Attaches `content` under `name` to the test. The name is shown, never used as a path.
    ///
    /// # Errors
    ///
    /// A bench fault when the file cannot be written.
    #[track_caller]
    pub fn attach(&self, name: &str, media_type: &str, content: &[u8]) -> TestResult {
        self.0.lease.check();
        let number = self.0.attachments.fetch_add(1, Ordering::Relaxed) + 1;
        let relative = Path::new("attachments")
            .join(file_name(&self.0.test.class))
            .join(file_name(&self.0.test.short))
            .join(format!("{number:02}-{}", file_name(name)));
        let path = self.0.bench.reports.join(&relative);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, content));
        if let Err(error) = written {
            return Err(TestError::bench(format!("cannot write the attachment {}: {error}", path.display())));
        }
        self.events().emit(Event::Attached(Attachment {
            name: name.to_owned(),
            path: relative.to_string_lossy().into_owned(),
            media_type: media_type.to_owned(),
            bytes: content.len() as u64,
        }));
        Ok(())
    }
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx").field("test", &self.0.test.name).finish_non_exhaustive()
    }
}

/// `name` with everything replaced that could mean something to a file system.
fn file_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = name.chars().map(safe).take(80).collect();
    if name.trim_start_matches('.').is_empty() { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::file_name;
    use rstest::rstest;

    #[rstest]
    #[case("trace.csv", "trace.csv")]
    #[case("../../etc/passwd", ".._.._etc_passwd")]
    #[case("..", "_")]
    #[case("", "_")]
    #[case("a\0b/ü", "a_b__")]
    fn a_name_is_never_a_path(#[case] name: &str, #[case] file: &str) {
        assert_eq!(file_name(name), file);
    }
}
