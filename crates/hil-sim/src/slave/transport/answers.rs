//! Answers that go out in pieces, when their time has come.

use std::collections::VecDeque;

use hil_model::BenchTime;

use super::TransportTiming;
use crate::Reply;
use crate::slave::{Defect, Defects};

/// A negative answer.
const NEGATIVE: u8 = 0x7F;
/// "Response pending": the answer comes later.
const PENDING: u8 = 0x78;
/// The longest message.
const LONGEST: usize = 0xFFF;

/// A message on its way out.
#[derive(Clone, Debug)]
struct Answer {
    nad: u8,
    message: Vec<u8>,
    sent: usize,
    /// The number of the next consecutive frame.
    sequence: u8,
    /// From when on its next frame may go, and from when on that frame waits for its header.
    due: BenchTime,
}

impl Answer {
    const fn new(nad: u8, message: Vec<u8>, due: BenchTime) -> Self {
        Self { nad, message, sent: 0, sequence: 1, due }
    }

    /// The next frame.
    fn frame(&mut self, defects: Defects) -> [u8; 8] {
        let padding = if defects.has(Defect::ZeroPadding) { 0x00 } else { 0xFF };
        let mut frame = [padding; 8];
        frame[0] = self.nad;
        let length = self.message.len();
        let at = if length <= 6 {
            frame[1] = length as u8;
            2
        } else if self.sent == 0 {
            frame[1] = 0x10 | (length >> 8) as u8;
            frame[2] = length as u8;
            3
        } else {
            let first = u8::from(defects.has(Defect::WrongSequenceSent));
            frame[1] = 0x20 | (self.sequence.wrapping_sub(first) & 0x0F);
            self.sequence = self.sequence.wrapping_add(1);
            2
        };
        let rest = &self.message[self.sent..];
        let taken = rest.len().min(8 - at);
        frame[at..at + taken].copy_from_slice(&rest[..taken]);
        self.sent += taken;
        frame
    }

    const fn is_sent(&self) -> bool {
        self.sent == self.message.len()
    }
}

/// What the node has to say on 0x3D.
#[derive(Debug)]
pub(super) struct Answers {
    line: VecDeque<Answer>,
    timing: TransportTiming,
    defects: Defects,
}

impl Answers {
    pub(super) const fn new(timing: TransportTiming, defects: Defects) -> Self {
        Self { line: VecDeque::new(), timing, defects }
    }

    pub(super) fn clear(&mut self) {
        self.line.clear();
    }

    /// Whether something waits to be asked for, or to become due.
    pub(super) fn are_under_way(&mut self, now: BenchTime) -> bool {
        self.expire(now);
        !self.line.is_empty()
    }

    /// Puts what a service has to say in line: each delay a response-pending first.
    pub(super) fn reply(&mut self, nad: u8, service: u8, reply: Reply, now: BenchTime) {
        let mut due = now + self.timing.p2;
        let mut reply = reply;
        let message = loop {
            match reply {
                Reply::Positive(content) => {
                    let gap = if self.defects.has(Defect::WrongRsid) { 0x00 } else { 0x40 };
                    let mut message = vec![service.wrapping_add(gap)];
                    message.extend(content.into_iter().take(LONGEST - 1));
                    break message;
                }
                Reply::Negative(code) => break vec![NEGATIVE, service, code],
                Reply::Pending { after, then } => {
                    self.line.push_back(Answer::new(nad, vec![NEGATIVE, service, PENDING], due));
                    due = due + after;
                    reply = *then;
                }
                Reply::Restart(then) => reply = *then,
                Reply::Silence => return,
            }
        };
        let answer = Answer::new(nad, message, due);
        if self.defects.has(Defect::AnswersTwice) {
            self.line.push_back(answer.clone());
        }
        self.line.push_back(answer);
    }

    /// The next frame, if one is due.
    pub(super) fn next(&mut self, now: BenchTime) -> Option<[u8; 8]> {
        self.expire(now);
        let answer = self.line.front_mut().filter(|answer| now >= answer.due)?;
        let frame = answer.frame(self.defects);
        answer.due = now;
        if answer.is_sent() {
            self.line.pop_front();
            // What was behind it waits for its header from now on at the earliest.
            if let Some(next) = self.line.front_mut() {
                next.due = next.due.max(now);
            }
        }
        Some(frame)
    }

    /// Drops an answer that the master did not fetch in time.
    fn expire(&mut self, now: BenchTime) {
        let is_late = |answer: &Answer| now.since(answer.due) > self.timing.n_as;
        if self.line.front().is_some_and(is_late) && !self.defects.has(Defect::NoAnswerTimeout) {
            self.line.clear();
        }
    }
}
