//! What a run may do, and what it was given to work with: the context that is always said first (LIV-08).
//!
//! Nothing here is a secret: keys and passwords have no place in it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a run may do, and what it was given to work with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartUp {
    /// Whether tests may touch a real bench.
    pub live: LiveRunning,
    /// Whether tests may change what outlives them.
    pub mutation: MutationRule,
    /// How many of the selected tests skip because live running is off.
    #[serde(default)]
    pub held_back: usize,
    /// What the bench is made of: pinned, to be found, or not there.
    pub entities: Vec<Standing>,
    /// What would have to be said for a run on a real bench; nothing on one that runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_go_live: Vec<String>,
}

/// Whether tests may touch a real bench (LIV-02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveRunning {
    /// Nothing of the bench is real, so that nobody need be asked.
    Simulated,
    /// They may.
    On {
        /// Who said so, such as `HIL_RUN_LIVE`.
        by: String,
    },
    /// They may touch the bench, which is simulated, but not the server, which is not.
    BenchOnly,
    /// They may not.
    Off,
}

impl LiveRunning {
    /// What a run says nothing about whose tests this holds back.
    pub const fn untold(&self) -> Option<&'static str> {
        match self {
            Self::Simulated | Self::On { .. } => None,
            Self::BenchOnly => Some("the server"),
            Self::Off => Some("the bench"),
        }
    }
}

/// Whether tests may change what outlives them (LIV-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MutationRule {
    /// Nothing of the bench is real, so that there is nothing that would outlive them.
    Simulated,
    /// They may.
    Allowed {
        /// Who said so, such as `--allow-mutation`.
        by: String,
    },
    /// They may change the bench, which is simulated, but not the server, which is not.
    BenchOnly,
    /// Those that do skip.
    NotAllowed,
}

/// Something that a live run needs, and that is pinned, found or missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// The kind of LIN adapter.
    Adapter,
    /// Where the adapter is: a host or a serial port.
    AdapterAddress,
    /// The supply's port.
    PsuPort,
    /// The LDF.
    Ldf,
    /// The node's address.
    Nad,
    /// Who the node is: its product id.
    NodeIdentity,
    /// The server of runs and jobs.
    Server,
    /// What is executed, as the record names it.
    Procedure,
}

impl Entity {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Adapter,
        Self::AdapterAddress,
        Self::PsuPort,
        Self::Ldf,
        Self::Nad,
        Self::NodeIdentity,
        Self::Server,
        Self::Procedure,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Adapter => "LIN adapter",
            Self::AdapterAddress => "adapter's address",
            Self::PsuPort => "supply's port",
            Self::Ldf => "LDF",
            Self::Nad => "NAD",
            Self::NodeIdentity => "node identity",
            Self::Server => "server",
            Self::Procedure => "procedure",
        }
    }
}

/// What is known of an entity before anything is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Which.
    pub entity: Entity,
    /// How it stands.
    pub known: Known,
}

/// What is known of an entity before anything is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Somebody said it, and it is used as it is.
    Pinned {
        /// The value.
        value: String,
        /// Who said it: a file and line, a variable, the command line.
        by: String,
    },
    /// It will be looked for.
    ToBeFound {
        /// Where.
        how: String,
    },
    /// It is simulated.
    Simulated {
        /// What of.
        what: String,
    },
    /// It is not there, and nobody looks for it.
    Absent {
        /// The reason that tests skip with that need it.
        reason: String,
    },
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pinned { value, by } => write!(f, "{value} (pinned: {by})"),
            Self::ToBeFound { how } => write!(f, "to be found: {how}"),
            Self::Simulated { what } => write!(f, "simulated: {what}"),
            Self::Absent { reason } => write!(f, "none: {reason}"),
        }
    }
}

impl fmt::Display for LiveRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulated => f.write_str("not live: the bench is simulated, and needs no switch"),
            Self::On { by } => write!(f, "on ({by})"),
            Self::BenchOnly => {
                f.write_str("not live: the simulated bench needs no switch; tests of the server skip")
            }
            Self::Off => f.write_str("off: no test may touch the bench"),
        }
    }
}

impl fmt::Display for MutationRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulated => f.write_str("allowed: the bench is simulated"),
            Self::Allowed { by } => write!(f, "allowed ({by})"),
            Self::BenchOnly => {
                f.write_str("allowed on the simulated bench: tests that submit records to the server skip")
            }
            Self::NotAllowed => f.write_str("not allowed: tests that mutate skip"),
        }
    }
}

impl StartUp {
    /// What it says, a name and a text a line.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines =
            vec![("live running", self.live.to_string()), ("mutation", self.mutation.to_string())];
        lines.extend(
            self.entities.iter().map(|standing| (standing.entity.name(), standing.known.to_string())),
        );
        lines.extend(self.to_go_live.iter().map(|step| ("to go live", step.clone())));
        lines
    }
}
