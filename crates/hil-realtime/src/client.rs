//! One who listens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::Filter;
use crate::published::Published;
use crate::queue::{Bounds, Losses, Overflow, Piece, Queue};

/// One who listens, as the publisher and the writer share it.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) filter: Filter,
    waiting: Mutex<Waiting>,
    news: Notify,
    overflow: Notify,
    delivered: AtomicU64,
}

#[derive(Debug)]
struct Waiting {
    queue: Queue,
    is_too_slow: bool,
}

/// How it is with the client's queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueState {
    /// How many messages wait.
    pub messages: usize,
    /// How many bytes they have.
    pub bytes: usize,
    /// What was dropped so far.
    pub losses: Losses,
    /// How many messages were taken so far.
    pub delivered: u64,
}

/// The client must be closed: only messages are left that may not be dropped, and there is no room for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too slow: only messages are left that may not be dropped")]
pub struct TooSlow;

impl Client {
    pub(crate) fn new(filter: Filter, bounds: Bounds) -> Self {
        let waiting = Mutex::new(Waiting { queue: Queue::new(bounds), is_too_slow: false });
        Self { filter, waiting, news: Notify::new(), overflow: Notify::new(), delivered: AtomicU64::new(0) }
    }

    /// Appends a message, and answers how much waits now.
    pub(crate) fn push(&self, message: &Arc<Published>) -> (usize, usize) {
        let mut waiting = self.waiting();
        if waiting.is_too_slow {
            return (0, 0);
        }
        let was_empty = waiting.queue.is_empty();
        let pushed = waiting.queue.push(message);
        let depth = (waiting.queue.messages(), waiting.queue.bytes());
        if let Err(Overflow) = pushed {
            waiting.is_too_slow = true;
            waiting.queue.clear();
        }
        drop(waiting);
        // Whoever found something in the queue looks again before he waits.
        if was_empty || pushed.is_err() {
            self.news.notify_one();
        }
        if pushed.is_err() {
            self.overflow.notify_one();
        }
        depth
    }

    pub(crate) fn drain(&self, most: usize, pieces: &mut Vec<Piece>) -> Result<(), TooSlow> {
        let mut waiting = self.waiting();
        if waiting.is_too_slow {
            return Err(TooSlow);
        }
        let before = pieces.len();
        waiting.queue.drain(most, pieces);
        drop(waiting);
        let messages = pieces[before..].iter().filter(|piece| matches!(piece, Piece::Message(_))).count();
        self.delivered.fetch_add(u64::try_from(messages).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(())
    }

    /// Ends when there is something, or when it is over.
    pub(crate) async fn news(&self) {
        loop {
            let news = self.news.notified();
            {
                let waiting = self.waiting();
                if waiting.is_too_slow || !waiting.queue.is_empty() {
                    return;
                }
            }
            news.await;
        }
    }

    /// Ends when it is over.
    pub(crate) async fn overflow(&self) {
        while !self.waiting().is_too_slow {
            self.overflow.notified().await;
        }
    }

    pub(crate) fn state(&self) -> QueueState {
        let waiting = self.waiting();
        QueueState {
            messages: waiting.queue.messages(),
            bytes: waiting.queue.bytes(),
            losses: *waiting.queue.losses(),
            delivered: self.delivered.load(Ordering::Relaxed),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
