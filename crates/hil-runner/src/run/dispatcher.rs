//! The dispatcher: one queue for everything that can happen, one order for it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hil_model::{Event, Outcome};

use super::attempt::{self, Attempted, Wish};
use super::listeners::{Current, lock};
use super::plan::PlannedRun;
use super::signals::Listening;
use super::tries::Tries;
use super::worker::Worker;
use super::{RunError, trials};
use crate::bench::{Lease, Revoked};
use crate::events::EventLog;
use crate::session::{Session, SetUp};

/// How long a test may take to notice that its lease was revoked before it is left behind.
const NOTICE: Duration = Duration::from_millis(500);
/// How long the guards of a test that ran out of time may take to put things back.
const UNWINDING: Duration = Duration::from_secs(15);
/// How long the way down may take as a whole. Each of its steps is bounded by itself.
const TEARDOWN: Duration = Duration::from_secs(20);
/// How often the dispatcher looks around when nothing happens.
const IDLE: Duration = Duration::from_millis(250);

/// Why a run that got a signal begins no further test.
const INTERRUPTED: &str = "the run was interrupted";
/// What ends a run whose time is up, where it would be a signal's name.
const TIME_LIMIT: &str = "the time limit";

/// How the run is shown on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Pretty,
    /// A character for each test, as libtest does.
    Terse,
    /// libtest's JSON lines.
    Json,
}

/// What can happen while the dispatcher waits.
#[derive(Debug)]
pub(super) enum Message {
    /// The job of this number is over.
    Done(u64),
    /// The process got a signal.
    Signal(&'static str),
}

/// How a job on the bench thread ended.
enum JobEnd<T> {
    /// It returned.
    Finished(T),
    /// It did not come back in time and was left behind with its thread.
    LeftBehind,
}

/// What ends a job early.
struct Bounds<'a> {
    /// The most wall time that it may take, if it is bounded.
    limit: Option<Duration>,
    /// What is revoked when the limit or a signal comes.
    lease: &'a Lease,
    /// How many signals it outlives. Usually none; the way down is not ended by any.
    outlives: u32,
}

/// Why no further test is begun.
struct Stopped {
    /// In words.
    reason: String,
    /// Whether the bench is fit for tests that take down what others set up.
    intact: bool,
}

/// Owns what the user sees and brings everything into one order.
pub(super) struct Dispatcher {
    pub(super) session: Arc<Session>,
    pub(super) events: EventLog,
    pub(super) current: Current,
    pub(super) retries: Option<u32>,
    pub(super) default_retries: u32,
    pub(super) default_repeats: u32,
    pub(super) fail_fast: bool,
    /// When the run must be over, until that was acted upon.
    pub(super) until: Option<Instant>,
    queue: Receiver<Message>,
    sender: Sender<Message>,
    worker: Worker,
    jobs: u64,
    /// The place in the plan of the test after the one that was begun last.
    next: usize,
    signals: u32,
    stopped: Option<Stopped>,
    /// The suites of which a test was begun.
    begun: BTreeSet<String>,
    _listening: Listening,
}

impl Dispatcher {
    /// A dispatcher for `session`, listening for signals from now on.
    pub(super) fn start(session: Arc<Session>, events: EventLog, current: Current) -> Result<Self, RunError> {
        let (sender, queue) = mpsc::channel();
        let listening = Listening::start(sender.clone()).map_err(RunError::Thread)?;
        let worker = Worker::start().map_err(RunError::Thread)?;
        Ok(Self {
            session,
            events,
            current,
            retries: None,
            default_retries: 0,
            default_repeats: 0,
            fail_fast: false,
            until: None,
            queue,
            sender,
            worker,
            jobs: 0,
            next: 0,
            signals: 0,
            stopped: None,
            begun: BTreeSet::new(),
            _listening: listening,
        })
    }

    /// Sets the session up, runs `runs`, and takes the session down, whatever happened.
    pub(super) fn run(mut self, runs: Vec<PlannedRun>, format: Format) {
        self.set_up();
        let this = Arc::new(Mutex::new(self));
        let runner = Arc::clone(&this);
        let names: Vec<String> = runs.iter().map(|run| run.meta.name.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let runs = Arc::new(runs);
        let shown = Arc::clone(&runs);
        let one = move |index: usize| {
            let mut this = lock(&runner);
            this.next = index + 1;
            this.test(&shown[index])
        };
        // A closed standard output makes libtest-mimic panic.
        let printing = catch_unwind(AssertUnwindSafe(|| trials::run_all(&names, format, one)));
        let Ok(this) = Arc::try_unwrap(this) else { unreachable!("the trials are over, and hold no handle") };
        let mut this = this.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if printing.is_err() {
            tracing::warn!("standard output was closed: the run goes on unseen");
            for planned in runs.iter().skip(this.next) {
                this.test(planned);
            }
        }
        this.tear_down();
    }

    fn set_up(&mut self) {
        let lease = Lease::default();
        let session = Arc::clone(&self.session);
        let inner = lease.clone();
        let bounds = Bounds { limit: None, lease: &lease, outlives: 0 };
        match self.job(&bounds, move || session.set_up(&inner)) {
            // The signal came too late for the way up, and early enough for the tests.
            JobEnd::Finished(SetUp::Ready) if self.signals > 0 => self.stop(INTERRUPTED, true),
            JobEnd::Finished(SetUp::Ready) => {}
            JobEnd::Finished(SetUp::Failed(why)) => self.stop(format!("set-up failed: {why}"), false),
            JobEnd::Finished(SetUp::Interrupted) | JobEnd::LeftBehind => self.stop(INTERRUPTED, false),
        }
        self.current.changed();
    }

    fn tear_down(&mut self) {
        let lease = Lease::default();
        let session = Arc::clone(&self.session);
        let bounds = Bounds { limit: Some(TEARDOWN), lease: &lease, outlives: u32::MAX };
        match self.job(&bounds, move || session.tear_down()) {
            JobEnd::Finished(()) => {}
            JobEnd::LeftBehind => self.session.unverified("the way down did not come to its end"),
        }
    }

    /// From now on no test is begun but, on an intact bench, those that take down. The first reason stays; a bench
    /// that broke stays broken. A signal is its own event.
    fn stop(&mut self, reason: impl Into<String>, intact: bool) {
        if let Some(stopped) = &mut self.stopped {
            stopped.intact &= intact;
            return;
        }
        let reason = reason.into();
        if self.signals == 0 {
            self.events.emit(Event::Stopped { reason: reason.clone() });
        }
        self.stopped = Some(Stopped { reason, intact });
    }

    /// Why `planned` is not begun, if it is not.
    fn refuses(&self, planned: &PlannedRun) -> Option<&str> {
        let Stopped { reason, intact } = self.stopped.as_ref()?;
        let takes_down = planned.test.def.teardown && self.begun.contains(planned.meta.name.suite());
        (!takes_down || !intact || self.signals > 1).then_some(reason)
    }

    /// Runs `planned`, again if it is red or wishes so and may be, and says how it ended.
    fn test(&mut self, planned: &PlannedRun) -> Outcome {
        if let Some(why) = self.refuses(planned) {
            return Outcome::Skipped { reason: format!("not run: {why}") };
        }
        if let Some(missing) = &planned.held {
            return self.held_back(planned, missing.to_string());
        }
        self.begun.insert(planned.meta.name.suite().to_owned());
        let def = planned.test.def;
        let retries = self.retries.or(def.retries).unwrap_or(self.default_retries);
        let mut tries = Tries::new(retries, def.repeats.unwrap_or(self.default_repeats));
        let mut attempt = 1;
        let outcome = loop {
            let test = planned.meta.name.clone();
            self.events.emit(Event::TestStarted { test: test.clone(), attempt });
            self.current.changed();
            let attempted = self.attempt(planned);
            let stops = attempted.wish == Wish::Stop;
            let going_on = self.signals == 0 && self.stopped.as_ref().is_none_or(|stopped| stopped.intact);
            let (outcome, retried) = tries.after(attempted, going_on);
            self.events.emit(Event::TestFinished { test, attempt, outcome: outcome.clone(), retried });
            self.current.changed();
            if stops {
                self.stop(format!("{} stopped the run", planned.meta.name), true);
            }
            if !retried {
                break outcome;
            }
            attempt += 1;
        };
        if self.signals > 0 {
            self.stop(INTERRUPTED, !self.session.must_restore());
        } else if outcome.is_red() && def.stop_on_fail {
            self.stop(format!("{} is red, and the run makes no sense without it", planned.meta.name), true);
        } else if outcome.is_red() && self.fail_fast {
            self.stop(format!("{} is red, and --fail-fast is given", planned.meta.name), true);
        }
        outcome
    }

    /// A test that the charter holds back skips with its reason, and nothing is done for it.
    fn held_back(&mut self, planned: &PlannedRun, reason: String) -> Outcome {
        let (test, attempt) = (planned.meta.name.clone(), 1);
        let outcome = Outcome::Skipped { reason };
        self.events.emit(Event::TestStarted { test: test.clone(), attempt });
        self.events.emit(Event::TestFinished { test, attempt, outcome: outcome.clone(), retried: false });
        self.current.changed();
        outcome
    }

    fn attempt(&mut self, planned: &PlannedRun) -> Attempted {
        let lease = Lease::default();
        let mut run = planned.clone();
        if self.signals > 0 {
            // Somebody waits for the end of the run.
            let most = u64::try_from(UNWINDING.as_millis()).unwrap_or(u64::MAX);
            run.meta.timeout_ms = run.meta.timeout_ms.min(most);
        }
        let meta = run.meta.clone();
        let limit = Some(Duration::from_millis(meta.timeout_ms));
        let (bench, inner) = (self.session.bench(), lease.clone());
        // A test that takes down was begun in spite of the signal that ended the others.
        let outlives = if planned.test.def.teardown { self.signals } else { 0 };
        let bounds = Bounds { limit, lease: &lease, outlives };
        let end = self.job(&bounds, move || attempt::run(&bench, &run, &inner));
        let mut attempted = match end {
            JobEnd::Finished(attempted) => attempted,
            JobEnd::LeftBehind => {
                let why = lease.revoked().unwrap_or(Revoked::TimedOut);
                let mut fault = attempt::revoked(why, &meta);
                fault.details.push("the test did not come back and was left behind".to_owned());
                if self.signals > 0 {
                    self.stop(INTERRUPTED, false);
                }
                Attempted { outcome: Outcome::Errored(fault), wish: Wish::Nothing }
            }
        };
        if self.signals == 0 && self.session.must_restore() {
            let session = Arc::clone(&self.session);
            let lease = Lease::default();
            let bounds = Bounds { limit: Some(UNWINDING), lease: &lease, outlives: 0 };
            self.job(&bounds, move || session.restore());
            if self.session.must_restore() {
                self.stop("the rail could not be brought back to nominal", false);
                let outcome = attempt::not_restored(attempted.outcome);
                attempted = Attempted { outcome, wish: Wish::Nothing };
            }
        }
        attempted
    }

    /// Runs `job` on the bench thread and waits for its end, for a signal, or for its limit.
    fn job<T: Send + 'static>(
        &mut self,
        bounds: &Bounds<'_>,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> JobEnd<T> {
        self.jobs += 1;
        let number = self.jobs;
        let slot = Arc::new(Mutex::new(None));
        let (result, done) = (Arc::clone(&slot), self.sender.clone());
        self.worker.submit(move || {
            // A job that panics past its own nets has no result, but it must not take the thread along.
            *lock(&result) = catch_unwind(AssertUnwindSafe(job)).ok();
            // Nobody waits for a job that was left behind.
            let _ = done.send(Message::Done(number));
        });
        let started = Instant::now();
        let mut deadline = bounds.limit.map(|limit| started + limit);
        if self.signals > bounds.outlives {
            bounds.lease.revoke(Revoked::Interrupted);
            deadline = Some(started + NOTICE);
        }
        loop {
            let now = Instant::now();
            if self.is_time_up(now) {
                self.interrupted(TIME_LIMIT);
                deadline = self.hurried(bounds).or(deadline);
            }
            let next =
                [deadline, self.until, self.current.due(), Some(now + IDLE)].into_iter().flatten().min();
            let wait = next.unwrap_or(now).saturating_duration_since(now);
            match self.queue.recv_timeout(wait) {
                Ok(Message::Done(done)) if done == number => {
                    let value = lock(&slot).take();
                    return value.map_or(JobEnd::LeftBehind, JobEnd::Finished);
                }
                // A job that was left behind came back after all.
                Ok(Message::Done(_)) => continue,
                Ok(Message::Signal(name)) => {
                    self.interrupted(name);
                    deadline = self.hurried(bounds).or(deadline);
                }
                Err(RecvTimeoutError::Timeout) => self.current.tick(),
                // The sender is ours, so the queue is never closed.
                Err(RecvTimeoutError::Disconnected) => return self.leave_behind(bounds),
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                let timed_out = bounds.lease.revoked().is_none();
                if timed_out {
                    bounds.lease.revoke(Revoked::TimedOut);
                    deadline = Some(Instant::now() + NOTICE);
                } else if bounds.lease.is_unwinding()
                    && self.signals <= bounds.outlives
                    && started.elapsed() < bounds.limit.unwrap_or_default() + UNWINDING
                {
                    deadline = Some(Instant::now() + NOTICE);
                } else {
                    return self.leave_behind(bounds);
                }
            }
        }
    }

    fn leave_behind<T>(&mut self, bounds: &Bounds<'_>) -> JobEnd<T> {
        bounds.lease.abandon();
        match Worker::start() {
            Ok(worker) => self.worker = worker,
            Err(error) => tracing::error!("cannot start another bench thread: {error}"),
        }
        JobEnd::LeftBehind
    }

    /// Whether the run must be over now and nobody has ended it yet: a signal that came first needs no second.
    fn is_time_up(&mut self, now: Instant) -> bool {
        self.until.take_if(|until| now >= *until).is_some() && self.signals == 0
    }

    /// Takes the lease back after a signal, and says how long the job has from now on; nothing if it outlives that.
    fn hurried(&self, bounds: &Bounds<'_>) -> Option<Instant> {
        if self.signals <= bounds.outlives {
            return None;
        }
        bounds.lease.revoke(Revoked::Interrupted);
        let grace = if self.signals == 1 { NOTICE } else { Duration::ZERO };
        Some(Instant::now() + grace)
    }

    /// The first signal ends the test and then the run, the second does not wait for the test, the third
    /// ends the process where it stands.
    fn interrupted(&mut self, signal: &'static str) {
        self.signals += 1;
        if self.signals >= 3 {
            std::process::abort();
        }
        self.events.emit(Event::Interrupted { signal: signal.to_owned() });
    }
}
