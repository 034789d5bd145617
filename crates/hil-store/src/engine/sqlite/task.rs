//! A piece of work on its way to a SQLite thread, and its answer on the way back.

use std::marker::PhantomData;

use futures_util::FutureExt;
use tokio::sync::oneshot;

use crate::engine::{Link, Work};
use crate::{Result, StoreError};

/// A piece of work whose types a queue need not know.
pub(super) trait Job: Send {
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
    answer: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
    types: PhantomData<fn() -> T>,
}

impl<T, A, F> Task<T, A, F> {
    pub(super) fn new(args: A, work: F) -> (Box<Self>, oneshot::Receiver<Result<T>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Self { args, work, answer: None, reply, types: PhantomData }), answer)
    }
}

impl<T, A, F> Job for Task<T, A, F>
where
    T: Send,
    A: Send + Sync,
    F: Work<T, A>,
{
    fn run(&mut self, link: &mut Link) -> bool {
        let answer = (self.work)(link, &self.args)
            .now_or_never()
            .unwrap_or_else(|| Err(StoreError::damaged("work on SQLite waited for something else")));
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
