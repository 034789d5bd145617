//! The calculator against its definition, an independent program, and broken calibrations.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calibrations;
mod golden;
mod laws;
