//! A LIN bus at the level of bytes: break, sync, protected id, data, checksum.
//!
//! [`SimBus`] is the wire with its slaves; [`SimMaster`] is a LIN adapter on it.

mod fault;
mod master;
mod slave;
mod wire;

pub use fault::{BusFault, BusFaultKind};
pub use master::SimMaster;
pub use wire::SimBus;
