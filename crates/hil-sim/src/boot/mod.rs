//! The programming side of a simulated unit: a boot loader with diagnostic services (hardware reference 9).

mod bootloader;
mod download;
mod faults;
mod memory;
mod services;
mod setup;

pub use bootloader::Bootloader;
pub use setup::{BootFault, BootSetup, VersionSource};
