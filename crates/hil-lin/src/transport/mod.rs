//! The diagnostic transport layer (LIN-08): messages of up to 4095 bytes over 0x3C and 0x3D.
//!
//! ```text
//! services, boot loaders     DiagnosticChannel: messages
//! transport layer            TransportLayer
//! master or schedule         DiagnosticSlots: frames
//! ```

mod address;
mod channel;
mod direct;
mod error;
mod layer;
mod pdu;
mod timing;

pub use address::{Address, Answer};
pub use channel::{DiagnosticChannel, DiagnosticSlots};
pub use direct::DirectSlots;
pub use error::TransportError;
pub use layer::TransportLayer;
pub use timing::TransportTiming;
