//! The Melexis Compact Master (LIN-06): JSON over a WebSocket (hardware reference 3).
//!
//! A thread of its own owns the socket, sends the keep-alives and matches answers to requests; the
//! adapter asks it one thing at a time. Nothing else is ever opened to the device: it releases the bus
//! whenever *any* of its sockets closes (hardware reference 3.1).
//!
//! # What the certificate is worth
//!
//! Nothing, as a proof of who answers: the device's private key is public, and its certificate names an
//! address that is not the one it is reached at. A pinned [`Fingerprint`] guards against mixing up two
//! devices, not against somebody in between. The connection is as trustworthy as the network is.
//!
//! # What an acknowledged frame is worth
//!
//! That the device sent it, not that a slave took it: firmware v0.1 does not check the echo.
//!
//! # What a short is
//!
//! A UART that awaits a response on a line that is held down reports a wrong stop bit, as it does for other
//! disturbances, so a short is [`LinError::Disturbed`](crate::LinError::Disturbed). It is
//! [`LinError::ShortedToGround`](crate::LinError::ShortedToGround) only where the device's text says so, which
//! none that is known does; and with firmware that does not check the echo a frame into a short is acknowledged.

mod address;
mod answer;
mod complaint;
mod conversation;
mod dial;
mod error;
mod fingerprint;
mod link;
mod master;
mod request;
mod session;
mod settings;
mod trust;

pub use address::McmAddress;
pub use error::McmSettingError;
pub use fingerprint::Fingerprint;
pub use master::McmMaster;
pub use settings::McmSettings;
