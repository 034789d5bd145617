//! The trait that every way of flashing implements.

use std::fmt;
use std::time::Duration;

use crate::{FlashError, Image};

/// A way of getting an image into a unit.
pub trait Flasher {
    /// Its name, as the configuration spells it.
    fn name(&self) -> &'static str;

    /// Brings `image` into the unit and makes sure that it is there: one attempt, from the start.
    ///
    /// # Errors
    ///
    /// What failed, in which phase, and how that leaves the unit.
    fn flash(&mut self, image: &Image, progress: &mut dyn FnMut(Progress)) -> Result<Flashed, FlashError>;
}

/// What a flasher is at. Not every flasher knows every phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It opens the programming session.
    Session,
    /// It unlocks the unit.
    Unlock,
    /// It erases the memory.
    Erase,
    /// It sends the image.
    Transfer,
    /// It has the unit or the adapter compare what was written.
    Verify,
    /// It starts the unit again.
    Reset,
    /// It reads back which version runs.
    ReadBack,
    /// An adapter's boot loader programs the unit, and says nothing until the end.
    Program,
    /// The user's program runs.
    Command,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session => "opening the programming session",
            Self::Unlock => "unlocking the unit",
            Self::Erase => "erasing",
            Self::Transfer => "sending the image",
            Self::Verify => "verifying",
            Self::Reset => "resetting the unit",
            Self::ReadBack => "reading back the version",
            Self::Program => "programming",
            Self::Command => "the flash command",
        })
    }
}

/// How far a flasher is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub phase: Phase,
    /// How many bytes of the image that phase is done with.
    pub done: u64,
    /// How many it has to do; 0 where a phase is no matter of bytes.
    pub total: u64,
}

impl Progress {
    pub(crate) const fn of(phase: Phase) -> Self {
        Self { phase, done: 0, total: 0 }
    }
}

/// A unit with a new program.
#[derive(Debug)]
pub struct Flashed {
    /// How many bytes the image has.
    pub bytes: u64,
    /// How long it took on the bench's clock, from the first request to the version.
    pub duration: Duration,
    /// The version that the unit reports, where the way of flashing can ask.
    pub version: Option<String>,
    /// The attempts before this one, the first one first: a retry must not hide what it was for.
    pub failed_attempts: Vec<FlashError>,
}
