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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::ThreadId;
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

type Task = Box<dyn FnMut(BenchTime) -> Option<BenchTime> + Send>;

/// How long a task's own thread sleeps before it looks whether it was stopped.
const NOTICE: Duration = Duration::from_millis(50);

/// A task that says when it is due again. The queue holds it; its guard shares the `active` flag.
struct Repeated {
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
    me: Weak<Self>,
    state: Mutex<State>,
    fences: Mutex<Vec<Arc<dyn Fence>>>,
    /// The device that lets time pass at present, and so must not wait for itself.
    device: Mutex<Option<ThreadId>>,
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
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            state: Mutex::new(state),
            fences: Mutex::default(),
            device: Mutex::default(),
        })
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
    /// Nor do the tasks that fall due meanwhile, which run in the device's thread.
    pub fn pass_as_device(&self, duration: Duration) {
        *lock(&self.device) = Some(std::thread::current().id());
        self.advance_to(self.now() + duration);
        *lock(&self.device) = None;
    }

    fn is_device(&self) -> bool {
        *lock(&self.device) == Some(std::thread::current().id())
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
                let Some(again) = (due.what.task)(due.at) else { continue };
                // A task that is due again at once must not keep time from moving on for ever.
                due.at = again.max(due.at + Duration::from_micros(1));
                lock(&self.state).queue.push(Reverse(due));
            }
        }
    }

    /// Puts `task` into the queue that whoever waits works off.
    fn enqueue(&self, at: BenchTime, what: Repeated) {
        let mut state = lock(&self.state);
        state.registered += 1;
        let order = state.registered;
        state.queue.push(Reverse(Due { at, order, what }));
    }

    /// Runs `task` in a thread of its own: nobody who waits in real time can wait for what others do.
    fn spawn(&self, name: &str, first: BenchTime, what: Repeated) {
        let clock = Weak::clone(&self.me);
        let Repeated { active, mut task } = what;
        let repeat = move || {
            let mut next = first;
            while active.load(Ordering::Acquire) {
                let Some(now) = clock.upgrade().map(|clock| clock.now()) else { return };
                if now < next {
                    sleep_for_real((next - now).min(NOTICE));
                    continue;
                }
                let Some(again) = task(now) else { return };
                next = again;
            }
        };
        if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(repeat) {
            tracing::error!("cannot start the task {name:?}: {error}");
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
        if self.pace() == Pace::Jump && !self.is_device() {
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

    fn run_at(&self, name: &str, first: BenchTime, task: Task) -> Periodic {
        let active = Arc::new(AtomicBool::new(true));
        let what = Repeated { active: Arc::clone(&active), task };
        match self.pace() {
            Pace::Jump => self.enqueue(first.max(self.now()), what),
            Pace::RealTime => self.spawn(name, first, what),
        }
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

    fn recorder(log: &Arc<Mutex<Vec<(u64, char)>>>, name: char) -> Box<dyn FnMut(BenchTime) + Send> {
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
    fn a_task_says_when_it_is_due_again_until_it_has_enough() {
        let clock = SimClock::new(Pace::Jump);
        let log: Arc<Mutex<Vec<u64>>> = Arc::default();
        let noted = Arc::clone(&log);
        let task = move |at: BenchTime| {
            lock(&noted).push(at.as_micros());
            (at.as_micros() < 8).then(|| BenchTime::from_micros(at.as_micros() * 2))
        };
        let _guard = clock.run_at("doubling", BenchTime::from_micros(1), Box::new(task));
        clock.sleep(Duration::from_secs(1));
        assert_eq!(*lock(&log), [1, 2, 4, 8]);
    }

    #[test]
    fn a_task_in_real_time_has_a_thread_of_its_own() {
        let clock = SimClock::new(Pace::RealTime);
        let (ran, told) = std::sync::mpsc::channel();
        let _guard = clock.run_at(
            "once",
            clock.now() + Duration::from_millis(1),
            Box::new(move |_| {
                // The test may have lost its patience.
                let _ = ran.send(std::thread::current().id());
                None
            }),
        );
        let thread = told.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_ne!(thread, std::thread::current().id());
    }

    /// A fence that notes that somebody waited for it.
    #[derive(Debug, Default)]
    struct Gate(AtomicBool);

    impl Fence for Gate {
        fn wait_until_quiet(&self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_task_that_runs_while_a_device_lets_time_pass_does_not_wait_for_the_device() {
        let clock = SimClock::new(Pace::Jump);
        let gate = Arc::new(Gate::default());
        clock.add_fence(Arc::<Gate>::clone(&gate));
        let inner = Arc::clone(&clock);
        let _frame = clock.every(
            "frame",
            Duration::from_millis(10),
            Box::new(move |_| inner.sleep(Duration::from_millis(6))),
        );
        clock.pass_as_device(Duration::from_millis(12));
        assert!(!gate.0.load(Ordering::Relaxed));
        assert_eq!(clock.now(), BenchTime::from_micros(16_000));
        clock.sleep(Duration::from_millis(1));
        assert!(gate.0.load(Ordering::Relaxed));
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
