//! Whom a diagnostic request is for, and who answered.

use std::fmt;

use crate::Nad;

/// Every node takes the request, and none answers.
const FUNCTIONAL: u8 = 0x7E;

/// Every node takes the request, and whom it concerns answers.
const BROADCAST: u8 = 0x7F;

/// Whom a request is for (hardware reference 1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// One node.
    Node(Nad),
    /// 0x7E: every node, and none may answer. Single frames only.
    Functional,
    /// 0x7F: every node; whom it concerns answers with its own address.
    Broadcast,
}

impl Address {
    /// The first byte of a request to it.
    pub const fn get(self) -> u8 {
        match self {
            Self::Node(nad) => nad.get(),
            Self::Functional => FUNCTIONAL,
            Self::Broadcast => BROADCAST,
        }
    }

    /// Whether an answer of `nad` can be one to a request to this address.
    pub(crate) fn is_answered_by(self, nad: Nad) -> bool {
        match self {
            Self::Node(node) => node == nad,
            Self::Functional | Self::Broadcast => true,
        }
    }
}

impl From<Nad> for Address {
    fn from(nad: Nad) -> Self {
        Self::Node(nad)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02X}", self.get())
    }
}

/// What a node answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<T = Vec<u8>> {
    /// Who answered. To a broadcast that may be any node.
    pub from: Nad,
    /// What it answered; by default the whole message.
    pub content: T,
}
