//! Doors to a bench in real time: ways in for harnesses in other processes.

mod lines;
mod mcm;
mod uart;

pub use lines::LineDoor;
pub use mcm::{McmFault, McmImage, McmOptions, McmServer};
pub use uart::UartDoor;
