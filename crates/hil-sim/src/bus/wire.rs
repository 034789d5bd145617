//! The wire: everything that one party sends is heard by all.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hil_lin::{Bitrate, FrameId};
use hil_model::{Amps, BenchTime, Clock, Periodic};

use super::fault::{BusFault, BusFaultKind, Faults};
use super::slave::{Slave, Symbol};
use crate::{Node, Rail, SimClock};

/// How often the nodes see time pass.
const TICK: Duration = Duration::from_millis(10);

/// The delay of a late response.
const LATE: Duration = Duration::from_millis(150);

/// A simulated LIN bus with its slaves. A handle; clones are the same bus.
#[derive(Clone)]
pub struct SimBus {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) bitrate: Bitrate,
    shared: Arc<Mutex<Shared>>,
    _ticks: Arc<Periodic>,
}

struct Shared {
    slaves: Vec<Slave>,
    faults: Faults,
}

/// What the slaves put on the wire after a header.
pub(crate) struct SlaveResponse {
    /// Data and checksum.
    pub(crate) bytes: Vec<u8>,
    /// How long after the header it begins.
    pub(crate) delay: Duration,
}

impl SimBus {
    /// A bus at `bitrate` with `nodes` on it, all fed by `rail`.
    pub fn new(
        clock: Arc<SimClock>,
        bitrate: Bitrate,
        rail: Rail,
        nodes: Vec<Box<dyn Node>>,
        faults: Vec<BusFault>,
        seed: u64,
    ) -> Self {
        let slaves = nodes.into_iter().map(Slave::new).collect();
        let shared = Arc::new(Mutex::new(Shared { slaves, faults: Faults::new(faults, seed) }));
        let ticked = Arc::clone(&shared);
        let tick = move |now: BenchTime| {
            let volts = rail.volts_at_unit(now);
            let draw = lock(&ticked)
                .slaves
                .iter_mut()
                .fold(Amps::ZERO, |sum, slave| sum + slave.node.on_tick(now, volts));
            rail.set_draw(draw);
        };
        let ticks = clock.every("nodes", TICK, Box::new(tick));
        Self { clock, bitrate, shared, _ticks: Arc::new(ticks) }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }

    /// Puts a header on the wire and returns what the slaves answer.
    ///
    /// Several slaves that answer at once collide: dominant bits win.
    pub(crate) fn header(&self, id: FrameId) -> Option<SlaveResponse> {
        self.clock.sleep(self.bitrate.header());
        let now = self.clock.now();
        let mut shared = self.shared();
        let Shared { slaves, faults } = &mut *shared;
        let symbols = [Symbol::Break, Symbol::Byte(0x55), Symbol::Byte(id.protected().get())];
        let mut answers = Vec::new();
        for slave in slaves {
            answers.extend(symbols.iter().filter_map(|symbol| slave.hear(*symbol, now)));
        }
        let bytes = answers.into_iter().reduce(collide)?;
        if faults.strikes(BusFaultKind::NoResponse, id, now) {
            return None;
        }
        let mut bytes = faults.stick(id, bytes, now);
        faults.distort(id, &mut bytes, now);
        let late = faults.strikes(BusFaultKind::LateResponse, id, now);
        Some(SlaveResponse { bytes, delay: if late { LATE } else { Duration::ZERO } })
    }

    /// Puts the master's response on the wire after a header, and returns the master's echo of it.
    pub(crate) fn master_response(&self, id: FrameId, response: &[u8]) -> Vec<u8> {
        let mut echo = response.to_vec();
        let now = self.clock.now();
        let is_unheard = {
            let faults = &mut self.shared().faults;
            faults.distort(id, &mut echo, now);
            faults.strikes(BusFaultKind::Unheard, id, now)
        };
        let mut heard = echo.clone();
        if let Some(sum) = heard.last_mut().filter(|_| is_unheard) {
            *sum ^= 0xFF;
        }
        self.put(&heard);
        echo
    }

    /// Puts response bytes on the wire: time passes, every slave hears them.
    pub(crate) fn put(&self, bytes: &[u8]) {
        self.clock.sleep(self.bitrate.time_of(10) * bytes.len() as u32);
        let now = self.clock.now();
        for slave in &mut self.shared().slaves {
            for byte in bytes {
                // Only a header makes a slave answer.
                let answer = slave.hear(Symbol::Byte(*byte), now);
                debug_assert!(answer.is_none());
            }
            slave.response_ends(now);
        }
    }

    /// Whether the wire is held dominant now.
    pub(crate) fn is_shorted(&self, id: FrameId) -> bool {
        let now = self.clock.now();
        self.shared().faults.strikes(BusFaultKind::Short, id, now)
    }

    /// Holds the wire dominant for `pulse`.
    pub(crate) fn dominant(&self, pulse: Duration) {
        self.clock.sleep(pulse);
        let now = self.clock.now();
        for slave in &mut self.shared().slaves {
            slave.node.on_wake_up_pulse(pulse, now);
        }
    }
}

impl fmt::Debug for SimBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimBus").field("bitrate", &self.bitrate).finish_non_exhaustive()
    }
}

/// What two simultaneous responses look like: dominant is 0 and wins; the longer one goes on alone.
fn collide(one: Vec<u8>, other: Vec<u8>) -> Vec<u8> {
    let (mut long, short) = if one.len() >= other.len() { (one, other) } else { (other, one) };
    for (byte, with) in long.iter_mut().zip(short) {
        *byte &= with;
    }
    long
}

/// A node that panicked must not take the whole bench along.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
