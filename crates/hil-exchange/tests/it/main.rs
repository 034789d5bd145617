//! Foreign files as they become runs, and runs as they become files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod arbitrary;
mod exports;
mod hostile;
mod junit;
mod openhtf;
mod outline;
mod sample;
