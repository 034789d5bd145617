//! An order: what was asked for, as it is stored with its job.

use hil_model::Subject;
use hil_store::{Actor, User, UserId};
use serde::{Deserialize, Serialize};

use super::SimPlugin;

/// What a job is to do, for whom and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The bench that was asked for.
    pub(crate) device_requested: Option<String>,
    /// The bench that it runs on.
    pub(crate) device_used: String,
    /// Whether that is another one.
    pub(crate) fallback: bool,
    /// Who asked.
    pub(crate) by: By,
    /// What to run.
    pub(crate) what: What,
}

/// What to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// The simulated kind.
    Sim {
        /// Its plugins, in order.
        plugins: Vec<SimPlugin>,
        /// What it is about.
        unit: Subject,
        /// Configuration that was given with it, for its record.
        config: Vec<(String, String)>,
    },
    /// Tests on the configured bench.
    Run(RunOrder),
}

/// Tests to run on the configured bench.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunOrder {
    /// Only this suite.
    pub suite: Option<String>,
    /// Only these tests, in this order, by their full names.
    pub plugins: Option<Vec<String>>,
    /// Only tests whose name contains one of these texts.
    pub filters: Vec<String>,
    /// Overrides of the configuration: key, and value as JSON.
    pub config: Vec<(String, String)>,
    /// What the run is about.
    pub unit: Subject,
}

/// Who asked for a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    /// Somebody on the server's own machine.
    #[default]
    Local,
    /// A person.
    User {
        /// The person's id.
        id: String,
        /// The person's address.
        email: String,
    },
}

impl By {
    /// The person with that account; without one, somebody on the server's own machine.
    pub(crate) fn of(user: Option<&User>) -> Self {
        user.map_or(Self::Local, |user| Self::User { id: user.id.to_string(), email: user.email.to_string() })
    }

    /// Who it is, for the store.
    pub(crate) fn actor(&self) -> Actor {
        match self {
            Self::Local => Actor::Local,
            Self::User { id, .. } => id.parse::<UserId>().map_or(Actor::Local, Actor::User),
        }
    }

    /// Who it is, for the record.
    pub(crate) fn operator(&self) -> Option<&str> {
        match self {
            Self::Local => None,
            Self::User { email, .. } => Some(email),
        }
    }
}
