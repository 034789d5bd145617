//! How long the frames of a schedule table take, and whether their slots are long enough.
//!
//! The rules are those of hardware reference 1.3 and LDF reference 2:
//!
//! | what | nominal | maximum | maximum under J2602 |
//! | --- | --- | --- | --- |
//! | header | 34 bits | 1.4 times that | the master line's bits, or 48 |
//! | response of n bytes | 10·(n + 1) bits | 1.4 times that | plus a tolerance, 40 % if the file has none |
//!
//! A slot must hold its frame's maximum and the master's jitter, and must be a multiple of the time base.
//!
//! What the reference does not say, and so is uncertain: files of LIN 1.3 are counted by the same rule. Under
//! J2602 the tolerance of a response is that of the slave that publishes it (`response_tolerance`), and of the
//! master line where the slave has none.

mod bits;
mod frame;
mod margin;
mod schedule;
mod slot;

pub use margin::Margin;
pub use schedule::{BusLoad, ScheduleTiming, TimingError};
pub use slot::{SlotKind, SlotTiming};
