//! What a test changes that outlives it (LIV-01).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that a test changes on the bench, in the unit or on a server, and that may outlive the test.
///
/// Light that goes on, a message that is answered: these are gone with the next reset and are no mutations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mutation {
    /// The unit's program is replaced.
    Flash,
    /// The unit's memory is written, where power-off does not clear it.
    NonVolatile,
    /// A node gets another address, other frame ids, or is told to keep them.
    NodeConfiguration,
    /// The rail leaves its nominal band.
    VoltageOutsideNominal,
    /// A server gets runs, files or jobs.
    SubmitsRecords,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Flash,
        Self::NonVolatile,
        Self::NodeConfiguration,
        Self::VoltageOutsideNominal,
        Self::SubmitsRecords,
    ];

    /// The word for it in the journal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flash => "flash",
            Self::NonVolatile => "non_volatile",
            Self::NodeConfiguration => "node_configuration",
            Self::VoltageOutsideNominal => "voltage_outside_nominal",
            Self::SubmitsRecords => "submits_records",
        }
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flash => "flashes the unit",
            Self::NonVolatile => "writes memory that outlives power-off",
            Self::NodeConfiguration => "configures the node",
            Self::VoltageOutsideNominal => "takes the rail outside its nominal band",
            Self::SubmitsRecords => "submits records",
        })
    }
}

/// `configures the node and submits records`.
pub fn listed(mutations: &[Mutation]) -> String {
    let words: Vec<String> = mutations.iter().map(ToString::to_string).collect();
    match words.as_slice() {
        [] => "changes nothing that outlives it".to_owned(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_what_the_journal_has() {
        for mutation in Mutation::ALL {
            assert_eq!(serde_json::to_value(mutation).unwrap(), mutation.word());
        }
        let some = [Mutation::Flash, Mutation::NonVolatile, Mutation::SubmitsRecords];
        assert_eq!(
            listed(&some),
            "flashes the unit, writes memory that outlives power-off and submits records"
        );
    }
}
