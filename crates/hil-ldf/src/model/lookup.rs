//! Asking for a name that the file does not have.

use thiserror::Error;

use crate::nearest::{did_you_mean, nearest};

/// The database has nothing by this name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown {kind} \"{name}\"{}", did_you_mean(nearest.as_deref()))]
pub struct LookupError {
    kind: &'static str,
    name: String,
    nearest: Option<String>,
}

impl LookupError {
    pub(crate) fn new<'c>(
        kind: &'static str,
        name: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) -> Self {
        Self { kind, name: name.to_owned(), nearest: nearest(name, candidates).map(str::to_owned) }
    }

    /// The name that was asked for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name that was probably meant.
    pub fn nearest(&self) -> Option<&str> {
        self.nearest.as_deref()
    }
}
