//! The clocks of the harness: the machine's, and a test's view of the bench's.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hil_model::{BenchTime, Clock, Periodic};

use super::lease::{Lease, Revoked};

/// How long a test may sleep before it notices that its lease was revoked, on a real clock.
const NOTICE: Duration = Duration::from_millis(50);

/// The machine's monotonic clock: the time of a real bench.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock at zero.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { started: Instant::now() })
    }
}

impl Clock for SystemClock {
    fn now(&self) -> BenchTime {
        BenchTime::ZERO + self.started.elapsed()
    }

    fn sleep_until(&self, deadline: BenchTime) {
        sleep(deadline.since(self.now()));
    }

    fn waited_on_io(&self, _wall: Duration) {}

    fn run_at(
        &self,
        name: &str,
        first: BenchTime,
        mut task: Box<dyn FnMut(BenchTime) -> Option<BenchTime> + Send>,
    ) -> Periodic {
        let (started, active) = (self.started, Arc::new(AtomicBool::new(true)));
        let stop = Arc::clone(&active);
        let repeat = move || {
            let mut next = first;
            while active.load(Ordering::Acquire) {
                let now = BenchTime::ZERO + started.elapsed();
                if now < next {
                    // Short sleeps, so that a task that was stopped ends soon.
                    sleep((next - now).min(NOTICE));
                    continue;
                }
                let Some(again) = task(now) else { return };
                next = again;
            }
        };
        if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(repeat) {
            tracing::error!("cannot start the task {name:?}: {error}");
        }
        Periodic::new(move || stop.store(false, Ordering::Release))
    }

    fn is_simulated(&self) -> bool {
        false
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everyone else waits on")]
fn sleep(duration: Duration) {
    if !duration.is_zero() {
        std::thread::sleep(duration);
    }
}

/// The bench's clock as one test sees it: it ends with the test's time limit, and with its lease.
pub(crate) struct TestClock {
    bench: Arc<dyn Clock>,
    lease: Lease,
    deadline: BenchTime,
}

impl TestClock {
    pub(crate) fn new(bench: Arc<dyn Clock>, lease: Lease, limit: Duration) -> Self {
        let deadline = bench.now() + limit;
        Self { bench, lease, deadline }
    }

    fn expire(&self) {
        if self.bench.now() >= self.deadline {
            self.lease.revoke(Revoked::TimedOut);
        }
        self.lease.check();
    }
}

impl Clock for TestClock {
    fn now(&self) -> BenchTime {
        self.bench.now()
    }

    /// Unwinds the test when its lease is revoked meanwhile, or when its time limit comes first.
    fn sleep_until(&self, deadline: BenchTime) {
        self.expire();
        let until = deadline.min(self.deadline);
        if self.bench.is_simulated() {
            self.bench.sleep_until(until);
        } else {
            while self.bench.now() < until {
                self.bench.sleep_until((self.bench.now() + NOTICE).min(until));
                self.lease.check();
            }
        }
        self.expire();
    }

    /// Whoever waits on something else than this clock is unwound here.
    fn waited_on_io(&self, wall: Duration) {
        self.bench.waited_on_io(wall);
        self.lease.check();
    }

    fn run_at(
        &self,
        name: &str,
        first: BenchTime,
        task: Box<dyn FnMut(BenchTime) -> Option<BenchTime> + Send>,
    ) -> Periodic {
        self.bench.run_at(name, first, task)
    }

    fn is_simulated(&self) -> bool {
        self.bench.is_simulated()
    }
}

impl fmt::Debug for TestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClock")
            .field("bench", &self.bench)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
