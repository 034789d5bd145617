//! Names and numbers of the protocol.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A text that is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must not be empty")]
pub struct NameError {
    /// What it was meant for.
    what: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                if text.is_empty() { Err(NameError { what: $what }) } else { Ok(Self(text.into())) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name!(
    /// Which job a message is about. Ours are UUIDs; what a station emits may name another.
    JobId,
    "a job's id"
);
name!(
    /// What does timed work inside a job: a test, a step of the set-up, a tool.
    PluginName,
    "a plugin's name"
);

impl JobId {
    /// A new one; later ones are greater.
    pub fn new() -> Self {
        Self(uuid::Uuid::now_v7().to_string().into())
    }
}

impl Default for JobId {
    fn default() -> Self {
        Self::new()
    }
}

/// How much is done: 0–100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Percent(u8);

impl Percent {
    /// Nothing is done.
    pub const START: Self = Self(0);
    /// All is done.
    pub const DONE: Self = Self(100);

    /// So many percent; nothing above 100.
    pub const fn new(percent: u8) -> Option<Self> {
        if percent <= 100 { Some(Self(percent)) } else { None }
    }

    /// 0–100.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// How far a job is that has begun and is not over: 1–99.
    pub fn under_way(done: u64, total: u64) -> Self {
        let percent = done.saturating_mul(100).checked_div(total).unwrap_or(0).clamp(1, 99);
        Self(u8::try_from(percent).unwrap_or(99))
    }
}
