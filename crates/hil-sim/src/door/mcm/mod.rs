//! An imitation of the Melexis Compact Master (hardware reference 3): TLS, WebSocket, JSON.
//!
//! It shares no line with the adapter that is tested against it, so that a misreading of the protocol
//! shows. Like the firmware it has one thread for everything: while a frame is on the bus or an image is
//! loaded it answers nobody, not even a ping.

mod certificate;
mod connection;
mod device;
mod fault;
mod request;
mod server;

pub use device::McmImage;
pub use fault::McmFault;
pub use server::{McmOptions, McmServer};
