//! The frames that a message is made of (hardware reference 1.6).

use super::TransportError;

/// The longest message: its length has twelve bits.
pub(crate) const MAX_MESSAGE: usize = 0xFFF;

/// What fits into a single frame.
pub(crate) const MAX_SINGLE: usize = 6;

/// What a first frame carries.
const IN_FIRST: usize = 5;

/// What a consecutive frame carries.
const IN_CONSECUTIVE: usize = 6;

const FIRST: u8 = 0x10;
const CONSECUTIVE: u8 = 0x20;

/// A frame of the transport layer, without its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pdu<'f> {
    /// A whole message of 1–6 bytes.
    Single(&'f [u8]),
    /// The beginning of a message of `length` bytes, 7–4095.
    First { length: usize, data: &'f [u8] },
    /// What comes next. The number counts from 1 and follows 15 with 0.
    Consecutive { number: u8, data: &'f [u8] },
}

impl<'f> Pdu<'f> {
    /// Whether `frame` is neither a message nor the beginning of one.
    pub(crate) fn is_consecutive(frame: &[u8; 8]) -> bool {
        frame[1] & 0xF0 == CONSECUTIVE
    }

    /// Reads `frame`. A receiver on the bus must ignore what is none; who tests a node wants to hear of it.
    pub(crate) fn parse(frame: &'f [u8; 8]) -> Result<Self, TransportError> {
        let malformed = |why| TransportError::Malformed { frame: *frame, why };
        let (control, low) = (frame[1] & 0xF0, frame[1] & 0x0F);
        match control {
            0 => match usize::from(low) {
                0 => Err(malformed("a single frame of no bytes")),
                length if length > MAX_SINGLE => Err(malformed("a single frame of more than 6 bytes")),
                length => Ok(Self::Single(&frame[2..2 + length])),
            },
            FIRST => {
                let length = usize::from(low) << 8 | usize::from(frame[2]);
                if length <= MAX_SINGLE {
                    return Err(malformed("a first frame of a message that fits into a single one"));
                }
                Ok(Self::First { length, data: &frame[3..] })
            }
            CONSECUTIVE => Ok(Self::Consecutive { number: low, data: &frame[2..] }),
            _ => Err(malformed("its second byte is of no kind that LIN has")),
        }
    }
}

/// The frames that carry `message`, of 1–4095 bytes, to or from the address `nad`. Filled up with 0xFF.
pub(crate) fn segments(nad: u8, message: &[u8]) -> impl Iterator<Item = [u8; 8]> {
    let length = message.len();
    let (head, rest, control) = if length <= MAX_SINGLE {
        (message, &[][..], vec![length as u8])
    } else {
        let (head, rest) = message.split_at(IN_FIRST);
        (head, rest, vec![FIRST | (length >> 8) as u8, length as u8])
    };
    let consecutive = rest.chunks(IN_CONSECUTIVE).zip(1_usize..);
    std::iter::once(filled(nad, &control, head))
        .chain(consecutive.map(move |(data, number)| filled(nad, &[CONSECUTIVE | (number % 16) as u8], data)))
}

fn filled(nad: u8, control: &[u8], data: &[u8]) -> [u8; 8] {
    let mut frame = [0xFF; 8];
    let bytes = std::iter::once(&nad).chain(control).chain(data);
    for (place, byte) in frame.iter_mut().zip(bytes) {
        *place = *byte;
    }
    frame
}

/// A message of which the first frame has come.
#[derive(Debug)]
pub(crate) struct Reassembly {
    bytes: Vec<u8>,
    length: usize,
    due: u8,
}

impl Reassembly {
    /// The message that a first frame announces.
    pub(crate) fn new(length: usize, data: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(data);
        Self { bytes, length, due: 1 }
    }

    /// Takes a consecutive frame; `true` when the message is complete.
    pub(crate) fn take(&mut self, number: u8, data: &[u8]) -> Result<bool, TransportError> {
        if number != self.due {
            return Err(TransportError::Sequence { expected: self.due, got: number });
        }
        self.due = (self.due + 1) % 16;
        let missing = self.length - self.bytes.len();
        self.bytes.extend_from_slice(&data[..missing.min(data.len())]);
        Ok(self.bytes.len() == self.length)
    }

    /// How many bytes came, and how many were announced.
    pub(crate) fn progress(&self) -> (usize, usize) {
        (self.bytes.len(), self.length)
    }

    /// The message.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
