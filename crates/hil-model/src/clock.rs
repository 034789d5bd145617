//! Bench time, and the one clock that every wait goes through.
//!
//! On a real bench the clock is the machine's monotonic one. On a simulated bench it jumps to the next
//! thing that is due, so a wait costs no wall time and a run gives the same result every time.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment on the bench's clock: microseconds since the session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BenchTime(u64);

impl BenchTime {
    /// The moment at which the session began.
    pub const ZERO: Self = Self(0);

    /// The moment `micros` microseconds after the session began.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the session began.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds since the session began.
    pub fn as_secs_f64(self) -> f64 {
        self.since(Self::ZERO).as_secs_f64()
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for BenchTime {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(rhs.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl Sub for BenchTime {
    type Output = Duration;

    fn sub(self, rhs: Self) -> Duration {
        self.since(rhs)
    }
}

impl fmt::Display for BenchTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} s", self.0 / 1_000_000, self.0 / 1_000 % 1_000)
    }
}

/// The time of a bench.
///
/// Tests, helpers and drivers never sleep by themselves: a simulated bench could not jump over their
/// waits, and a cancelled test could not be woken.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment.
    fn now(&self) -> BenchTime;

    /// Waits until `deadline`; returns at once if it has passed.
    fn sleep_until(&self, deadline: BenchTime);

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now() + duration);
    }

    /// Accounts for `wall` of real time that the caller has just spent blocked on a descriptor.
    ///
    /// A real clock has moved by itself and does nothing; a simulated clock stood still meanwhile and
    /// advances now, so that a time-out on a silent device takes as long on either.
    fn waited_on_io(&self, wall: Duration);

    /// Runs `task` at `first`, and then whenever it says, until it names no moment or the returned guard is
    /// dropped. It is told when it was due, or when it began, whichever the clock knows.
    ///
    /// In simulated time it runs in the thread of whoever waits, so it must not wait for that one; in real
    /// time it has a thread of its own. A moment that has passed is taken as now.
    fn run_at(
        &self,
        name: &str,
        first: BenchTime,
        task: Box<dyn FnMut(BenchTime) -> Option<BenchTime> + Send>,
    ) -> Periodic;

    /// Runs `task` every `period` from now on, until the returned guard is dropped.
    ///
    /// The task must not wait on this clock for longer than its period.
    fn every(&self, name: &str, period: Duration, mut task: Box<dyn FnMut(BenchTime) + Send>) -> Periodic {
        // A period of zero would keep simulated time from moving on for ever.
        let period = period.max(Duration::from_micros(1));
        let mut next = self.now() + period;
        let repeat = move |at: BenchTime| {
            task(at);
            next = (next + period).max(at);
            Some(next)
        };
        self.run_at(name, next, Box::new(repeat))
    }

    /// Whether time is simulated, that is, jumps.
    fn is_simulated(&self) -> bool;
}

/// A repeated task of a [`Clock`]; dropping it ends the repetition.
#[must_use = "dropping the guard ends the task"]
pub struct Periodic(Option<Box<dyn FnOnce() + Send + Sync>>);

impl Periodic {
    /// A guard that calls `stop` when dropped. For implementations of [`Clock`].
    pub fn new(stop: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(stop)))
    }
}

impl Drop for Periodic {
    fn drop(&mut self) {
        if let Some(stop) = self.0.take() {
            stop();
        }
    }
}

impl fmt::Debug for Periodic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Periodic")
    }
}

/// Why [`poll_until`] gave up.
#[derive(Debug, thiserror::Error)]
pub enum PollError<E> {
    /// The condition did not become true in time.
    #[error("{what}: not within {:.3} s ({polls} polls)", timeout.as_secs_f64())]
    TimedOut {
        /// What was waited for, as the caller named it.
        what: String,
        /// The time that was allowed.
        timeout: Duration,
        /// How often the condition was tried.
        polls: u32,
    },
    /// A poll itself failed; polling stopped at once.
    #[error(transparent)]
    Failed(E),
}

/// Calls `poll` every `interval` until it yields a value, for at most `timeout`.
///
/// The first poll is immediate and the last one is at the deadline, never after it. An error ends the
/// wait at once. This is the only wait loop in the system; `what` appears in the time-out's message.
///
/// # Errors
///
/// [`PollError::TimedOut`] when the deadline passes, [`PollError::Failed`] when a poll fails.
pub fn poll_until<T, E>(
    clock: &dyn Clock,
    what: &str,
    interval: Duration,
    timeout: Duration,
    mut poll: impl FnMut() -> Result<Option<T>, E>,
) -> Result<T, PollError<E>> {
    let deadline = clock.now() + timeout;
    let mut polls = 0;
    loop {
        polls += 1;
        if let Some(value) = poll().map_err(PollError::Failed)? {
            return Ok(value);
        }
        let now = clock.now();
        if now >= deadline {
            return Err(PollError::TimedOut { what: what.to_owned(), timeout, polls });
        }
        clock.sleep_until((now + interval).min(deadline));
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// A clock that jumps and runs nothing in between.
    #[derive(Debug, Default)]
    struct Jumping(AtomicU64);

    impl Clock for Jumping {
        fn now(&self) -> BenchTime {
            BenchTime(self.0.load(Ordering::Relaxed))
        }
        fn sleep_until(&self, deadline: BenchTime) {
            self.0.fetch_max(deadline.0, Ordering::Relaxed);
        }
        fn waited_on_io(&self, _wall: Duration) {}
        fn run_at(
            &self,
            _: &str,
            _: BenchTime,
            _: Box<dyn FnMut(BenchTime) -> Option<BenchTime> + Send>,
        ) -> Periodic {
            Periodic::new(|| {})
        }
        fn is_simulated(&self) -> bool {
            true
        }
    }

    #[test]
    fn polls_at_once_and_at_the_deadline_but_never_after_it() {
        let clock = Jumping::default();
        let mut seen = Vec::new();
        let result: Result<(), PollError<Infallible>> =
            poll_until(&clock, "the sun to rise", Duration::from_millis(300), Duration::from_secs(1), || {
                seen.push(clock.now().as_micros() / 1000);
                Ok(None)
            });
        assert_eq!(seen, [0, 300, 600, 900, 1000]);
        assert_eq!(result.unwrap_err().to_string(), "the sun to rise: not within 1.000 s (5 polls)");
    }

    #[test]
    fn an_error_ends_the_wait_at_once() {
        let clock = Jumping::default();
        let result = poll_until(&clock, "x", Duration::from_secs(1), Duration::from_secs(9), || {
            Err::<Option<()>, _>("unplugged")
        });
        assert!(matches!(result, Err(PollError::Failed("unplugged"))));
        assert_eq!(clock.now(), BenchTime::ZERO);
    }

    #[test]
    fn a_zero_timeout_still_polls_once() {
        let clock = Jumping::default();
        let result = poll_until(&clock, "x", Duration::ZERO, Duration::ZERO, || Ok::<_, Infallible>(Some(7)));
        assert_eq!(result.unwrap(), 7);
    }
}
