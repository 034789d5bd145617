//! The receiving half of a slave: bytes in, headers and frames out.

use hil_lin::{ChecksumModel, Data, FrameId, Pid, checksum};
use hil_model::BenchTime;

use crate::{Node, Reaction};

/// The byte after the break by which slaves find the bit rate.
const SYNC: u8 = 0x55;

/// What stands on the wire, a piece at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// At least eleven dominant bits.
    Break,
    /// A byte.
    Byte(u8),
}

/// What the receiver waits for.
#[derive(Debug)]
enum State {
    Break,
    Sync,
    Pid,
    Response { id: FrameId, expected: Expected, bytes: Vec<u8> },
}

/// Which response a node follows on the wire.
#[derive(Debug)]
enum Expected {
    Foreign { length: usize, checksum: ChecksumModel },
    Own(Vec<u8>),
}

/// A node, and where its receiver is in a frame.
#[derive(Debug)]
pub(super) struct Slave {
    pub(super) node: Box<dyn Node>,
    state: State,
}

impl Slave {
    pub(super) fn new(node: Box<dyn Node>) -> Self {
        Self { node, state: State::Break }
    }

    /// Takes a symbol from the wire; returns the bytes that the node answers with, after a header that
    /// asks for them.
    pub(super) fn hear(&mut self, symbol: Symbol, now: BenchTime) -> Option<Vec<u8>> {
        let byte = match symbol {
            Symbol::Break => {
                // A break in the middle of a response ends it: the next header has begun.
                self.response_ends(now);
                self.node.on_dominant(now);
                self.state = State::Sync;
                return None;
            }
            Symbol::Byte(byte) => byte,
        };
        match &mut self.state {
            State::Break => None,
            State::Sync => {
                self.state = if byte == SYNC { State::Pid } else { State::Break };
                None
            }
            State::Pid => self.header(byte, now),
            State::Response { expected, bytes, .. } => {
                bytes.push(byte);
                let awaited = match expected {
                    Expected::Foreign { length, .. } => *length + 1,
                    Expected::Own(own) => own.len(),
                };
                if bytes.len() == awaited {
                    self.response_ends(now);
                }
                None
            }
        }
    }

    fn header(&mut self, byte: u8, now: BenchTime) -> Option<Vec<u8>> {
        self.state = State::Break;
        let id = Pid::from_byte(byte).ok()?.id();
        match self.node.on_header(id, now) {
            Reaction::Ignore => None,
            Reaction::Listen { length, checksum } => {
                let expected = Expected::Foreign { length, checksum };
                self.state = State::Response { id, expected, bytes: Vec::new() };
                None
            }
            Reaction::Respond { data, checksum: model } => {
                let mut own = data.to_vec();
                own.push(checksum(model, id, &data));
                let expected = Expected::Own(own.clone());
                self.state = State::Response { id, expected, bytes: Vec::new() };
                Some(own)
            }
        }
    }

    /// The bus is idle, or the next frame begins: judges what came of the response.
    pub(super) fn response_ends(&mut self, now: BenchTime) {
        let State::Response { id, expected, bytes } = std::mem::replace(&mut self.state, State::Break) else {
            return;
        };
        match expected {
            // Nothing at all is no faulty response: the header was for a slave that kept silent.
            Expected::Foreign { .. } if bytes.is_empty() => {}
            Expected::Foreign { length, checksum: model } => match bytes.split_last() {
                Some((sum, data)) if data.len() == length && *sum == checksum(model, id, data) => {
                    match Data::new(data) {
                        Ok(data) => self.node.on_frame(id, &data, now),
                        Err(_) => self.node.on_faulty_response(id, now),
                    }
                }
                Some(_) | None => self.node.on_faulty_response(id, now),
            },
            Expected::Own(own) if own == bytes => self.node.on_transmitted(id, now),
            Expected::Own(_) => self.node.on_faulty_response(id, now),
        }
    }
}
