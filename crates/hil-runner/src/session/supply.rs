//! The supply of a session: found, made safe, armed, parked, switched on; and off again, proven.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hil_config::{Config, PowerSupply as Settings};
use hil_model::{Amps, Clock, OutputVerified, Periodic, Property, Volts, chain};
use hil_psu::guardian::Guardian;
use hil_psu::{
    DataBits, Eol, Limits, Output, OwonPsu, Parity, PowerSupply, PsuError, Refusal, SerialParams, Setup,
    Step, StopBits, SystemPorts, Tried, WireTap, resolve_port,
};
use hil_sim::{Pace, SimSupply, SupplyProfile};
use nix::errno::Errno;
use nix::fcntl::OFlag;

use super::owned::{Facts, Without};
use super::world::SIMULATED;
use super::{Session, World, faults, watched};
use crate::bench::{Lease, SharedPsu};
use crate::live::{Except, Missing};

/// How long the rail may take to get to nominal after the output went on.
const POWER_UP: Duration = Duration::from_secs(10);

/// The session's supply. A handle; clones are the same supply.
#[derive(Clone, Debug)]
pub(crate) struct Supply(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: Arc<SharedPsu>,
    setup: Setup,
    boot: Duration,
    sample_interval: Duration,
    clock: Arc<dyn Clock>,
    sampler: Mutex<Option<Periodic>>,
    /// Stands by while a real supply is on. Ends with this process, if this is not in order.
    guardian: Mutex<Option<Guardian>>,
    /// A simulated supply, served until the session is over. Behind the driver, which closes first.
    _simulated: Option<SimSupply>,
}

impl Inner {
    /// A guardian that died leaves an output that nobody would switch off: the supply is not used any further.
    fn look_after_the_guardian(&self) {
        let mut guardian = self.guardian.lock().unwrap_or_else(PoisonError::into_inner);
        if guardian.as_mut().is_some_and(|guardian| !guardian.is_alive()) {
            self.shared.give_up("its guardian is gone: nobody would switch the output off if the run died");
        }
    }
}

impl Supply {
    /// Finds the supply and makes it safe. Its output is off when this returns.
    pub(super) fn open(session: &Session, lease: &Lease, facts: &mut Facts) -> Result<Self, Without> {
        let (world, config, events) = (session.world(), session.config(), session.events());
        let settings = &config.power_supply;
        let missing = |missing: Missing| Err(Without::Missing(missing));
        if !settings.enabled {
            return missing(Missing::SupplyDisabled);
        }
        let port = settings.port.as_deref();
        if port.is_none() && world.simulation().is_some() {
            // A supply that happens to be plugged in does not feed a simulated unit.
            return missing(Missing::Unset { key: "power_supply.port" });
        }
        let clock = world.clock();
        let (driver, simulated, guardian) = if port == Some(SIMULATED) {
            let (driver, simulated) = simulated(world, config)?;
            facts.push(Property::new("psu_resolved_port", "simulated (pseudo-terminal)"));
            (driver, Some(simulated), None)
        } else {
            let (driver, guardian) = real(session, settings, port, lease, facts)?;
            facts.push(Property::new("psu_resolved_port", driver.port()));
            (driver, None, Some(guardian))
        };
        facts.push(Property::new("psu_idn", driver.identity()));
        let mut driver: Box<dyn PowerSupply> = Box::new(driver);
        let before = make_safe(&mut *driver).map_err(|error| {
            // Nobody switched it on, and yet it may be on: an SPE does that by itself after mains (hardware
            // reference 5.1).
            session.verified(driver.shut_down());
            Without::Broken(chain(&error))
        })?;
        facts.push(Property::new("output_status_before", word(before)));
        let setup = Setup {
            voltage: Volts::new(settings.set_voltage),
            current: Amps::new(settings.set_current),
            limits: Limits {
                voltage: settings.over_voltage_limit.map(Volts::new),
                current: settings.over_current_limit.map(Amps::new),
            },
        };
        let tolerance = Volts::new(settings.nominal_tolerance);
        let rail = world.simulation().filter(|_| simulated.is_none()).map(|(_, rail)| rail.clone());
        let shared = SharedPsu::new(
            driver,
            setup,
            tolerance,
            settings.settle.clone(),
            Arc::clone(&clock),
            events.clone(),
            rail,
        );
        Ok(Self(Arc::new(Inner {
            shared: Arc::new(shared),
            setup,
            boot: config.interface.boot_settle_seconds,
            sample_interval: settings.sample_interval,
            clock,
            sampler: Mutex::new(None),
            guardian: Mutex::new(guardian),
            _simulated: simulated,
        })))
    }

    /// The supply as tests share it.
    pub(super) fn shared(&self) -> &Arc<SharedPsu> {
        &self.0.shared
    }

    /// Arms the limits, parks, switches on, waits for the rail and for the unit to boot, and begins to
    /// sample.
    pub(super) fn power(&self, lease: &Lease, facts: &mut Facts) -> Result<(), Without> {
        let Inner { shared, setup, boot, sample_interval, clock, sampler, guardian, .. } = &*self.0;
        let broken = |error: hil_psu::PsuError| Without::Broken(chain(&error));
        shared.with(|driver| driver.park(setup)).map_err(broken)?;
        lease.check();
        if let Some(guardian) = &mut *guardian.lock().unwrap_or_else(PoisonError::into_inner) {
            watched::stands_by(guardian)?;
        }
        shared.with(|driver| driver.set_output(Output::On)).map_err(broken)?;
        lease.check();
        let settled = shared.await_nominal(POWER_UP).map_err(|error| Without::Broken(error.to_string()))?;
        lease.check();
        facts.push(Property::new("set_voltage", format!("{:.3}", setup.voltage.get())));
        facts.push(Property::new("measured_voltage", format!("{:.3}", settled.final_voltage.get())));
        facts.push(Property::new("psu_settled_s", format!("{:.3}", settled.settle_time.as_secs_f64())));
        facts.push(Property::new("output_status_after", word(Output::On)));
        clock.sleep(*boot);
        let inner = Arc::downgrade(&self.0);
        let sample = move |_| {
            if let Some(inner) = inner.upgrade() {
                inner.shared.sample();
                inner.look_after_the_guardian();
            }
        };
        let periodic = clock.every("supply sampler", *sample_interval, Box::new(sample));
        *sampler.lock().unwrap_or_else(PoisonError::into_inner) = Some(periodic);
        Ok(())
    }

    /// Ends the sampling and switches the output off, proven.
    pub(super) fn shut_down(&self) -> OutputVerified {
        drop(self.0.sampler.lock().unwrap_or_else(PoisonError::into_inner).take());
        let proof = self.0.shared.shut_down();
        let guardian = self.0.guardian.lock().unwrap_or_else(PoisonError::into_inner).take();
        match guardian {
            Some(guardian) => watched::relieve(guardian, proof),
            None => proof,
        }
    }
}

/// Switches the output off, and says what it was before.
fn make_safe(driver: &mut dyn PowerSupply) -> Result<Output, hil_psu::PsuError> {
    let before = driver.output()?;
    driver.set_output(Output::Off)?;
    Ok(before)
}

const fn word(output: Output) -> &'static str {
    match output {
        Output::On => "on",
        Output::Off => "off",
    }
}

/// The simulated supply, which feeds the simulated unit's rail.
fn simulated(world: &World, config: &Config) -> Result<(OwonPsu, SimSupply), Without> {
    let cannot = |why| Without::Missing(Missing::Supply { tried: vec![why] });
    let Some((clock, rail)) = world.simulation() else {
        return Err(cannot("power_supply.port is `simulated`, but the bench is real".to_owned()));
    };
    let simulation = &config.simulation;
    let faults = faults::of_the_supply(&simulation.faults);
    let profile = SupplyProfile::SPE6103;
    let supply = SimSupply::start(Arc::clone(clock), rail.clone(), profile, faults, simulation.seed)
        .map_err(|error| cannot(format!("no pseudo-terminal for the simulated supply: {error}")))?;
    let params = params(&config.power_supply);
    let idn = &config.power_supply.idn_substr;
    let clock: Arc<dyn Clock> = Arc::<hil_sim::SimClock>::clone(clock);
    let driver = OwonPsu::open(supply.port(), &params, idn, clock, Some(supply.tap()))
        .map_err(|error| cannot(chain(&error)))?;
    Ok((driver, supply))
}

/// The supply on a real port. A simulated unit on the same bench is fed by what this supply measures, in
/// real time.
fn real(
    session: &Session,
    settings: &Settings,
    port: Option<&str>,
    lease: &Lease,
    facts: &mut Facts,
) -> Result<(OwonPsu, Guardian), Without> {
    let world = session.world();
    if let Some((clock, _)) = world.simulation() {
        clock.set_pace(Pace::RealTime);
    }
    let found = find(session, settings, port, lease, facts);
    if let (Err(_), Some((clock, _))) = (&found, world.simulation())
        && !world.real_time
    {
        clock.set_pace(Pace::Jump);
    }
    found
}

fn find(
    session: &Session,
    settings: &Settings,
    port: Option<&str>,
    lease: &Lease,
    facts: &mut Facts,
) -> Result<(OwonPsu, Guardian), Without> {
    let (clock, params) = (session.world().clock(), params(settings));
    watched::report_and_wait(&session.config().bench.name, &*clock, facts)?;
    let cancelled = || lease.revoked().is_some();
    let ports = Except { ports: SystemPorts, not: session.config().interface.port.as_deref() };
    let resolution = resolve_port(port, &settings.idn_substr, &params, &ports, &clock, &cancelled);
    lease.check();
    let Some(resolved) = resolution.found else {
        // An error while looking where somebody said that it is, is none of absence (LIV-05).
        if let Some(failed) = resolution.tried.iter().find(|tried| is_kept_from_us(tried)) {
            return Err(Without::Broken(format!("power_supply.port is {failed}")));
        }
        let tried: Vec<String> = resolution.tried.iter().map(ToString::to_string).collect();
        return Err(Without::Missing(Missing::Supply { tried }));
    };
    // The guardian opens the port first: once the driver has taken it, only root can.
    let mut guardian = watched::start(session, &resolved.port, params)?;
    let tap = None::<Arc<dyn WireTap>>;
    let driver = OwonPsu::open(&resolved.port, &params, &settings.idn_substr, clock, tap)
        .map_err(|error| Without::Broken(chain(&error)))?;
    watched::arm(&mut guardian, &driver)?;
    facts.push(Property::new("guardian", format!("process {}", guardian.id())));
    Ok((driver, guardian))
}

/// Whether it is the configured port, and there, but somebody else has it or we may not use it.
fn is_kept_from_us(tried: &Tried) -> bool {
    match (&tried.step, &tried.refusal) {
        (Step::Configured, Refusal::Failed(PsuError::Open { .. })) => {
            // The library's error has no number, and one kind for all of these.
            let opened = OpenOptions::new()
                .read(true)
                .write(true)
                .custom_flags((OFlag::O_NOCTTY | OFlag::O_NONBLOCK).bits())
                .open(&tried.port);
            let number = opened.err().and_then(|error| error.raw_os_error()).map(Errno::from_raw);
            matches!(number, Some(Errno::EBUSY | Errno::EACCES | Errno::EPERM))
        }
        (
            Step::Configured | Step::Translated | Step::Usb | Step::Scan,
            Refusal::Failed(_) | Refusal::Another(_),
        ) => false,
    }
}

/// The serial line as the configuration describes it.
pub fn params(settings: &Settings) -> SerialParams {
    SerialParams {
        baudrate: settings.baudrate,
        timeout: settings.timeout,
        eol: match settings.eol {
            hil_config::Eol::Lf => Eol::Lf,
            hil_config::Eol::CrLf => Eol::CrLf,
        },
        parity: match settings.parity {
            hil_config::Parity::None => Parity::None,
            hil_config::Parity::Even => Parity::Even,
            hil_config::Parity::Odd => Parity::Odd,
        },
        data_bits: if settings.bytesize == 7 { DataBits::Seven } else { DataBits::Eight },
        stop_bits: if settings.stopbits == 2 { StopBits::Two } else { StopBits::One },
        xonxoff: settings.xonxoff,
        rtscts: settings.rtscts,
    }
}
