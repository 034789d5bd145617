//! The kinds of operation that a live suite covers (the charter's breadth before depth).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A resource and what is done with it. A test says which of them it shows to work on the bench at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A frame of the unit is read.
    LinRead,
    /// A frame is sent, and its effect read back.
    LinWrite,
    /// A diagnostic request is answered.
    Diagnostics,
    /// A node is configured, and back.
    NodeConfiguration,
    /// A schedule table of the LDF runs.
    Schedule,
    /// The supply measures.
    PsuRead,
    /// The supply is set to another voltage, and back.
    PsuWrite,
    /// The unit runs the program that it was flashed with.
    Flashing,
    /// A run is submitted to the server.
    RecordSubmit,
    /// A run is found on the server.
    RecordQuery,
    /// A file is kept with a run.
    Attachment,
    /// Runs leave the server as documents.
    Export,
    /// A job is started on the server and comes to its end.
    JobStart,
    /// The server tells of a job while it runs.
    Realtime,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::LinRead,
        Self::LinWrite,
        Self::Diagnostics,
        Self::NodeConfiguration,
        Self::Schedule,
        Self::PsuRead,
        Self::PsuWrite,
        Self::Flashing,
        Self::RecordSubmit,
        Self::RecordQuery,
        Self::Attachment,
        Self::Export,
        Self::JobStart,
        Self::Realtime,
    ];

    /// The word for it in the journal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LinRead => "lin_read",
            Self::LinWrite => "lin_write",
            Self::Diagnostics => "diagnostics",
            Self::NodeConfiguration => "node_configuration",
            Self::Schedule => "schedule",
            Self::PsuRead => "psu_read",
            Self::PsuWrite => "psu_write",
            Self::Flashing => "flashing",
            Self::RecordSubmit => "record_submit",
            Self::RecordQuery => "record_query",
            Self::Attachment => "attachment",
            Self::Export => "export",
            Self::JobStart => "job_start",
            Self::Realtime => "realtime",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_what_the_journal_has() {
        for operation in Operation::ALL {
            assert_eq!(serde_json::to_value(operation).unwrap(), operation.word());
        }
    }
}
