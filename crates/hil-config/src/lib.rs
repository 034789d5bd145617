#![forbid(unsafe_code)]
//! The layered configuration of a bench.
//!
//! Texts (files, `--set` arguments) become trees in which every key and value knows its place; the
//! trees are merged key by key; the result is read by a table of keys into [`Config`]. The table
//! (see [`Config`] and the sections in it) is the only description of the keys: types, ranges,
//! defaults, documentation, [`json_schema`] and [`Resolved::effective`] all come from it.
//!
//! ```
//! use hil_config::{Layer, Sources, load};
//!
//! let sources = Sources {
//!     overrides: vec!["power_supply.set_voltage=13.5".to_owned()],
//!     ..Sources::default()
//! };
//! let resolved = load(&sources)?;
//! assert_eq!(resolved.config.power_supply.set_voltage, 13.5);
//! let setting = resolved.effective().iter().find(|e| e.key == "power_supply.set_voltage");
//! assert_eq!(setting.map(|e| &e.layer), Some(&Layer::CommandLine));
//! # Ok::<(), hil_config::ConfigErrors>(())
//! ```
//!
//! The crate knows files and YAML. It knows nothing of LIN adapters or power supplies, and it does
//! not look whether the files and ports that a configuration names exist.

mod command_line;
mod config;
mod consistency;
mod error;
mod key_path;
mod layers;
mod nearest;
mod place;
mod reader;
mod render;
mod requirements;
mod resolved;
mod rule;
mod scalar;
mod schema;
mod section;
mod tree;
mod yaml;

pub use config::{
    Bench, BootFault, BootFaultKind, BootLoader, BootMemory, BreakMethod, Config, EcuFault, EcuFaultKind,
    Eol, Fault, Flash, FlashMethod, Interface, InterfaceType, LinFault, LinFaultKind, LogFormat, LogLevel,
    MemoryRange, Parity, PowerSupply, PsuFault, PsuFaultKind, Record, Reports, Run, Server, Settle,
    Simulation, Unit,
};
pub use error::{ConfigError, ConfigErrors, Problem};
pub use layers::{Sources, VARIABLES, load};
pub use nearest::nearest;
pub use place::{Layer, Location};
pub use requirements::load_requirements;
pub use resolved::{Effective, Resolved};
pub use schema::json_schema;
