//! What is missing, as a skip says it (LIV-06).

use hil_lin::Nad;
use hil_model::{Mutation, listed_mutations};

use crate::error::TestError;

/// Why a test cannot run here: the missing thing, and where it is said. Never a secret, and nothing but the thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// Nobody said that tests may touch the real bench.
    #[error("live running is off: set HIL_RUN_LIVE=1, or name the suite with --suite")]
    LiveRunning,
    /// Nobody said that tests may change what outlives them.
    #[error("it {}, and mutation is not allowed: set HIL_ALLOW_MUTATION=1, or say --allow-mutation", listed_mutations(.0))]
    Mutation(Vec<Mutation>),
    /// The run flashes first, and nobody said that it may.
    #[error(
        "the configuration has the unit flashed first, and mutation is not allowed: set HIL_ALLOW_MUTATION=1, say --allow-mutation, or set flash.enabled=false"
    )]
    FlashPermission,
    /// A key has no value.
    #[error("{key} is not set{}", variable(.key))]
    Unset {
        /// The key.
        key: &'static str,
    },
    /// The adapter cannot be had.
    #[error("{why}")]
    Adapter {
        /// What it, or the program, says.
        why: String,
    },
    /// There is to be no supply.
    #[error("power_supply.enabled is false")]
    SupplyDisabled,
    /// No port has the supply.
    #[error("no power supply was reached: {}", if .tried.is_empty() { "no serial port is there".to_owned() } else { .tried.join("; ") })]
    Supply {
        /// Each port that was tried, with why it is not it.
        tried: Vec<String>,
    },
    /// Nobody is on the bus.
    #[error("no node answered ReadByIdentifier for NAD {from}–{to}")]
    Node {
        /// The first address that was asked.
        from: Nad,
        /// The last one.
        to: Nad,
    },
    /// Somebody is on the bus, but nobody who is meant.
    #[error("no node is the one of the LDF ({wanted}); there are {}", .found.join(", "))]
    NodeIdentity {
        /// The products that the LDF has.
        wanted: String,
        /// Who answered.
        found: Vec<String>,
    },
    /// No server is named.
    #[error("no server: neither HIL_SERVER_URL nor record.server is set")]
    Server,
    /// The server is named, but not who asks.
    #[error("no key for the server: neither HIL_API_KEY nor record.key_file is set")]
    ServerKey,
    /// The server does not have what the test is about.
    #[error("the server has no {what}")]
    OnServer {
        /// What it lacks.
        what: String,
    },
    /// The LDF has nothing that could be written.
    #[error("nothing to write to: {what}")]
    Writable {
        /// What the LDF lacks.
        what: String,
    },
}

impl Missing {
    /// The name of each reason, as the charter lists them.
    pub const CODES: [&str; 13] = [
        "live-running",
        "mutation",
        "flash-permission",
        "unset",
        "adapter",
        "supply-disabled",
        "supply",
        "node",
        Self::NODE_IDENTITY,
        "server",
        "server-key",
        "on-server",
        "writable",
    ];

    /// The name of [`Self::NodeIdentity`].
    pub const NODE_IDENTITY: &str = "node-identity";

    /// The fact of a step of the set-up that has the name of the reason.
    pub const FACT: &str = "missing";

    /// The name of the reason, as the charter lists it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LiveRunning => "live-running",
            Self::Mutation(_) => "mutation",
            Self::FlashPermission => "flash-permission",
            Self::Unset { .. } => "unset",
            Self::Adapter { .. } => "adapter",
            Self::SupplyDisabled => "supply-disabled",
            Self::Supply { .. } => "supply",
            Self::Node { .. } => "node",
            Self::NodeIdentity { .. } => Self::NODE_IDENTITY,
            Self::Server => "server",
            Self::ServerKey => "server-key",
            Self::OnServer { .. } => "on-server",
            Self::Writable { .. } => "writable",
        }
    }
}

impl From<Missing> for TestError {
    fn from(missing: Missing) -> Self {
        Self::Skipped(missing.to_string())
    }
}

/// The variable that stands for `key`, in brackets.
fn variable(key: &str) -> String {
    let stands = hil_config::VARIABLES.iter().find(|(_, of)| *of == key);
    stands.map_or_else(String::new, |(variable, _)| format!(" ({variable})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each, with its text. A new reason that is not here is not in `CODES` either, and the last line says so.
    #[test]
    fn each_reason_has_one_name_and_one_text() {
        let nad = |nad| Nad::new(nad).unwrap();
        let all = [
            (Missing::LiveRunning, "live running is off: set HIL_RUN_LIVE=1, or name the suite with --suite"),
            (
                Missing::Mutation(vec![Mutation::NodeConfiguration]),
                "it configures the node, and mutation is not allowed: set HIL_ALLOW_MUTATION=1, or say --allow-mutation",
            ),
            (
                Missing::FlashPermission,
                "the configuration has the unit flashed first, and mutation is not allowed: set HIL_ALLOW_MUTATION=1, say --allow-mutation, or set flash.enabled=false",
            ),
            (Missing::Unset { key: "power_supply.port" }, "power_supply.port is not set (HIL_PSU_PORT)"),
            (Missing::Adapter { why: "mcm cannot be had".to_owned() }, "mcm cannot be had"),
            (Missing::SupplyDisabled, "power_supply.enabled is false"),
            (Missing::Supply { tried: vec![] }, "no power supply was reached: no serial port is there"),
            (
                Missing::Node { from: nad(0x01), to: nad(0x7D) },
                "no node answered ReadByIdentifier for NAD 0x01–0x7D",
            ),
            (
                Missing::NodeIdentity { wanted: "ALM".to_owned(), found: vec!["0x02".to_owned()] },
                "no node is the one of the LDF (ALM); there are 0x02",
            ),
            (Missing::Server, "no server: neither HIL_SERVER_URL nor record.server is set"),
            (Missing::ServerKey, "no key for the server: neither HIL_API_KEY nor record.key_file is set"),
            (Missing::OnServer { what: "plugin sim".to_owned() }, "the server has no plugin sim"),
            (Missing::Writable { what: "no frame".to_owned() }, "nothing to write to: no frame"),
        ];
        for (missing, text) in &all {
            assert_eq!(missing.to_string(), *text);
        }
        let codes: Vec<&str> = all.iter().map(|(missing, _)| missing.code()).collect();
        assert_eq!(codes, Missing::CODES);
    }
}
