//! A simulated supply with everything that a test wants to see of it.

use std::sync::Arc;
use std::time::Duration;

use hil_model::{Amps, BenchTime, Clock, Volts};
use hil_psu::{Limits, Output, OwonPsu, PowerSupply, PsuError, SerialParams, Setup};
use hil_sim::{FaultWindow, Pace, Rail, SimClock, SimSupply, SupplyFault, SupplyFaultKind, SupplyProfile};

use crate::tape::Tape;

/// When planted faults strike: after the driver was opened and the supply parked.
pub(crate) const FAULTY_FROM: BenchTime = BenchTime::from_micros(20_000_000);

pub(crate) struct Bench {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) rail: Rail,
    pub(crate) supply: SimSupply,
    pub(crate) tape: Arc<Tape>,
    pub(crate) params: SerialParams,
}

impl Bench {
    pub(crate) fn new(profile: SupplyProfile) -> Self {
        Self::faulty(profile, Vec::new(), 1)
    }

    /// A supply with one kind of fault from [`FAULTY_FROM`] on, `count` times or for ever.
    pub(crate) fn with(kind: SupplyFaultKind, count: Option<u32>) -> Self {
        let window = FaultWindow { from: FAULTY_FROM, count, ..FaultWindow::ALWAYS };
        Self::faulty(SupplyProfile::SPE6103, vec![SupplyFault { kind, window }], 1)
    }

    pub(crate) fn faulty(profile: SupplyProfile, faults: Vec<SupplyFault>, seed: u64) -> Self {
        let clock = SimClock::new(Pace::Jump);
        let rail = Rail::fixed(Volts::ZERO);
        let supply = SimSupply::start(Arc::clone(&clock), rail.clone(), profile, faults, seed).unwrap();
        let tape = Tape::new(Arc::<SimClock>::clone(&clock), Some(supply.tap()));
        Self { clock, rail, supply, tape, params: SerialParams::default() }
    }

    /// Waits only so long for an answer. A time-out costs real time even where time is simulated.
    pub(crate) fn impatient(mut self, timeout_ms: u64) -> Self {
        self.params.timeout = Duration::from_millis(timeout_ms);
        self
    }

    pub(crate) fn open(&self) -> Result<OwonPsu, PsuError> {
        let clock = Arc::<SimClock>::clone(&self.clock);
        let tap = Arc::<Tape>::clone(&self.tape);
        OwonPsu::open(self.supply.port(), &self.params, "", clock, Some(tap))
    }

    /// Opened, parked, switched on, and quiet since.
    pub(crate) fn powered(&self, volts: f64) -> OwonPsu {
        let mut psu = self.open().unwrap();
        psu.park(&setup(volts, 2.0, Some(volts + 10.0), Some(3.0))).unwrap();
        psu.set_output(Output::On).unwrap();
        self.wait_until(FAULTY_FROM);
        self.tape.rewind();
        psu
    }

    pub(crate) fn wait_until(&self, at: BenchTime) {
        assert!(self.clock.now() <= at, "{} has passed", self.clock.now());
        self.clock.sleep_until(at);
    }

    pub(crate) fn rail_volts(&self) -> f64 {
        self.rail.volts(self.clock.now()).get()
    }
}

pub(crate) fn setup(volts: f64, amps: f64, max_volts: Option<f64>, max_amps: Option<f64>) -> Setup {
    let limits = Limits { voltage: max_volts.map(Volts::new), current: max_amps.map(Amps::new) };
    Setup { voltage: Volts::new(volts), current: Amps::new(amps), limits }
}

/// The name of an error's variant.
pub(crate) fn variant(error: &PsuError) -> &'static str {
    match error {
        PsuError::Open { .. } => "Open",
        PsuError::Unplugged { .. } => "Unplugged",
        PsuError::Timeout { .. } => "Timeout",
        PsuError::Stranger { .. } => "Stranger",
        PsuError::Garbled { .. } => "Garbled",
        PsuError::Refused { .. } => "Refused",
        PsuError::NotAccepted { .. } => "NotAccepted",
        PsuError::OutOfRange { .. } => "OutOfRange",
        PsuError::Output { .. } => "Output",
    }
}
