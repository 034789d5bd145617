//! Flashing through the boot loader of a LIN adapter (hardware reference 3.1): the adapter does all of it.

use std::fmt;

use hil_lin::{BootLoad, BootMemory, LinError, LinMaster, LoaderBitrate};
use hil_model::Clock;

use crate::{FlashCause, FlashError, Flashed, Flasher, Image, Phase, Progress, UnitState};

/// What the adapter's boot loader has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootLoaderOptions {
    /// Where the image goes.
    pub memory: BootMemory,
    /// The loader's bit rate.
    pub bitrate: LoaderBitrate,
    /// The chip's project id; 0 asks the chip.
    pub project: u16,
    /// Whether somebody powers the unit by hand.
    pub manual_power: bool,
}

/// Programs, then verifies, with the boot loader of a LIN adapter. Which chips that can do is up to the adapter.
pub struct BootLoaderFlasher<'a> {
    master: &'a mut dyn LinMaster,
    clock: &'a dyn Clock,
    options: BootLoaderOptions,
}

impl<'a> BootLoaderFlasher<'a> {
    /// A flasher on a connected adapter.
    pub fn new(master: &'a mut dyn LinMaster, clock: &'a dyn Clock, options: BootLoaderOptions) -> Self {
        Self { master, clock, options }
    }
}

impl fmt::Debug for BootLoaderFlasher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BootLoaderFlasher").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Flasher for BootLoaderFlasher<'_> {
    fn name(&self) -> &'static str {
        "boot_loader"
    }

    fn flash(&mut self, image: &Image, progress: &mut dyn FnMut(Progress)) -> Result<Flashed, FlashError> {
        let BootLoaderOptions { memory, bitrate, project, manual_power } = self.options;
        let program =
            BootLoad { hex: image.to_hex(), memory, verify_only: false, bitrate, manual_power, project };
        let started = self.clock.now();
        if !self.master.capabilities().boot_loader {
            let error = LinError::Unsupported { what: "program the unit", adapter: self.master.name() };
            let cause = FlashCause::BootLoader(error);
            return Err(FlashError::new(Phase::Program, UnitState::Untouched, cause));
        }
        progress(Progress::of(Phase::Program));
        self.master.boot_load(&program).map_err(|error| {
            let left = after_failed_programming(&error);
            FlashError::new(Phase::Program, left, FlashCause::BootLoader(error))
        })?;
        progress(Progress::of(Phase::Verify));
        self.master.boot_load(&BootLoad { verify_only: true, ..program }).map_err(|error| {
            FlashError::new(Phase::Verify, UnitState::Unknown, FlashCause::BootLoader(error))
        })?;
        let duration = self.clock.now().since(started);
        Ok(Flashed { bytes: image.size(), duration, version: None, failed_attempts: Vec::new() })
    }
}

/// A loader does not say how far it came: only what never reached it leaves the unit as it was.
const fn after_failed_programming(error: &LinError) -> UnitState {
    match error {
        LinError::NotConnected { .. }
        | LinError::Unsupported { .. }
        | LinError::Unavailable { .. }
        | LinError::Unusable { .. } => UnitState::Untouched,
        LinError::Checksum { .. }
        | LinError::Incomplete { .. }
        | LinError::BitError { .. }
        | LinError::ShortedToGround
        | LinError::AdapterLost { .. }
        | LinError::Timeout { .. }
        | LinError::Refused { .. }
        | LinError::Garbled { .. }
        | LinError::Disturbed { .. } => UnitState::Unknown,
    }
}
