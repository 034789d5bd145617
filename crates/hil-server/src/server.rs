//! The server: connections in, until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hil_model::WallTime;
use hil_realtime::Hub;
use hil_store::{Store, StoreError};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::app::{App, AppOptions};
use crate::inflow::Patience;
use crate::iso;
use crate::jobs::{JobLauncher, Jobs};
use crate::link::{LinkKey, Origin};
use crate::observe::Peer;
use crate::realtime::{Realtime, RealtimeOptions, RealtimeOptionsError};
use crate::state::AppState;

/// How the server is reached, and how much it takes.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The address to listen at; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where clients reach the server, for the links that it gives out. Without it, it is where they say they do.
    pub public_url: Option<Origin>,
    /// Whether a proxy in front of the server tells how clients reach it (`X-Forwarded-Host`, `X-Forwarded-Proto`).
    pub trust_proxy: bool,
    /// How many connections with requests there may be at once; further ones wait. Live ones are not among them.
    pub connections: usize,
    /// How many bytes of JSON bodies may lie in memory at once; further requests wait.
    pub memory: u64,
    /// How long the parts of a request may take.
    pub patience: Patience,
    /// How those are treated who watch live.
    pub realtime: RealtimeOptions,
    /// Whether somebody at this machine needs no key to watch, to read and to run jobs.
    pub insecure_local: bool,
    /// Where the folders of jobs are. Without one nothing is left of a job but its record, and no tests can be run.
    pub jobs: Option<PathBuf>,
    /// How tests are run on the configured bench.
    pub launcher: Option<Arc<dyn JobLauncher>>,
}

impl ServerOptions {
    /// The usual ones.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            public_url: None,
            trust_proxy: false,
            connections: 512,
            memory: 128 << 20,
            patience: Patience::default(),
            realtime: RealtimeOptions::default(),
            insecure_local: false,
            jobs: None,
            launcher: None,
        }
    }
}

/// What can go wrong with the server itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address cannot be had.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system has no random numbers, without which links could be guessed.
    #[error("cannot draw the key of the server's links")]
    Random(#[source] getrandom::Error),
    /// The options contradict each other.
    #[error("those who watch live cannot be treated so")]
    Realtime(#[source] RealtimeOptionsError),
    /// What became of the jobs cannot be told.
    #[error("cannot take up the jobs")]
    Jobs(#[source] StoreError),
}

/// The longest head of a request, in bytes.
const HEAD: usize = 64 << 10;
/// After so long without taking anything of its answer a client is cut off.
const DEAF: Duration = Duration::from_secs(30);
/// How long to wait after the system refused a connection: it will have run out of something.
const AFTER_REFUSAL: Duration = Duration::from_millis(100);
/// How often files are looked for that nobody came to need.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// How old they are then, in milliseconds.
const SWEEP_OLDER: i64 = 24 * 3600 * 1000;

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: App,
    store: Arc<Store>,
    jobs: Jobs,
    connections: Arc<Semaphore>,
    patience: Patience,
    hub: Hub,
    realtime: Realtime,
}

impl Server {
    /// Listens. Nobody is answered before [`Server::run`].
    pub async fn bind(store: Arc<Store>, options: ServerOptions) -> Result<Self, ServerError> {
        let links = LinkKey::generate().map_err(ServerError::Random)?;
        let failed = |source| ServerError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        options.realtime.check().map_err(ServerError::Realtime)?;
        let state = AppState::open(Arc::clone(&store), links, &options).await.map_err(ServerError::Jobs)?;
        let (hub, realtime, jobs) = (state.hub.clone(), state.realtime.clone(), state.jobs.clone());
        let patience = options.patience;
        let app = App::new(
            state,
            AppOptions { patience, memory: options.memory, trust_proxy: options.trust_proxy },
        );
        let connections = Arc::new(Semaphore::new(options.connections.clamp(1, Semaphore::MAX_PERMITS)));
        Ok(Self { listener, address, app, store, jobs, connections, patience, hub, realtime })
    }

    /// The address that it listens at.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Where to publish what those are to see who watch live.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Answers until `shutdown` ends. What is under way then is finished, unless it takes too long; a job at work is
    /// ended in order.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        self.jobs.begin();
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&self.listener, &self.connections) => match accepted {
                    Ok((stream, peer, permit)) => {
                        tasks.spawn(self.connection(stream, peer, permit, stop.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(target: "hil_server", %error, "cannot take a connection");
                        tokio::time::sleep(AFTER_REFUSAL).await;
                    }
                },
                Some(ended) = tasks.join_next() => note_panic(ended),
                _ = sweep.tick() => {
                    let store = Arc::clone(&self.store);
                    tasks.spawn(async move { remove_stale_files(&store).await });
                }
            }
        }
        drop(self.listener);
        stop.cancel();
        let finished = async {
            while let Some(ended) = tasks.join_next().await {
                note_panic(ended);
            }
        };
        let finished = tokio::time::timeout(self.patience.drain, finished);
        let (finished, ()) = tokio::join!(finished, async {
            // Those who watch are to see how the job ends.
            self.jobs.stop().await;
            self.realtime.close().await;
        });
        if finished.is_err() {
            let open = tasks.len();
            tracing::warn!(target: "hil_server", open, "connections are cut: their requests took too long");
        }
        tasks.shutdown().await;
    }

    /// Serves one connection to its end.
    fn connection(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        permit: OwnedSemaphorePermit,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let app = self.app.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            let app = app.clone();
            async move { app.answer(request).await }
        });
        // An answer that waits for more to say is an answer that comes late.
        let _ = stream.set_nodelay(true);
        give_up_on_deaf(&stream);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience.head)
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(target: "hil_server", %peer, %error, "a connection broke");
            }
            // A live connection goes on without it.
            drop(permit);
        }
    }
}

/// Has the system cut the connection when the client has taken nothing of an answer for a while.
#[cfg(target_os = "linux")]
fn give_up_on_deaf(stream: &TcpStream) {
    use nix::sys::socket::{setsockopt, sockopt::TcpUserTimeout};
    let millis = u32::try_from(DEAF.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = setsockopt(stream, TcpUserTimeout, &millis) {
        tracing::debug!(target: "hil_server", %error, "a connection has no time-out for answers");
    }
}

/// Other systems have no such time-out: there such a connection lasts until the server ends.
#[cfg(not(target_os = "linux"))]
fn give_up_on_deaf(_stream: &TcpStream) {}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

fn note_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(target: "hil_server", %error, "a connection panicked");
    }
}

async fn remove_stale_files(store: &Store) {
    let before = WallTime::from_unix_millis(iso::now().unix_millis().saturating_sub(SWEEP_OLDER));
    let uploads = store.delete_stale_uploads(before).await;
    let contents = store.delete_stale_contents(before).await;
    match uploads.and_then(|uploads| Ok(uploads + contents?)) {
        Ok(0) => {}
        Ok(count) => tracing::info!(target: "hil_server", count, "removed files that nobody came to need"),
        Err(error) => tracing::warn!(target: "hil_server", %error, "cannot remove files that nobody needs"),
    }
}
