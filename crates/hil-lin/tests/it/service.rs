//! A request, its answer, and nodes that ask for patience.

use std::sync::Arc;
use std::time::Duration;

use hil_lin::{
    Nad, NegativeResponse, Patience, Reply, ServiceError, TransportLayer, TransportTiming, exchange,
};
use hil_model::Clock;
use rstest::rstest;

use crate::script::{Script, Slot};

const REQUEST: [u8; 3] = [0x22, 0xF1, 0x95];
const POSITIVE: [u8; 8] = [0x01, 6, 0x62, 0xF1, 0x95, 1, 4, 2];
const REFUSED: [u8; 8] = [0x01, 3, 0x7F, 0x22, 0x31, 0xFF, 0xFF, 0xFF];
const PENDING: [u8; 8] = [0x01, 3, 0x7F, 0x22, 0x78, 0xFF, 0xFF, 0xFF];
const FOREIGN: [u8; 8] = [0x01, 3, 0x6E, 0xF1, 0x95, 0xFF, 0xFF, 0xFF];

fn ask(script: &mut Script) -> Result<Option<Reply>, ServiceError> {
    let clock = Arc::clone(&script.clock);
    let nad = Nad::new(0x01).unwrap();
    let mut layer = TransportLayer::new(script, &*clock, nad, TransportTiming::default());
    exchange(&mut layer, &*clock, &REQUEST, Patience::default())
}

fn positive() -> Option<Reply> {
    Some(Reply::Positive(POSITIVE[2..].to_vec()))
}

#[rstest]
#[case::silence(&[], Ok(None))]
#[case::positive(&[POSITIVE], Ok(positive()))]
#[case::refused(&[REFUSED], Ok(Some(Reply::Negative(NegativeResponse { service: 0x22, code: 0x31 }))))]
#[case::pending(&[PENDING, PENDING, PENDING, POSITIVE], Ok(positive()))]
#[case::pending_then_silent(&[PENDING], Err(ServiceError::PendingThenSilent { service: 0x22, timeout: Duration::from_secs(5) }))]
#[case::foreign(&[FOREIGN], Err(ServiceError::Foreign { service: 0x22, answer: vec![0x6E, 0xF1, 0x95] }))]
fn the_last_word_counts(#[case] frames: &[[u8; 8]], #[case] expected: Result<Option<Reply>, ServiceError>) {
    let mut script = Script::frames(frames.iter().copied());
    assert_eq!(ask(&mut script), expected);
    assert_eq!(script.sent_frames(), [[0x01, 3, 0x22, 0xF1, 0x95, 0xFF, 0xFF, 0xFF]]);
}

#[test]
fn a_slow_answer_after_a_pending_has_p2_star() {
    let nothing = std::iter::repeat_n(Slot::Nothing, 400);
    let mut script = Script::new([Slot::Frame(PENDING)].into_iter().chain(nothing));
    script.answers.push_back(Slot::Frame(POSITIVE));
    assert_eq!(ask(&mut script), Ok(positive()));
    assert!(script.clock.now().as_secs_f64() > 4.0);
}

#[test]
fn patience_ends() {
    let mut script = Script::new([]);
    script.forever = Slot::Frame(PENDING);
    let error = ask(&mut script).unwrap_err();
    assert!(matches!(error, ServiceError::StillPending { service: 0x22, .. }), "{error}");
    assert!((30.0..31.0).contains(&script.clock.now().as_secs_f64()));
}
