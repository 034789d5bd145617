//! What the hub counts.

use serde::Serialize;

use crate::Seq;
use crate::hub::QUEUE_MESSAGES;
use crate::queue::Losses;

/// What the hub counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubStatistics {
    /// The number of the newest message.
    pub seq: Seq,
    /// How many listen.
    pub clients: usize,
    /// What was dropped, by all who listen and by those who are gone.
    pub losses: Losses,
    /// How full queues were.
    pub queue: QueueDepths,
}

/// How many messages waited for a client just after one was appended, since the hub was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QueueDepths {
    /// No more than this, half of the time.
    pub p50: usize,
    /// No more than this, 99 times of 100.
    pub p99: usize,
    /// Never more than this.
    pub max: usize,
    /// Never more bytes than this.
    pub max_bytes: usize,
}

/// Counts of depths.
#[derive(Debug)]
pub(crate) struct Depths {
    counts: Box<[u64]>,
    max_bytes: usize,
}

impl Default for Depths {
    fn default() -> Self {
        Self { counts: vec![0; QUEUE_MESSAGES + 1].into(), max_bytes: 0 }
    }
}

impl Depths {
    pub(crate) fn note(&mut self, (messages, bytes): (usize, usize)) {
        if let Some(count) = self.counts.get_mut(messages) {
            *count += 1;
        }
        self.max_bytes = self.max_bytes.max(bytes);
    }

    pub(crate) fn read(&self) -> QueueDepths {
        let total: u64 = self.counts.iter().sum();
        let quantile = |share: u64| {
            let (mut seen, wanted) = (0, (total * share).div_ceil(100));
            let reaches = |count: &u64| {
                seen += count;
                seen >= wanted
            };
            self.counts.iter().position(reaches).unwrap_or_default()
        };
        let max = self.counts.iter().rposition(|count| *count > 0).unwrap_or_default();
        QueueDepths { p50: quantile(50), p99: quantile(99), max, max_bytes: self.max_bytes }
    }
}
