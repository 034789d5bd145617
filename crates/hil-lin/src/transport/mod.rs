//! The diagnostic transport layer (LIN-08): messages of up to 4095 bytes over 0x3C and 0x3D.

mod channel;
mod error;

pub use channel::{DiagnosticChannel, DiagnosticSlots};
pub use error::TransportError;
