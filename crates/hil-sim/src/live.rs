//! A simulated bench that runs in real time, for adapters and harnesses outside of its clock.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use hil_lin::Bitrate;
use hil_model::{Clock, Volts};

use crate::{BusFault, Node, Pace, Rail, SimBus, SimClock, SimMaster, SimSupply, SupplyFault, SupplyProfile};

/// How often things that are due are looked for while nobody waits on the clock.
const PUMP: Duration = Duration::from_millis(1);

/// A simulated bench in real time: its bus, its unit, and on request its supply.
///
/// Doors lead to it from outside: an imitation of an adapter drives the bus through [`Self::master`].
pub struct LiveBench {
    clock: Arc<SimClock>,
    rail: Rail,
    bus: SimBus,
    seed: u64,
    /// What the adapter's power output delivers, while no supply feeds the rail.
    nominal: Volts,
    has_supply: Mutex<bool>,
    stop: Arc<AtomicBool>,
    pump: Option<JoinHandle<()>>,
}

impl LiveBench {
    /// A bench with `nodes` on its bus, fed with `nominal` until a supply takes over.
    ///
    /// # Errors
    ///
    /// When no thread is to be had.
    pub fn start(
        bitrate: Bitrate,
        nodes: Vec<Box<dyn Node>>,
        nominal: Volts,
        faults: Vec<BusFault>,
        seed: u64,
    ) -> io::Result<Self> {
        let clock = SimClock::new(Pace::RealTime);
        let rail = Rail::fixed(nominal);
        let bus = SimBus::new(Arc::clone(&clock), bitrate, rail.clone(), nodes, faults, seed);
        let stop = Arc::new(AtomicBool::new(false));
        let (pumped, stopped) = (Arc::clone(&clock), Arc::clone(&stop));
        let pump = std::thread::Builder::new().name("simulated bench".to_owned()).spawn(move || {
            while !stopped.load(Ordering::Acquire) {
                pumped.sleep(PUMP);
            }
        })?;
        let has_supply = Mutex::new(false);
        Ok(Self { clock, rail, bus, seed, nominal, has_supply, stop, pump: Some(pump) })
    }

    /// The bench's clock.
    pub const fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    /// The rail that feeds the unit.
    pub const fn rail(&self) -> &Rail {
        &self.rail
    }

    /// The bus.
    pub const fn bus(&self) -> &SimBus {
        &self.bus
    }

    /// A master on the bus, not connected yet. One at a time drives the bus.
    pub fn master(&self) -> SimMaster {
        SimMaster::new(self.bus.clone())
    }

    /// A supply that feeds the unit from now on, in place of what fed it before.
    ///
    /// # Errors
    ///
    /// When no pseudo-terminal or thread is to be had.
    pub fn supply(&self, profile: SupplyProfile, faults: Vec<SupplyFault>) -> io::Result<SimSupply> {
        let supply =
            SimSupply::start(Arc::clone(&self.clock), self.rail.clone(), profile, faults, self.seed)?;
        *self.has_supply.lock().unwrap_or_else(PoisonError::into_inner) = true;
        Ok(supply)
    }

    /// Switches the adapter's power output. Where a supply feeds the unit nothing is wired to it.
    pub fn power_out(&self, on: bool) {
        if !*self.has_supply.lock().unwrap_or_else(PoisonError::into_inner) {
            self.rail.measured(if on { self.nominal } else { Volts::new(0.0) });
        }
    }
}

impl Drop for LiveBench {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(pump) = self.pump.take() {
            // A pump that panicked has nothing left to clean up.
            let _ = pump.join();
        }
    }
}

impl fmt::Debug for LiveBench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveBench").field("bus", &self.bus).finish_non_exhaustive()
    }
}
