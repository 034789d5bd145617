//! A simulated Owon supply: an SCPI instrument on a real pseudo-terminal, with the real one's manners
//! (hardware reference 5.1–5.3).

mod analogue;
mod fault;
mod fence;
mod instrument;
#[cfg(test)]
mod manners;
mod profile;
mod server;

pub use fault::{SupplyFault, SupplyFaultKind};
pub use profile::SupplyProfile;
pub use server::SimSupply;
