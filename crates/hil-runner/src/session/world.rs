//! What of the bench is real, what is simulated, and the clock that follows from it.

use std::net::ToSocketAddrs as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hil_config::{Config, InterfaceType, Resolved, nearest};
use hil_ldf::Database;
use hil_lin::{Bitrate, LinMaster, McmAddress, Nad};
use hil_model::{Clock, Resource, Simulated, Volts};
use hil_sim::{Defect, Defects, NodeKind, NodeSetup, Pace, Rail, SimBus, SimClock, SimMaster};
use sha2::{Digest, Sha256};

use super::adapter::adapter;
use super::faults;
use super::firmware::Firmware;
use crate::bench::SystemClock;
use crate::run::RunError;

/// The word for the simulated supply in `power_supply.port`.
pub const SIMULATED: &str = "simulated";

/// What of the bench is real, what is simulated, and what could be read before anything is opened.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) needs: Vec<Resource>,
    pub(crate) ldf: Ldf,
    /// The image that the unit is flashed with, read before anything is opened as well.
    pub(super) firmware: Option<Firmware>,
    /// The configuration asks for simulated time to take its time.
    pub(crate) real_time: bool,
    /// What relative paths of the configuration are meant from.
    root: PathBuf,
    kind: Kind,
}

/// The LDF, read before anything is opened: a broken one must not be noticed on a powered bench.
#[derive(Debug)]
pub(crate) enum Ldf {
    /// It was read.
    Loaded { path: PathBuf, database: Arc<Database>, sha256: String, warnings: usize },
    /// `interface.ldf_path` is not set.
    Unset,
    /// Nothing selected needs it.
    NotNeeded,
}

impl Ldf {
    /// What was read.
    pub(crate) const fn database(&self) -> Option<&Arc<Database>> {
        match self {
            Self::Loaded { database, .. } => Some(database),
            Self::Unset | Self::NotNeeded => None,
        }
    }
}

#[derive(Debug)]
enum Kind {
    Real { clock: Arc<SystemClock> },
    Simulated { clock: Arc<SimClock>, rail: Rail, ecu: &'static NodeKind, defects: Defects },
}

impl World {
    /// The world that the configuration describes, for what the plan needs.
    pub(crate) fn of(
        resolved: &Resolved,
        needs: impl IntoIterator<Item = Resource>,
    ) -> Result<Self, RunError> {
        let config = &resolved.config;
        let mut needs: Vec<Resource> = needs.into_iter().collect();
        // A unit that nobody asks for is not flashed; one that is flashed needs its power.
        let firmware = if needs.contains(&Resource::Lin) { Firmware::load(resolved)? } else { None };
        if firmware.is_some() && !needs.contains(&Resource::Psu) {
            needs.push(Resource::Psu);
        }
        let supply = &config.power_supply;
        let simulated_supply = supply.enabled && supply.port.as_deref() == Some(SIMULATED);
        let kind = match config.interface.kind {
            InterfaceType::Mock => {
                let ecu = simulated_ecu(config);
                let pace = if config.simulation.realtime { Pace::RealTime } else { Pace::Jump };
                // Until a supply feeds the rail, the unit is fed by something that is not under test.
                let rail = Rail::fixed(Volts::new(config.power_supply.set_voltage));
                let defects = defects(&config.simulation.defects)?;
                Kind::Simulated { clock: SimClock::new(pace), rail, ecu: ecu?, defects }
            }
            InterfaceType::Mum | InterfaceType::Mcm | InterfaceType::Babylin | InterfaceType::Uart => {
                if simulated_supply {
                    return Err(RunError::SimulatedSupply { adapter: config.interface.kind.as_str() });
                }
                if let (InterfaceType::Mcm, Some(host)) = (config.interface.kind, &config.interface.host) {
                    host.parse::<McmAddress>().map_err(RunError::Host)?;
                }
                Kind::Real { clock: SystemClock::new() }
            }
        };
        let ldf = if needs.contains(&Resource::Ldf) { load_ldf(resolved)? } else { Ldf::NotNeeded };
        let root = resolved.in_root(Path::new(""));
        Ok(Self { needs, ldf, firmware, real_time: config.simulation.realtime, root, kind })
    }

    /// The bench's clock.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match &self.kind {
            Kind::Real { clock } => Arc::<SystemClock>::clone(clock),
            Kind::Simulated { clock, .. } => Arc::<SimClock>::clone(clock),
        }
    }

    /// The simulated clock and rail, if the unit is simulated.
    pub(crate) const fn simulation(&self) -> Option<(&Arc<SimClock>, &Rail)> {
        match &self.kind {
            Kind::Real { .. } => None,
            Kind::Simulated { clock, rail, .. } => Some((clock, rail)),
        }
    }

    /// What of the bench is simulated.
    pub(crate) fn simulated(&self, config: &Config) -> Simulated {
        match &self.kind {
            Kind::Real { .. } => {
                let imitated = config.bench.simulated;
                Simulated { lin: imitated, psu: imitated && config.power_supply.enabled, clock: false }
            }
            Kind::Simulated { clock, .. } => Simulated {
                lin: true,
                psu: config.power_supply.enabled && config.power_supply.port.as_deref() == Some(SIMULATED),
                clock: clock.is_simulated(),
            },
        }
    }

    /// The ports and addresses of the real devices that the plan needs.
    pub(crate) fn real_devices(&self, config: &Config) -> Vec<String> {
        let mut devices = Vec::new();
        if let Kind::Real { .. } = self.kind
            && self.needs.contains(&Resource::Lin)
        {
            let interface = &config.interface;
            devices.extend(match interface.kind {
                InterfaceType::Mock => None,
                InterfaceType::Mum => interface.host.as_deref().map(|host| same_host(host, None)),
                InterfaceType::Mcm => {
                    interface.host.as_deref().map(|host| match host.parse::<McmAddress>() {
                        Ok(address) => same_host(address.host(), Some(address.port())),
                        Err(_) => host.to_owned(),
                    })
                }
                InterfaceType::Uart => interface.port.as_deref().map(same_port),
                InterfaceType::Babylin => Some("babylin".to_owned()),
            });
        }
        let supply = &config.power_supply;
        if self.needs.contains(&Resource::Psu) && supply.enabled {
            devices.extend(supply.port.as_deref().filter(|port| *port != SIMULATED).map(same_port));
        }
        devices
    }

    /// The adapter that the configuration names, not connected yet, or why it cannot be had.
    pub(crate) fn adapter(&self, config: &Config) -> Result<Box<dyn LinMaster>, String> {
        let interface = &config.interface;
        match &self.kind {
            Kind::Simulated { clock, rail, ecu, defects } => {
                let bitrate = Bitrate::new(interface.bitrate).map_err(|error| error.to_string())?;
                let nad = Nad::new(interface.nad).map_err(|error| error.to_string())?;
                let boot_faults = faults::in_the_boot_loader(&config.simulation.faults);
                let node = (ecu.build)(NodeSetup { nad, defects: *defects, boot_faults });
                for (window, volts) in faults::of_the_unit(&config.simulation.faults) {
                    rail.sag(window, volts);
                }
                let faults = faults::on_the_bus(&config.simulation.faults);
                let seed = config.simulation.seed;
                let bus = SimBus::new(Arc::clone(clock), bitrate, rail.clone(), vec![node], faults, seed);
                Ok(Box::new(SimMaster::new(bus)))
            }
            Kind::Real { clock } => {
                let in_root = |path: &PathBuf| self.root.join(path);
                adapter(interface, in_root, Arc::<SystemClock>::clone(clock))
            }
        }
    }
}

/// Checks what the configuration says of the bench beyond its types: that the simulated unit and its defects are
/// known, that adapters have addresses.
///
/// # Errors
///
/// The first of them that is wrong.
pub fn check_bench(resolved: &Resolved) -> Result<(), RunError> {
    World::of(resolved, []).map(drop)
}

/// A device has one lock, whatever name it is called by: links lead to the same port.
pub(super) fn same_port(port: &str) -> String {
    std::fs::canonicalize(port).map_or_else(|_| port.to_owned(), |path| path.display().to_string())
}

/// As [`same_port`]: names lead to the same address, where they can be looked up.
fn same_host(host: &str, port: Option<u16>) -> String {
    let found = (host, port.unwrap_or(0)).to_socket_addrs().ok().and_then(|mut found| found.next());
    let address = found.map_or_else(|| host.to_ascii_lowercase(), |found| found.ip().to_string());
    port.map_or_else(|| address.clone(), |port| format!("{address}:{port}"))
}

/// The simulated unit that the configuration names.
pub(super) fn simulated_ecu(config: &Config) -> Result<&'static NodeKind, RunError> {
    let name = &config.simulation.ecu;
    NodeKind::named(name).ok_or_else(|| RunError::UnknownEcu {
        name: name.clone(),
        known: NodeKind::all().map(|kind| kind.name).collect(),
    })
}

/// The defects of these names.
pub(super) fn defects(names: &[String]) -> Result<Defects, RunError> {
    let known = |name: &String| {
        name.parse::<Defect>().map_err(|_| RunError::UnknownDefect {
            name: name.clone(),
            nearest: nearest(name, Defect::ALL.iter().map(|defect| defect.name())),
        })
    };
    names.iter().map(known).collect()
}

/// Reads the LDF that the configuration names.
pub(crate) fn load_ldf(resolved: &Resolved) -> Result<Ldf, RunError> {
    let Some(path) = &resolved.config.interface.ldf_path else { return Ok(Ldf::Unset) };
    let path = resolved.in_root(path);
    let parsed = hil_ldf::load(&path).map_err(RunError::Ldf)?;
    let bytes = std::fs::read(&path).unwrap_or_default();
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let warnings = parsed.warnings.len();
    Ok(Ldf::Loaded { path, database: Arc::new(parsed.database), sha256, warnings })
}
