//! The types of messages that can be published.

use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The type of a published message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A unit of live data.
    Frame,
    /// A part of a plugin's result.
    PartialResult,
    /// How far a job is.
    Progress,
    /// How far a plugin is.
    PluginStatus,
    /// Something is odd.
    Warning,
    /// Something is broken.
    Error,
    /// What a plugin is.
    Metadata,
    /// Are you there? Published only when a station emits one.
    Ping,
}

/// How many characters of a word that is no type are told.
const TOLD: usize = 64;

/// A word that is no type of message; the beginning of a long one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no message type {0:?}")]
pub struct KindError(pub String);

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Frame,
        Self::PartialResult,
        Self::Progress,
        Self::PluginStatus,
        Self::Warning,
        Self::Error,
        Self::Metadata,
        Self::Ping,
    ];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::PartialResult => "partial_result",
            Self::Progress => "progress",
            Self::PluginStatus => "plugin_status",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Metadata => "metadata",
            Self::Ping => "ping",
        }
    }

    /// Its place in [`Kind::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(word: &str) -> Result<Self, KindError> {
        let found = Self::ALL.into_iter().find(|kind| kind.word() == word);
        found.ok_or_else(|| KindError(word.chars().take(TOLD).collect()))
    }
}

/// How many of each type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Kind::ALL.len()]);

impl Counts {
    pub(crate) fn add(&mut self, kind: Kind) {
        self.0[kind.index()] += 1;
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// How many of this one.
    pub fn of(&self, kind: Kind) -> u64 {
        self.0[kind.index()]
    }

    /// How many of all.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// An object of those that are there.
impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let there = Kind::ALL.into_iter().map(|kind| (kind.word(), self.of(kind)));
        serializer.collect_map(there.filter(|(_, count)| *count > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_found_by_its_word_and_stands_at_its_index() {
        for (index, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!((kind.index(), kind.word().parse()), (index, Ok(kind)));
        }
        for wrong in ["", "Frame", "pong", "sync", "gap"] {
            assert_eq!(wrong.parse::<Kind>(), Err(KindError(wrong.to_owned())));
        }
    }
}
