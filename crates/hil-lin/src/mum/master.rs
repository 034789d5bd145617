//! The adapter: what the harness asks of a LIN master, in terms of what the packages can do.

use std::io;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hil_model::Clock;
use serde::de::DeserializeOwned;

use super::dialogue::{BrokenOff, Closed, Dialogue, Done, Loaded, Prepared, Received, Task, Trouble};
use super::exception::{Meaning, meaning, said};
use super::process::{Failure, LogBudget};
use super::{MumSettings, NAME};
use crate::{
    Capabilities, ChecksumModel, Data, Frame, FrameId, Header, LinError, LinMaster, Response, WakePulse,
};

/// The helper's text.
const SCRIPT: &str = include_str!("helper.py");

/// How long an interpreter may take to run the first line of the helper.
const START: Duration = Duration::from_secs(20);

/// How long the import of the packages may take.
const LOAD: Duration = Duration::from_secs(60);

/// How long the device may take for what it does, beyond what the bus needs. Its own time-outs are not
/// documented (U).
const ANSWER: Duration = Duration::from_secs(5);

/// A Melexis Universal Master.
///
/// What it cannot do is [`LinError::Unsupported`] (hardware reference 2.1): it sends the enhanced checksum,
/// and the classic one with master requests (0x3C) only; it cannot listen to frames of others.
///
/// What nobody could tell us, each (U):
///
/// * A slave response (0x3D) is asked for as any other frame; that the packages then expect the classic
///   checksum is an assumption, the standard leaves no other.
/// * How long a response is awaited is the packages' affair; the time-out that the caller gives bounds how
///   long we wait for the packages.
/// * A wake-up pulse is sent where the packages' LIN device has `send_wake_up_pulse()`, with the length that
///   it has.
#[derive(Debug)]
pub struct MumMaster {
    settings: MumSettings,
    clock: Arc<dyn Clock>,
    link: Link,
    log: LogBudget,
}

#[derive(Debug)]
enum Link {
    Closed,
    Open(Box<Open>),
    /// The helper was ended, for this reason.
    Lost(String),
}

/// A device that was reached.
#[derive(Debug)]
struct Open {
    dialogue: Dialogue,
    can_wake: bool,
    facts: Vec<(&'static str, String)>,
}

impl MumMaster {
    /// The device that `settings` describe, not connected yet. The unit's boot time passes on `clock`.
    pub fn new(settings: MumSettings, clock: Arc<dyn Clock>) -> Self {
        Self { settings, clock, link: Link::Closed, log: LogBudget::default() }
    }

    fn establish(&self) -> Result<Open, LinError> {
        let MumSettings { python, host, connect_timeout, .. } = &self.settings;
        let mut dialogue = self.begin()?;
        let loaded: Loaded = match self.timed(|| dialogue.ask(&Task::Load {}, LOAD)) {
            Ok(Ok(loaded)) => loaded,
            Ok(Err(trouble)) => return Err(unavailable(self.lacks(&trouble))),
            Err(broken) => return Err(broken_off(broken, "load the vendor's packages", LOAD).0),
        };
        let open = Task::Open { host: host.clone() };
        match self.timed(|| dialogue.ask::<Done>(&open, *connect_timeout)) {
            Ok(Ok(Done {})) => {}
            Ok(Err(Trouble::Raised(exception))) => {
                return Err(unavailable(format!(
                    "the device at {host} cannot be reached: {}",
                    said(&exception)
                )));
            }
            Ok(Err(trouble)) => return Err(unavailable(self.lacks(&trouble))),
            // A host that is not there does not always say so: packets to it may vanish.
            Err(BrokenOff { failure: Failure::Late, .. }) => {
                let seconds = connect_timeout.as_secs_f64();
                return Err(unavailable(format!(
                    "the device at {host} was not reached within {seconds:.1} s"
                )));
            }
            Err(broken) => return Err(broken_off(broken, "open the device", *connect_timeout).0),
        }
        let prepare = Task::Prepare {
            lin_device: self.settings.lin_device.clone(),
            power_device: self.settings.power_device.clone(),
            bitrate: self.settings.bitrate.get(),
        };
        let prepared: Prepared = match self.timed(|| dialogue.ask(&prepare, *connect_timeout)) {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(trouble @ Trouble::Unable(_))) => return Err(unavailable(self.lacks(&trouble))),
            Ok(Err(trouble)) => return Err(device_trouble(trouble, "set up the bus")),
            Err(broken) => return Err(broken_off(broken, "set up the bus", *connect_timeout).0),
        };
        match self.timed(|| dialogue.ask::<Done>(&Task::Power { on: true }, ANSWER)) {
            Ok(Ok(Done {})) => {}
            Ok(Err(trouble)) => return Err(device_trouble(trouble, "power the unit")),
            Err(broken) => return Err(broken_off(broken, "power the unit", ANSWER).0),
        }
        self.clock.sleep(self.settings.boot_settle);
        let facts = vec![
            ("host", host.clone()),
            ("python", format!("{python} ({})", dialogue.python)),
            ("pymumclient", loaded.pymumclient),
            ("pylin", loaded.pylin),
        ];
        Ok(Open { dialogue, can_wake: prepared.wake_up, facts })
    }

    /// Starts the helper.
    fn begin(&self) -> Result<Dialogue, LinError> {
        let python = &self.settings.python;
        let mut command = Command::new(python);
        command.args(["-u", "-c", SCRIPT]);
        command.envs(self.settings.environment.iter().map(|(name, value)| (name, value)));
        match self.timed(|| Dialogue::begin(command, self.log.clone(), START)) {
            Ok(Ok(dialogue)) => Ok(dialogue),
            Ok(Err(BrokenOff { failure: Failure::Died, obituary })) => {
                Err(unavailable(format!("{python} does not run the helper: {obituary}")))
            }
            Ok(Err(broken)) => Err(broken_off(broken, "start the helper", START).0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(unavailable(format!("there is no Python interpreter {python}")))
            }
            Err(error) => Err(unavailable(format!("{python} cannot be started: {error}"))),
        }
    }

    /// Does what blocks, and lets the bench's clock know how long that took.
    fn timed<T>(&self, act: impl FnOnce() -> T) -> T {
        let since = Instant::now();
        let done = act();
        self.clock.waited_on_io(since.elapsed());
        done
    }

    /// What is missing, in words that name interpreter and package.
    fn lacks(&self, trouble: &Trouble) -> String {
        let python = &self.settings.python;
        match trouble {
            Trouble::Missing { package, text } => {
                format!("{python} cannot import {package}, which comes from Melexis: {text}")
            }
            Trouble::Unable(what) => format!("{python} has packages that do not fit: {what}"),
            Trouble::Odd(what) => format!("{python} has packages that do not fit: they return {what}"),
            Trouble::Raised(exception) => said(exception),
        }
    }

    /// Asks the helper; whatever breaks the dialogue, or says that the device is gone, is the end of the link.
    fn ask<T: DeserializeOwned>(
        &mut self,
        task: &Task,
        operation: &'static str,
        within: Duration,
    ) -> Result<Result<T, Trouble>, LinError> {
        let open = match &mut self.link {
            Link::Closed => return Err(LinError::NotConnected { adapter: NAME }),
            Link::Lost(reason) => {
                return Err(LinError::AdapterLost { adapter: NAME, reason: reason.clone() });
            }
            Link::Open(open) => open,
        };
        let since = Instant::now();
        let answer = open.dialogue.ask(task, within);
        self.clock.waited_on_io(since.elapsed());
        match answer {
            Ok(Err(Trouble::Raised(exception))) if meaning(&exception) == Meaning::Lost => {
                let reason = said(&exception);
                // Ends the helper.
                self.link = Link::Lost(reason.clone());
                Err(LinError::AdapterLost { adapter: NAME, reason })
            }
            Ok(answer) => Ok(answer),
            Err(broken) => {
                let (error, reason) = broken_off(broken, operation, within);
                self.link = Link::Lost(reason);
                Err(error)
            }
        }
    }

    fn command(&mut self, task: &Task, operation: &'static str) -> Result<(), LinError> {
        match self.ask::<Done>(task, operation, ANSWER)? {
            Ok(Done {}) => Ok(()),
            Err(trouble) => Err(device_trouble(trouble, operation)),
        }
    }
}

impl LinMaster for MumMaster {
    fn name(&self) -> &'static str {
        NAME
    }

    /// Whether it can send a wake-up pulse is known once it is connected.
    fn capabilities(&self) -> Capabilities {
        let wake_up = matches!(&self.link, Link::Open(open) if open.can_wake);
        Capabilities { wake_up, powers_ecu: true, ..Capabilities::default() }
    }

    /// # Errors
    ///
    /// [`LinError::Unavailable`] where interpreter, package or device is missing; then, how far it came.
    fn connect(&mut self) -> Result<(), LinError> {
        if let Link::Open(_) = self.link {
            return Ok(());
        }
        self.link = Link::Closed;
        self.link = Link::Open(Box::new(self.establish()?));
        Ok(())
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        if let Link::Closed = self.link {
            return Ok(());
        }
        let closed = self.ask::<Closed>(&Task::Close {}, "close the device", ANSWER);
        // Ends the helper, where it has not been ended before.
        self.link = Link::Closed;
        match closed? {
            Ok(Closed { troubles }) => {
                for trouble in troubles {
                    tracing::warn!(target: "mum", "on the way down: {trouble}");
                }
                Ok(())
            }
            Err(trouble) => Err(device_trouble(trouble, "close the device")),
        }
    }

    fn send_raw(&mut self, frame: &Frame, checksum: ChecksumModel) -> Result<(), LinError> {
        let id = frame.id();
        let data = frame.data().to_vec();
        let unsupported = |what| Err(LinError::Unsupported { what, adapter: NAME });
        let task = match (id, checksum) {
            (FrameId::MASTER_REQUEST, ChecksumModel::Classic) if data.len() == 8 => {
                Task::SendClassic { data }
            }
            (FrameId::MASTER_REQUEST, ChecksumModel::Classic) => {
                return unsupported("send a master request that has not 8 bytes");
            }
            (FrameId::MASTER_REQUEST, ChecksumModel::Enhanced) => {
                return unsupported("send a master request with an enhanced checksum");
            }
            (_, ChecksumModel::Classic) => {
                return unsupported("send a classic checksum with anything but a master request");
            }
            (_, ChecksumModel::Enhanced) if data.is_empty() => {
                return unsupported("send a frame without data");
            }
            (_, ChecksumModel::Enhanced) => Task::Send { frame: id.get(), data },
        };
        match self.ask::<Done>(&task, "send a frame", ANSWER)? {
            Ok(Done {}) => Ok(()),
            Err(trouble) => Err(frame_trouble(trouble, id, "send a frame")),
        }
    }

    fn receive(&mut self, header: Header, timeout: Duration) -> Result<Response, LinError> {
        let Header { id, length, checksum } = header;
        let diagnostic = matches!(id, FrameId::MASTER_REQUEST | FrameId::SLAVE_RESPONSE);
        let unsupported = |what| Err(LinError::Unsupported { what, adapter: NAME });
        match checksum {
            ChecksumModel::Classic if !diagnostic => {
                return unsupported("await a classic checksum outside of diagnostics");
            }
            ChecksumModel::Enhanced if diagnostic => {
                return unsupported("await an enhanced checksum in diagnostics");
            }
            ChecksumModel::Classic | ChecksumModel::Enhanced => {}
        }
        if !(1..=8).contains(&length) {
            return unsupported("await a response whose length is not in 1–8");
        }
        let task = Task::Receive { frame: id.get(), length };
        let received =
            match self.ask::<Received>(&task, "receive a response", timeout.saturating_add(ANSWER))? {
                Ok(Received { data }) => data.unwrap_or_default(),
                Err(Trouble::Raised(exception)) if meaning(&exception) == Meaning::Silence => Vec::new(),
                Err(trouble) => return Err(frame_trouble(trouble, id, "receive a response")),
            };
        match Data::new(&received) {
            Ok(data) if data.is_empty() => Ok(Response::None),
            Ok(data) if data.len() == length => Ok(Response::Data(data)),
            Ok(data) if data.len() < length => Err(LinError::Incomplete { id, data, expected: length }),
            Ok(_) | Err(_) => {
                let what = format!("{} bytes of a frame of {length}: {received:02X?}", received.len());
                Err(LinError::Garbled { adapter: NAME, what })
            }
        }
    }

    /// Its length is the device's own, see [`MumMaster`].
    fn wake_up(&mut self, _pulse: WakePulse) -> Result<(), LinError> {
        const OPERATION: &str = "send a wake-up pulse";
        match self.ask::<Done>(&Task::Wake {}, OPERATION, ANSWER)? {
            Ok(Done {}) => Ok(()),
            Err(Trouble::Unable(_)) => Err(LinError::Unsupported { what: OPERATION, adapter: NAME }),
            Err(trouble) => Err(device_trouble(trouble, OPERATION)),
        }
    }

    /// It does not wait for the unit to boot; only [`Self::connect`] does.
    fn power_ecu(&mut self, on: bool) -> Result<(), LinError> {
        self.command(&Task::Power { on }, if on { "power the unit" } else { "cut the unit's power" })
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        match &self.link {
            Link::Open(open) => open.facts.clone(),
            Link::Closed | Link::Lost(_) => Vec::new(),
        }
    }
}

fn unavailable(reason: String) -> LinError {
    LinError::Unavailable { adapter: NAME, reason }
}

/// The error of an operation during which the dialogue broke off, and the reason that later ones give.
fn broken_off(broken: BrokenOff, operation: &'static str, timeout: Duration) -> (LinError, String) {
    let BrokenOff { failure, obituary } = broken;
    match failure {
        Failure::Died => (LinError::AdapterLost { adapter: NAME, reason: obituary.clone() }, obituary),
        Failure::Late => {
            let reason = format!("it did not {operation} in time, then {obituary}");
            (LinError::Timeout { adapter: NAME, operation, timeout }, reason)
        }
        Failure::Nonsense(what) => {
            let reason = format!("it talked nonsense, then {obituary}");
            (LinError::Garbled { adapter: NAME, what }, reason)
        }
    }
}

/// What trouble means where no frame is concerned.
fn device_trouble(trouble: Trouble, operation: &'static str) -> LinError {
    match trouble {
        Trouble::Raised(exception) if meaning(&exception) == Meaning::Lost => {
            LinError::AdapterLost { adapter: NAME, reason: said(&exception) }
        }
        Trouble::Raised(exception) => {
            LinError::Refused { adapter: NAME, operation, reason: said(&exception) }
        }
        Trouble::Unable(reason) => LinError::Refused { adapter: NAME, operation, reason },
        Trouble::Odd(what) => LinError::Garbled { adapter: NAME, what },
        Trouble::Missing { package, text } => unavailable(format!("{package}: {text}")),
    }
}

/// What trouble with a frame means.
fn frame_trouble(trouble: Trouble, id: FrameId, operation: &'static str) -> LinError {
    let Trouble::Raised(exception) = trouble else { return device_trouble(trouble, operation) };
    match meaning(&exception) {
        Meaning::Shorted => LinError::ShortedToGround,
        Meaning::Disturbed => LinError::Disturbed { id, what: said(&exception) },
        // Nobody has to answer a frame that is sent: here it is the device that took too long.
        Meaning::Refused | Meaning::Silence | Meaning::Lost => {
            device_trouble(Trouble::Raised(exception), operation)
        }
        Meaning::Unknown => LinError::Garbled { adapter: NAME, what: said(&exception) },
    }
}
