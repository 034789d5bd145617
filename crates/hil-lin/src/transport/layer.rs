//! The transport layer of the master: messages cut into frames, frames put together to messages.

use std::time::Duration;

use hil_model::{Clock, PollError, poll_until};

use super::pdu::{MAX_MESSAGE, MAX_SINGLE, Pdu, Reassembly, segments};
use super::{Address, Answer, DiagnosticChannel, DiagnosticSlots, TransportError, TransportTiming};
use crate::{LinError, Nad};

/// The pause after a frame that brought nothing on. A slot takes much longer by itself; with this the wait
/// ends even where slots take no time at all.
const IDLE: Duration = Duration::from_millis(1);

/// Messages to one address and back, over any [`DiagnosticSlots`] (LIN-08).
///
/// There is no flow control on LIN: the master paces what it sends by ST_min, and what it receives by
/// asking for it. Frames of other nodes are ignored. What ISO 17987-2 says of unexpected frames holds: a
/// consecutive frame that belongs to nothing is ignored, and a message that begins in the middle of another
/// takes its place, as long as the time for a first frame is not over.
#[derive(Debug)]
pub struct TransportLayer<'c, S> {
    slots: S,
    clock: &'c dyn Clock,
    address: Address,
    timing: TransportTiming,
    sender: Option<Nad>,
}

impl<'c, S: DiagnosticSlots> TransportLayer<'c, S> {
    /// Messages to and from `address`, whose node has the timers `timing`.
    pub fn new(slots: S, clock: &'c dyn Clock, address: impl Into<Address>, timing: TransportTiming) -> Self {
        Self { slots, clock, address: address.into(), timing, sender: None }
    }

    /// Whom it talks to.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// The timers.
    pub const fn timing(&self) -> TransportTiming {
        self.timing
    }

    /// Who sent the last message that [`DiagnosticChannel::receive`] gave out.
    pub const fn sender(&self) -> Option<Nad> {
        self.sender
    }

    /// As [`DiagnosticChannel::receive`], and says who answered: to a broadcast that may be any node.
    ///
    /// Nobody may answer a functional request; whoever does is heard all the same.
    ///
    /// # Errors
    ///
    /// As [`DiagnosticChannel::receive`].
    pub fn receive_from(&mut self, within: Duration) -> Result<Option<Answer>, TransportError> {
        let address = self.address;
        self.receive_where(within, |nad| address.is_answered_by(nad))
    }

    /// The next message of a node that `accepts` names.
    pub(crate) fn receive_where(
        &mut self,
        within: Duration,
        accepts: impl Fn(Nad) -> bool,
    ) -> Result<Option<Answer>, TransportError> {
        let deadline = self.clock.now() + within;
        // The rest of a message that was given up may still come: its node has not seen the new request yet.
        let begins = |nad, frame: &[u8; 8]| accepts(nad) && !Pdu::is_consecutive(frame);
        let Some((from, frame)) = self.next_frame(within, begins)? else { return Ok(None) };
        let mut message = match Pdu::parse(&frame)? {
            Pdu::First { length, data } => Reassembly::new(length, data),
            Pdu::Single(data) | Pdu::Consecutive { data, .. } => {
                return Ok(Some(Answer { from, content: data.to_vec() }));
            }
        };
        loop {
            self.separate();
            let Some((_, frame)) = self.next_frame(self.timing.n_cr, |nad, _| nad == from)? else {
                let (got, expected) = message.progress();
                return Err(TransportError::BrokeOff { got, expected, timeout: self.timing.n_cr });
            };
            match Pdu::parse(&frame)? {
                Pdu::Consecutive { number, data } => {
                    if message.take(number, data)? {
                        return Ok(Some(Answer { from, content: message.into_bytes() }));
                    }
                }
                Pdu::Single(_) | Pdu::First { .. } if self.clock.now() >= deadline => {
                    return Err(TransportError::Malformed {
                        frame,
                        why: "it begins in the middle of a message",
                    });
                }
                Pdu::Single(data) => return Ok(Some(Answer { from, content: data.to_vec() })),
                Pdu::First { length, data } => {
                    message = Reassembly::new(length, data);
                    self.clock.sleep(IDLE);
                }
            }
        }
    }

    /// Asks until a node sends a frame that is `wanted`.
    fn next_frame(
        &mut self,
        within: Duration,
        wanted: impl Fn(Nad, &[u8; 8]) -> bool,
    ) -> Result<Option<(Nad, [u8; 8])>, TransportError> {
        let Self { slots, clock, address, .. } = self;
        let polled = poll_until(*clock, "a slave response", IDLE, within, || {
            let Some(frame) = slots.response()? else { return Ok(None) };
            match Nad::new(frame[0]) {
                Ok(nad) => Ok(wanted(nad, &frame).then_some((nad, frame))),
                Err(_) if matches!(address, Address::Node(_)) => Ok(None),
                Err(_) => Err(TransportError::Malformed { frame, why: "no node can have this address" }),
            }
        });
        match polled {
            Ok(frame) => Ok(Some(frame)),
            Err(PollError::TimedOut { .. }) => Ok(None),
            Err(PollError::Failed(error)) => Err(error),
        }
    }

    /// Leaves the node the pause that it needs between two frames of a message.
    fn separate(&self) {
        if !self.timing.st_min.is_zero() {
            self.clock.sleep(self.timing.st_min);
        }
    }

    fn longest(&self) -> usize {
        match self.address {
            Address::Functional => MAX_SINGLE,
            Address::Node(_) | Address::Broadcast => MAX_MESSAGE,
        }
    }
}

impl<S: DiagnosticSlots> DiagnosticChannel for TransportLayer<'_, S> {
    fn send(&mut self, message: &[u8]) -> Result<(), TransportError> {
        let (length, max) = (message.len(), self.longest());
        if length == 0 || length > max {
            return Err(TransportError::Length { length, max });
        }
        for (at, frame) in segments(self.address.get(), message).enumerate() {
            if at > 0 {
                self.separate();
            }
            let began = self.clock.now();
            self.slots.request(frame)?;
            if self.clock.now().since(began) > self.timing.n_as {
                return Err(TransportError::NotSent { frame: at, timeout: self.timing.n_as });
            }
        }
        Ok(())
    }

    fn receive(&mut self, within: Duration) -> Result<Option<Vec<u8>>, TransportError> {
        let answer = self.receive_from(within)?;
        self.sender = answer.as_ref().map(|answer| answer.from).or(self.sender);
        Ok(answer.map(|answer| answer.content))
    }
}

impl<S: DiagnosticSlots + ?Sized> DiagnosticSlots for &mut S {
    fn request(&mut self, frame: [u8; 8]) -> Result<(), LinError> {
        (**self).request(frame)
    }

    fn response(&mut self) -> Result<Option<[u8; 8]>, LinError> {
        (**self).response()
    }
}
