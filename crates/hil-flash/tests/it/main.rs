//! Images and flashers, seen from outside. The unit is the simulated boot loader of `hil-sim`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod boot_loader;
mod command;
mod hostile;
mod image;
mod image_properties;
mod key;
mod line;
mod uds;
mod writer;
