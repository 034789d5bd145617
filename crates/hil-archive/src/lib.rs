//! Where finished runs go and are found again: a store, a server, and the spool before them.
//!
//! [`Archive`] is a store on this machine or a server elsewhere; whoever asks it need not know which. A run that
//! cannot be saved now waits in a [`Spool`]. [`RunQuery`] and [`answer`] are what `hil` and its server say to each
//! other, beside the documents of runs.

#![forbid(unsafe_code)]

pub mod answer;
mod archive;
mod client;
mod content;
mod error;
mod key;
mod query;
mod spool;
mod word;

pub use archive::Archive;
pub use client::{Client, Patience};
pub use content::{Contents, digest};
pub use error::{ArchiveError, Obstacle, Result};
pub use key::{ApiKey, ApiKeyError};
pub use query::{Order, RunQuery};
pub use spool::{Drained, Fate, Spool, SpoolError, Waiting};
