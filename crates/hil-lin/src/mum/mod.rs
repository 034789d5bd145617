//! The Melexis Universal Master, MUM (LIN-05; hardware reference 2).
//!
//! Its network protocol is not public, so it is driven through the vendor's own Python packages,
//! `pymumclient` and `pylin`, which come from Melexis. They run in a helper process (`helper.py`, embedded
//! here), which speaks JSON lines with us:
//!
//! * `process` starts and ends the helper, whatever it does; nothing of it outlives us,
//! * `dialogue` is what is said: one request, one answer, within a time,
//! * `exception` judges what the packages raise,
//! * `master` is the adapter.
//!
//! A short is what the packages call one, in words that are guessed (U); anything else that they say of the bus
//! is a disturbed frame.
//!
//! None of it has ever met the device: names and order of the calls are those of the hardware reference,
//! and what is not attested there is marked (U).

mod dialogue;
mod exception;
mod master;
mod process;
mod settings;

pub use master::MumMaster;
pub use settings::MumSettings;

/// The adapter's name in the configuration.
const NAME: &str = "mum";
