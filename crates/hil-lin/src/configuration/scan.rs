//! Who is on the bus: every address is asked for its product.

use std::time::Duration;

use hil_model::Clock;

use super::{Identity, NodeConfiguration, ProductId, SerialNumber};
use crate::service::{NegativeResponse, ServiceError};
use crate::{
    Address, Answer, DiagnosticSlots, LinError, Nad, TransportError, TransportLayer, TransportTiming,
};

/// What came of reading something of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// It says this.
    Is(T),
    /// It does not answer.
    Silent,
    /// It does not tell.
    Refused(NegativeResponse),
    /// Its answer is disturbed, also on a second try: most likely several nodes answer at once.
    Disturbed(LinError),
    /// It answers something else.
    Strange(ServiceError),
}

/// A node that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundNode {
    /// Its address.
    pub nad: Nad,
    /// What it is.
    pub product: Reading<ProductId>,
    /// Its serial number, which not every node has.
    pub serial: Reading<SerialNumber>,
}

impl FoundNode {
    /// Whether it looks like several nodes with the same address. Equal nodes give the same product, and show
    /// only where they differ: in their serial numbers. Nodes that are equal in both cannot be told apart.
    pub const fn collides(&self) -> bool {
        matches!(self.product, Reading::Disturbed(_)) || matches!(self.serial, Reading::Disturbed(_))
    }
}

/// Looks for nodes. An address where nobody answers takes the time that a node may need, twice P2_min.
#[derive(Debug)]
pub struct NodeScan<'c, S> {
    slots: S,
    clock: &'c dyn Clock,
    timing: TransportTiming,
    patience: Duration,
}

impl<'c, S: DiagnosticSlots> NodeScan<'c, S> {
    /// A scan for nodes with the timers `timing`.
    pub fn new(slots: S, clock: &'c dyn Clock, timing: TransportTiming) -> Self {
        Self { slots, clock, timing, patience: timing.p2_min.saturating_mul(2) }
    }

    /// The same, giving each address `patience` until it counts as silent.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Who answers under the address `nad`, if anybody does.
    ///
    /// # Errors
    ///
    /// What the adapter found out about the bus or itself.
    pub fn node(&mut self, nad: Nad) -> Result<Option<FoundNode>, LinError> {
        let address = Address::Node(nad);
        let product = self.read(address, |node| node.product_id(Identity::ANY))?;
        if matches!(product, Reading::Silent) {
            return Ok(None);
        }
        let serial = self.read(address, |node| node.serial_number(Identity::ANY))?;
        Ok(Some(FoundNode { nad, product: product.content(), serial: serial.content() }))
    }

    /// Who answers when every node is asked at once: a lone node, whatever its address. Several collide.
    ///
    /// # Errors
    ///
    /// As [`Self::node`].
    pub fn everyone(&mut self) -> Result<Reading<Answer<ProductId>>, LinError> {
        self.read(Address::Broadcast, |node| node.product_id(Identity::ANY))
    }

    fn read<T>(
        &mut self,
        address: Address,
        ask: impl Fn(&mut NodeConfiguration<'_, &mut S>) -> Result<Option<Answer<T>>, ServiceError>,
    ) -> Result<Reading<Answer<T>>, LinError> {
        let layer = TransportLayer::new(&mut self.slots, self.clock, address, self.timing);
        let mut node = NodeConfiguration::new(layer).with_patience(self.patience);
        // A disturbance hits once, a collision each time.
        match reading(ask(&mut node))? {
            Reading::Disturbed(_) => reading(ask(&mut node)),
            seen @ (Reading::Is(_) | Reading::Silent | Reading::Refused(_) | Reading::Strange(_)) => Ok(seen),
        }
    }
}

impl<T> Reading<Answer<T>> {
    /// The same without who answered, where that is known.
    fn content(self) -> Reading<T> {
        match self {
            Self::Is(answer) => Reading::Is(answer.content),
            Self::Silent => Reading::Silent,
            Self::Refused(response) => Reading::Refused(response),
            Self::Disturbed(error) => Reading::Disturbed(error),
            Self::Strange(error) => Reading::Strange(error),
        }
    }
}

/// What an answer says, unless the scan cannot go on.
fn reading<T>(asked: Result<Option<T>, ServiceError>) -> Result<Reading<T>, LinError> {
    Ok(match asked {
        Ok(Some(content)) => Reading::Is(content),
        Ok(None) => Reading::Silent,
        Err(ServiceError::Refused(response)) => Reading::Refused(response),
        Err(ServiceError::Transport(TransportError::Bus(error))) => {
            if !is_disturbance(&error) {
                return Err(error);
            }
            Reading::Disturbed(error)
        }
        Err(error) => Reading::Strange(error),
    })
}

/// Whether nodes that answer at once can look like this.
const fn is_disturbance(error: &LinError) -> bool {
    match error {
        LinError::Checksum { .. } | LinError::Incomplete { .. } | LinError::Disturbed { .. } => true,
        LinError::NotConnected { .. }
        | LinError::Unsupported { .. }
        | LinError::BitError { .. }
        | LinError::ShortedToGround
        | LinError::Unavailable { .. }
        | LinError::Unusable { .. }
        | LinError::AdapterLost { .. }
        | LinError::Timeout { .. }
        | LinError::Refused { .. }
        | LinError::Garbled { .. } => false,
    }
}
