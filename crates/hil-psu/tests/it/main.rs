//! The driver and the search, against instruments that know nothing of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod abuse;
mod bench;
mod determinism;
mod device;
mod guardian;
mod hostile;
mod process;
mod python;
mod resolve;
mod shutdown;
mod simulated;
mod tape;
