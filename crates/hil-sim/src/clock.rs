//! Simulated time.
//!
//! One queue of things that are due. Whoever waits runs what falls due meanwhile, in order of time (and
//! of registration where times are equal), in its own thread. Only one party acts at a time: the test
//! while the devices rest, or a device while the driver waits for its answer. That is what makes a run
//! repeatable although threads and a pseudo-terminal are involved. What keeps the parties apart is the
//! [`Fence`]: time does not move on while bytes are still on their way to a device.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hil_model::{BenchTime, Clock, Periodic};

/// How simulated time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// It jumps to the next thing that is due.
    Jump,
    /// A simulated second takes a second.
    RealTime,
}

/// Something that time must wait for.
pub trait Fence: Send + Sync + fmt::Debug {
    /// Returns once no byte is on its way to the device any more. Must be bounded.
    fn wait_until_quiet(&self);
}

type Task = Box<dyn FnMut(BenchTime) + Send>;

/// A repeated task. Cheap to clone: the queue holds one, the task's guard shares its `active` flag.
struct Repeated {
    period: Duration,
    active: Arc<AtomicBool>,
    task: Task,
}

/// An entry of the queue, ordered by time and then by registration.
struct Due {
    at: BenchTime,
    order: u64,
    what: Repeated,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Due {
    fn key(&self) -> (BenchTime, u64) {
        (self.at, self.order)
    }
}

struct State {
    pace: Pace,
    /// The moment that the clock shows at [`Pace::Jump`], and that it showed when real time began.
    now: BenchTime,
    /// When real time began, at [`Pace::RealTime`].
    real_since: Instant,
    queue: BinaryHeap<Reverse<Due>>,
    registered: u64,
}

/// The clock of a simulated bench.
pub struct SimClock {
    state: Mutex<State>,
    fences: Mutex<Vec<Arc<dyn Fence>>>,
}

impl fmt::Debug for SimClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimClock")
            .field("pace", &self.pace())
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}

impl State {
    fn shown(&self) -> BenchTime {
        match self.pace {
            Pace::Jump => self.now,
            Pace::RealTime => self.now + self.real_since.elapsed(),
        }
    }

    /// Jumps to `target`, or says how long to wait for it.
    fn pass_until(&mut self, target: BenchTime) -> Option<Duration> {
        match self.pace {
            Pace::Jump => {
                self.now = self.now.max(target);
                None
            }
            Pace::RealTime => Some(target.since(self.shown())).filter(|wait| !wait.is_zero()),
        }
    }
}

impl SimClock {
    /// A clock at zero.
    pub fn new(pace: Pace) -> Arc<Self> {
        let state = State {
            pace,
            now: BenchTime::ZERO,
            real_since: Instant::now(),
            queue: BinaryHeap::new(),
            registered: 0,
        };
        Arc::new(Self { state: Mutex::new(state), fences: Mutex::default() })
    }

    /// How time passes.
    pub fn pace(&self) -> Pace {
        lock(&self.state).pace
    }

    /// Lets time pass otherwise from now on. A real device on a simulated bench needs real time.
    pub fn set_pace(&self, pace: Pace) {
        let mut state = lock(&self.state);
        state.now = state.shown();
        state.real_since = Instant::now();
        state.pace = pace;
    }

    /// Lets time wait for `fence` before it moves on.
    pub fn add_fence(&self, fence: Arc<dyn Fence>) {
        lock(&self.fences).push(fence);
    }

    /// Lets `duration` pass on behalf of a device whose counterpart is blocked waiting for it.
    ///
    /// Unlike [`Clock::sleep`] it does not wait for the fences: the device itself is what they wait for.
    pub fn pass_as_device(&self, duration: Duration) {
        self.advance_to(self.now() + duration);
    }

    fn advance_to(&self, target: BenchTime) {
        loop {
            let mut state = lock(&self.state);
            let due = state.queue.peek().is_some_and(|Reverse(due)| due.at <= target);
            let Some(Reverse(mut due)) = (if due { state.queue.pop() } else { None }) else {
                let wait = state.pass_until(target);
                drop(state);
                if let Some(wait) = wait {
                    sleep_for_real(wait);
                }
                return;
            };
            let wait = state.pass_until(due.at);
            drop(state);
            if let Some(wait) = wait {
                sleep_for_real(wait);
            }
            if due.what.active.load(Ordering::Acquire) {
                (due.what.task)(due.at);
                due.at = due.at + due.what.period;
                lock(&self.state).queue.push(Reverse(due));
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everyone else waits on")]
fn sleep_for_real(wait: Duration) {
    std::thread::sleep(wait);
}

impl Clock for SimClock {
    fn now(&self) -> BenchTime {
        lock(&self.state).shown()
    }

    fn sleep_until(&self, deadline: BenchTime) {
        if self.pace() == Pace::Jump {
            for fence in lock(&self.fences).clone() {
                fence.wait_until_quiet();
            }
        }
        self.advance_to(deadline);
    }

    fn waited_on_io(&self, wall: Duration) {
        match self.pace() {
            Pace::Jump => self.sleep(wall),
            Pace::RealTime => {}
        }
    }

    fn every(&self, _name: &str, period: Duration, task: Task) -> Periodic {
        // A period of zero would keep time from moving on for ever.
        let period = period.max(Duration::from_micros(1));
        let active = Arc::new(AtomicBool::new(true));
        let at = self.now() + period;
        let mut state = lock(&self.state);
        state.registered += 1;
        let order = state.registered;
        let what = Repeated { period, active: Arc::clone(&active), task };
        state.queue.push(Reverse(Due { at, order, what }));
        Periodic::new(move || active.store(false, Ordering::Release))
    }

    fn is_simulated(&self) -> bool {
        self.pace() == Pace::Jump
    }
}

/// A task that panicked leaves the queue consistent, so a poisoned lock is taken as it is.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorder(log: &Arc<Mutex<Vec<(u64, char)>>>, name: char) -> Task {
        let log = Arc::clone(log);
        Box::new(move |at| lock(&log).push((at.as_micros() / 1000, name)))
    }

    #[test]
    fn what_is_due_runs_in_order_of_time_then_of_registration() {
        let clock = SimClock::new(Pace::Jump);
        let log = Arc::default();
        let _a = clock.every("a", Duration::from_millis(20), recorder(&log, 'a'));
        let b = clock.every("b", Duration::from_millis(10), recorder(&log, 'b'));
        clock.sleep(Duration::from_millis(20));
        drop(b);
        clock.sleep(Duration::from_millis(25));
        assert_eq!(*lock(&log), [(10, 'b'), (20, 'a'), (20, 'b'), (40, 'a')]);
        assert_eq!(clock.now(), BenchTime::from_micros(45_000));
    }

    #[test]
    fn a_task_may_itself_wait() {
        let clock = SimClock::new(Pace::Jump);
        let (inner, log) = (Arc::clone(&clock), Arc::default());
        let mut note = recorder(&log, 's');
        let _slow = clock.every(
            "slow",
            Duration::from_millis(10),
            Box::new(move |_| {
                inner.sleep(Duration::from_millis(4));
                note(inner.now());
            }),
        );
        clock.sleep(Duration::from_millis(12));
        assert_eq!(*lock(&log), [(14, 's')]);
        assert_eq!(clock.now(), BenchTime::from_micros(14_000));
    }

    #[test]
    fn a_change_of_pace_keeps_the_time() {
        let clock = SimClock::new(Pace::Jump);
        clock.sleep(Duration::from_secs(100));
        clock.set_pace(Pace::RealTime);
        clock.sleep(Duration::from_millis(5));
        clock.set_pace(Pace::Jump);
        let now = clock.now();
        assert!(now >= BenchTime::from_micros(100_005_000), "{now}");
        clock.sleep(Duration::from_secs(1));
        assert_eq!(clock.now(), now + Duration::from_secs(1));
    }

    #[test]
    fn jumping_an_hour_takes_no_time() {
        let clock = SimClock::new(Pace::Jump);
        clock.sleep(Duration::from_secs(3600));
        clock.waited_on_io(Duration::from_secs(1));
        assert_eq!(clock.now().as_secs_f64(), 3601.0);
    }
}
