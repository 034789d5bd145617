//! The transport layer of a slave (hardware reference 1.6): frames on 0x3C become requests, answers become frames
//! on 0x3D, one for each header.

mod answers;
mod reception;

use std::time::Duration;

use hil_lin::Nad;
use hil_model::BenchTime;

use self::answers::Answers;
use self::reception::Reception;
use super::{Defect, Defects};
use crate::Reply;

/// Every node takes it and answers with its own address.
const BROADCAST: u8 = 0x7F;
/// Every node takes it, no node answers.
const FUNCTIONAL: u8 = 0x7E;

/// The timers of the transport layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportTiming {
    /// From a request to the first frame of its answer.
    pub p2: Duration,
    /// How long a frame of an answer waits for its header.
    pub n_as: Duration,
    /// How long the next frame of a request may take.
    pub n_cr: Duration,
}

/// An answer at once, and the time-outs that the LDF has by default.
impl Default for TransportTiming {
    fn default() -> Self {
        Self { p2: Duration::ZERO, n_as: Duration::from_secs(1), n_cr: Duration::from_secs(1) }
    }
}

/// Whom a master request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The node, under its configured address.
    Own,
    /// The node, under the address that it left the factory with; only AssignNAD goes there.
    Initial,
    /// Whoever hears it.
    Broadcast,
    /// Whoever hears it, and nobody answers.
    Functional,
    /// Another node.
    Other,
}

impl Target {
    pub(super) fn of(frame: &[u8; 8], own: Nad, initial: Nad, defects: Defects) -> Self {
        let is_assign_nad = frame[1] == 6 && frame[2] == 0xB0;
        match frame[0] {
            nad if nad == own.get() => Self::Own,
            BROADCAST if defects.has(Defect::IgnoresBroadcast) => Self::Other,
            BROADCAST => Self::Broadcast,
            FUNCTIONAL if defects.has(Defect::AnswersFunctional) => Self::Own,
            FUNCTIONAL => Self::Functional,
            nad if nad == initial.get() && is_assign_nad => Self::Initial,
            _ if defects.has(Defect::AnyonesNad) => Self::Own,
            _ => Self::Other,
        }
    }
}

/// The transport layer of one node.
#[derive(Debug)]
pub(super) struct Transport {
    reception: Option<Reception>,
    answers: Answers,
    timing: TransportTiming,
    defects: Defects,
}

impl Transport {
    pub(super) fn new(timing: TransportTiming, defects: Defects) -> Self {
        Self { reception: None, answers: Answers::new(timing, defects), timing, defects }
    }

    /// The unit starts or sleeps: what was under way is gone.
    pub(super) fn reset(&mut self) {
        self.reception = None;
        self.answers.clear();
    }

    /// Takes a master request; returns the message that it completes.
    ///
    /// A request ends the answer before it, also one for another node: on the next header that one answers (U).
    /// A functional request is ignored while something is under way (U).
    pub(super) fn take(&mut self, frame: &[u8; 8], target: Target, now: BenchTime) -> Option<Vec<u8>> {
        if target == Target::Functional {
            if self.defects.has(Defect::DropsRequestOnFunctional) {
                self.reception = None;
            }
            if self.defects.has(Defect::DropsAnswerOnFunctional) {
                self.answers.clear();
            }
            let is_busy = self.reception.is_some() || self.answers.are_under_way(now);
            return if is_busy { None } else { reception::single(frame) };
        }
        if !self.defects.has(Defect::KeepsOldAnswer) {
            self.answers.clear();
        }
        if target == Target::Other {
            return None;
        }
        match frame[1] >> 4 {
            0 => {
                self.reception = None;
                reception::single(frame)
            }
            1 if self.defects.has(Defect::IgnoresSegments) => None,
            1 => {
                self.reception = Reception::begin(frame, now);
                None
            }
            2 => {
                let reception = self.reception.take()?;
                match reception.go_on(frame, now, self.timing.n_cr, self.defects) {
                    reception::Progress::Complete(message) => Some(message),
                    reception::Progress::Partial(reception) => {
                        self.reception = Some(reception);
                        None
                    }
                    reception::Progress::Broken => None,
                }
            }
            _ => None,
        }
    }

    /// A frame other than the diagnostic ones was on the bus.
    pub(super) fn other_frame(&mut self) {
        if self.defects.has(Defect::DropsRequestOnTraffic) {
            self.reception = None;
        }
        if self.defects.has(Defect::DropsAnswerOnTraffic) {
            self.answers.clear();
        }
    }

    /// Puts what a service has to say in line.
    pub(super) fn reply(&mut self, nad: u8, service: u8, reply: Reply, now: BenchTime) {
        self.answers.reply(nad, service, reply, now);
    }

    /// Whether an answer, or the rest of one, waits to be asked for.
    pub(super) fn is_answering(&mut self, now: BenchTime) -> bool {
        self.answers.are_under_way(now)
    }

    /// The frame that answers a slave response header now, which is given once.
    pub(super) fn answer(&mut self, own: Nad, now: BenchTime) -> Option<[u8; 8]> {
        let unasked = [own.get(), 0x01, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        let answer = self.answers.next(now);
        answer.or_else(|| self.defects.has(Defect::AnswersUnasked).then_some(unasked))
    }
}

#[cfg(test)]
mod tests;
