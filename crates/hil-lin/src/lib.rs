//! LIN: frames, checksums, timing, and the trait that every adapter implements.
//!
//! This crate knows the bus (LIN 2.x, ISO 17987), not the LDF that describes what the frames mean, and
//! no test.

#![forbid(unsafe_code)]

mod error;
mod frame;
mod id;
mod master;
mod observe;
mod timing;
mod transport;

pub use error::{FrameError, LinError};
pub use frame::{ChecksumModel, Data, Frame, GO_TO_SLEEP, checksum};
pub use id::{FrameId, Nad, Pid};
pub use master::{BootLoad, BootMemory, Capabilities, Header, LinMaster, Response, WakePulse};
pub use observe::{BusEvent, BusObserver, BusResult, Observed};
pub use timing::Bitrate;
pub use transport::{DiagnosticChannel, DiagnosticSlots, TransportError};
