//! The diagnostic slots of a running schedule, lent to the transport layer.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use hil_model::{Clock, PollError, poll_until};

use super::running::Shared;
use super::table::SlotKind;
use crate::shared::RETRY;
use crate::{DiagnosticSlots, LinError};

/// How long a slot may be late beyond two passes through the table.
const PATIENCE: Duration = Duration::from_secs(1);

/// Something that waits for its slot: what it brings, and what comes of it.
///
/// The queue holds it weakly, so that somebody who no longer waits leaves nothing behind.
#[derive(Debug)]
pub(super) struct Errand<I, O> {
    pub(super) brings: I,
    outcome: OnceLock<Result<O, LinError>>,
}

impl<I, O> Errand<I, O> {
    fn new(brings: I) -> Arc<Self> {
        Arc::new(Self { brings, outcome: OnceLock::new() })
    }

    pub(super) fn finish(&self, outcome: Result<O, LinError>) {
        // Each errand is taken from the queue once.
        let _ = self.outcome.set(outcome);
    }
}

/// A request that waits for a MasterReq slot.
pub(super) type Request = Errand<[u8; 8], ()>;
/// Somebody who waits for a SlaveResp slot; nobody may answer in it.
pub(super) type Answer = Errand<(), Option<[u8; 8]>>;

/// Who waits for diagnostic slots.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    requests: Mutex<VecDeque<Weak<Request>>>,
    answers: Mutex<VecDeque<Weak<Answer>>>,
}

impl Waiting {
    /// Takes the request that waits longest.
    pub(super) fn next_request(&self) -> Option<Arc<Request>> {
        take(&self.requests)
    }

    /// Takes whoever has waited longest for an answer.
    pub(super) fn next_answer(&self) -> Option<Arc<Answer>> {
        take(&self.answers)
    }

    pub(super) fn has_request(&self) -> bool {
        is_waiting(&self.requests)
    }

    pub(super) fn has_answer(&self) -> bool {
        is_waiting(&self.answers)
    }
}

fn lock<T>(queue: &Mutex<T>) -> MutexGuard<'_, T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn push<T>(queue: &Mutex<VecDeque<Weak<T>>>, errand: &Arc<T>) {
    let mut queue = lock(queue);
    queue.retain(|errand| errand.strong_count() > 0);
    queue.push_back(Arc::downgrade(errand));
}

fn take<T>(queue: &Mutex<VecDeque<Weak<T>>>) -> Option<Arc<T>> {
    let mut queue = lock(queue);
    std::iter::from_fn(|| queue.pop_front()).find_map(|errand| errand.upgrade())
}

fn is_waiting<T>(queue: &Mutex<VecDeque<Weak<T>>>) -> bool {
    lock(queue).iter().any(|errand| errand.strong_count() > 0)
}

/// The diagnostic slots of a running schedule: each request and each answer waits for its slot.
///
/// A handle; several may wait at a time, and are served in order.
#[derive(Clone)]
pub struct ScheduledSlots {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
}

impl ScheduledSlots {
    pub(super) const fn new(shared: Arc<Shared>, clock: Arc<dyn Clock>) -> Self {
        Self { shared, clock }
    }

    /// Waits until `errand` was done in a slot of the `kind`.
    fn wait<I, O: Clone>(
        &self,
        errand: &Errand<I, O>,
        kind: &SlotKind,
        operation: &'static str,
    ) -> Result<O, LinError> {
        let adapter = self.shared.master.name();
        let refused = |reason| LinError::Refused { adapter, operation, reason };
        let patience = self.shared.tables().main().period().saturating_mul(2).saturating_add(PATIENCE);
        let done = poll_until(&*self.clock, operation, RETRY, patience, || {
            if let Some(outcome) = errand.outcome.get() {
                return outcome.clone().map(Some);
            }
            if self.shared.has_ended() {
                return Err(refused("the schedule has ended".to_owned()));
            }
            let tables = self.shared.tables();
            if !tables.has(kind) {
                let name = tables.main().name();
                return Err(refused(format!("schedule table {name} has no slot for it")));
            }
            Ok(None)
        });
        done.map_err(|error| match error {
            PollError::Failed(error) => error,
            PollError::TimedOut { timeout, .. } => LinError::Timeout { adapter, operation, timeout },
        })
    }
}

impl DiagnosticSlots for ScheduledSlots {
    fn request(&mut self, frame: [u8; 8]) -> Result<(), LinError> {
        let errand = Request::new(frame);
        push(&self.shared.waiting.requests, &errand);
        self.wait(&errand, &SlotKind::MasterRequest, "send a request in a MasterReq slot")
    }

    fn response(&mut self) -> Result<Option<[u8; 8]>, LinError> {
        let errand = Answer::new(());
        push(&self.shared.waiting.answers, &errand);
        self.wait(&errand, &SlotKind::SlaveResponse, "ask for an answer in a SlaveResp slot")
    }
}

impl fmt::Debug for ScheduledSlots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScheduledSlots").field("schedule", &self.shared).finish_non_exhaustive()
    }
}
