//! The flash step: the unit gets its program before the tests, or no test runs (FLS-01, FLS-02).

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hil_config::{BootMemory as Memory, Flash, FlashMethod, Resolved};
use hil_flash::{
    BootLoaderFlasher, BootLoaderOptions, CommandFlasher, CommandTemplate, FlashError, Flashed, Flasher,
    Image, KeyCommand, KeyFunction, MemoryMap, MemoryRange, Phase, Progress, SecurityLevel, UdsFlasher,
    UdsOptions, VerifyRoutine,
};
use hil_ldf::Database;
use hil_lin::{Bitrate, BootMemory, LoaderBitrate, Nad, SharedMaster, TransportLayer, TransportTiming};
use hil_model::{Clock, Event, Property, SessionStep, chain};
use sha2::{Digest as _, Sha256};

use super::owned::Facts;
use crate::bench::{Lease, LinSlots, TestClock, transport_timing};
use crate::events::EventLog;
use crate::run::RunError;

/// Longer than every attempt together may take: the flasher has its own limits, the clock only a lease.
const LIMIT: Duration = Duration::from_secs(24 * 3600);

/// Every how many percent of a phase the progress is told.
const TOLD_EVERY: u64 = 5;

/// An image that was read and checked before anything was opened.
#[derive(Debug)]
pub(super) struct Firmware {
    path: PathBuf,
    image: Image,
    sha256: String,
}

impl Firmware {
    /// The image that the configuration names; none where flashing is off or no image is set.
    pub(super) fn load(resolved: &Resolved) -> Result<Option<Self>, RunError> {
        let flash = &resolved.config.flash;
        let Some(path) = flash.hex_path.as_ref().filter(|_| flash.enabled) else { return Ok(None) };
        if flash.method == FlashMethod::Command {
            CommandTemplate::new(flash.command.clone()).map_err(RunError::FlashCommand)?;
        }
        let path = resolved.in_root(path);
        let bytes =
            std::fs::read(&path).map_err(|source| RunError::ImageUnread { path: path.clone(), source })?;
        let image = Image::parse(&bytes).map_err(|source| RunError::Image { path: path.clone(), source })?;
        if !flash.memory.is_empty() {
            // A range that is empty holds nothing, and the configuration takes none.
            let ranges = flash.memory.iter().filter_map(|range| MemoryRange::new(range.start, range.length));
            image
                .check(&MemoryMap::new(ranges))
                .map_err(|source| RunError::ImageOutside { path: path.clone(), source })?;
        }
        let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Self { path, image, sha256 }))
    }

    /// The image in a line.
    fn summary(&self) -> String {
        format!("{}, {} bytes, CRC-32 {:#010x}", self.path.display(), self.image.size(), self.image.crc32())
    }

    /// What the record says of it.
    pub(super) fn facts(&self, facts: &mut Facts) {
        facts.push(Property::new("flash_image", self.path.display()));
        facts.push(Property::new("flash_sha256", &self.sha256));
        facts.push(Property::new("flash_bytes", self.image.size()));
        facts.push(Property::new("flash_crc32", format!("{:#010x}", self.image.crc32())));
    }
}

/// Reads and checks the image that a run would flash, and says in a line what it is; none where a run would not
/// flash.
///
/// # Errors
///
/// The image cannot be read, is damaged, or does not fit into `flash.memory`.
pub fn check_firmware(resolved: &Resolved) -> Result<Option<String>, RunError> {
    Ok(Firmware::load(resolved)?.map(|firmware| firmware.summary()))
}

/// What flashing needs of the session.
pub(super) struct Workbench<'a> {
    pub(super) settings: &'a Flash,
    pub(super) lin: &'a SharedMaster,
    pub(super) ldf: Option<&'a Database>,
    pub(super) bitrate: Bitrate,
    pub(super) nad: Nad,
    /// From a reset to the first answer.
    pub(super) boot: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) events: &'a EventLog,
    pub(super) lease: &'a Lease,
}

impl Workbench<'_> {
    /// Brings the firmware into the unit. Unwinds when the lease is revoked.
    pub(super) fn flash(&self, firmware: &Firmware, facts: &mut Facts) -> Result<(), String> {
        let clock = TestClock::new(Arc::clone(&self.clock), self.lease.clone(), LIMIT);
        let interrupted = SayIfUnwinding;
        let flashed = match self.settings.method {
            FlashMethod::Uds => self.over_lin(firmware, &clock),
            FlashMethod::BootLoader => self.by_boot_loader(firmware, &clock)?,
            FlashMethod::Command => self.by_command(firmware, &clock)?,
        };
        drop(interrupted);
        let flashed = flashed.map_err(|error| chain(&error))?;
        facts.push(Property::new("flash_seconds", format!("{:.1}", flashed.duration.as_secs_f64())));
        facts.push(Property::new("flash_failed_attempts", flashed.failed_attempts.len()));
        if let Some(version) = &flashed.version {
            facts.push(Property::new("flash_version", version));
        }
        Ok(())
    }

    fn over_lin(&self, firmware: &Firmware, clock: &TestClock) -> Result<Flashed, FlashError> {
        let settings = self.settings;
        let slots =
            LinSlots::new(self.lin.clone(), self.lease.clone(), self.bitrate, Arc::clone(&self.clock));
        let timing = self.ldf.map_or_else(TransportTiming::default, |ldf| transport_timing(ldf, self.nad));
        let channel = TransportLayer::new(slots, clock, self.nad, timing);
        let key = || -> Box<dyn KeyFunction> {
            Box::new(KeyCommand::new(settings.key_command.clone(), settings.key_timeout))
        };
        let options = UdsOptions {
            security: settings.security_level.and_then(SecurityLevel::new),
            key: (!settings.key_command.is_empty()).then(key),
            erase: settings.erase,
            verify: VerifyRoutine(settings.verify_routine),
            restart: self.boot,
            timeout: settings.timeout,
        };
        self.attempts(&mut UdsFlasher::new(channel, clock, options), firmware)
    }

    fn by_boot_loader(
        &self,
        firmware: &Firmware,
        clock: &TestClock,
    ) -> Result<Result<Flashed, FlashError>, String> {
        let loader = &self.settings.boot_loader;
        let options = BootLoaderOptions {
            memory: match loader.memory {
                Memory::Flash => BootMemory::Flash,
                Memory::Nvram => BootMemory::Nvram,
                Memory::Eeprom => BootMemory::Eeprom,
            },
            bitrate: LoaderBitrate::new(loader.bitrate).map_err(|error| error.to_string())?,
            project: loader.project,
            manual_power: loader.manual_power,
        };
        let mut master = self.lin.lock();
        let flashed = self.attempts(&mut BootLoaderFlasher::new(&mut **master, clock, options), firmware);
        drop(master);
        clock.sleep(self.boot);
        Ok(flashed)
    }

    fn by_command(
        &self,
        firmware: &Firmware,
        clock: &TestClock,
    ) -> Result<Result<Flashed, FlashError>, String> {
        let template = CommandTemplate::new(self.settings.command.clone())
            .map_err(|error| format!("flash.command: {}", chain(&error)))?;
        let mut flasher = CommandFlasher::new(template, firmware.path.clone(), self.settings.timeout, clock);
        let flashed = self.attempts(&mut flasher, firmware);
        clock.sleep(self.boot);
        Ok(flashed)
    }

    fn attempts(&self, flasher: &mut dyn Flasher, firmware: &Firmware) -> Result<Flashed, FlashError> {
        let attempts = NonZeroU32::new(self.settings.attempts).unwrap_or(NonZeroU32::MIN);
        let mut told = Told::default();
        hil_flash::flash(flasher, &firmware.image, attempts, &mut |progress| {
            if told.is_news(progress) {
                self.events.emit(Event::Progressed {
                    step: SessionStep::Flash,
                    what: progress.phase.to_string(),
                    done: progress.done,
                    total: progress.total,
                });
            }
        })
    }
}

/// What of the progress was told last: each block would be too much for a journal.
#[derive(Default)]
struct Told(Option<(Phase, u64)>);

impl Told {
    fn is_news(&mut self, Progress { phase, done, total }: Progress) -> bool {
        let share = (done * 100).checked_div(total).unwrap_or(0) / TOLD_EVERY;
        // A phase without bytes is told once by each attempt.
        let news = total == 0 || self.0 != Some((phase, share));
        self.0 = Some((phase, share));
        news
    }
}

/// An interrupted download leaves no program behind, and the log must say so.
struct SayIfUnwinding;

impl Drop for SayIfUnwinding {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::warn!(
                "flashing was interrupted: the unit may be half-written; flash it again before it is used"
            );
        }
    }
}
