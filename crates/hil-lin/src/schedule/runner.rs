//! Works off slots when their time has come.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hil_model::{BenchTime, Clock};

use super::buffers::{Outgoing, Received};
use super::running::Shared;
use super::table::{ScheduledFrame, Slot, SlotKind};
use super::timeline::Timeline;
use crate::shared::RETRY;
use crate::{Bitrate, ChecksumModel, Data, Frame, FrameId, Header, LinError, LinMaster, Response};

/// What an answer that comes late leaves of its slot.
const MARGIN: Duration = Duration::from_millis(1);

/// The half of a running schedule that has the bus.
pub(super) struct Runner {
    shared: Arc<Shared>,
    timeline: Timeline,
    bitrate: Bitrate,
    clock: Arc<dyn Clock>,
    /// A configuration slot was sent, whose answer belongs into the next SlaveResp slot.
    answer_due: bool,
}

/// What became of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// A frame was sent, or received.
    Done,
    /// Nobody answered.
    Unanswered,
    /// The frame failed.
    Failed,
    /// Several slaves answered at once.
    Collided {
        /// The table that asks them one by one.
        table: String,
    },
}

impl Runner {
    pub(super) const fn new(
        shared: Arc<Shared>,
        timeline: Timeline,
        bitrate: Bitrate,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { shared, timeline, bitrate, clock, answer_due: false }
    }

    /// Works off the slot that is due, if one is, and says when to come again.
    pub(super) fn step(&mut self) -> Option<BenchTime> {
        if self.shared.has_ended() || !self.shared.is_permitted() {
            self.shared.end();
            return None;
        }
        if let Some(tables) = self.shared.take_switch() {
            self.timeline.switch(tables);
        }
        let now = self.clock.now();
        self.skip_missed(now);
        let planned = self.timeline.planned();
        if now < planned {
            return Some(planned);
        }
        let slot = self.timeline.slot().clone();
        let mut collision = None;
        if self.is_silent(&slot.what) {
            self.began(now.since(planned));
        } else {
            let shared = Arc::clone(&self.shared);
            let Some(mut master) = shared.master.claim() else { return Some(now + RETRY) };
            self.began(now.since(planned));
            let outcome = self.work_off(&slot, &mut **master, now);
            drop(master);
            let took = self.clock.now().since(now);
            self.ended(&outcome, took > slot.delay);
            if let Outcome::Collided { table } = outcome {
                collision = Some(table);
            }
        }
        match collision {
            Some(table) => self.timeline.collide(&table),
            None => self.timeline.advance(),
        }
        Some(self.timeline.planned())
    }

    /// Counts the slots that passed while the last frame was on the bus, unless the schedule was over by then.
    pub(super) fn finish(mut self) {
        if !self.shared.has_ended() && self.shared.is_permitted() {
            self.skip_missed(self.clock.now());
        }
    }

    /// Leaves out the slots whose time has passed.
    fn skip_missed(&mut self, now: BenchTime) {
        if !self.timeline.is_missed(now) {
            return;
        }
        self.shared.master.unclaim();
        let mut statistics = self.shared.statistics();
        while self.timeline.is_missed(now) {
            let of = statistics.of(self.timeline.table().name());
            of.planned += 1;
            of.missed += 1;
            self.timeline.advance();
        }
    }

    /// Whether nothing is to be sent in the slot now.
    fn is_silent(&self, what: &SlotKind) -> bool {
        match what {
            SlotKind::Sporadic(frames) => self.shared.buffers().updated(frames).is_none(),
            SlotKind::MasterRequest => !self.shared.waiting.has_request(),
            SlotKind::SlaveResponse => !self.answer_due && !self.shared.waiting.has_answer(),
            SlotKind::Unconditional(_) | SlotKind::EventTriggered { .. } | SlotKind::Configuration(_) => {
                false
            }
        }
    }

    fn began(&self, late: Duration) {
        let mut statistics = self.shared.statistics();
        let of = statistics.of(self.timeline.table().name());
        of.planned += 1;
        of.run += 1;
        of.jitter.record(late);
    }

    fn ended(&self, outcome: &Outcome, overran: bool) {
        let mut statistics = self.shared.statistics();
        let of = statistics.of(self.timeline.table().name());
        of.frames += 1;
        of.overran += u64::from(overran);
        match outcome {
            Outcome::Done => {}
            Outcome::Unanswered => of.unanswered += 1,
            Outcome::Failed => of.failed += 1,
            Outcome::Collided { .. } => of.collisions += 1,
        }
    }

    fn work_off(&mut self, slot: &Slot, master: &mut dyn LinMaster, asked: BenchTime) -> Outcome {
        match &slot.what {
            SlotKind::Unconditional(ScheduledFrame::Published(frame)) => {
                let outgoing = self.shared.buffers().outgoing(frame);
                self.publish(master, &outgoing)
            }
            SlotKind::Unconditional(ScheduledFrame::Subscribed(header)) => {
                let result = self.ask(master, *header, slot.delay, asked);
                let outcome = outcome(&result);
                self.shared.buffers().heard(header.id, result);
                outcome
            }
            SlotKind::EventTriggered { header, frames, collision } => {
                let result = self.ask(master, *header, slot.delay, asked);
                self.event(result, *header, frames, collision)
            }
            SlotKind::Sporadic(frames) => {
                let updated = self.shared.buffers().updated(frames);
                // It was there when the slot was looked at, and only this runner sends it.
                updated.map_or(Outcome::Done, |outgoing| self.publish(master, &outgoing))
            }
            SlotKind::MasterRequest => {
                // Who waited may have given up just now.
                let Some(errand) = self.shared.waiting.next_request() else { return Outcome::Done };
                let result = request(master, &errand.brings);
                let outcome = if result.is_ok() { Outcome::Done } else { Outcome::Failed };
                errand.finish(result);
                outcome
            }
            SlotKind::SlaveResponse => {
                self.answer_due = false;
                let header = Header::new(FrameId::SLAVE_RESPONSE, 8);
                let result = self.ask(master, header, slot.delay, asked);
                let outcome = outcome(&result);
                if let Some(errand) = self.shared.waiting.next_answer() {
                    let bytes = |received: Received| <[u8; 8]>::try_from(&*received.data).ok();
                    errand.finish(result.clone().map(|answer| answer.and_then(bytes)));
                }
                self.shared.buffers().heard(header.id, result);
                outcome
            }
            SlotKind::Configuration(bytes) => match request(master, bytes) {
                Ok(()) => {
                    self.answer_due = true;
                    Outcome::Done
                }
                Err(_) => Outcome::Failed,
            },
        }
    }

    fn publish(&self, master: &mut dyn LinMaster, outgoing: &Outgoing) -> Outcome {
        let frame = Frame::of(outgoing.frame.id, outgoing.data);
        match master.send_raw(&frame, outgoing.frame.checksum) {
            Ok(()) => {
                self.shared.buffers().sent(outgoing);
                Outcome::Done
            }
            Err(_) => Outcome::Failed,
        }
    }

    /// Asks for a response, which may take what its slot leaves.
    fn ask(
        &self,
        master: &mut dyn LinMaster,
        header: Header,
        delay: Duration,
        asked: BenchTime,
    ) -> Result<Option<Received>, LinError> {
        let longest = self.bitrate.maximum_frame(header.length).saturating_sub(self.bitrate.header());
        let left = delay.saturating_sub(self.bitrate.header() + MARGIN);
        Ok(match master.receive(header, longest.max(left))? {
            Response::Data(data) => Some(Received { data, asked, at: self.clock.now() }),
            Response::None => None,
        })
    }

    /// What an event-triggered frame brought belongs to the frame whose protected id is its first byte.
    fn event(
        &self,
        result: Result<Option<Received>, LinError>,
        header: Header,
        frames: &[FrameId],
        collision: &str,
    ) -> Outcome {
        match result {
            Ok(Some(received)) => {
                let sender = frames.iter().find(|id| received.data.first() == Some(&id.protected().get()));
                let Some(sender) = sender else {
                    let what = "an answer that begins with the protected id of none of its frames".to_owned();
                    let error = LinError::Disturbed { id: header.id, what };
                    self.shared.buffers().heard(header.id, Err(error));
                    return Outcome::Failed;
                };
                self.shared.buffers().heard(*sender, Ok(Some(received)));
                Outcome::Done
            }
            // Nothing has happened, which is what these frames are for.
            Ok(None) => Outcome::Done,
            Err(error) if error.is_adapter() || error == LinError::ShortedToGround => {
                self.shared.buffers().heard(header.id, Err(error));
                Outcome::Failed
            }
            Err(_) => Outcome::Collided { table: collision.to_owned() },
        }
    }
}

fn outcome(result: &Result<Option<Received>, LinError>) -> Outcome {
    match result {
        Ok(Some(_)) => Outcome::Done,
        Ok(None) => Outcome::Unanswered,
        Err(_) => Outcome::Failed,
    }
}

fn request(master: &mut dyn LinMaster, bytes: &[u8; 8]) -> Result<(), LinError> {
    // Eight bytes always fit.
    let data = Data::new(bytes).unwrap_or_default();
    master.send_raw(&Frame::of(FrameId::MASTER_REQUEST, data), ChecksumModel::Classic)
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("timeline", &self.timeline).finish_non_exhaustive()
    }
}
