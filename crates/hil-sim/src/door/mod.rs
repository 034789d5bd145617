//! Doors to a bench in real time: ways in for imitations of adapters.

mod lines;

pub use lines::LineDoor;
