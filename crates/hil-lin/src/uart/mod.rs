//! UART-LIN: a serial port with a LIN transceiver as a master (hardware reference 7).
//!
//! The port's TX and RX go to the transceiver's TXD and RXD, so everything that is sent is heard again.
//! A break is a byte 00 at 9/13 of the bit rate: its start bit and eight zeros last 13 bits of the bus.
//! The rate is never changed before the echo has come, because a USB converter says "sent" when it has the
//! bytes, and not when the last bit has left.
//!
//! Tried over a pseudo-terminal only. What has **never been tried on a real converter**:
//!
//! * how long the gap between break and sync becomes: it is the converter's latency (1 ms on an FT232 with
//!   `latency_timer` set to 1, 16 ms with its default), and some nodes give up a header that is so long (U);
//! * whether a converter keeps the break's rate to the bit: [`UartMaster`] refuses one that says it does not;
//! * what a node sees of the wake-up pulse;
//! * framing errors: `serialport` has the system drop bytes with a wrong stop bit, so that a collision shows
//!   as bytes missing from the echo.

mod line;
mod master;

pub use master::{UartMaster, UartSettings};
