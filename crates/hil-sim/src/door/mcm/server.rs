//! The device's network side.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use super::certificate::self_signed;
use super::connection::serve;
use super::device::Device;
use super::{McmFault, McmImage};
use crate::LiveBench;

/// How many clients the firmware has room for (hardware reference 3).
const SOCKETS: usize = 4;

/// How the device is built.
#[derive(Clone, Copy, Debug)]
pub struct McmOptions {
    /// Whether it encrypts, as the real one always does. Without it is what a proxy in front of it shows.
    pub tls: bool,
    /// How often it asks its clients for a sign of life.
    pub ping_interval: Duration,
    /// Whether it compares the echo of a frame that it sends. Firmware v0.1 does not; whether a later one
    /// does is not known (U).
    pub echo_checked: bool,
}

impl Default for McmOptions {
    /// TLS, a ping every 5 s, echo compared.
    fn default() -> Self {
        Self { tls: true, ping_interval: Duration::from_secs(5), echo_checked: true }
    }
}

/// An imitation of a Melexis Compact Master, served until it is dropped.
pub struct McmServer {
    addr: SocketAddr,
    fingerprint: String,
    device: Arc<Device>,
    /// Each message hangs up on all clients; the end of messages is the end of the server.
    hang_ups: Option<mpsc::UnboundedSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl McmServer {
    /// Starts a device on the bus of `bench`, its power output off. Port 0 of `listen` takes a free one.
    ///
    /// # Errors
    ///
    /// When the port cannot be listened on, or no thread is to be had.
    pub fn start(bench: Arc<LiveBench>, listen: SocketAddr, options: McmOptions) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let (acceptor, fingerprint) = self_signed()?;
        let acceptor = options.tls.then_some(acceptor);
        let device = Arc::new(Device::new(bench, options.echo_checked));
        let (hang_ups, orders) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let served = Arc::clone(&device);
        let listen = move || {
            let listened = runtime.block_on(async {
                let listener = TcpListener::from_std(listener)?;
                accept(&listener, acceptor, &served, options.ping_interval, orders).await;
                io::Result::Ok(())
            });
            if let Err(error) = listened {
                tracing::warn!("the simulated MCM cannot listen: {error}");
            }
        };
        let thread = std::thread::Builder::new().name("simulated MCM".to_owned()).spawn(listen)?;
        Ok(Self { addr, fingerprint, device, hang_ups: Some(hang_ups), thread: Some(thread) })
    }

    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The SHA-256 of its certificate, as browsers show it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Misbehaves at the next request that has no fault planted yet; [`McmFault::Hung`] at once.
    pub fn plant(&self, fault: McmFault) {
        self.device.plant(fault);
    }

    /// Takes all faults back.
    pub fn recover(&self) {
        self.device.recover();
    }

    /// Drops all connections without a word, as when the network fails.
    pub fn hang_up(&self) {
        if let Some(hang_ups) = &self.hang_ups {
            // A server that is gone has no clients.
            let _ = hang_ups.send(());
        }
    }

    /// How the boot loader ends from now on, and how long it takes. A verification that is to succeed
    /// does so only for the image that was programmed.
    pub fn set_boot_loader(&self, result: Result<(), &str>, time: Duration) {
        self.device.boot_loader(result.map_err(str::to_owned), time);
    }

    /// The image that was programmed last.
    pub fn programmed(&self) -> Option<McmImage> {
        self.device.programmed()
    }

    /// Whether the power output is on.
    pub fn is_powered(&self) -> bool {
        self.device.is_powered()
    }

    /// All messages from clients, pings included, as they came: the last ten thousand, a thousand
    /// characters of each.
    pub fn received(&self) -> Vec<String> {
        self.device.received()
    }

    /// What the firmware would not have survived, or no node noticed. A good client leaves this empty.
    pub fn violations(&self) -> Vec<String> {
        self.device.violations()
    }
}

impl Drop for McmServer {
    fn drop(&mut self) {
        self.device.stop();
        drop(self.hang_ups.take());
        if let Some(thread) = self.thread.take() {
            // A server that panicked has nothing left to clean up.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for McmServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McmServer").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// Accepts clients until the orders end. All connections end with it.
async fn accept(
    listener: &TcpListener,
    tls: Option<TlsAcceptor>,
    device: &Arc<Device>,
    ping_interval: Duration,
    mut orders: mpsc::UnboundedReceiver<()>,
) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(()) => clients.abort_all(),
                None => return,
            },
            accepted = listener.accept() => match accepted {
                Ok(_) if clients.len() >= SOCKETS => tracing::debug!("the simulated MCM has no socket left"),
                Ok((stream, _)) => {
                    clients.spawn(serve(stream, tls.clone(), Arc::clone(device), ping_interval));
                }
                Err(error) => {
                    tracing::debug!("the simulated MCM could not take a client: {error}");
                    sleep(Duration::from_millis(10)).await;
                }
            },
            Some(_) = clients.join_next(), if !clients.is_empty() => {}
        }
    }
}
