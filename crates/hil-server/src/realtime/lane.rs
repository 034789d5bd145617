//! What goes out before all data: signs of life, answers, the end.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::ending::End;
use super::wire;

/// What goes out before all data. It is bounded: of the protocol's own pongs only the last one counts, and who does not
/// read the other answers misses some.
#[derive(Debug, Default)]
pub(super) struct Lane {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The protocol's own pong.
    pong: Option<Bytes>,
    /// Ours.
    pongs: VecDeque<Bytes>,
    refusals: VecDeque<Bytes>,
    end: Option<End>,
}

/// How many answers to pings, and how many to mistakes, wait at most.
const WAITING: usize = 20;

impl Lane {
    pub(super) fn pong(&self, payload: Bytes) {
        self.change(|state| state.pong = Some(payload));
    }

    pub(super) fn answer(&self, message: Bytes) {
        self.change(|state| {
            if state.pongs.len() < WAITING {
                state.pongs.push_back(message);
            }
        });
    }

    pub(super) fn refuse(&self, message: Bytes) {
        self.change(|state| {
            if state.refusals.len() < WAITING {
                state.refusals.push_back(message);
            }
        });
    }

    /// The connection is to end. The first reason counts.
    pub(super) fn end(&self, end: End) {
        self.change(|state| {
            state.end.get_or_insert(end);
        });
    }

    /// Why the connection is to end, if it is.
    pub(super) fn ended(&self) -> Option<End> {
        self.state().end
    }

    /// Appends everything that waits.
    pub(super) fn drain(&self, out: &mut Vec<u8>) {
        let mut state = self.state();
        if let Some(payload) = state.pong.take() {
            wire::pong(out, &payload);
        }
        let State { pongs, refusals, .. } = &mut *state;
        for message in pongs.drain(..).chain(refusals.drain(..)) {
            wire::text(out, &message);
        }
    }

    /// Ends when something was added since it ended last.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.news.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
