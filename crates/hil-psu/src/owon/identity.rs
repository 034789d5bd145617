//! What `*IDN?` answers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who a device says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Identity(String);

impl Identity {
    pub(crate) const fn new(line: String) -> Self {
        Self(line)
    }

    /// The whole answer, such as `OWON,SPE6103,24371986,FV:V5.2.0`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The model, where the answer has the usual four fields.
    pub fn model(&self) -> Option<&str> {
        self.0.split(',').nth(1)
    }

    /// Whether `part` occurs in it, whatever the case.
    pub fn contains(&self, part: &str) -> bool {
        self.0.to_lowercase().contains(&part.to_lowercase())
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
