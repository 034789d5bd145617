//! The instrument behind its pseudo-terminal.

use std::fmt;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hil_model::Clock;
use hil_psu::WireTap;
use serialport::{SerialPort, TTYPort};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio_serial::SerialStream;

use super::fault::{Faults, SupplyFault};
use super::fence::WireFence;
use super::instrument::{Instrument, Reaction};
use super::profile::SupplyProfile;
use crate::{Rail, SimClock};

/// From a query to its answer (hardware reference 5.3).
const ANSWER_DELAY: Duration = Duration::from_millis(15);

/// A simulated supply, served until it is dropped.
///
/// The driver opens [`Self::port`] as it would open a USB converter's.
pub struct SimSupply {
    port: String,
    fence: Arc<WireFence>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
    /// Kept open: a pseudo-terminal whose last slave closes hangs up on its master (hardware reference 11).
    _slave: TTYPort,
}

impl SimSupply {
    /// Starts a supply that feeds `rail`, its output off.
    ///
    /// # Errors
    ///
    /// When no pseudo-terminal or thread is to be had.
    pub fn start(
        clock: Arc<SimClock>,
        rail: Rail,
        profile: SupplyProfile,
        faults: Vec<SupplyFault>,
        seed: u64,
    ) -> std::io::Result<Self> {
        let (master, slave) = TTYPort::pair()?;
        let port = slave.name().ok_or_else(|| std::io::Error::other("the pseudo-terminal has no name"))?;
        let fence = Arc::new(WireFence::default());
        clock.add_fence(Arc::<WireFence>::clone(&fence));
        let instrument = Instrument::new(profile, rail, Faults::new(faults, seed), seed);
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let handled = Arc::clone(&fence);
        let serve = move || {
            // A line that breaks is the end of the instrument, as it is on a bench.
            let served = runtime.block_on(async {
                let line = SerialStream::try_from(master)?;
                tokio::select! {
                    served = serve(line, instrument, &clock, &handled) => served,
                    _ = stopped => Ok(()),
                }
            });
            if let Err(error) = served {
                tracing::debug!("the simulated supply's line broke: {error}");
            }
            handled.close();
        };
        let server = std::thread::Builder::new().name("simulated supply".to_owned()).spawn(serve)?;
        Ok(Self { port, fence, stop: Some(stop), server: Some(server), _slave: slave })
    }

    /// The port that the driver opens, such as `/dev/pts/7`.
    pub fn port(&self) -> &str {
        &self.port
    }

    /// What the driver must tell of the bytes that it sends, so that simulated time waits for them.
    pub fn tap(&self) -> Arc<dyn WireTap> {
        Arc::<WireFence>::clone(&self.fence)
    }
}

impl Drop for SimSupply {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(server) = self.server.take() {
            // A server that panicked has nothing left to clean up.
            let _ = server.join();
        }
    }
}

impl fmt::Debug for SimSupply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimSupply").field("port", &self.port).finish_non_exhaustive()
    }
}

/// Serves the line until it breaks.
async fn serve(
    mut line: SerialStream,
    mut instrument: Instrument,
    clock: &SimClock,
    fence: &WireFence,
) -> std::io::Result<()> {
    let mut chunk = [0; 256];
    let mut text = Vec::new();
    loop {
        let count = line.read(&mut chunk).await?;
        if count == 0 {
            return Ok(());
        }
        text.extend_from_slice(&chunk[..count]);
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let command: Vec<u8> = text.drain(..=end).collect();
            match instrument.command(&String::from_utf8_lossy(&command), clock.now()) {
                Reaction::Silence => {}
                Reaction::Answer(answer) => {
                    // The driver is blocked until the answer is there, so it is our turn to let time pass.
                    clock.pass_as_device(ANSWER_DELAY);
                    line.write_all(format!("{answer}\r\n").as_bytes()).await?;
                }
                Reaction::Vanished => return Ok(()),
            }
        }
        fence.handled(count);
    }
}
