//! The steps of a test: the tree that reports show, with the failed branch open.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hil_model::{Event, StepEnd, StepId};

use super::Lease;
use crate::error::{TestError, TestResult};
use crate::events::EventLog;

/// The steps of one attempt. A handle; clones are the same tree.
#[derive(Clone, Debug)]
pub(crate) struct Steps {
    events: EventLog,
    lease: Lease,
    tree: Arc<Tree>,
}

#[derive(Debug, Default)]
struct Tree {
    last: AtomicU32,
    open: Mutex<Vec<StepId>>,
}

impl Steps {
    pub(crate) fn new(events: EventLog, lease: Lease) -> Self {
        Self { events, lease, tree: Arc::default() }
    }

    /// A step of a test that was left behind belongs to nobody.
    fn emit(&self, event: Event) {
        if !self.lease.is_abandoned() {
            self.events.emit(event);
        }
    }

    /// Runs `body` as the step `title` of whatever step is open.
    pub(crate) fn run<T>(&self, title: &str, body: impl FnOnce() -> TestResult<T>) -> TestResult<T> {
        let open = self.begin(title);
        let result = body();
        open.finish(result.as_ref().err().map(TestError::to_string));
        result
    }

    fn begin(&self, title: &str) -> Open<'_> {
        let id = StepId(self.tree.last.fetch_add(1, Ordering::Relaxed) + 1);
        let mut open = self.open();
        let parent = open.last().copied();
        open.push(id);
        drop(open);
        self.emit(Event::StepStarted { id, parent, title: title.to_owned() });
        Open { steps: self, id, finished: false }
    }

    fn end(&self, id: StepId, end: StepEnd) {
        self.open().retain(|open| *open != id);
        self.emit(Event::StepFinished { id, end });
    }

    fn open(&self) -> MutexGuard<'_, Vec<StepId>> {
        self.tree.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step that has begun; one that is unwound out of is broken.
struct Open<'a> {
    steps: &'a Steps,
    id: StepId,
    finished: bool,
}

impl Open<'_> {
    fn finish(mut self, error: Option<String>) {
        self.finished = true;
        self.steps.end(self.id, error.map_or(StepEnd::Done, StepEnd::Broken));
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.steps.end(self.id, StepEnd::Broken("did not come to its end".to_owned()));
        }
    }
}
