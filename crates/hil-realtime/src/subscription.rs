//! A client's end of the hub.

use std::sync::Arc;

use bytes::Bytes;

use crate::board::Running;
use crate::client::{Client, QueueState, TooSlow};
use crate::published::Published;
use crate::queue::Piece;
use crate::{Hub, JobId, JoinPoint, Notice};

/// A client's end of the hub; the hub forgets the client when this is dropped.
#[derive(Debug)]
pub struct Subscription {
    hub: Hub,
    client: Arc<Client>,
    prelude: Option<(JoinPoint, Replay)>,
}

/// What comes before the stream.
#[derive(Debug)]
pub(crate) enum Replay {
    /// Everything that the client missed.
    Missed(Vec<Arc<Published>>),
    /// How far the running jobs are.
    Snapshot(Vec<(JobId, Running)>),
}

impl Subscription {
    pub(crate) fn new(hub: Hub, client: Arc<Client>, sync: JoinPoint, replay: Replay) -> Self {
        Self { hub, client, prelude: Some((sync, replay)) }
    }

    /// Where the stream begins, and what was before: the messages that come first, encoded. They can be had once.
    pub fn prelude(&mut self) -> Vec<Bytes> {
        let Some((sync, replay)) = self.prelude.take() else { return Vec::new() };
        let mut prelude = vec![self.hub.encode(&Notice::Sync(&sync))];
        match replay {
            Replay::Missed(messages) => prelude.extend(messages.iter().map(|message| message.bytes.clone())),
            Replay::Snapshot(jobs) => {
                for (job, running) in jobs {
                    let told = running.told(&job).into_iter();
                    let wanted = told.filter(|message| {
                        self.client.filter.wants(message.payload.kind(), message.job.as_ref())
                    });
                    prelude.extend(wanted.map(|message| self.hub.encode(&Notice::Snapshot(&message))));
                }
            }
        }
        prelude
    }

    /// Ends when there is something to take.
    pub async fn news(&self) {
        self.client.news().await;
    }

    /// Ends when the client has become too slow.
    pub async fn overflow(&self) {
        self.client.overflow().await;
    }

    /// Takes what is there, until that is at least `most` bytes.
    pub fn take(&self, most: usize, pieces: &mut Vec<Piece>) -> Result<(), TooSlow> {
        self.client.drain(most, pieces)
    }

    /// Somebody who can look at the queue from elsewhere.
    pub fn observer(&self) -> Observer {
        Observer(Arc::clone(&self.client))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.leave(&self.client);
    }
}

/// Somebody who looks at a client's queue.
#[derive(Clone, Debug)]
pub struct Observer(Arc<Client>);

impl Observer {
    /// How it is with the queue.
    pub fn state(&self) -> QueueState {
        self.0.state()
    }
}
