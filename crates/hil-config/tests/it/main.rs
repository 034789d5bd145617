//! Integration tests of the configuration: each loads real files from a directory of its own.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod bench;
mod hostile;
mod messages;
mod precedence;
mod requirements;
mod shipped;
mod values;
