//! What every test gets: its clock, its record, its steps.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hil_config::Config;
use hil_model::run::{MeasuredValue, Measurement};
use hil_model::{
    BenchTime, Clock, Event, Failure, Level, LogLine, Mutation, Property, SourceLocation, TestMeta,
    poll_until,
};

use super::declared::Declared;
use super::{Bench, Declaration, Lease, Measure, SeriesMeasure, Steps, TestClock};
use crate::error::{TestError, TestResult};
use crate::events::{EventLog, Latest};
use crate::log::least;

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
    declared: Declared,
    /// The first measurement that failed: it fails the test even if the test goes on.
    failed_measurement: Mutex<Option<Failure>>,
    /// What the bench looked like before the last guard put it back, and when that was done.
    kept: Mutex<Option<(Latest, BenchTime)>>,
}

impl Ctx {
    pub(crate) fn new(bench: Arc<Bench>, test: TestMeta, lease: Lease) -> Self {
        let limit = Duration::from_millis(test.timeout_ms);
        let clock = Arc::new(TestClock::new(Arc::clone(&bench.clock), lease.clone(), limit));
        let steps = Steps::new(bench.events.clone(), lease.clone());
        Self(Arc::new(Scope {
            bench,
            test,
            lease,
            clock,
            steps,
            declared: Declared::default(),
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

    fn events(&self) -> &EventLog {
        &self.0.bench.events
    }

    /// Something happened in the test. One that was left behind has nothing to say: another one is in flight.
    fn emit(&self, event: Event) {
        if !self.0.lease.is_abandoned() {
            self.events().emit(event);
        }
    }

    /// What is known of the test.
    pub fn test(&self) -> &TestMeta {
        &self.0.test
    }

    /// The test must have declared that it does this: what is not declared cannot be held back (LIV-01).
    ///
    /// # Errors
    ///
    /// A test error, if it has not.
    #[track_caller]
    pub fn expect_declared(&self, mutation: Mutation) -> TestResult {
        if self.0.test.mutates.contains(&mutation) {
            return Ok(());
        }
        let word = mutation.word();
        Err(TestError::misuse(format!("the test {mutation} and does not declare it: `mutates` lacks {word}")))
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

    /// Records a measured value: a number, a text, a truth value or JSON; continue with its unit and limits.
    pub fn measure(&self, name: &str, value: impl Into<MeasuredValue>) -> Measure<'_> {
        self.0.lease.check();
        Measure::new(self, self.0.declared.of(name), value.into())
    }

    /// Records rows of values; continue with the columns.
    pub fn series(&self, name: &str) -> SeriesMeasure<'_> {
        self.0.lease.check();
        SeriesMeasure::new(self, self.0.declared.of(name))
    }

    /// Promises a measurement. If the test ends without it, it has failed, unless the measurement is optional.
    pub fn declare(&self, name: &str) -> Declaration<'_> {
        self.0.lease.check();
        self.0.declared.promise(name)
    }

    /// A measurement was taken and judged.
    pub(super) fn measured(&self, measurement: Box<Measurement>, failure: Option<&Failure>) {
        self.0.declared.keep(&measurement.name);
        if let Some(failure) = failure {
            self.measurement_failed(failure);
        }
        self.emit(Event::Measured(measurement));
    }

    /// Records what was declared and never set.
    pub(crate) fn close_declarations(&self) {
        for measurement in self.0.declared.take_broken() {
            if !measurement.optional {
                self.measurement_failed(&Failure::new(format!(
                    "{}: declared, but never set",
                    measurement.name
                )));
            }
            self.emit(Event::Measured(Box::new(measurement)));
        }
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

    /// Remembers a measurement that failed.
    fn measurement_failed(&self, failure: &Failure) {
        let mut first = self.0.failed_measurement.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| failure.clone());
    }

    /// The first measurement that failed, if one did.
    pub(crate) fn failed_measurement(&self) -> Option<Failure> {
        self.0.failed_measurement.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records a property that reaches JUnit, and echoes it to the test's output (HLP-07).
    pub fn rp(&self, key: &str, value: impl ToString) {
        self.emit(Event::Noted(Property::new(key, value)));
    }

    /// Writes a line of level INFO to the test's log.
    #[track_caller]
    pub fn log(&self, message: impl Into<String>) {
        self.log_at(Level::Info, message);
    }

    /// Writes a line to the test's log, unless it matters less than `record.log_level`.
    #[track_caller]
    pub fn log_at(&self, level: Level, message: impl Into<String>) {
        if level < least(self.config()) {
            return;
        }
        self.emit(Event::Logged(LogLine {
            level,
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
    /// The test's own mistake, if the run has too many attachments already or this one is too large; a bench fault
    /// when the file cannot be written.
    #[track_caller]
    pub fn attach(&self, name: &str, media_type: &str, content: &[u8]) -> TestResult {
        self.0.lease.check();
        let location = SourceLocation::caller();
        let attachments = &self.0.bench.attachments;
        let attachment = attachments.take(&self.0.test, name, media_type, content.len() as u64, content);
        self.emit(Event::Attached(attachment.map_err(|error| error.at(location))?));
        Ok(())
    }

    /// Attaches the file at `path` under its own name to the test; it is copied.
    ///
    /// # Errors
    ///
    /// As [`Self::attach`]; the test's own mistake as well, if there is no such file.
    #[track_caller]
    pub fn attach_file(&self, path: impl AsRef<Path>, media_type: &str) -> TestResult {
        self.0.lease.check();
        let location = SourceLocation::caller();
        let attachment = self.0.bench.attachments.take_file(&self.0.test, path.as_ref(), media_type);
        self.emit(Event::Attached(attachment.map_err(|error| error.at(location))?));
        Ok(())
    }
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx").field("test", &self.0.test.name).finish_non_exhaustive()
    }
}
