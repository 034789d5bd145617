//! The newest messages, for those who come back.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::Seq;
use crate::published::Published;

/// The newest messages, without holes.
#[derive(Debug)]
pub(crate) struct History {
    messages: VecDeque<Arc<Published>>,
    bytes: usize,
    most_messages: usize,
    most_bytes: usize,
}

impl History {
    pub(crate) fn new(most_messages: usize, most_bytes: usize) -> Self {
        Self { messages: VecDeque::new(), bytes: 0, most_messages, most_bytes }
    }

    pub(crate) fn push(&mut self, message: &Arc<Published>) {
        self.bytes += message.bytes.len();
        self.messages.push_back(Arc::clone(message));
        while self.messages.len() > self.most_messages || self.bytes > self.most_bytes {
            let Some(oldest) = self.messages.pop_front() else { return };
            self.bytes -= oldest.bytes.len();
        }
    }

    /// All messages after that number, where `last` is the number of the newest; nothing if some of them are gone.
    pub(crate) fn after(&self, since: Seq, last: Seq) -> Option<impl Iterator<Item = &Arc<Published>>> {
        let missed = usize::try_from(last.0.checked_sub(since.0)?).ok()?;
        let first = self.messages.len().checked_sub(missed)?;
        Some(self.messages.range(first..))
    }
}
