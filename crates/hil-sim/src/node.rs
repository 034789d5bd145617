//! What a simulated unit must answer to.

use std::fmt;
use std::time::Duration;

use hil_lin::{ChecksumModel, Data, FrameId, Nad};
use hil_model::{Amps, BenchTime, Volts};

use crate::{BootFault, Defects, FaultWindow};

/// How long the bus must be dominant to wake a node, at least (hardware reference 1.5, (U)).
const WAKES: Duration = Duration::from_micros(150);

/// What a node does after a header that it understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// The frame is not for it.
    Ignore,
    /// It takes the data that somebody else sends.
    Listen {
        /// How many data bytes it expects.
        length: usize,
        /// What checksum it expects.
        checksum: ChecksumModel,
    },
    /// It sends the data itself.
    Respond {
        /// The data.
        data: Data,
        /// The checksum that it appends.
        checksum: ChecksumModel,
    },
}

/// A slave on the simulated bus: what an ECU's application sees of LIN, and its power.
///
/// Bytes, parity and checksums are the bus's business; a node sees headers and frames.
pub trait Node: Send + fmt::Debug {
    /// A header with good parity came. A node that is asleep or without power ignores it.
    fn on_header(&mut self, id: FrameId, now: BenchTime) -> Reaction;

    /// The frame that it listened to came, with a good checksum.
    fn on_frame(&mut self, id: FrameId, data: &Data, now: BenchTime);

    /// The response that it listened to, or sent itself, was faulty.
    fn on_faulty_response(&mut self, id: FrameId, now: BenchTime);

    /// The response that it sent went over the bus unharmed.
    fn on_transmitted(&mut self, id: FrameId, now: BenchTime);

    /// The bus was dominant for long enough to wake a sleeping node: a wake-up pulse, or a break.
    fn on_dominant(&mut self, now: BenchTime);

    /// The bus was dominant for `pulse`, and nothing followed.
    fn on_wake_up_pulse(&mut self, pulse: Duration, now: BenchTime) {
        if pulse > WAKES {
            self.on_dominant(now);
        }
    }

    /// Time has passed; `rail` is what feeds it. Returns what it draws. Called every 10 ms of bench time.
    fn on_tick(&mut self, now: BenchTime, rail: Volts) -> Amps;
}

/// How a node is to be built.
#[derive(Clone, Debug)]
pub struct NodeSetup {
    /// Its node address.
    pub nad: Nad,
    /// Its planted mistakes.
    pub defects: Defects,
    /// What goes wrong in its boot loader, and when.
    pub boot_faults: Vec<(BootFault, FaultWindow)>,
}

impl NodeSetup {
    /// A healthy node with the address `nad`.
    pub const fn new(nad: Nad) -> Self {
        Self { nad, defects: Defects::NONE, boot_faults: Vec::new() }
    }
}

/// A kind of node that the configuration can name (`simulation.ecu`).
///
/// Vendor crates register theirs with `inventory::submit!`.
pub struct NodeKind {
    /// The name in the configuration.
    pub name: &'static str,
    /// Builds one.
    pub build: fn(NodeSetup) -> Box<dyn Node>,
}

inventory::collect!(NodeKind);

impl NodeKind {
    /// The kind of this name, if it is linked into the program.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|kind| kind.name == name)
    }

    /// All kinds that are linked into the program.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        inventory::iter::<Self>()
    }
}

impl fmt::Debug for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeKind").field("name", &self.name).finish_non_exhaustive()
    }
}
