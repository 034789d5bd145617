//! The Owon SPE, SPM and P4 series and its clones (hardware reference 5): one text dialect with accents.

mod answer;
mod dialogue;
mod driver;
mod identity;

pub use driver::OwonPsu;
pub use identity::Identity;
