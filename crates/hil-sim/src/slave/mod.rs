//! What every LIN 2.x slave does, for any simulated unit.
//!
//! A unit writes its [`Application`] and its [`Services`](crate::Services); [`LinSlave`] does the rest: power and
//! sleep, frame ids that the master assigns, node configuration, the transport layer, status management. It is
//! an implementation of its own and shares no code with the master's side, so that a mistake in either shows.
//! [`Defect`]s are mistakes on purpose: the conformance suite must find each of them.

mod application;
mod configuration;
mod defect;
mod frame_table;
mod lin_slave;
mod power;
mod snpd;
mod status;
mod transport;

pub use application::{Application, NodeState};
pub use configuration::Identity;
pub use defect::{Defect, Defects, UnknownDefect};
pub use frame_table::{FrameDirection, SlaveFrame};
pub use lin_slave::{LinSlave, SlaveSetup};
pub use power::PowerTiming;
pub use transport::TransportTiming;
