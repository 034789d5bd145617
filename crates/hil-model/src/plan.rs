//! What is known of a test before it runs, and why it will or will not run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Description, Marker, Mutation, Operation, TestName};

/// A session resource that a test may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// The LIN adapter.
    Lin,
    /// The LDF database.
    Ldf,
    /// The bench power supply.
    Psu,
    /// The server of runs and jobs.
    Server,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lin => "lin",
            Self::Ldf => "ldf",
            Self::Psu => "psu",
            Self::Server => "server",
        })
    }
}

/// What is known of a test before it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestMeta {
    /// Its full, unique name.
    pub name: TestName,
    /// Its function's name, with the case where it has one.
    pub short: String,
    /// Its dotted class name, for JUnit.
    pub class: String,
    /// What its doc comment says.
    pub description: Description,
    /// The markers it carries.
    pub markers: Vec<Marker>,
    /// The session resources it needs.
    pub needs: Vec<Resource>,
    /// What it changes that may outlive it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutates: Vec<Mutation>,
    /// What it shows to work on the bench at hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Operation>,
    /// The file it stands in.
    pub file: String,
    /// The line it stands at.
    pub line: u32,
    /// The most bench time that it may take, in milliseconds.
    pub timeout_ms: u64,
}

/// Whether a test will run, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is part of the plan.
    Selected,
    /// It is not part of the plan.
    NotSelected {
        /// The first criterion that it does not meet, in words.
        reason: String,
    },
}

/// A line of the plan: the why-ledger before the run (RUN-07).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedTest {
    /// The test.
    pub test: TestMeta,
    /// Whether it will run.
    pub decision: Decision,
}
