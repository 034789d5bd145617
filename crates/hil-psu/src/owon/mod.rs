//! The Owon SPE, SPM and P4 series and its clones (hardware reference 5): one text dialect with accents.

mod answer;
mod dialogue;
mod driver;
mod identity;

pub(crate) use answer::output;
pub(crate) use dialogue::AFTER_OPENING;
pub use driver::OwonPsu;
pub(crate) use driver::{AFTER_SWITCHING, OFF_COMMANDS};
pub use identity::Identity;
