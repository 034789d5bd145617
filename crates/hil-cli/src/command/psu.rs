//! `hil psu`: the supply by hand.

use std::sync::Arc;

use hil_config::Resolved;
use hil_model::{Amps, Clock, ExitStatus, Volts};
use hil_psu::{
    Access, Limits, Output, OwonPsu, PortEnumerator, PowerSupply, Setup, SystemPorts, access, resolve_port,
};
use hil_runner::{DeviceLock, SystemClock};
use hil_sim::{Pace, Rail, SimClock, SimSupply, SupplyProfile};

use super::{Wrong, configuration};
use crate::args::{BenchArgs, PsuArgs, PsuCommand};
use crate::console::chain;

/// A supply, and the simulation behind it if it is simulated.
struct Opened {
    supply: OwonPsu,
    _simulated: Option<SimSupply>,
    _lock: Option<DeviceLock>,
}

/// Talks to the supply.
pub(crate) fn run(args: &PsuArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let resolved = configuration(bench)?;
    if matches!(args.what, PsuCommand::Ports) {
        return Ok(ports(&resolved));
    }
    let settings = &resolved.config.power_supply;
    let Some(port) = args.port.as_ref().or(settings.port.as_ref()) else {
        return Err(Wrong::usage("no port: give --port, or set power_supply.port"));
    };
    let Opened { mut supply, _simulated, _lock } = open(&resolved, port)?;
    let bench = |error: hil_psu::PsuError| Wrong::bench(chain(&error));
    match args.what {
        PsuCommand::Ports => {}
        PsuCommand::Identify => anstream::println!("{} at {}", supply.identity(), supply.port()),
        PsuCommand::Measure => {
            let output = supply.output().map_err(bench)?;
            let reading = supply.measure().map_err(bench)?;
            let (volts, amps) = (reading.volts, reading.amps);
            anstream::println!("{volts:.3}  {amps:.3}  output {output:?}");
        }
        PsuCommand::Set { voltage, current } => {
            if voltage.is_none() && current.is_none() {
                return Err(Wrong::usage("nothing to set: give --voltage or --current"));
            }
            if let Some(voltage) = voltage {
                let limit = settings.over_voltage_limit.unwrap_or(f64::INFINITY);
                if voltage > limit {
                    return Err(Wrong::usage(format!(
                        "{voltage} V is beyond power_supply.over_voltage_limit, {limit} V"
                    )));
                }
                let set = supply
                    .set_voltage(Volts::try_new(voltage).map_err(|error| Wrong::usage(error.to_string()))?)
                    .map_err(bench)?;
                anstream::println!("voltage {set:.3}");
            }
            if let Some(current) = current {
                let limit = settings.over_current_limit.unwrap_or(f64::INFINITY);
                if current > limit {
                    return Err(Wrong::usage(format!(
                        "{current} A is beyond power_supply.over_current_limit, {limit} A"
                    )));
                }
                let set = supply
                    .set_current(Amps::try_new(current).map_err(|error| Wrong::usage(error.to_string()))?)
                    .map_err(bench)?;
                anstream::println!("current {set:.3}");
            }
        }
        PsuCommand::On => {
            // As it is set now, and only within the limits, which are armed first (PSU-07).
            let (voltage, current) = (supply.voltage().map_err(bench)?, supply.current().map_err(bench)?);
            let limits = Limits {
                voltage: settings.over_voltage_limit.map(Volts::new),
                current: settings.over_current_limit.map(Amps::new),
            };
            supply.park(&Setup { voltage, current, limits }).map_err(bench)?;
            supply.set_output(Output::On).map_err(bench)?;
            anstream::println!("output on, and it stays on; `hil psu off` switches it off");
            supply.leave_on();
        }
        PsuCommand::Off => {
            let proof = supply.shut_down();
            let rail = proof.rail.map_or_else(|| "not read".to_owned(), |rail| format!("{rail:.2}"));
            anstream::println!("{} (rail {rail})", proof.how);
            if !proof.confirmed {
                return Ok(ExitStatus::OutputUnconfirmed);
            }
        }
    }
    Ok(ExitStatus::Passed)
}

fn open(resolved: &Resolved, port: &str) -> anyhow::Result<Opened> {
    let settings = &resolved.config.power_supply;
    let params = hil_runner::serial_params(settings);
    if port == hil_runner::SIMULATED_PORT {
        let clock = SimClock::new(Pace::Jump);
        let rail = Rail::fixed(Volts::ZERO);
        let seed = resolved.config.simulation.seed;
        let simulated = SimSupply::start(Arc::clone(&clock), rail, SupplyProfile::SPE6103, Vec::new(), seed)?;
        let supply =
            OwonPsu::open(simulated.port(), &params, &settings.idn_substr, clock, Some(simulated.tap()))?;
        anstream::eprintln!("this is the simulated supply");
        return Ok(Opened { supply, _simulated: Some(simulated), _lock: None });
    }
    let lock = hil_runner::lock_device(port)?;
    let clock: Arc<dyn Clock> = SystemClock::new();
    let resolution = resolve_port(Some(port), &settings.idn_substr, &params, &SystemPorts, &clock, &|| false);
    let Some(found) = resolution.found else {
        let tried: Vec<String> = resolution.tried.iter().map(|tried| format!("  {tried}")).collect();
        return Err(Wrong::bench(format!("no power supply was reached:\n{}", tried.join("\n"))));
    };
    let supply = OwonPsu::open(&found.port, &params, &settings.idn_substr, clock, None)
        .map_err(|error| Wrong::bench(chain(&error)))?;
    Ok(Opened { supply, _simulated: None, _lock: Some(lock) })
}

/// Lists the ports, whether they may be opened, and who answers.
fn ports(resolved: &Resolved) -> ExitStatus {
    let settings = &resolved.config.power_supply;
    let params = hil_runner::serial_params(settings);
    let configured = settings.port.clone().filter(|port| port != hil_runner::SIMULATED_PORT);
    let mut ports: Vec<String> =
        configured.into_iter().chain(SystemPorts.usb()).chain(SystemPorts.all()).collect();
    let mut seen = std::collections::BTreeSet::new();
    ports.retain(|port| seen.insert(port.clone()));
    if ports.is_empty() {
        anstream::println!("no serial port; `power_supply.port: simulated` needs none");
    }
    for port in ports {
        let finding = match access(&port) {
            Access::Missing => "not there".to_owned(),
            Access::Denied => {
                "no permission: add yourself to the group that owns it (often dialout)".to_owned()
            }
            Access::Granted => {
                let clock: Arc<dyn Clock> = SystemClock::new();
                match OwonPsu::open(&port, &params, "", clock, None) {
                    Ok(supply) => supply.identity().to_string(),
                    Err(error) => chain(&error),
                }
            }
        };
        anstream::println!("{port:20} {finding}");
    }
    ExitStatus::Passed
}
