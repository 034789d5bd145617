//! The queue beside a model of it: a plain list, searched from the front for whatever has to go.

use std::sync::Arc;

use proptest::prelude::*;

use super::{frame, job, progress, published, status, warning};
use crate::class::Class;
use crate::published::Published;
use crate::queue::{Bounds, Gap, Losses, Overflow, Piece, Queue};
use crate::{Counts, Message, State};

/// What stands in the model's list.
#[derive(Clone, Debug)]
enum Entry {
    Message { message: Arc<Published>, is_superseded: bool, superseded_at: usize },
    Lost(Arc<Published>),
}

#[derive(Debug)]
struct Model {
    bounds: Bounds,
    entries: Vec<Entry>,
    /// Counts up, so that of two superseded messages the one that became it first is known.
    time: usize,
}

impl Model {
    fn waiting(&self) -> impl Iterator<Item = &Arc<Published>> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Message { message, .. } => Some(message),
            Entry::Lost(_) => None,
        })
    }

    fn fits(&self, size: usize, counted: impl Fn(&Published) -> bool) -> bool {
        let counted: Vec<_> = self.waiting().filter(|message| counted(message)).collect();
        let bytes: usize = counted.iter().map(|message| message.bytes.len()).sum();
        counted.len() < self.bounds.messages && bytes + size <= self.bounds.bytes
    }

    fn push(&mut self, new: &Arc<Published>) -> Result<(), Overflow> {
        let size = new.bytes.len();
        let is_must = |message: &Published| message.class == Class::Must;
        if !self.fits(size, is_must) {
            if !is_must(new) {
                self.entries.push(Entry::Lost(Arc::clone(new)));
                return Ok(());
            }
            if self.waiting().any(|message| is_must(message)) {
                return Err(Overflow);
            }
        }
        self.time += 1;
        for entry in &mut self.entries {
            if let Entry::Message { message, is_superseded, superseded_at } = entry
                && message.class == Class::Latest
                && message.key == new.key
                && !*is_superseded
            {
                (*is_superseded, *superseded_at) = (true, self.time);
            }
        }
        while !self.fits(size, |_| true) {
            let rank = |entry: &Entry| match entry {
                Entry::Message { is_superseded: true, superseded_at, .. } => Some((0, *superseded_at)),
                Entry::Message { message, .. } => match message.class {
                    Class::Droppable => Some((1, 0)),
                    Class::Latest => Some((2, 0)),
                    Class::Must => None,
                },
                Entry::Lost(_) => None,
            };
            let ranked = self.entries.iter().enumerate().filter_map(|(at, entry)| Some((rank(entry)?, at)));
            let Some((_, at)) = ranked.min() else { break };
            if let Entry::Message { message, .. } = self.entries[at].clone() {
                self.entries[at] = Entry::Lost(message);
            }
        }
        let message = Arc::clone(new);
        self.entries.push(Entry::Message { message, is_superseded: false, superseded_at: 0 });
        Ok(())
    }

    fn drain(&mut self, most: usize) -> Vec<Told> {
        let (mut told, mut taken, mut used): (Vec<Told>, usize, usize) = (Vec::new(), 0, 0);
        for entry in &self.entries {
            if let Entry::Lost(message) = entry
                && let Some(Told::Lost(dropped, _, to)) = told.last_mut()
            {
                dropped.add(message.kind);
                *to = message.seq.0;
                used += 1;
                continue;
            }
            if taken >= most {
                break;
            }
            used += 1;
            match entry {
                Entry::Message { message, .. } => {
                    taken += message.bytes.len();
                    told.push(Told::Message(message.seq.0));
                }
                Entry::Lost(message) => {
                    let mut dropped = Counts::default();
                    dropped.add(message.kind);
                    told.push(Told::Lost(dropped, message.seq.0, message.seq.0));
                }
            }
        }
        self.entries.drain(..used);
        told
    }
}

/// What a client is told, to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Message(u64),
    Lost(Counts, u64, u64),
}

impl From<&Piece> for Told {
    fn from(piece: &Piece) -> Self {
        match piece {
            Piece::Message(message) => Self::Message(message.seq.0),
            Piece::Gap(Gap { dropped, from, to }) => Self::Lost(*dropped, from.0, to.0),
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(Message),
    Drain(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let of = prop_oneof![Just(job("a")), Just(job("b"))];
    let message = (of, 0..12_u8, 0..300_usize).prop_map(|(of, what, pad)| match what {
        0 => progress(&of, 0),
        1 => progress(&of, 100),
        2 => warning(&of, &"x".repeat(pad)),
        3 => status(&of, "p", State::Completed),
        4 => status(&of, "p", State::Running),
        5 | 6 => progress(&of, u8::try_from(pad % 99).unwrap() + 1),
        _ => frame(&of, pad),
    });
    prop_oneof![6 => message.prop_map(Step::Push), 1 => (0..3000_usize).prop_map(Step::Drain)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_does_what_its_model_does(
        steps in prop::collection::vec(step(), 1..120),
        messages in 1..12_usize,
        bytes in 200..4000_usize,
    ) {
        let bounds = Bounds { messages, bytes };
        let (mut queue, mut model) = (Queue::new(bounds), Model { bounds, entries: Vec::new(), time: 0 });
        let (mut pushed, mut told, mut lost_by_class) = (Vec::new(), Vec::new(), [0, 0]);
        for step in steps.into_iter().chain([Step::Drain(usize::MAX)]) {
            match step {
                Step::Push(message) => {
                    let message = published(&message, u64::try_from(pushed.len()).unwrap() + 1);
                    let result = queue.push(&message);
                    prop_assert_eq!(result, model.push(&message));
                    if result.is_err() {
                        prop_assert!(message.class == Class::Must);
                        // The client is closed.
                        return Ok(());
                    }
                    pushed.push(message);
                }
                Step::Drain(most) => {
                    let mut pieces = Vec::new();
                    queue.drain(most, &mut pieces);
                    let pieces: Vec<Told> = pieces.iter().map(Told::from).collect();
                    prop_assert_eq!(&pieces, &model.drain(most));
                    told.extend(pieces);
                }
            }
            let waiting: Vec<_> = model.waiting().collect();
            let size: usize = waiting.iter().map(|message| message.bytes.len()).sum();
            prop_assert_eq!((queue.messages(), queue.bytes()), (waiting.len(), size));
            prop_assert!(queue.messages() <= messages);
            prop_assert!(queue.bytes() <= bytes || queue.messages() == 1);
        }
        prop_assert!(queue.is_empty());

        // Every number is accounted for: delivered in order, or inside a marker that says how many of which kind.
        let mut next = 1;
        let mut delivered = vec![false; pushed.len() + 1];
        for told in &told {
            match told {
                Told::Message(seq) => {
                    prop_assert!(*seq >= next, "{} after {}", seq, next);
                    next = seq + 1;
                    delivered[usize::try_from(*seq).unwrap()] = true;
                }
                Told::Lost(_, from, to) => {
                    prop_assert!(*from >= next && from <= to);
                    next = to + 1;
                }
            }
        }
        let missing: Vec<_> =
            pushed.iter().filter(|message| !delivered[usize::try_from(message.seq.0).unwrap()]).collect();
        let mut counted = Counts::default();
        for told in &told {
            if let Told::Lost(dropped, from, to) = told {
                let mut inside = Counts::default();
                missing
                    .iter()
                    .filter(|message| (*from..=*to).contains(&message.seq.0))
                    .for_each(|message| inside.add(message.kind));
                prop_assert_eq!(dropped, &inside);
                counted.add_all(dropped);
            }
        }
        for message in &missing {
            prop_assert!(message.class != Class::Must);
            lost_by_class[usize::from(message.class == Class::Latest)] += 1;
        }
        prop_assert_eq!(counted.total(), u64::try_from(missing.len()).unwrap());
        let [droppable, latest] = lost_by_class;
        prop_assert_eq!(queue.losses(), &Losses { by_kind: counted, droppable, latest });
    }
}

#[test]
fn holes_of_a_stalled_client_merge() {
    let of = job("a");
    let mut queue = Queue::new(Bounds { messages: 3, bytes: usize::MAX });
    queue.push(&published(&warning(&of, "first"), 1)).unwrap();
    for seq in 2..=100_000 {
        queue.push(&published(&frame(&of, 0), seq)).unwrap();
    }
    let mut pieces = Vec::new();
    queue.drain(usize::MAX, &mut pieces);
    let told: Vec<Told> = pieces.iter().map(Told::from).collect();
    let Told::Lost(dropped, 2, 99_998) = told[1].clone() else { panic!("{told:?}") };
    assert_eq!(dropped.total(), 99_997);
    assert_eq!(
        [&told[0], &told[2], &told[3]],
        [&Told::Message(1), &Told::Message(99_999), &Told::Message(100_000)]
    );
    assert_eq!(told.len(), 4);
}

#[test]
fn a_client_that_cannot_lose_anything_more_overflows() {
    let of = job("a");
    let mut queue = Queue::new(Bounds { messages: 2, bytes: usize::MAX });
    queue.push(&published(&warning(&of, "one"), 1)).unwrap();
    queue.push(&published(&frame(&of, 0), 2)).unwrap();
    queue.push(&published(&warning(&of, "two"), 3)).unwrap();
    queue.push(&published(&progress(&of, 5), 4)).unwrap();
    assert_eq!(queue.push(&published(&progress(&of, 100), 5)), Err(Overflow));
    assert_eq!((queue.losses().droppable, queue.losses().latest), (1, 1));
}
