//! Requests that come in pieces.

use std::time::Duration;

use hil_model::BenchTime;

use crate::slave::{Defect, Defects};

/// The message in a single frame.
pub(super) fn single(frame: &[u8; 8]) -> Option<Vec<u8>> {
    let length = usize::from(frame[1]);
    (1..=6).contains(&length).then(|| frame[2..2 + length].to_vec())
}

/// A segmented request under way. It holds 4095 bytes at most: that is what a first frame can announce.
#[derive(Debug)]
pub(super) struct Reception {
    /// Its frames carry the same address.
    nad: u8,
    message: Vec<u8>,
    expected: usize,
    next: u8,
    latest: BenchTime,
}

/// What a consecutive frame did to a request.
#[derive(Debug)]
pub(super) enum Progress {
    Complete(Vec<u8>),
    Partial(Reception),
    /// A frame was lost, or came too late, or belongs to something else: the request is dropped.
    Broken,
}

impl Reception {
    /// Takes a first frame; `None` if a single frame would have done.
    pub(super) fn begin(frame: &[u8; 8], now: BenchTime) -> Option<Self> {
        let expected = usize::from(frame[1] & 0x0F) << 8 | usize::from(frame[2]);
        (expected > 6).then(|| Self {
            nad: frame[0],
            message: frame[3..].to_vec(),
            expected,
            next: 1,
            latest: now,
        })
    }

    /// Takes a consecutive frame.
    pub(super) fn go_on(
        mut self,
        frame: &[u8; 8],
        now: BenchTime,
        n_cr: Duration,
        defects: Defects,
    ) -> Progress {
        let n_cr = if defects.has(Defect::ShortRequestTimeout) { n_cr / 4 } else { n_cr };
        let is_late = now.since(self.latest) > n_cr && !defects.has(Defect::NoRequestTimeout);
        let is_next = frame[1] & 0x0F == self.next || defects.has(Defect::WrongSequenceAccepted);
        if frame[0] != self.nad || is_late || !is_next {
            return Progress::Broken;
        }
        let missing = self.expected - self.message.len();
        self.message.extend(frame[2..].iter().take(missing));
        if self.message.len() == self.expected {
            return Progress::Complete(self.message);
        }
        self.next = (self.next + 1) & 0x0F;
        self.latest = now;
        Progress::Partial(self)
    }
}
