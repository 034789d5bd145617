//! Many publishers, many readers, one order.

use std::thread;

use super::{frame, job};
use crate::{Filter, Hub, Piece};

const PUBLISHERS: u64 = 4;
const READERS: usize = 5;
const EACH: u64 = 2000;

#[test]
fn every_reader_sees_the_same_order() {
    let hub = Hub::default();
    let readers: Vec<_> = (0..READERS).map(|_| hub.subscribe(Filter::default(), None)).collect();
    let seen: Vec<u64> = thread::scope(|scope| {
        let readers: Vec<_> = readers
            .into_iter()
            .map(|reader| {
                scope.spawn(move || {
                    let (mut last, mut accounted, mut pieces) = (0, 0, Vec::new());
                    while accounted < PUBLISHERS * EACH {
                        reader.take(usize::MAX, &mut pieces).unwrap();
                        for piece in pieces.drain(..) {
                            let (from, to, count) = match piece {
                                Piece::Message(message) => (message.seq.0, message.seq.0, 1),
                                Piece::Gap(gap) => (gap.from.0, gap.to.0, gap.dropped.total()),
                            };
                            assert!(from == last + 1 && count == to - from + 1, "{from}..{to} after {last}");
                            (last, accounted) = (to, accounted + count);
                        }
                        thread::yield_now();
                    }
                    last
                })
            })
            .collect();
        for _ in 0..PUBLISHERS {
            let hub = hub.clone();
            scope.spawn(move || {
                let mut last = 0;
                for _ in 0..EACH {
                    let seq = hub.publish(&frame(&job("a"), 10)).0;
                    assert!(seq > last);
                    last = seq;
                }
            });
        }
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    assert_eq!(seen, [PUBLISHERS * EACH; READERS]);
}
