//! The one place where events get their number and their time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hil_model::{BenchTime, Clock, Entry, Event, FrameSeen, SupplySample, WallTime};

/// Who is told of every event, in order. Told under the log's lock: must be quick, and must not emit.
pub trait Listener: Send {
    /// Something happened.
    fn on_entry(&mut self, entry: &Entry);
}

/// The events of a run: numbers them, stamps them, hands them to the listeners (the journal first).
///
/// A handle; clones are the same log.
#[derive(Clone)]
pub struct EventLog {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

struct State {
    last: u64,
    listeners: Vec<Box<dyn Listener>>,
    latest: Latest,
}

/// What was seen last on the bench: the evidence that every red outcome shows (BEN-04).
#[derive(Clone, Debug, Default)]
pub(crate) struct Latest {
    /// The last frame of each id.
    pub(crate) frames: BTreeMap<u8, (BenchTime, FrameSeen)>,
    /// The last sample of the supply.
    pub(crate) supply: Option<(BenchTime, SupplySample)>,
}

impl EventLog {
    /// A log on `clock` that tells `listeners` in their order.
    pub fn new(clock: Arc<dyn Clock>, listeners: Vec<Box<dyn Listener>>) -> Self {
        Self { clock, state: Arc::new(Mutex::new(State { last: 0, listeners, latest: Latest::default() })) }
    }

    /// Something happened now.
    pub fn emit(&self, event: Event) {
        let mut state = self.state();
        state.last += 1;
        let wall = WallTime::from_unix_millis(chrono::Utc::now().timestamp_millis());
        let entry = Entry { seq: state.last, at: self.clock.now(), wall, event };
        match &entry.event {
            Event::Frame(frame) => {
                state.latest.frames.insert(frame.id, (entry.at, frame.clone()));
            }
            Event::Supply(sample) => state.latest.supply = Some((entry.at, *sample)),
            Event::RunStarted(_)
            | Event::Planned(_)
            | Event::SessionStepStarted { .. }
            | Event::SessionStepFinished { .. }
            | Event::Progressed { .. }
            | Event::TestStarted { .. }
            | Event::StepStarted { .. }
            | Event::StepFinished { .. }
            | Event::Measured(_)
            | Event::Noted(_)
            | Event::Logged(_)
            | Event::Attached(_)
            | Event::TestFinished { .. }
            | Event::Stopped { .. }
            | Event::Interrupted { .. }
            | Event::OutputVerified(_)
            | Event::RunFinished(_) => {}
        }
        for listener in &mut state.listeners {
            listener.on_entry(&entry);
        }
    }

    /// What was seen last.
    pub(crate) fn latest(&self) -> Latest {
        self.state().latest.clone()
    }

    /// A listener that panicked has had its say; the others still want theirs.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for EventLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLog").field("last", &self.state().last).finish_non_exhaustive()
    }
}
