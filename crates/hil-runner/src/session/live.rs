//! The simulated bench of the configuration, in real time, for harnesses in other processes.

use std::sync::Arc;

use hil_config::Resolved;
use hil_lin::{Bitrate, Nad};
use hil_model::Volts;
use hil_sim::{LiveBench, NodeSetup, SimSupply, SupplyProfile};

use super::faults;
use super::world::{defects, simulated_ecu};
use crate::run::RunError;

/// A simulated unit on a simulated bus, in real time, and the supply that feeds it.
#[derive(Debug)]
pub struct LiveUnit {
    /// The supply, on a pseudo-terminal; without one the adapter's power output feeds the unit.
    pub supply: Option<SimSupply>,
    /// The bus and the unit. Behind the supply, which ends first.
    pub bench: Arc<LiveBench>,
}

/// Starts the simulated unit that the configuration describes, with its planted faults.
///
/// # Errors
///
/// The unit is unknown, or no thread or pseudo-terminal is to be had.
pub fn live_unit(resolved: &Resolved, with_supply: bool) -> Result<LiveUnit, RunError> {
    let (config, simulation) = (&resolved.config, &resolved.config.simulation);
    let ecu = simulated_ecu(config)?;
    let bitrate = Bitrate::new(config.interface.bitrate).unwrap_or(Bitrate::LIN_2);
    let nad = Nad::new(config.interface.nad).map_err(|error| RunError::NoAdapter(error.to_string()))?;
    let boot_faults = faults::in_the_boot_loader(&simulation.faults);
    let node = (ecu.build)(NodeSetup { nad, defects: defects(&simulation.defects)?, boot_faults });
    let nominal = Volts::new(config.power_supply.set_voltage);
    let on_the_bus = faults::on_the_bus(&simulation.faults);
    let bench = LiveBench::start(bitrate, vec![node], nominal, on_the_bus, simulation.seed)
        .map_err(RunError::Thread)?;
    for (window, volts) in faults::of_the_unit(&simulation.faults) {
        bench.rail().sag(window, volts);
    }
    let of_the_supply = faults::of_the_supply(&simulation.faults);
    let supply = with_supply.then(|| bench.supply(SupplyProfile::SPE6103, of_the_supply)).transpose();
    Ok(LiveUnit { supply: supply.map_err(RunError::Thread)?, bench: Arc::new(bench) })
}
