//! What the device does with what it is told.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hil_lin::{ChecksumModel, Frame, FrameId, Header, LinError, LinMaster, Response, WakePulse};
use hil_model::Clock;
use serde_json::{Value, json};

use super::McmFault;
use super::request::{Asked, Heard};
use crate::{LiveBench, SimMaster};

/// How long the firmware waits for a whole response.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(150);

/// How many messages are remembered.
const REMEMBERED: usize = 10_000;

/// How many characters of each. Images are long, and kept elsewhere.
const REMEMBERED_OF_EACH: usize = 1_000;

/// An image that was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McmImage {
    /// Intel HEX text.
    pub hex: String,
    /// `flash`, `nvram` or `eeprom`.
    pub memory: String,
    /// The loader's bit rate.
    pub bitrate: u64,
    /// Whether somebody powers the unit by hand.
    pub manual_power: bool,
    /// The chip's project id.
    pub project: u64,
}

/// What goes back to the client.
#[derive(Debug)]
pub(super) enum Reply {
    Nothing,
    Text(String),
    Later(Duration, String),
    Binary(Vec<u8>),
    /// The connection ends.
    HangUp,
}

/// The device behind all its connections.
#[derive(Debug)]
pub(super) struct Device {
    bench: Arc<LiveBench>,
    master: Mutex<SimMaster>,
    echo_checked: bool,
    state: Mutex<State>,
    stopping: AtomicBool,
}

/// What tests set and look at.
#[derive(Debug)]
struct State {
    powered: bool,
    hung: bool,
    faults: VecDeque<McmFault>,
    received: VecDeque<String>,
    violations: Vec<String>,
    boot_result: Result<(), String>,
    boot_time: Duration,
    programmed: Option<McmImage>,
}

impl Device {
    /// A device on the bus of `bench` that has just been plugged in: its power output is off.
    pub(super) fn new(bench: Arc<LiveBench>, echo_checked: bool) -> Self {
        let mut master = bench.master();
        // The mock adapter takes the bus without asking anybody.
        let _ = master.connect();
        bench.power_out(false);
        let state = State {
            powered: false,
            hung: false,
            faults: VecDeque::new(),
            received: VecDeque::new(),
            violations: Vec::new(),
            boot_result: Ok(()),
            boot_time: Duration::ZERO,
            programmed: None,
        };
        let (master, state) = (Mutex::new(master), Mutex::new(state));
        Self { bench, master, echo_checked, state, stopping: AtomicBool::new(false) }
    }

    pub(super) fn plant(&self, fault: McmFault) {
        let mut state = self.state();
        match fault {
            McmFault::Hung => state.hung = true,
            fault => state.faults.push_back(fault),
        }
    }

    pub(super) fn recover(&self) {
        let mut state = self.state();
        state.hung = false;
        state.faults.clear();
    }

    pub(super) fn boot_loader(&self, result: Result<(), String>, time: Duration) {
        let mut state = self.state();
        (state.boot_result, state.boot_time) = (result, time);
    }

    pub(super) fn is_hung(&self) -> bool {
        self.state().hung
    }

    pub(super) fn is_powered(&self) -> bool {
        self.state().powered
    }

    pub(super) fn received(&self) -> Vec<String> {
        self.state().received.iter().cloned().collect()
    }

    pub(super) fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    pub(super) fn programmed(&self) -> Option<McmImage> {
        self.state().programmed.clone()
    }

    /// Lets what takes long end early.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Does what a text message says. Blocks until it is done, as the firmware's handler does.
    pub(super) fn handle(&self, text: &str) -> Reply {
        let mut state = self.state();
        if state.received.len() == REMEMBERED {
            state.received.pop_front();
        }
        state.received.push_back(text.chars().take(REMEMBERED_OF_EACH).collect());
        if state.hung {
            return Reply::Nothing;
        }
        let (id, asked) = match Heard::read(text) {
            Heard::Ping => return Reply::Text(r#"{"__pong__":true}"#.to_owned()),
            Heard::Pong | Heard::Nothing => return Reply::Nothing,
            Heard::Request(id, asked) => (id, asked),
        };
        let fault = state.faults.pop_front();
        drop(state);
        let answer = |id: Option<String>| reply(id, self.perform(asked));
        match fault {
            None => answer(id).map_or(Reply::HangUp, Reply::Text),
            Some(McmFault::Silent | McmFault::Hung) => Reply::Nothing,
            Some(McmFault::Drop) => Reply::HangUp,
            Some(McmFault::Error(text)) => reply(id, Outcome::Error(text)).map_or(Reply::HangUp, Reply::Text),
            Some(McmFault::Garbage) => {
                answer(id);
                Reply::Text("assert failed: xQueueGenericSend queue.c:832".to_owned())
            }
            Some(McmFault::Binary) => {
                answer(id);
                Reply::Binary(vec![0xAA; 20])
            }
            Some(McmFault::WrongId) => answer(Some("nobody's".to_owned())).map_or(Reply::HangUp, Reply::Text),
            Some(McmFault::Late(by)) => answer(id).map_or(Reply::HangUp, |text| Reply::Later(by, text)),
            Some(McmFault::Huge(bytes)) => {
                answer(id);
                Reply::Text("A".repeat(bytes))
            }
        }
    }

    fn perform(&self, asked: Asked) -> Outcome {
        match asked {
            Asked::Info => Outcome::Ack(json!({
                "api_rev": 2,
                "model": "Melexis Compact Master LIN",
                "firmware_version": "v0.5.0",
            })),
            Asked::Network => {
                let octets = |octets: [u8; 4]| u32::from_le_bytes(octets);
                Outcome::Ack(json!({
                    "link_up": true,
                    "ip": octets([127, 0, 0, 1]),
                    "netmask": octets([255, 0, 0, 0]),
                    "gateway": octets([0, 0, 0, 0]),
                }))
            }
            Asked::Power(on) => {
                self.bench.power_out(on);
                self.state().powered = on;
                Outcome::done()
            }
            Asked::PowerStatus => Outcome::Ack(json!({ "switch_enabled": self.is_powered() })),
            Asked::WakeUp { micros } => self.wake_up(micros),
            Asked::Send { bitrate, enhanced, id, data } => {
                if self.is_foreign(bitrate) {
                    // It leaves the device as it should, and no slave understands it.
                    return Outcome::done();
                }
                match Frame::new(id, &data) {
                    Ok(frame) => self.sent(self.master().send_raw(&frame, model(enhanced))),
                    Err(_) => Outcome::internal(),
                }
            }
            Asked::Receive { bitrate, enhanced, id, length } => {
                if self.is_foreign(bitrate) {
                    self.bench.clock().sleep(RESPONSE_TIMEOUT);
                    return Outcome::physical("timeout while receiving");
                }
                let Ok(id) = FrameId::new(id) else { return Outcome::internal() };
                let header = Header::new(id, usize::from(length)).with_checksum(model(enhanced));
                received(self.master().receive(header, RESPONSE_TIMEOUT))
            }
            Asked::Load { verify, image } => self.load(verify, image),
            Asked::Wrong(text) => Outcome::Error(text.to_owned()),
            Asked::Fatal(what) => {
                self.violation(what);
                Outcome::Crash
            }
        }
    }

    fn wake_up(&self, micros: u64) -> Outcome {
        if micros < 250 {
            self.violation(format!("a wake-up pulse of {micros} µs, which need not wake anybody"));
        }
        let pulse = WakePulse::new(Duration::from_micros(micros.clamp(250, 5_000)));
        match pulse.map(|pulse| self.master().wake_up(pulse)) {
            Ok(Ok(())) => Outcome::done(),
            Ok(Err(_)) | Err(_) => Outcome::internal(),
        }
    }

    fn sent(&self, result: Result<(), LinError>) -> Outcome {
        match result {
            Ok(()) => Outcome::done(),
            // Firmware v0.1 does not look.
            Err(LinError::BitError { .. } | LinError::ShortedToGround) if !self.echo_checked => {
                Outcome::done()
            }
            Err(LinError::BitError { .. }) => Outcome::physical("collision"),
            Err(LinError::ShortedToGround) => Outcome::physical("stop bit"),
            Err(_) => Outcome::internal(),
        }
    }

    fn load(&self, verify: bool, image: McmImage) -> Outcome {
        let (result, until) = {
            let state = self.state();
            (state.boot_result.clone(), self.bench.clock().now() + state.boot_time)
        };
        while self.bench.clock().now() < until && !self.stopping.load(Ordering::Acquire) {
            self.bench.clock().sleep(Duration::from_millis(10));
        }
        if let Err(text) = result {
            return Outcome::Error(text);
        }
        let mut state = self.state();
        if !verify {
            state.programmed = Some(image);
            return Outcome::done();
        }
        let programmed = state.programmed.as_ref().map(|there| (&there.memory, &there.hex));
        if programmed == Some((&image.memory, &image.hex)) {
            Outcome::done()
        } else {
            Outcome::Error("verification failed".to_owned())
        }
    }

    /// Whether the bus has another bit rate.
    fn is_foreign(&self, bitrate: u64) -> bool {
        u64::from(self.bench.bus().bitrate.get()) != bitrate
    }

    fn violation(&self, what: String) {
        tracing::warn!("the real MCM would not survive this, or nobody would notice it: {what}");
        self.state().violations.push(what);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn master(&self) -> MutexGuard<'_, SimMaster> {
        self.master.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a request ended.
enum Outcome {
    Ack(Value),
    Error(String),
    /// The firmware is no more.
    Crash,
}

impl Outcome {
    fn done() -> Self {
        Self::Ack(json!({}))
    }

    fn internal() -> Self {
        Self::Error("internal error".to_owned())
    }

    fn physical(what: &str) -> Self {
        Self::Error(format!("Physical layer error: {what}"))
    }
}

fn received(result: Result<Response, LinError>) -> Outcome {
    match result {
        Ok(Response::Data(data)) => Outcome::Ack(json!({ "data": &data[..] })),
        // The firmware counts bytes until its time is over.
        Ok(Response::None) | Err(LinError::Incomplete { .. }) => Outcome::physical("timeout while receiving"),
        Err(LinError::Checksum { .. }) => Outcome::physical("checksum"),
        // What a UART makes of a line that stays low.
        Err(LinError::ShortedToGround) => Outcome::physical("stop bit"),
        Err(_) => Outcome::internal(),
    }
}

const fn model(enhanced: bool) -> ChecksumModel {
    if enhanced { ChecksumModel::Enhanced } else { ChecksumModel::Classic }
}

/// The message that says how a request ended; none after a crash.
fn reply(id: Option<String>, outcome: Outcome) -> Option<String> {
    let (kind, payload) = match outcome {
        Outcome::Ack(payload) => ("ack", payload),
        Outcome::Error(text) => ("error", json!({ "message": text })),
        Outcome::Crash => return None,
    };
    let mut message = json!({ "type": kind, "payload": payload });
    if let Some(id) = id {
        message["id"] = Value::from(id);
    }
    Some(message.to_string())
}
