//! The module's program memory, and what is in it when it is delivered.

use std::time::Duration;

use hil::sim::{BootSetup, VersionSource};

/// Where the software version stands in any program of the module.
const VERSION: VersionSource = VersionSource::Memory { address: 0x5804, length: 3 };

/// Version 1.4.2, behind a vector.
const DELIVERED: [u8; 7] = [0x00, 0x58, 0x00, 0x00, 1, 4, 2];

/// The boot loader of a new module: 32 KiB from 0x5800 on, which is the memory of an MLX81113xAB (hardware
/// reference 9). It starts as fast as the module does.
pub(super) fn delivered() -> BootSetup {
    BootSetup {
        restart: Duration::ZERO,
        program: DELIVERED.to_vec(),
        version: VERSION,
        ..BootSetup::default()
    }
}
