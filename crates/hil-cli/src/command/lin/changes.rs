//! Frames on the bus whose content is not what it was the last time.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use hil_ldf::Database;
use hil_lin::{BusEvent, BusObserver, BusResult, Data, FrameId, LinError, Response};
use hil_model::{BenchTime, Clock};

/// How many changes may wait to be shown.
const WAITING: usize = 1024;

/// What was seen of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The master sent it.
    Sent(Data),
    /// The master could not send it.
    Unsent(LinError),
    /// A slave answered.
    Answered(Data),
    /// No slave answered.
    Silence,
    /// What a slave answered is no frame, or the adapter is in trouble.
    Bad(LinError),
}

impl From<Response> for Seen {
    fn from(response: Response) -> Self {
        match response {
            Response::Data(data) => Self::Answered(data),
            Response::None => Self::Silence,
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent(data) | Self::Answered(data) => write!(f, "[{data}]"),
            Self::Silence => f.write_str("no response"),
            Self::Unsent(error) | Self::Bad(error) => error.fmt(f),
        }
    }
}

/// A frame that is not what it was.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) at: BenchTime,
    pub(super) id: FrameId,
    pub(super) seen: Seen,
    /// How many changes before it are lost, because nobody looked.
    pub(super) lost: u64,
}

impl Change {
    /// The change in one line, with the name that `ldf` has for the frame.
    pub(super) fn line(&self, ldf: &Database) -> String {
        let Self { at, id, seen, .. } = self;
        let direction = match seen {
            Seen::Sent(_) | Seen::Unsent(_) => "tx",
            Seen::Answered(_) | Seen::Silence | Seen::Bad(_) => "rx",
        };
        let name = name(ldf, *id).unwrap_or_default();
        format!("{:>10} {direction} {id} {name:16} {seen}", at.to_string())
    }
}

/// What the file calls the frame `id`, which may be an event-triggered one.
fn name(ldf: &Database, id: FrameId) -> Option<&str> {
    let event = || ldf.event_triggered_frames().find(|event| event.id().get() == id.get());
    ldf.frame_by_id(id.get()).map(|frame| frame.name()).or_else(|| event().map(|event| event.name()))
}

/// How many messages in diagnostic frames are remembered.
const MESSAGES: usize = 64;

/// Tells changes from repetitions.
#[derive(Debug, Default)]
pub(super) struct Last {
    frames: BTreeMap<FrameId, Seen>,
    /// Diagnostic frames have no state that changes: each carries a message, and a table sends several in turn.
    messages: VecDeque<(FrameId, Seen)>,
}

impl Last {
    /// Whether `seen` is news of the frame `id`, which it is no more from now on.
    pub(super) fn changes(&mut self, id: FrameId, seen: &Seen) -> bool {
        if !id.is_always_classic() {
            return self.frames.insert(id, seen.clone()).as_ref() != Some(seen);
        }
        let message = (id, seen.clone());
        let is_new = !self.messages.contains(&message);
        if is_new {
            self.messages.truncate(MESSAGES - 1);
            self.messages.push_front(message);
        }
        is_new
    }
}

/// An observer of the bus that passes changes on. The bus never waits for whoever shows them.
pub(super) struct ChangeWatch {
    clock: Arc<dyn Clock>,
    changes: SyncSender<Change>,
    state: Mutex<(Last, u64)>,
}

impl ChangeWatch {
    /// An observer, once it is given the bench's clock, and what it passes on.
    pub(super) fn new() -> (impl FnOnce(Arc<dyn Clock>) -> Self, Receiver<Change>) {
        let (changes, passed) = sync_channel(WAITING);
        (move |clock| Self { clock, changes, state: Mutex::default() }, passed)
    }
}

impl BusObserver for ChangeWatch {
    fn on_frame(&self, event: BusEvent) {
        let (id, seen) = match event {
            BusEvent::Sent { frame, result: Ok(()) } => (frame.id(), Seen::Sent(*frame.data())),
            BusEvent::Sent { frame, result: Err(error) } => (frame.id(), Seen::Unsent(error)),
            BusEvent::Asked { id, result: BusResult::Data(data) } => (id, Seen::Answered(data)),
            BusEvent::Asked { id, result: BusResult::NoResponse } => (id, Seen::Silence),
            BusEvent::Asked { id, result: BusResult::Bad(error) } => (id, Seen::Bad(error)),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, lost) = &mut *state;
        if !last.changes(id, &seen) {
            return;
        }
        match self.changes.try_send(Change { at: self.clock.now(), id, seen, lost: *lost }) {
            Ok(()) => *lost = 0,
            Err(TrySendError::Full(_)) => *lost += 1,
            // Nobody looks any more.
            Err(TrySendError::Disconnected(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const STATUS: u8 = 0x11;
    const REQUEST: u8 = 0x3C;

    #[rstest]
    #[case::a_frame_changes_back(STATUS, &[1, 1, 2, 1, 1], "1 2 1")]
    #[case::messages_take_turns(REQUEST, &[1, 2, 3, 1, 2, 3, 4], "1 2 3 4")]
    fn what_is_repeated_is_no_news(#[case] id: u8, #[case] bytes: &[u8], #[case] news: &str) {
        let mut last = Last::default();
        let id = FrameId::new(id).unwrap();
        let is_new = |byte: &&u8| last.changes(id, &Seen::Sent(Data::new(&[**byte]).unwrap()));
        let shown: Vec<String> = bytes.iter().filter(is_new).map(ToString::to_string).collect();
        assert_eq!(shown.join(" "), news);
    }

    #[test]
    fn memory_is_bounded() {
        let mut last = Last::default();
        for number in 0..=u16::MAX {
            let data = Data::new(&number.to_le_bytes()).unwrap();
            last.changes(FrameId::MASTER_REQUEST, &Seen::Sent(data));
        }
        assert_eq!(last.messages.len(), MESSAGES);
    }
}
