//! The configuration services B0–B7, each with what belongs to it.

use std::time::Duration;

use super::{Identity, ProductId, SerialNumber, Supplier};
use crate::service::{Reply, ServiceError};
use crate::{Answer, DiagnosticChannel, DiagnosticSlots, FrameId, Nad, TransportLayer};

const ASSIGN_NAD: u8 = 0xB0;
const ASSIGN_FRAME_ID: u8 = 0xB1;
/// LIN 2.0: the protected id that takes a frame off the bus, which is none (U).
const LIN_2_0_UNASSIGNED: u8 = 0x40;
const READ_BY_IDENTIFIER: u8 = 0xB2;
const CONDITIONAL_CHANGE_NAD: u8 = 0xB3;
const DATA_DUMP: u8 = 0xB4;
const SAVE_CONFIGURATION: u8 = 0xB6;
const ASSIGN_FRAME_ID_RANGE: u8 = 0xB7;

/// The identifier of the product id.
const PRODUCT: u8 = 0;

/// The identifier of the serial number.
const SERIAL: u8 = 1;

/// What becomes of one of a node's frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameAssignment {
    /// It gets this id.
    To(FrameId),
    /// It loses its id and is not on the bus any more.
    Unassign,
    /// It stays as it is.
    Keep,
}

impl FrameAssignment {
    /// As it stands in a request: a *protected* id, or a byte that is none.
    const fn byte(self) -> u8 {
        match self {
            Self::To(id) => id.protected().get(),
            Self::Unassign => 0x00,
            Self::Keep => 0xFF,
        }
    }
}

/// When a node changes its address: if a byte of what it answers to an identifier, exclusive-or `invert`,
/// and `mask`, is zero (U).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NadCondition {
    /// The identifier.
    pub identifier: u8,
    /// Which byte of the answer, from 1.
    pub byte: u8,
    /// Which of its bits matter.
    pub mask: u8,
    /// Which of them must be 1.
    pub invert: u8,
}

/// The configuration services of the nodes at one address.
///
/// `None` is silence. The standard has it wherever a request means another node, and for requests that a node
/// does not support. A refusal is [`ServiceError::Refused`].
#[derive(Debug)]
pub struct NodeConfiguration<'c, S> {
    layer: TransportLayer<'c, S>,
    patience: Duration,
}

impl<'c, S: DiagnosticSlots> NodeConfiguration<'c, S> {
    /// The services at the address of `layer`.
    pub fn new(layer: TransportLayer<'c, S>) -> Self {
        let patience = layer.timing().answer_timeout();
        Self { layer, patience }
    }

    /// The same, waiting for the beginning of an answer for `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Gives the nodes that `which` names the address `new` (0xB0). The answer may come from the old address or
    /// from the new one (U).
    ///
    /// # Errors
    ///
    /// See [`ServiceError`].
    pub fn assign_nad(&mut self, which: Identity, new: Nad) -> Result<Option<Answer<()>>, ServiceError> {
        let [s0, s1, f0, f1] = which.bytes();
        let answer = self.ask(ASSIGN_NAD, &[s0, s1, f0, f1, new.get()], Some(new))?;
        read(ASSIGN_NAD, answer, empty)
    }

    /// Gives the node the address `new` if it meets `condition` (0xB3). The answer may come from the old
    /// address or from the new one (U).
    ///
    /// # Errors
    ///
    /// See [`ServiceError`].
    pub fn conditional_change_nad(
        &mut self,
        condition: NadCondition,
        new: Nad,
    ) -> Result<Option<Answer<()>>, ServiceError> {
        let NadCondition { identifier, byte, mask, invert } = condition;
        let content = [identifier, byte, mask, invert, new.get()];
        let answer = self.ask(CONDITIONAL_CHANGE_NAD, &content, Some(new))?;
        read(CONDITIONAL_CHANGE_NAD, answer, empty)
    }

    /// Reads what the nodes that `which` names say of `identifier` (0xB2): 0 is the product, 1 the serial
    /// number, 32–63 the supplier's own (U).
    ///
    /// # Errors
    ///
    /// See [`ServiceError`].
    pub fn read_by_identifier(
        &mut self,
        identifier: u8,
        which: Identity,
    ) -> Result<Option<Answer>, ServiceError> {
        self.identify(identifier, which, |content| Some(content.to_vec()))
    }

    /// Reads the product id of the nodes that `which` names.
    ///
    /// # Errors
    ///
    /// See [`ServiceError`].
    pub fn product_id(&mut self, which: Identity) -> Result<Option<Answer<ProductId>>, ServiceError> {
        self.identify(PRODUCT, which, ProductId::from_bytes)
    }

    /// Reads the serial number of the nodes that `which` names.
    ///
    /// # Errors
    ///
    /// See [`ServiceError`].
    pub fn serial_number(&mut self, which: Identity) -> Result<Option<Answer<SerialNumber>>, ServiceError> {
        self.identify(SERIAL, which, SerialNumber::from_bytes)
    }

    /// Gives four of the node's frames their ids, from the frame with the index `first` on (0xB7). The order
    /// is that of `configurable_frames` in the LDF.
    ///
    /// # Errors
    ///
    /// See [`ServiceError`].
    pub fn assign_frame_id_range(
        &mut self,
        first: u8,
        frames: [FrameAssignment; 4],
    ) -> Result<Option<Answer<()>>, ServiceError> {
        let [a, b, c, d] = frames.map(FrameAssignment::byte);
        let answer = self.ask(ASSIGN_FRAME_ID_RANGE, &[first, a, b, c, d], None)?;
        read(ASSIGN_FRAME_ID_RANGE, answer, empty)
    }

    /// Gives the frame with the LIN 2.0 message id `message` its id, or takes it away (0xB1). Obsolete: nodes of
    /// LIN 2.1 and later have [`Self::assign_frame_id_range`].
    ///
    /// # Errors
    ///
    /// See [`ServiceError`].
    pub fn assign_frame_id(
        &mut self,
        supplier: Supplier,
        message: u16,
        frame: Option<FrameId>,
    ) -> Result<Option<Answer<()>>, ServiceError> {
        let ([s0, s1], [m0, m1]) = (supplier.get().to_le_bytes(), message.to_le_bytes());
        let pid = frame.map_or(LIN_2_0_UNASSIGNED, |frame| frame.protected().get());
        let answer = self.ask(ASSIGN_FRAME_ID, &[s0, s1, m0, m1, pid], None)?;
        read(ASSIGN_FRAME_ID, answer, empty)
    }

    /// Has the node keep its configuration beyond a loss of power (0xB6).
    ///
    /// # Errors
    ///
    /// See [`ServiceError`].
    pub fn save_configuration(&mut self) -> Result<Option<Answer<()>>, ServiceError> {
        let answer = self.ask(SAVE_CONFIGURATION, &[], None)?;
        read(SAVE_CONFIGURATION, answer, empty)
    }

    /// Sends the node five bytes of which only its supplier knows what they do (0xB4), and returns five such
    /// bytes.
    ///
    /// # Errors
    ///
    /// See [`ServiceError`].
    pub fn data_dump(&mut self, data: [u8; 5]) -> Result<Option<Answer<[u8; 5]>>, ServiceError> {
        let answer = self.ask(DATA_DUMP, &data, None)?;
        read(DATA_DUMP, answer, |content| content.try_into().ok())
    }

    fn identify<T>(
        &mut self,
        identifier: u8,
        which: Identity,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<Answer<T>>, ServiceError> {
        let [s0, s1, f0, f1] = which.bytes();
        let answer = self.ask(READ_BY_IDENTIFIER, &[identifier, s0, s1, f0, f1], None)?;
        read(READ_BY_IDENTIFIER, answer, parse)
    }

    /// Sends a request and returns the positive answer, if one comes from the address or from `also`.
    fn ask(
        &mut self,
        service: u8,
        content: &[u8],
        also: Option<Nad>,
    ) -> Result<Option<Answer>, ServiceError> {
        self.layer.send(&[&[service], content].concat())?;
        let address = self.layer.address();
        let accepts = |nad| address.is_answered_by(nad) || Some(nad) == also;
        let Some(Answer { from, content }) = self.layer.receive_where(self.patience, accepts)? else {
            return Ok(None);
        };
        match Reply::parse(service, content)? {
            Reply::Positive(content) => Ok(Some(Answer { from, content })),
            Reply::Negative(response) => Err(ServiceError::Refused(response)),
        }
    }
}

/// What follows the service id in an answer, as `parse` takes it.
fn read<T>(
    service: u8,
    answer: Option<Answer>,
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<Option<Answer<T>>, ServiceError> {
    let Some(Answer { from, content: message }) = answer else { return Ok(None) };
    match message.get(1..).and_then(parse) {
        Some(content) => Ok(Some(Answer { from, content })),
        None => Err(ServiceError::Form { service, answer: message }),
    }
}

/// An answer that says "done" and nothing else.
fn empty(content: &[u8]) -> Option<()> {
    content.is_empty().then_some(())
}
