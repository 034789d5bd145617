//! Node configuration and identification (hardware reference 1.7, 1.8): who is on the bus, under which
//! address, with which frames.

mod addressing;
mod identity;
mod scan;
mod services;

pub use addressing::{AddressingError, AddressingPace, AddressingStep, auto_address};
pub use identity::{Function, Identity, ProductId, SerialNumber, Supplier};
pub use scan::{FoundNode, NodeScan, Reading};
pub use services::{FrameAssignment, NadCondition, NodeConfiguration};
