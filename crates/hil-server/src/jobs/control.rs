//! Telling a job to end.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Why a job is to end early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Somebody cancelled it.
    Cancelled,
    /// The server ends.
    ServerEnds,
}

/// Tells a job to end. A handle; clones are the same job's.
#[derive(Clone, Debug, Default)]
pub(super) struct Control(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    asked: Option<Why>,
    nudge: Option<Box<dyn Fn() + Send>>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl Control {
    /// Asks the job to end. The first reason stays.
    pub(super) fn ask(&self, why: Why) {
        let mut state = self.state();
        state.asked.get_or_insert(why);
        self.0.changed.notify_all();
        if let Some(nudge) = &state.nudge {
            nudge();
        }
    }

    /// Why the job is to end, if it is.
    pub(super) fn asked(&self) -> Option<Why> {
        self.state().asked
    }

    /// Waits until that moment, or until the job is to end.
    pub(super) fn wait_until(&self, moment: Instant) -> Option<Why> {
        let mut state = self.state();
        loop {
            let left = moment.saturating_duration_since(Instant::now());
            if state.asked.is_some() || left.is_zero() {
                return state.asked;
            }
            let waited = self.0.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// From now on `nudge` is called as well. It must not wait.
    pub(super) fn nudge(&self, nudge: impl Fn() + Send + 'static) {
        self.state().nudge = Some(Box::new(nudge));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
