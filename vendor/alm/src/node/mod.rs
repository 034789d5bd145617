//! The simulated module.
//!
//! It packs its frames by hand, from the layout in [`wire`], and not through the LDF codec: a mistake in
//! either shows as a difference.

mod diagnostics;
mod lamp;
mod module;
mod program;
mod thermal;
mod voltage;
pub mod wire;

pub use module::{simulated, simulated_with_boot};

hil::sim::inventory::submit! {
    hil::sim::NodeKind { name: "alm", build: simulated }
}
