//! UART-LIN: a serial port with a LIN transceiver as a master (hardware reference 7).
//!
//! The port's TX and RX go to the transceiver's TXD and RXD, so everything that is sent is heard again, and
//! compared once it is all out. How the break in front of it is made is a choice, [`BreakMethod`].
//!
//! A short to ground is told from other troubles: nothing but zeros comes back, or nothing after a zero.
//!
//! Tried over a pseudo-terminal only. What has **never been tried on a real converter**:
//!
//! * how long the pause between break and sync becomes, by each of the methods, and which of them a node
//!   takes (U);
//! * that a break by `ioctl` reads as a byte 00, as the system documents it (U): where it reads as nothing,
//!   every header is refused with that reason;
//! * whether a converter keeps the break's rate to the bit: [`UartMaster`] refuses one that says it does not;
//! * what a node sees of the wake-up pulse;
//! * framing errors: `serialport` has the system drop bytes with a wrong stop bit, so that a collision shows
//!   as bytes missing from the echo.

mod line;
mod master;
mod wire;

pub use master::{BreakMethod, UartMaster, UartSettings};
