//! The simulated bench.
//!
//! It is a product, not a mock: the LIN bus carries real bytes, the supply is an SCPI instrument on a
//! real pseudo-terminal with the manners of the real one, and both misbehave on request, reproducibly.
//! Everything above the hardware traits is tested through it.

#![forbid(unsafe_code)]

mod boot;
mod bus;
mod clock;
mod diagnostics;
mod door;
mod fault;
mod live;
mod node;
mod rail;
mod seeded;
mod slave;
mod supply;

pub use boot::{BootFault, BootSetup, Bootloader, VersionSource};
pub use bus::{BusFault, BusFaultKind, SimBus, SimMaster};
pub use clock::{Fence, Pace, SimClock};
pub use diagnostics::{Reply, Services};
pub use door::{LineDoor, McmFault, McmImage, McmOptions, McmServer, UartDoor};
pub use fault::FaultWindow;
pub use live::LiveBench;
pub use node::{Node, NodeKind, NodeSetup, Reaction};
pub use rail::Rail;
pub use seeded::Seeded;
pub use slave::{
    Application, Defect, Defects, FrameDirection, Identity, LinSlave, NodeState, PowerTiming, SlaveFrame,
    SlaveSetup, TransportTiming, UnknownDefect,
};
pub use supply::{SimSupply, SupplyFault, SupplyFaultKind, SupplyProfile};

/// For `inventory::submit!` of a [`NodeKind`].
pub use inventory;
