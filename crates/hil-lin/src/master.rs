//! The trait that every LIN adapter implements (LIN-03).

use std::fmt;
use std::time::Duration;

use crate::{ChecksumModel, Data, Frame, FrameError, FrameId, LinError};

/// What an adapter can do beyond sending and receiving single frames.
///
/// What is not among them yields [`LinError::Unsupported`], never a silent nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// It can send a wake-up pulse.
    pub wake_up: bool,
    /// It can send a frame with a checksum model of the caller's choice.
    pub raw_checksum: bool,
    /// It switches the unit's power.
    pub powers_ecu: bool,
    /// It programs the unit's memory through the vendor's boot loader.
    pub boot_loader: bool,
}

/// A header, and what response is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The frame's id.
    pub id: FrameId,
    /// How many data bytes the slave answers with, 1–8. LIN carries no length, so it must be known.
    pub length: usize,
    /// The checksum that the slave appends: nodes of LIN 1.x use the classic one.
    pub checksum: ChecksumModel,
}

impl Header {
    /// The header `id`, to which a LIN 2.x node answers with `length` bytes.
    pub const fn new(id: FrameId, length: usize) -> Self {
        Self { id, length, checksum: ChecksumModel::for_id(id) }
    }

    /// The same, to which the slave answers with a checksum of the given model.
    pub const fn with_checksum(self, checksum: ChecksumModel) -> Self {
        Self { checksum, ..self }
    }
}

/// What followed a header. "No response" is a value, not an error: tests assert it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// A slave answered, and the checksum is right.
    Data(Data),
    /// No slave answered.
    None,
}

/// The length of a wake-up pulse, 250 µs–5 ms (hardware reference 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WakePulse(Duration);

impl WakePulse {
    /// A pulse that every node must take: 1 ms.
    pub const DEFAULT: Self = Self(Duration::from_millis(1));

    /// A pulse of `length`.
    ///
    /// # Errors
    ///
    /// [`FrameError::WakePulse`] outside 250 µs–5 ms.
    pub const fn new(length: Duration) -> Result<Self, FrameError> {
        let micros = length.as_micros();
        if micros >= 250 && micros <= 5_000 { Ok(Self(length)) } else { Err(FrameError::WakePulse(length)) }
    }

    /// Its length.
    pub const fn length(self) -> Duration {
        self.0
    }
}

/// A memory of the unit that an adapter's boot loader programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootMemory {
    /// The program.
    Flash,
    /// Non-volatile parameters.
    Nvram,
    /// An EEPROM.
    Eeprom,
}

/// The bit rate of a boot loader, 25000–300000 bit/s: it is not bound to what LIN allows.
///
/// That of the ROM boot loader which the only adapter with such a function talks to (hardware reference 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoaderBitrate(u32);

impl LoaderBitrate {
    /// What the adapter takes where nothing else is said.
    pub const FASTEST: Self = Self(300_000);

    /// The bit rate of `bits_per_second`.
    ///
    /// # Errors
    ///
    /// [`FrameError::LoaderBitrate`] outside 25000–300000.
    pub const fn new(bits_per_second: u32) -> Result<Self, FrameError> {
        if bits_per_second >= 25_000 && bits_per_second <= 300_000 {
            Ok(Self(bits_per_second))
        } else {
            Err(FrameError::LoaderBitrate(bits_per_second))
        }
    }

    /// Bits per second.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// What an adapter's boot loader is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootLoad {
    /// The image as Intel HEX text.
    pub hex: String,
    /// Where it goes.
    pub memory: BootMemory,
    /// Whether to compare only, and program nothing.
    pub verify_only: bool,
    /// The loader's bit rate.
    pub bitrate: LoaderBitrate,
    /// Whether somebody powers the unit by hand.
    pub manual_power: bool,
    /// The chip's project id; 0 asks the chip.
    pub project: u16,
}

/// A LIN master: one adapter on one bus.
pub trait LinMaster: Send + fmt::Debug {
    /// The adapter's name, as the configuration spells it.
    fn name(&self) -> &'static str;

    /// What it can do beyond single frames.
    fn capabilities(&self) -> Capabilities;

    /// Takes the bus. An adapter that powers the unit switches it on and waits until it has booted.
    ///
    /// # Errors
    ///
    /// [`LinError::AdapterLost`] when it cannot be reached.
    fn connect(&mut self) -> Result<(), LinError>;

    /// Gives the bus back. Does nothing where it was not taken.
    ///
    /// # Errors
    ///
    /// [`LinError::AdapterLost`] when the adapter is gone meanwhile.
    fn disconnect(&mut self) -> Result<(), LinError>;

    /// Sends `frame` from the master to the slaves with a checksum of the given model.
    ///
    /// # Errors
    ///
    /// [`LinError::BitError`] and [`LinError::ShortedToGround`] for what the echo shows, and the
    /// adapter's own troubles. An adapter that does not tell one from the other says
    /// [`LinError::Disturbed`]; each says in its documentation what it makes of a short.
    fn send_raw(&mut self, frame: &Frame, checksum: ChecksumModel) -> Result<(), LinError>;

    /// Sends `frame` with the checksum that a LIN 2.x node expects.
    ///
    /// # Errors
    ///
    /// As [`Self::send_raw`].
    fn send(&mut self, frame: &Frame) -> Result<(), LinError> {
        self.send_raw(frame, ChecksumModel::for_id(frame.id()))
    }

    /// Sends `header` and awaits a slave's response for at most `timeout` from the header's end.
    ///
    /// # Errors
    ///
    /// [`LinError::Checksum`] and [`LinError::Incomplete`] for a response that is no frame, and the
    /// adapter's own troubles. That nobody answers is [`Response::None`].
    fn receive(&mut self, header: Header, timeout: Duration) -> Result<Response, LinError>;

    /// Wakes the nodes on the bus.
    ///
    /// # Errors
    ///
    /// [`LinError::Unsupported`] by default.
    fn wake_up(&mut self, _pulse: WakePulse) -> Result<(), LinError> {
        Err(LinError::Unsupported { what: "send a wake-up pulse", adapter: self.name() })
    }

    /// Sends every node to sleep with the go-to-sleep request.
    ///
    /// # Errors
    ///
    /// As [`Self::send_raw`].
    fn go_to_sleep(&mut self) -> Result<(), LinError> {
        self.send_raw(&crate::GO_TO_SLEEP, ChecksumModel::Classic)
    }

    /// Switches the unit's power, where the adapter does that.
    ///
    /// # Errors
    ///
    /// [`LinError::Unsupported`] by default.
    fn power_ecu(&mut self, _on: bool) -> Result<(), LinError> {
        Err(LinError::Unsupported { what: "power the unit", adapter: self.name() })
    }

    /// Programs or verifies a memory of the unit through the adapter's boot loader.
    ///
    /// # Errors
    ///
    /// [`LinError::Unsupported`] by default; [`LinError::Refused`] with what the loader says.
    fn boot_load(&mut self, _job: &BootLoad) -> Result<(), LinError> {
        Err(LinError::Unsupported { what: "program the unit", adapter: self.name() })
    }

    /// What is worth a line in the record: firmware, version, address. Known once connected.
    fn facts(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}
