//! The master: the trait on one side, the library's thread on the other.

use std::path::PathBuf;
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use hil_model::Clock;

use super::device::{Device, SENT};
use super::worker::Worker;
use crate::{Capabilities, ChecksumModel, Frame, Header, LinError, LinMaster, Response};

pub(super) const NAME: &str = "babylin";

/// How long opening the device may take. It loads its SDF over a serial line and resets itself.
pub(super) const CONNECT: Duration = Duration::from_secs(30);

/// How much longer than it should a call may take before the library is said to hang.
const GRACE: Duration = Duration::from_secs(2);

/// Which library, device and schedule.
#[derive(Clone, Debug, Default)]
pub struct BabyLinSettings {
    /// The vendor's library. `None`: `libBabyLIN.so` or `BabyLIN.dll`, where the system finds it.
    pub library: Option<PathBuf>,
    /// The session description file. The adapter cannot be had without one.
    pub sdf: Option<PathBuf>,
    /// The number of the schedule in it.
    pub schedule: u32,
    /// The port's device, name or number, as the library lists it. `None`: the first.
    pub port: Option<String>,
}

/// A BabyLIN as a LIN master. Deprecated: a UART or an MCM does more.
#[derive(Debug)]
pub struct BabyLinMaster {
    settings: BabyLinSettings,
    clock: Arc<dyn Clock>,
    worker: Option<Worker>,
    facts: Vec<(&'static str, String)>,
}

impl BabyLinMaster {
    /// A master, not connected yet. Says once in a process that it is deprecated.
    pub fn new(settings: BabyLinSettings, clock: Arc<dyn Clock>) -> Self {
        static NOTICE: Once = Once::new();
        NOTICE.call_once(|| {
            tracing::warn!("the adapter babylin is deprecated and will be removed; use mcm, mum or uart");
        });
        Self { settings, clock, worker: None, facts: Vec::new() }
    }

    /// Has the device do `work`. It is given up once it is lost: only a new connect opens it again.
    fn call<T: Send + 'static>(
        &mut self,
        operation: &'static str,
        within: Duration,
        work: impl FnOnce(&mut Device) -> Result<T, LinError> + Send + 'static,
    ) -> Result<T, LinError> {
        let worker = self.worker.as_mut().ok_or(LinError::NotConnected { adapter: NAME })?;
        let started = Instant::now();
        let result = worker.call(operation, within.saturating_add(GRACE), work);
        self.clock.waited_on_io(started.elapsed());
        if worker.is_lost() || matches!(result, Err(LinError::AdapterLost { .. })) {
            self.worker = None;
        }
        result
    }
}

impl LinMaster for BabyLinMaster {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// Loads the library, opens the device and starts its schedule.
    ///
    /// # Errors
    ///
    /// [`LinError::Unavailable`] for a library, a device or an SDF that is not there, and what the library
    /// says of each step.
    fn connect(&mut self) -> Result<(), LinError> {
        if self.worker.is_some() {
            return Ok(());
        }
        let started = Instant::now();
        let opened = Worker::start(self.settings.clone(), CONNECT);
        self.clock.waited_on_io(started.elapsed());
        self.worker = Some(opened?);
        self.facts = self.call("say what it is", GRACE, |device| Ok(device.facts()))?;
        Ok(())
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        self.worker = None;
        Ok(())
    }

    /// Sends a frame, with the checksum that its id stands for: the library takes no other.
    ///
    /// # Errors
    ///
    /// Besides those of the trait: [`LinError::Disturbed`] for what a device reports without saying more,
    /// a short included; [`LinError::Timeout`] when it does not report the frame as sent; and
    /// [`LinError::Refused`] for a master request of other than eight data bytes.
    fn send_raw(&mut self, frame: &Frame, checksum: ChecksumModel) -> Result<(), LinError> {
        if checksum != ChecksumModel::for_id(frame.id()) {
            return Err(LinError::Unsupported { what: "choose the checksum of a frame", adapter: NAME });
        }
        let frame = *frame;
        self.call("send a frame", SENT * 2, move |device| device.send(&frame))
    }

    /// Awaits the next frame of that id from the running schedule, see the module's table.
    fn receive(&mut self, header: Header, timeout: Duration) -> Result<Response, LinError> {
        self.call("receive a frame", timeout, move |device| device.receive(header, timeout))
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        self.facts.clone()
    }
}
