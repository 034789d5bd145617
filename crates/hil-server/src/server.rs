//! The server: connections in, until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hil_model::WallTime;
use hil_store::Store;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};

use crate::app::{App, AppOptions};
use crate::inflow::Patience;
use crate::iso;
use crate::link::{LinkKey, Origin};
use crate::observe::Peer;
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
    /// How many connections there may be at once; further ones wait.
    pub connections: usize,
    /// How many bytes of JSON bodies may lie in memory at once; further requests wait.
    pub memory: u64,
    /// How long the parts of a request may take.
    pub patience: Patience,
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
    connections: Arc<Semaphore>,
    patience: Patience,
}

impl Server {
    /// Listens. Nobody is answered before [`Server::run`].
    pub async fn bind(store: Arc<Store>, options: ServerOptions) -> Result<Self, ServerError> {
        let links = LinkKey::generate().map_err(ServerError::Random)?;
        let failed = |source| ServerError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let state = AppState::new(Arc::clone(&store), links, options.public_url);
        let patience = options.patience;
        let app = App::new(
            state,
            AppOptions { patience, memory: options.memory, trust_proxy: options.trust_proxy },
        );
        let connections = Arc::new(Semaphore::new(options.connections.clamp(1, Semaphore::MAX_PERMITS)));
        Ok(Self { listener, address, app, store, connections, patience })
    }

    /// The address that it listens at.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` ends. What is under way then is finished, unless it takes too long.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let mut tasks = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&self.listener, &self.connections) => match accepted {
                    Ok((stream, peer, permit)) => {
                        tasks.spawn(self.connection(stream, peer, permit, &graceful));
                    }
                    Err(error) => {
                        tracing::warn!(target: "hil_server", %error, "cannot take a connection");
                        tokio::time::sleep(AFTER_REFUSAL).await;
                    }
                },
                Some(ended) = tasks.join_next() => note_panic(ended),
                _ = sweep.tick() => {
                    let store = Arc::clone(&self.store);
                    tasks.spawn(async move { remove_stale_uploads(&store).await });
                }
            }
        }
        drop(self.listener);
        let open = tasks.len();
        if tokio::time::timeout(self.patience.drain, graceful.shutdown()).await.is_err() {
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
        graceful: &GracefulShutdown,
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
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        async move {
            if let Err(error) = connection.await {
                tracing::debug!(target: "hil_server", %peer, %error, "a connection broke");
            }
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

async fn remove_stale_uploads(store: &Store) {
    let before = WallTime::from_unix_millis(iso::now().unix_millis().saturating_sub(SWEEP_OLDER));
    match store.delete_stale_uploads(before).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(target: "hil_server", count, "removed files that nobody came to need"),
        Err(error) => tracing::warn!(target: "hil_server", %error, "cannot remove files that nobody needs"),
    }
}
