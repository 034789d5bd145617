//! What belongs to a LIN bus, against imitations of what it talks to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod configuration;
mod script;
mod service;
mod transport;
