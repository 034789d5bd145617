//! The flasher over diagnostic services, and what it has to know of the unit.

use std::fmt;
use std::time::Duration;

use hil_lin::DiagnosticChannel;
use hil_model::Clock;

use super::attempt::Attempt;
use super::client::Client;
use super::{KeyFunction, SecurityLevel};
use crate::{FlashError, Flashed, Flasher, Image, Progress};

/// The routine with which a unit compares what was written.
///
/// 0xFF01 (CheckProgrammingDependencies) takes no parameters. Any other, 0x0202 as a rule, takes the CRC-32 of
/// all that was sent, big-endian; which bytes that covers is the unit's business (U). A status byte in the
/// answer that is not 0 says that the memory differs (U).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyRoutine(pub u16);

impl VerifyRoutine {
    /// CheckMemory, as most manufacturers number it (U).
    pub const CHECK_MEMORY: Self = Self(0x0202);
    /// CheckProgrammingDependencies.
    pub const CHECK_DEPENDENCIES: Self = Self(0xFF01);

    pub(super) fn takes_crc(self) -> bool {
        self != Self::CHECK_DEPENDENCIES
    }
}

/// What flashing over diagnostic services has to know of the unit.
#[derive(Debug)]
pub struct UdsOptions {
    /// The level to unlock; `None` where the unit has no security access.
    pub security: Option<SecurityLevel>,
    /// How keys are computed. A unit that is unlocked already (a seed of zeros) needs none.
    pub key: Option<Box<dyn KeyFunction>>,
    /// Whether each segment is erased before anything is sent. Some units do that by themselves.
    pub erase: bool,
    /// How the unit compares.
    pub verify: VerifyRoutine,
    /// How long the unit takes from its reset to its application.
    pub restart: Duration,
    /// How long one attempt may take.
    pub timeout: Duration,
}

/// Flashes with diagnostic services over LIN: session, security access, erase, download, check, reset, read-back.
///
/// A block that was lost on the bus is sent again with its number, a few times; anything else that goes wrong ends
/// the attempt. No answer is waited for any longer than it takes to come.
pub struct UdsFlasher<'a, C> {
    channel: C,
    clock: &'a dyn Clock,
    options: UdsOptions,
}

impl<'a, C: DiagnosticChannel> UdsFlasher<'a, C> {
    /// A flasher for the unit at the other end of `channel`.
    pub const fn new(channel: C, clock: &'a dyn Clock, options: UdsOptions) -> Self {
        Self { channel, clock, options }
    }
}

impl<C> fmt::Debug for UdsFlasher<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdsFlasher").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<C: DiagnosticChannel> Flasher for UdsFlasher<'_, C> {
    fn name(&self) -> &'static str {
        "uds"
    }

    fn flash(&mut self, image: &Image, progress: &mut dyn FnMut(Progress)) -> Result<Flashed, FlashError> {
        let started = self.clock.now();
        let client = Client::new(&mut self.channel, self.clock, self.options.timeout);
        let version = Attempt::new(client, &self.options, image, progress).run()?;
        let duration = self.clock.now().since(started);
        let failed_attempts = Vec::new();
        Ok(Flashed { bytes: image.size(), duration, version: Some(version), failed_attempts })
    }
}
