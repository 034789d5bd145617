//! The boot loader as the rest of a simulated unit sees it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hil_model::BenchTime;

use super::services::Loader;
use super::{BootFault, BootSetup};
use crate::{FaultWindow, Reply, Services};

/// The programming side of a simulated unit.
///
/// It takes DiagnosticSessionControl, ECUReset, ReadDataByIdentifier F195, SecurityAccess, RoutineControl (FF00
/// erase, 0202 check with CRC-32, FF01 check without), RequestDownload, TransferData, RequestTransferExit and
/// TesterPresent. The key to a seed is each of its bytes exclusive-or [`Bootloader::KEY`].
///
/// The application counts as invalid from the first erased or written byte until a check was good; an invalid one
/// does not run, after whatever reset or loss of power. Clones are handles of the same boot loader.
#[derive(Clone, Debug)]
pub struct Bootloader(Arc<Mutex<Loader>>);

impl Bootloader {
    /// What makes a key out of each byte of a seed.
    pub const KEY: u8 = 0xA5;

    /// A boot loader with a valid application: the unit as it was delivered.
    pub fn new(setup: BootSetup) -> Self {
        Self(Arc::new(Mutex::new(Loader::new(setup))))
    }

    /// Lets it misbehave from now on. A fault stays.
    pub fn misbehave(&self, fault: BootFault) {
        self.plant(fault, FaultWindow::ALWAYS);
    }

    /// Lets it misbehave while `window` is open.
    pub fn plant(&self, fault: BootFault, window: FaultWindow) {
        self.loader().faults.plant(fault, window);
    }

    /// Takes all faults back.
    pub fn behave(&self) {
        self.loader().faults.clear();
    }

    /// The program memory, from its first address on.
    pub fn memory(&self) -> Vec<u8> {
        self.loader().memory.all().to_vec()
    }

    /// Whether there is an application that could run.
    pub fn has_application(&self) -> bool {
        self.loader().is_valid
    }

    /// How often a block came that was there already.
    pub fn repeated_blocks(&self) -> u32 {
        self.loader().repeated
    }

    /// The requests that it received, the last 10 000 of them, without the bytes of TransferData.
    pub fn received(&self) -> Vec<Vec<u8>> {
        self.loader().received.iter().cloned().collect()
    }

    fn loader(&self) -> MutexGuard<'_, Loader> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Services for Bootloader {
    fn serve(&mut self, request: &[u8], now: BenchTime) -> Reply {
        self.loader().serve(request, now)
    }

    /// What was going on is over, and what is half-written stays so.
    fn start(&mut self, now: BenchTime) {
        self.loader().start(now);
    }

    /// A valid one does, but for the programming session, which belongs to the boot loader.
    fn application_runs(&self, now: BenchTime) -> bool {
        let loader = self.loader();
        loader.is_valid && !loader.is_programming(now)
    }
}
