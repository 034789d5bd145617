//! Frames in, frames out.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const OWN: Nad = match Nad::new(0x05) {
    Ok(nad) => nad,
    Err(_) => panic!(),
};

const fn at(millis: u64) -> BenchTime {
    BenchTime::from_micros(millis * 1000)
}

/// A frame with FF behind what is given.
fn frame(bytes: &[u8]) -> [u8; 8] {
    let mut frame = [0xFF; 8];
    frame[..bytes.len()].copy_from_slice(bytes);
    frame
}

/// A transport layer that answers each request with its bytes, as `serve` makes a reply of them.
struct Echo {
    transport: Transport,
    requests: Vec<Vec<u8>>,
    serve: fn(&[u8]) -> Reply,
}

impl Echo {
    fn new(serve: fn(&[u8]) -> Reply) -> Self {
        let transport = Transport::new(TransportTiming::default(), Defects::NONE);
        Self { transport, requests: Vec::new(), serve }
    }

    fn hear(&mut self, bytes: &[u8], now: BenchTime) {
        let frame = frame(bytes);
        let target = Target::of(&frame, OWN, OWN, Defects::NONE);
        if let Some(message) = self.transport.take(&frame, target, now) {
            if target != Target::Functional {
                let reply = (self.serve)(&message[1..]);
                self.transport.reply(OWN.get(), message[0], reply, now);
            }
            self.requests.push(message);
        }
    }

    fn say(&mut self, now: BenchTime) -> Option<[u8; 8]> {
        self.transport.answer(OWN, now)
    }
}

fn same(request: &[u8]) -> Reply {
    Reply::Positive(request.to_vec())
}

#[rstest]
#[case::own(&[5, 2, 0x22, 7], 1, Some(frame(&[5, 2, 0x62, 7])))]
#[case::broadcast(&[0x7F, 2, 0x22, 7], 1, Some(frame(&[5, 2, 0x62, 7])))]
#[case::functional(&[0x7E, 2, 0x22, 7], 1, None)]
#[case::other(&[6, 2, 0x22, 7], 0, None)]
#[case::user_defined(&[0x80, 2, 0x22, 7], 0, None)]
#[case::empty(&[5, 0, 0x22, 7], 0, None)]
#[case::seven_in_a_single_frame(&[5, 7, 0x22, 7], 0, None)]
#[case::first_frame_of_six(&[5, 0x10, 6, 0x22, 7], 0, None)]
#[case::consecutive_without_a_first(&[5, 0x21, 0x22, 7], 0, None)]
#[case::flow_control(&[5, 0x30, 0, 0], 0, None)]
fn a_frame_is_taken_by_its_address(
    #[case] bytes: &[u8],
    #[case] requests: usize,
    #[case] answer: Option<[u8; 8]>,
) {
    let mut echo = Echo::new(same);
    echo.hear(bytes, at(0));
    assert_eq!((echo.requests.len(), echo.say(at(1)), echo.say(at(2))), (requests, answer, None));
}

/// What happens while `05 10 08 22 01 02 03 04`, `05 21 05 06 07` comes, and whether it is taken all the same.
#[rstest]
#[case::nothing(None, 1000, true)]
#[case::too_late(None, 1001, false)]
#[case::functional_in_between(Some(vec![0x7E, 2, 0x3E, 0x80]), 10, true)]
#[case::other_node_in_between(Some(vec![0x09, 2, 0x3E, 0x80]), 10, true)]
#[case::wrong_number(Some(vec![5, 0x22, 5, 6, 7]), 10, false)]
#[case::other_address(Some(vec![0x7F, 0x21, 5, 6, 7]), 10, false)]
#[case::single_frame(Some(vec![5, 1, 0x3E]), 10, false)]
fn a_segmented_request_is_whole_or_dropped(
    #[case] between: Option<Vec<u8>>,
    #[case] after: u64,
    #[case] taken: bool,
) {
    let mut echo = Echo::new(same);
    echo.hear(&[5, 0x10, 8, 0x22, 1, 2, 3, 4], at(0));
    if let Some(bytes) = between {
        echo.hear(&bytes, at(5));
    }
    echo.hear(&[5, 0x21, 5, 6, 7], at(after));
    assert_eq!(echo.requests.contains(&vec![0x22, 1, 2, 3, 4, 5, 6, 7]), taken);
}

/// An answer of two frames, and what comes between them.
#[rstest]
#[case::nothing(None, 1000, Some([5, 0x21, 5, 6, 7, 0xFF, 0xFF, 0xFF]))]
#[case::too_late(None, 1001, None)]
#[case::functional(Some([0x7E, 2, 0x3E, 0x80]), 10, Some([5, 0x21, 5, 6, 7, 0xFF, 0xFF, 0xFF]))]
#[case::other_node(Some([0x09, 2, 0x3E, 0x80]), 10, None)]
#[case::new_request(Some([5, 2, 0x3E, 0x01]), 10, Some([5, 2, 0x7E, 0x01, 0xFF, 0xFF, 0xFF, 0xFF]))]
fn an_answer_under_way_can_end(
    #[case] between: Option<[u8; 4]>,
    #[case] after: u64,
    #[case] second: Option<[u8; 8]>,
) {
    let mut echo = Echo::new(|request| match request {
        [1] => Reply::Positive(vec![1]),
        _ => Reply::Positive(vec![1, 2, 3, 4, 5, 6, 7]),
    });
    echo.hear(&[5, 2, 0x22, 0], at(0));
    assert_eq!(echo.say(at(0)), Some([5, 0x10, 8, 0x62, 1, 2, 3, 4]));
    if let Some(bytes) = between {
        echo.hear(&bytes, at(5));
    }
    assert_eq!(echo.say(at(after)), second);
    assert_eq!(echo.say(at(after)), None);
}

#[test]
fn an_answer_that_takes_its_time_is_announced() {
    let mut echo = Echo::new(|_| Reply::Pending {
        after: Duration::from_millis(500),
        then: Box::new(Reply::Pending {
            after: Duration::from_secs(3),
            then: Box::new(Reply::Negative(0x22)),
        }),
    });
    echo.hear(&[5, 1, 0x31], at(0));
    let pending = Some(frame(&[5, 3, 0x7F, 0x31, 0x78]));
    assert_eq!((echo.say(at(10)), echo.say(at(20))), (pending, None));
    assert_eq!((echo.say(at(500)), echo.say(at(510))), (pending, None));
    assert_eq!(echo.say(at(3_500)), Some(frame(&[5, 3, 0x7F, 0x31, 0x22])));
    assert_eq!(echo.say(at(3_510)), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever was cut to pieces is put together again, in either direction.
    #[test]
    fn a_message_survives_the_way_there_and_back(message in proptest::collection::vec(any::<u8>(), 1..=4095)) {
        let mut echo = Echo::new(same);
        if message.len() <= 6 {
            let head = [5, message.len() as u8];
            echo.hear(&[head.as_slice(), &message].concat(), at(0));
        } else {
            let head = [5, 0x10 | (message.len() >> 8) as u8, message.len() as u8];
            echo.hear(&[head.as_slice(), &message[..5]].concat(), at(0));
            for (at_frame, piece) in message[5..].chunks(6).enumerate() {
                let head = [5, 0x20 | ((at_frame + 1) % 16) as u8];
                echo.hear(&[head.as_slice(), piece].concat(), at(at_frame as u64));
            }
        }
        prop_assert_eq!(echo.requests.as_slice(), std::slice::from_ref(&message));
        let mut answer: Vec<u8> = Vec::new();
        let now = at(700);
        while let Some(frame) = echo.say(now) {
            answer.extend(if frame[1] >> 4 == 1 { &frame[3..] } else { &frame[2..] });
        }
        answer.truncate(message.len());
        let mut expected = message;
        expected[0] = expected[0].wrapping_add(0x40);
        prop_assert_eq!(answer, expected);
    }

    /// No frame makes it panic, or answer without a request.
    #[test]
    fn nothing_that_comes_breaks_it(frames in proptest::collection::vec(any::<[u8; 8]>(), 0..50)) {
        let mut echo = Echo::new(same);
        for frame in frames {
            let before = echo.requests.len();
            echo.hear(&frame, at(0));
            let answered = echo.say(at(0)).is_some();
            prop_assert!(!answered || echo.requests.len() > before);
            echo.transport.answers.clear();
        }
    }
}
