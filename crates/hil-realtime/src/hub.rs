//! The hub: numbers, folds, keeps and hands out what is published.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::Serialize;

use crate::board::{Board, Running};
use crate::client::Client;
use crate::history::History;
use crate::moment::Clock;
use crate::published::{Draft, Published};
use crate::queue::{Bounds, Losses};
use crate::statistics::{Depths, HubStatistics};
use crate::subscription::{Replay, Subscription};
use crate::{Envelope, Filter, Fresh, JobId, JobView, JoinPoint, Message, Notice, Since, SinceError};

/// How much the hub keeps.
#[derive(Clone, Copy, Debug)]
pub struct HubOptions {
    /// How many bytes may wait for a client.
    pub queue_bytes: usize,
    /// How many messages are kept for those who come back.
    pub history_messages: usize,
    /// How many bytes they may have.
    pub history_bytes: usize,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self { queue_bytes: 4 << 20, history_messages: 4096, history_bytes: 8 << 20 }
    }
}

/// How many messages may wait for a client.
pub(crate) const QUEUE_MESSAGES: usize = 1000;

/// How long the text of an epoch is.
pub(crate) const EPOCH: usize = 10;

/// Where everything that is said live goes through. A handle; clones are the same hub.
#[derive(Clone, Debug)]
pub struct Hub(pub(crate) Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    epoch: String,
    bounds: Bounds,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    last: Seq,
    clock: Clock,
    board: Board,
    history: History,
    clients: Vec<Arc<Client>>,
    /// What clients lost that are gone.
    losses: Losses,
    depths: Depths,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new(HubOptions::default())
    }
}

impl Hub {
    /// A hub with a new epoch.
    pub fn new(options: HubOptions) -> Self {
        let state = State {
            last: Seq(0),
            clock: Clock::default(),
            board: Board::default(),
            history: History::new(options.history_messages, options.history_bytes),
            clients: Vec::new(),
            losses: Losses::default(),
            depths: Depths::default(),
        };
        let mut epoch = uuid::Uuid::new_v4().simple().to_string();
        epoch.truncate(EPOCH);
        let bounds = Bounds { messages: QUEUE_MESSAGES, bytes: options.queue_bytes };
        Self(Arc::new(Shared { epoch, bounds, state: Mutex::new(state) }))
    }

    /// Which numbering it is: another one each time a server starts.
    pub fn epoch(&self) -> &str {
        &self.0.epoch
    }

    /// From now on the job is running: its messages are folded, and newcomers are told of it.
    pub fn open(&self, job: &JobId) {
        self.state().board.open(job);
    }

    /// Says it to everybody. Waits for nobody; callable from any thread.
    pub fn publish(&self, message: &Message) -> Seq {
        self.put(Draft::of(message))
    }

    /// Says to everybody what somebody else made.
    pub fn emit(&self, envelope: &Envelope) -> Seq {
        self.put(Draft::emitted(envelope))
    }

    /// What the messages of a running job say so far.
    pub fn view(&self, job: &JobId) -> Option<JobView> {
        let running = self.state().board.get(job).cloned();
        running.map(Running::view)
    }

    /// The job is over: newcomers are no longer told of it.
    pub fn close(&self, job: &JobId) -> Option<JobView> {
        let running = self.state().board.close(job);
        running.map(Running::view)
    }

    /// Joins the stream. What comes before it, and everything after it, is in the answer: without gap or duplicate.
    pub fn subscribe(&self, filter: Filter, since: Option<Result<Since, SinceError>>) -> Subscription {
        let client = Arc::new(Client::new(filter, self.0.bounds));
        let wants = |message: &&Arc<Published>| client.filter.wants(message.kind, message.job.as_ref());
        let mut guard = self.state();
        let state = &mut *guard;
        state.clients.push(Arc::clone(&client));
        let seq = state.last;
        let missed = match since {
            None => Err(Fresh::Fresh),
            Some(Err(SinceError)) => Err(Fresh::Malformed),
            Some(Ok(since)) if since.epoch != self.0.epoch => Err(Fresh::Epoch),
            Some(Ok(since)) if since.seq > seq => Err(Fresh::Malformed),
            Some(Ok(since)) => state
                .history
                .after(since.seq, seq)
                .map(|missed| missed.filter(wants).map(Arc::clone).collect::<Vec<_>>())
                .ok_or(Fresh::Expired),
        };
        let jobs = || state.board.running().filter(|(job, _)| client.filter.wants_job(Some(job)));
        let running: Vec<JobId> = jobs().map(|(job, _)| job.clone()).collect();
        let (reason, replay) = match missed {
            Ok(missed) => (None, Replay::Missed(missed)),
            Err(reason) => {
                let known = jobs().map(|(job, running)| (job.clone(), running.clone()));
                (Some(reason), Replay::Snapshot(known.collect()))
            }
        };
        drop(guard);
        let sync = JoinPoint { recovered: reason.is_none(), seq, jobs: running, reason };
        Subscription::new(self.clone(), client, sync, replay)
    }

    /// What the server says to one client, as JSON in UTF-8.
    pub fn encode(&self, notice: &Notice<'_>) -> Bytes {
        notice.encode(&self.0.epoch)
    }

    /// What the hub counts.
    pub fn statistics(&self) -> HubStatistics {
        let state = self.state();
        let mut losses = state.losses;
        for client in &state.clients {
            losses.add_all(&client.state().losses);
        }
        HubStatistics { seq: state.last, clients: state.clients.len(), losses, queue: state.depths.read() }
    }

    pub(crate) fn leave(&self, client: &Arc<Client>) {
        let mut state = self.state();
        if let Some(index) = state.clients.iter().position(|known| Arc::ptr_eq(known, client)) {
            state.clients.swap_remove(index);
            state.losses.add_all(&client.state().losses);
        }
    }

    fn put(&self, mut draft: Draft) -> Seq {
        let fact = std::mem::take(&mut draft.fact);
        let mut guard = self.state();
        let state = &mut *guard;
        state.last.0 += 1;
        let message = draft.number(state.last, &self.0.epoch, &mut state.clock);
        if let Some(job) = &message.job {
            state.board.fold(job, fact);
        }
        state.history.push(&message);
        for client in &state.clients {
            if client.filter.wants(message.kind, message.job.as_ref()) {
                state.depths.note(client.push(&message));
            }
        }
        message.seq
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of a published message: one numbering for the whole server, from 1, without holes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Seq(pub u64);
