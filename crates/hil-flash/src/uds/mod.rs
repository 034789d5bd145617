//! Flashing with diagnostic services (ISO 14229) over a transport layer, step by step as in hardware reference 9.

mod attempt;
mod client;
mod flasher;
mod key;
mod version;

pub use flasher::{UdsFlasher, UdsOptions, VerifyRoutine};
pub use key::{KeyCommand, KeyError, KeyFunction, SecurityLevel};
