//! A piece of work on its way to a SQLite thread, and its answer on the way back.

use std::any::Any;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use crate::engine::{Link, Work};
use crate::{Result, StoreError};

/// How long a piece of work is worth doing: until its time is over, or until nobody waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Worth {
    gone: Arc<AtomicBool>,
    limit: Option<(Instant, Duration)>,
}

impl Worth {
    /// From now on for so long, if there is a limit.
    pub(super) fn new(patience: Option<Duration>) -> Self {
        let limit = patience.and_then(|patience| Some((Instant::now().checked_add(patience)?, patience)));
        Self { gone: Arc::default(), limit }
    }

    /// Why it is not worth it any more.
    pub(super) fn is_over(&self) -> Option<StoreError> {
        if self.gone.load(Ordering::Relaxed) {
            return Some(StoreError::Closed);
        }
        let (end, patience) = self.limit?;
        (Instant::now() >= end).then_some(StoreError::TooSlow { patience })
    }
}

/// Whoever waits for an answer. Dropped, the work for it is worth nothing.
#[derive(Debug)]
pub(super) struct Asker(Worth);

impl Asker {
    pub(super) fn of(worth: &Worth) -> Self {
        Self(worth.clone())
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        self.0.gone.store(true, Ordering::Relaxed);
    }
}

/// Whether a piece of work may share a transaction with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Company {
    Shared,
    Alone,
}

/// A piece of work whose types a queue need not know.
pub(super) trait Job: Send {
    /// How long it is worth doing.
    fn worth(&self) -> &Worth;
    /// Whether it may share a transaction.
    fn company(&self) -> Company;
    /// Does the work; whether what it changed is to be kept.
    fn run(&mut self, link: &mut Link) -> bool;
    /// Replaces the answer: the transaction around the work failed.
    fn fail(&mut self, error: StoreError);
    /// Sends the answer.
    fn finish(self: Box<Self>);
}

/// A piece of work with its answer.
pub(super) struct Task<T, A, F> {
    args: A,
    work: F,
    worth: Worth,
    company: Company,
    answer: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
    types: PhantomData<fn() -> T>,
}

impl<T, A, F> Task<T, A, F> {
    pub(super) fn new(
        args: A,
        work: F,
        worth: Worth,
        company: Company,
    ) -> (Box<Self>, oneshot::Receiver<Result<T>>) {
        let (reply, answer) = oneshot::channel();
        let task = Self { args, work, worth, company, answer: None, reply, types: PhantomData };
        (Box::new(task), answer)
    }
}

impl<T, A, F> Job for Task<T, A, F>
where
    T: Send,
    A: Send + Sync,
    F: Work<T, A>,
{
    fn worth(&self) -> &Worth {
        &self.worth
    }

    fn company(&self) -> Company {
        self.company
    }

    fn run(&mut self, link: &mut Link) -> bool {
        // A panic must not take the thread with it: there is one that writes. What the work did so far is rolled back,
        // and the connection keeps no state of its own beside that.
        let answer = catch_unwind(AssertUnwindSafe(|| {
            (self.work)(link, &self.args)
                .now_or_never()
                .unwrap_or_else(|| Err(StoreError::damaged("work on SQLite waited for something else")))
        }));
        let answer = answer.unwrap_or_else(|panic| Err(StoreError::Broken { panic: said(panic.as_ref()) }));
        let keep = answer.is_ok();
        self.answer = Some(answer);
        keep
    }

    fn fail(&mut self, error: StoreError) {
        self.answer = Some(Err(error));
    }

    fn finish(self: Box<Self>) {
        // Whoever asked may have gone away.
        let _ = self.reply.send(self.answer.unwrap_or(Err(StoreError::Closed)));
    }
}

/// What a panic says.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
