//! A clock that jumps, and diagnostic slots whose slave is a list.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hil_lin::{DiagnosticSlots, LinError};
use hil_model::{BenchTime, Clock, Periodic};

/// How long a slot takes.
pub(crate) const SLOT: Duration = Duration::from_millis(10);

/// A clock that jumps and runs nothing in between.
#[derive(Debug, Default)]
pub(crate) struct Jumping(AtomicU64);

impl Clock for Jumping {
    fn now(&self) -> BenchTime {
        BenchTime::from_micros(self.0.load(Ordering::Relaxed))
    }

    fn sleep_until(&self, deadline: BenchTime) {
        self.0.fetch_max(deadline.as_micros(), Ordering::Relaxed);
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

/// What follows a header.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    Frame([u8; 8]),
    Nothing,
    Fails(LinError),
}

/// Slots of 10 ms on a bus whose slaves do what a list says, and then what `forever` says.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) clock: Arc<Jumping>,
    pub(crate) slot: Duration,
    /// What the master sent, and when it began to.
    pub(crate) sent: Vec<(Duration, [u8; 8])>,
    /// How often it asked.
    pub(crate) asked: usize,
    pub(crate) answers: VecDeque<Slot>,
    pub(crate) forever: Slot,
    /// The frames that are not sent, by their index.
    pub(crate) refuses: Vec<usize>,
}

impl Script {
    pub(crate) fn new(answers: impl IntoIterator<Item = Slot>) -> Self {
        Self {
            clock: Arc::default(),
            slot: SLOT,
            sent: Vec::new(),
            asked: 0,
            answers: answers.into_iter().collect(),
            forever: Slot::Nothing,
            refuses: Vec::new(),
        }
    }

    /// Slaves that answer these frames one after the other.
    pub(crate) fn frames(frames: impl IntoIterator<Item = [u8; 8]>) -> Self {
        Self::new(frames.into_iter().map(Slot::Frame))
    }

    pub(crate) fn sent_frames(&self) -> Vec<[u8; 8]> {
        self.sent.iter().map(|(_, frame)| *frame).collect()
    }
}

impl DiagnosticSlots for Script {
    fn request(&mut self, frame: [u8; 8]) -> Result<(), LinError> {
        if self.refuses.contains(&self.sent.len()) {
            self.refuses.clear();
            return Err(LinError::ShortedToGround);
        }
        self.sent.push((self.clock.now().since(BenchTime::ZERO), frame));
        self.clock.sleep(self.slot);
        Ok(())
    }

    fn response(&mut self) -> Result<Option<[u8; 8]>, LinError> {
        self.asked += 1;
        self.clock.sleep(self.slot);
        match self.answers.pop_front().unwrap_or_else(|| self.forever.clone()) {
            Slot::Frame(frame) => Ok(Some(frame)),
            Slot::Nothing => Ok(None),
            Slot::Fails(error) => Err(error),
        }
    }
}
