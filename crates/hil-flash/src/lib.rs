//! Images of an ECU's memory, and the ways of getting them into it (FLS-01, FLS-02; hardware reference 9).
//!
//! [`Image`] reads Intel HEX and S-records and refuses what is damaged before a byte is sent. A [`Flasher`] brings
//! an image into a unit: [`UdsFlasher`] with diagnostic services over a transport layer, [`BootLoaderFlasher`] with
//! the boot loader of a LIN adapter, [`CommandFlasher`] with a program of the user's. [`flash`] does so up to a
//! number of attempts, each from the start: an interrupted download is never resumed in the middle.

#![forbid(unsafe_code)]

mod attempts;
mod boot_loader;
mod command;
mod crc;
mod error;
mod flasher;
mod image;
mod process;
mod uds;

pub use attempts::flash;
pub use boot_loader::{BootLoaderFlasher, BootLoaderOptions};
pub use command::{CommandFlasher, CommandTemplate, TemplateError};
pub use error::{FlashCause, FlashError, UnitState};
pub use flasher::{Flashed, Flasher, Phase, Progress};
pub use image::{Image, ImageError, MemoryMap, MemoryRange, OutsideMemory, Segment};
pub use process::ProcessError;
pub use uds::{KeyCommand, KeyError, KeyFunction, SecurityLevel, UdsFlasher, UdsOptions, VerifyRoutine};
