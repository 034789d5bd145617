//! What is particular to a unit, behind the standard behaviour of its node.

use std::fmt;

use hil_lin::{Data, Nad};
use hil_model::{Amps, BenchTime, Volts};

/// What an application knows of its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeState {
    /// The configured address.
    pub nad: Nad,
    /// The value of the `response_error` signal.
    pub response_error: bool,
}

/// The application of a simulated unit. Frames go by their index in [`SlaveSetup::frames`](super::SlaveSetup::frames),
/// whatever id they have at the moment.
pub trait Application: Send + fmt::Debug {
    /// The unit starts after power-up: what is volatile is gone.
    fn start(&mut self, now: BenchTime);

    /// The unit goes to sleep.
    fn sleep(&mut self, now: BenchTime);

    /// The data of a published frame.
    fn publish(&mut self, frame: usize, node: NodeState, now: BenchTime) -> Data;

    /// A subscribed frame came, with a good checksum.
    fn receive(&mut self, frame: usize, data: &Data, node: NodeState, now: BenchTime);

    /// Time has passed with power from `rail`, awake or not. Returns what the unit draws.
    fn powered(&mut self, rail: Volts, now: BenchTime) -> Amps;

    /// Time has passed without power.
    fn unpowered(&mut self, now: BenchTime);
}
