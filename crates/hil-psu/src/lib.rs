//! Bench power supplies.
//!
//! [`PowerSupply`] is what the harness asks of one, [`OwonPsu`] drives the Owon SPE, SPM and P4 series and
//! its clones over a serial line, [`resolve_port`] finds the port that it hangs on, and the [`guardian`]
//! switches the output off when the harness cannot any more.
//!
//! Every setter returns what the device confirmed, because these instruments ignore what they do not like
//! without a word (hardware reference 5.1).

#![forbid(unsafe_code)]

mod error;
pub mod guardian;
mod line;
mod owon;
mod params;
mod resolve;
mod settle;
mod supply;

pub use error::PsuError;
pub use line::WireTap;
pub use owon::{Identity, OwonPsu};
pub use params::{DataBits, Eol, Parity, SerialParams, StopBits};
pub use resolve::{
    Access, PortEnumerator, Refusal, Resolution, Resolved, Step, SystemPorts, Tried, access, resolve_port,
    translated,
};
pub use settle::{SettleDetector, SettleReading};
pub use supply::{Limits, Mode, Output, PowerSupply, Reading, Setup};
