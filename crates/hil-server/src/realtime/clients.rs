//! Who is connected.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hil_realtime::{Hub, Moment, Observer};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ending::End;
use super::lane::Lane;
use super::options::RealtimeOptions;
use super::pulse::Pulse;

/// The connections, and what they share. A handle.
#[derive(Clone, Debug)]
pub(crate) struct Realtime(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(super) hub: Hub,
    pub(super) options: RealtimeOptions,
    pub(super) counted: Counted,
    /// The tasks of the connections.
    pub(super) tasks: TaskTracker,
    /// They have been waited for long enough.
    pub(super) cut: CancellationToken,
    clients: Mutex<Clients>,
}

#[derive(Debug, Default)]
struct Clients {
    last: u64,
    is_closed: bool,
    here: BTreeMap<u64, Arc<Client>>,
}

/// Ends that are worth a number.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) slow_closes: AtomicU64,
    pub(super) pong_timeouts: AtomicU64,
    pub(super) write_timeouts: AtomicU64,
    /// Messages from clients that are none.
    pub(super) garbage: AtomicU64,
}

impl Counted {
    pub(super) fn note(&self, end: End) {
        let counter = match end {
            End::TooSlow => &self.slow_closes,
            End::Silent => &self.pong_timeouts,
            End::Stuck => &self.write_timeouts,
            End::Left(_)
            | End::Gone
            | End::GoingAway
            | End::Violation
            | End::BadText
            | End::TooLarge
            | End::BadLabel
            | End::Full
            | End::NotAllowed => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// One who is connected.
#[derive(Debug)]
pub(super) struct Client {
    /// Made by the server, and never used again.
    pub(super) id: u64,
    /// What the client calls itself: not unique, and nothing depends on it.
    pub(super) label: Option<String>,
    pub(super) connected_at: Moment,
    pub(super) lane: Lane,
    pub(super) pulse: Pulse,
    pub(super) observer: Observer,
}

/// Leave to be connected: one of so many. Given back when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    realtime: Realtime,
    pub(super) client: Arc<Client>,
}

impl Realtime {
    pub(crate) fn new(hub: Hub, options: RealtimeOptions) -> Self {
        let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
        Self(Arc::new(Shared {
            hub,
            options,
            counted: Counted::default(),
            tasks,
            cut,
            clients: Mutex::default(),
        }))
    }

    /// Lets one more in, if there is room.
    pub(super) fn admit(&self, label: Option<String>, observer: Observer) -> Result<Permit, End> {
        let mut clients = self.clients();
        if clients.is_closed {
            return Err(End::GoingAway);
        }
        if clients.here.len() >= self.options.max_connections {
            return Err(End::Full);
        }
        clients.last += 1;
        let (lane, pulse) = (Lane::default(), Pulse::new(Instant::now()));
        let client =
            Arc::new(Client { id: clients.last, label, connected_at: Moment::now(), lane, pulse, observer });
        clients.here.insert(client.id, Arc::clone(&client));
        Ok(Permit { realtime: self.clone(), client })
    }

    /// Whether nobody new is taken.
    pub(super) fn is_closed(&self) -> bool {
        self.clients().is_closed
    }

    /// All who are here, in the order in which they came.
    pub(super) fn here(&self) -> Vec<Arc<Client>> {
        self.clients().here.values().map(Arc::clone).collect()
    }

    /// Takes nobody new, tells all who are here that the server goes away, and waits a while for them to hear it.
    pub(crate) async fn close(&self) {
        self.clients().is_closed = true;
        for client in self.here() {
            client.lane.end(End::GoingAway);
        }
        self.tasks.close();
        if timeout(self.options.shutdown_wait, self.tasks.wait()).await.is_err() {
            let open = self.tasks.len();
            tracing::warn!(target: "hil_server", open, "live connections are cut: they took too long to close");
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }

    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.0.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::ops::Deref for Realtime {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Client {
    /// What it is called in lists.
    pub(super) fn name(&self) -> String {
        format!("c-{}", self.id)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.realtime.clients().here.remove(&self.client.id);
    }
}
