//! A test's permission to use the bench, which can be taken away.
//!
//! A test cannot be stopped from outside. What it does on the bench can: every operation and every wait
//! goes through its lease, and once that is revoked the next one unwinds the test's thread, running its
//! guards in order. A test that never comes back is left behind, and its lease keeps it from touching the
//! bench should it wake up later (RUN-08).

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// Why a lease was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// The test took longer than it may.
    TimedOut,
    /// The run was interrupted.
    Interrupted,
}

/// What a thread unwinds with when its lease is revoked.
pub(crate) struct Unwound(pub(crate) Revoked);

const ACTIVE: u8 = 0;
const TIMED_OUT: u8 = 1;
const INTERRUPTED: u8 = 2;

/// A test's permission to use the bench. A handle; clones are the same lease.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lease {
    state: Arc<AtomicU8>,
    unwinding: Arc<AtomicBool>,
    abandoned: Arc<AtomicBool>,
}

impl Lease {
    /// Takes the permission away. The first reason stays.
    pub(crate) fn revoke(&self, why: Revoked) {
        let reason = match why {
            Revoked::TimedOut => TIMED_OUT,
            Revoked::Interrupted => INTERRUPTED,
        };
        // Losing the race means that it is revoked already.
        let _ = self.state.compare_exchange(ACTIVE, reason, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Why it was revoked, if it was.
    pub(crate) fn revoked(&self) -> Option<Revoked> {
        match self.state.load(Ordering::Acquire) {
            ACTIVE => None,
            TIMED_OUT => Some(Revoked::TimedOut),
            _ => Some(Revoked::Interrupted),
        }
    }

    /// Whether the test has noticed and is on its way out.
    pub(crate) fn is_unwinding(&self) -> bool {
        self.unwinding.load(Ordering::Acquire)
    }

    /// Says that nobody waits for the test any more: what it still has to say belongs to no attempt.
    pub(crate) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
    }

    /// Whether the test was left behind.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
    }

    /// Unwinds the calling thread if the lease is revoked, unless it is unwinding already.
    pub(crate) fn check(&self) {
        if let Some(why) = self.revoked()
            && !std::thread::panicking()
        {
            self.unwinding.store(true, Ordering::Release);
            std::panic::resume_unwind(Box::new(Unwound(why)));
        }
    }

    /// The reason in a payload that a thread unwound with, if it was a lease's.
    pub(crate) fn reason(payload: &(dyn Any + Send)) -> Option<Revoked> {
        payload.downcast_ref::<Unwound>().map(|unwound| unwound.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_lease_unwinds_with_its_first_reason() {
        let lease = Lease::default();
        lease.check();
        lease.revoke(Revoked::Interrupted);
        lease.revoke(Revoked::TimedOut);
        let payload = std::panic::catch_unwind(|| lease.check()).unwrap_err();
        assert_eq!(Lease::reason(&*payload), Some(Revoked::Interrupted));
        assert!(lease.is_unwinding());
    }
}
