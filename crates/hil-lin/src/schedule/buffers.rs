//! The data that the schedule sends, and what it received.

use std::collections::BTreeMap;

use hil_model::BenchTime;

use super::table::Published;
use crate::{Data, FrameId, LinError};

/// A response of a slave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its data bytes.
    pub data: Data,
    /// When its slot began: what was done to the unit later cannot be in it.
    pub asked: BenchTime,
    /// When it was there.
    pub at: BenchTime,
}

/// What is known of a frame that slaves publish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reception {
    /// How many headers were sent for it.
    pub headers: u64,
    /// How many good responses came.
    pub responses: u64,
    /// The last of them.
    pub last: Option<Received>,
    /// What went wrong since then, last.
    pub error: Option<LinError>,
}

/// The data of a frame that the master publishes.
#[derive(Clone, Copy, Debug)]
struct Publication {
    data: Data,
    /// How often it was written, and what that number was when it was last sent.
    written: u64,
    sent: u64,
}

/// The buffers of every frame. Frame ids have six bits, so there are 64 of each at most.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    published: BTreeMap<FrameId, Publication>,
    received: BTreeMap<FrameId, Reception>,
}

/// A published frame as it is about to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outgoing {
    pub(super) frame: Published,
    pub(super) data: Data,
    written: u64,
}

impl Buffers {
    /// What the master publishes in `id`, if somebody has set it.
    pub(super) fn published(&self, id: FrameId) -> Option<Data> {
        self.published.get(&id).map(|publication| publication.data)
    }

    /// The master publishes `data` in `id` from now on.
    pub(super) fn publish(&mut self, id: FrameId, data: Data) {
        let publication = self.published.entry(id).or_insert(Publication { data, written: 0, sent: 0 });
        publication.data = data;
        publication.written += 1;
    }

    /// What to send as `frame`.
    pub(super) fn outgoing(&self, frame: &Published) -> Outgoing {
        let (data, written) = self
            .published
            .get(&frame.id)
            .map_or((frame.initial, 0), |publication| (publication.data, publication.written));
        Outgoing { frame: *frame, data, written }
    }

    /// The most important of `frames` that was updated.
    pub(super) fn updated(&self, frames: &[Published]) -> Option<Outgoing> {
        let is_updated = |frame: &&Published| {
            self.published.get(&frame.id).is_some_and(|publication| publication.written != publication.sent)
        };
        frames.iter().find(is_updated).map(|frame| self.outgoing(frame))
    }

    /// It was sent, and nobody disturbed it. What was written meanwhile is still news.
    pub(super) fn sent(&mut self, outgoing: &Outgoing) {
        if let Some(publication) = self.published.get_mut(&outgoing.frame.id) {
            publication.sent = outgoing.written;
        }
    }

    /// A header was sent for `id`, and this followed: `None` if nobody answered.
    pub(super) fn heard(&mut self, id: FrameId, result: Result<Option<Received>, LinError>) {
        let reception = self.received.entry(id).or_default();
        reception.headers += 1;
        match result {
            Ok(Some(received)) => {
                reception.responses += 1;
                reception.last = Some(received);
                reception.error = None;
            }
            Ok(None) => {}
            Err(error) => reception.error = Some(error),
        }
    }

    /// What is known of `id`.
    pub(super) fn reception(&self, id: FrameId) -> Reception {
        self.received.get(&id).cloned().unwrap_or_default()
    }
}
