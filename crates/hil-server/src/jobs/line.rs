//! What the process that runs the tests tells the server: a JSON object a line.

use hil_model::Entry;
use serde::{Deserialize, Serialize};

/// A line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChildLine {
    /// The bench is in use; the run begins when it no longer is.
    Waiting {
        /// What is in use.
        what: String,
        /// By whom, if that is known.
        owner: Option<String>,
    },
    /// An entry of the journal.
    Entry(Box<Entry>),
    /// Entries that were not sent because nobody read: frames and samples of the supply. The journal has them.
    Unsent {
        /// How many.
        count: u64,
        /// The number of the first one.
        from: u64,
        /// The number of the last one.
        to: u64,
    },
}
