//! One master for two parties: the tests, and the schedule that runs meanwhile.

use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use hil_model::{Clock, poll_until};

use crate::LinMaster;

/// How often a party looks whether the other one is done with the bus: a fraction of the shortest frame,
/// which takes 2.7 ms (hardware reference 1.3).
pub(crate) const RETRY: Duration = Duration::from_micros(500);

/// How long a test gives way to a slot that is due.
const PATIENCE: Duration = Duration::from_millis(20);

/// A master that tests and a running schedule share, a frame at a time. A handle; clones are the same one.
///
/// Nobody ever blocks on it while time is simulated: a test that holds the master runs the schedule's slots
/// in its own thread, as time passes during its frame. A slot that finds the master taken claims it, and the
/// test lets it go first before its next frame, so that neither starves.
#[derive(Clone)]
pub struct SharedMaster(Arc<Shared>);

struct Shared {
    name: &'static str,
    master: Mutex<Box<dyn LinMaster>>,
    /// A slot is due and found the master taken.
    claimed: AtomicBool,
    /// Whether the schedule that drives the bus still may, if there is one.
    schedule: Mutex<Option<Permission>>,
}

/// Whether a schedule may go on: it ends with the test that runs it.
pub(crate) type Permission = Arc<dyn Fn() -> bool + Send + Sync>;

impl SharedMaster {
    /// `master`, to be shared.
    pub fn new(master: Box<dyn LinMaster>) -> Self {
        Self(Arc::new(Shared {
            name: master.name(),
            master: Mutex::new(master),
            claimed: AtomicBool::new(false),
            schedule: Mutex::default(),
        }))
    }

    /// The adapter's name.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// The master, whatever else is going on.
    ///
    /// An adapter is never left half-way through a frame by a panic, so a poisoned lock is taken as it is.
    pub fn lock(&self) -> MutexGuard<'_, Box<dyn LinMaster>> {
        self.0.master.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The master for a frame of a test, once a slot that is due has had it.
    pub fn lock_after_slot(&self, clock: &dyn Clock) -> MutexGuard<'_, Box<dyn LinMaster>> {
        if self.0.claimed.load(Ordering::Acquire) {
            let free = || Ok::<_, Infallible>((!self.0.claimed.load(Ordering::Acquire)).then_some(()));
            // A claim that is not taken up in time is forgotten: its slot will be missed, and counted.
            let _ = poll_until(clock, "a slot of the schedule", RETRY, PATIENCE, free);
        }
        self.lock()
    }

    /// The master, if whoever has it lets it go within `patience`.
    pub fn lock_within(
        &self,
        clock: &dyn Clock,
        patience: Duration,
    ) -> Option<MutexGuard<'_, Box<dyn LinMaster>>> {
        let try_lock = || {
            Ok::<_, Infallible>(match self.0.master.try_lock() {
                Ok(guard) => Some(guard),
                Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => None,
            })
        };
        poll_until(clock, "the LIN adapter", RETRY, patience, try_lock).ok()
    }

    /// The master for a slot that is due; `None` if it is taken, which makes tests give way.
    pub(crate) fn claim(&self) -> Option<MutexGuard<'_, Box<dyn LinMaster>>> {
        let guard = match self.0.master.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        self.0.claimed.store(guard.is_none(), Ordering::Release);
        guard
    }

    /// The slot that was due is due no more.
    pub(crate) fn unclaim(&self) {
        self.0.claimed.store(false, Ordering::Release);
    }

    /// Hands the bus to a schedule; false if another one drives it and may go on.
    pub(crate) fn begin_schedule(&self, permission: &Permission) -> bool {
        let mut schedule = self.schedule();
        let free = schedule.as_ref().is_none_or(|present| !present());
        if free {
            *schedule = Some(Arc::clone(permission));
        }
        free
    }

    /// The schedule is over. Another one may have begun already.
    pub(crate) fn end_schedule(&self, permission: &Permission) {
        let mut schedule = self.schedule();
        if schedule.as_ref().is_some_and(|present| Arc::ptr_eq(present, permission)) {
            *schedule = None;
            self.unclaim();
        }
    }

    fn schedule(&self) -> MutexGuard<'_, Option<Permission>> {
        self.0.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SharedMaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedMaster").field(&self.0.name).finish()
    }
}
