//! Messages over frames, both ways, and every way for them to break.

use std::sync::Arc;
use std::time::Duration;

use hil_lin::{
    Address, Answer, Bitrate, Capabilities, ChecksumModel, Data, DiagnosticChannel, DiagnosticSlots,
    DirectSlots, Frame, FrameId, Header, LinError, LinMaster, Nad, Response, TransportError, TransportLayer,
    TransportTiming,
};
use hil_model::Clock;
use proptest::prelude::*;
use rstest::rstest;

use crate::script::{SLOT, Script, Slot};

const NAD: u8 = 0x21;
const WITHIN: Duration = Duration::from_millis(100);

fn nad(nad: u8) -> Nad {
    Nad::new(nad).unwrap()
}

/// What one exchange with the scripted bus gives.
fn with_layer<T>(
    script: &mut Script,
    address: Address,
    timing: TransportTiming,
    act: impl FnOnce(&mut TransportLayer<'_, &mut Script>) -> T,
) -> T {
    let clock = Arc::clone(&script.clock);
    act(&mut TransportLayer::new(script, &*clock, address, timing))
}

fn receive(script: &mut Script, address: Address) -> Result<Option<Answer>, TransportError> {
    with_layer(script, address, TransportTiming::default(), |layer| layer.receive_from(WITHIN))
}

fn send(script: &mut Script, address: Address, message: &[u8]) -> Result<(), TransportError> {
    with_layer(script, address, TransportTiming::default(), |layer| layer.send(message))
}

/// A node's own receiver, written from the table of hardware reference 1.6.
fn put_together(frames: &[[u8; 8]]) -> Option<Vec<u8>> {
    let (first, rest) = frames.split_first()?;
    if first[1] < 7 {
        return rest.is_empty().then(|| first[2..2 + usize::from(first[1])].to_vec());
    }
    let length = (usize::from(first[1]) - 0x10) * 256 + usize::from(first[2]);
    let mut message = first[3..].to_vec();
    let mut number = 0x21;
    for frame in rest {
        if frame[0] != first[0] || frame[1] != number {
            return None;
        }
        message.extend(&frame[2..]);
        number = if number == 0x2F { 0x20 } else { number + 1 };
    }
    let padding = message.split_off(length.min(message.len()));
    (message.len() == length && padding.len() < 6 && padding.iter().all(|byte| *byte == 0xFF))
        .then_some(message)
}

/// A node's own sender: a message byte by byte into frames.
fn cut(nad: u8, message: &[u8]) -> Vec<[u8; 8]> {
    let mut bytes = message.iter().copied();
    let mut fill = |frame: &mut [u8]| frame.fill_with(|| bytes.next().unwrap_or(0xFF));
    let mut frames = Vec::new();
    let mut frame = [nad, message.len() as u8, 0, 0, 0, 0, 0, 0];
    if message.len() <= 6 {
        fill(&mut frame[2..]);
        return vec![frame];
    }
    [frame[1], frame[2]] = (0x1000 + message.len() as u16).to_be_bytes();
    fill(&mut frame[3..]);
    frames.push(frame);
    for at in 0..(message.len() - 5).div_ceil(6) {
        let mut frame = [nad, 0x20 + ((at + 1) % 16) as u8, 0, 0, 0, 0, 0, 0];
        fill(&mut frame[2..]);
        frames.push(frame);
    }
    frames
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    let lengths = prop_oneof![1..=13_usize, 90..=110_usize, 1..=4095_usize, Just(4095)];
    lengths.prop_flat_map(|length| prop::collection::vec(any::<u8>(), length))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_node_gets_what_is_sent(message in message()) {
        let mut script = Script::new([]);
        send(&mut script, nad(NAD).into(), &message).unwrap();
        prop_assert!(script.sent.iter().all(|(_, frame)| frame[0] == NAD));
        prop_assert_eq!(put_together(&script.sent_frames()), Some(message));
    }

    #[test]
    fn what_a_node_sends_is_got(message in message()) {
        let mut script = Script::frames(cut(NAD, &message));
        let answer = receive(&mut script, nad(NAD).into());
        prop_assert_eq!(answer, Ok(Some(Answer { from: nad(NAD), content: message })));
        prop_assert_eq!(script.answers.len(), 0);
    }

    /// Whatever a node sends, the wait ends in bounded time, and so does the memory.
    #[test]
    fn nonsense_ends_in_time(frames in prop::collection::vec(any::<[u8; 8]>(), 0..200)) {
        let ours = frames.into_iter().map(|mut frame| { frame[0] = NAD; frame[1] &= 0x2F; frame });
        let mut script = Script::frames(ours);
        let answer = receive(&mut script, nad(NAD).into());
        prop_assert!(script.clock.now().as_secs_f64() < 10.0);
        if let Ok(Some(answer)) = answer {
            prop_assert!((1..=4095).contains(&answer.content.len()));
        }
    }
}

const SINGLE: [u8; 8] = [NAD, 2, 0x62, 0x01, 0xFF, 0xFF, 0xFF, 0xFF];
const FIRST: [u8; 8] = [NAD, 0x10, 13, 1, 2, 3, 4, 5];
const SECOND: [u8; 8] = [NAD, 0x21, 6, 7, 8, 9, 10, 11];
const THIRD: [u8; 8] = [NAD, 0x22, 12, 13, 0xFF, 0xFF, 0xFF, 0xFF];
const OTHER: [u8; 8] = [0x22, 0x10, 200, 9, 9, 9, 9, 9];

const fn of_nobody(mut frame: [u8; 8]) -> [u8; 8] {
    frame[0] = 0x7F;
    frame
}

fn malformed(frame: [u8; 8], why: &'static str) -> TransportError {
    TransportError::Malformed { frame, why }
}

fn broke_off(got: usize) -> TransportError {
    TransportError::BrokeOff { got, expected: 13, timeout: Duration::from_secs(1) }
}

/// The message of `FIRST`, `SECOND`, `THIRD`.
fn counted() -> Option<Vec<u8>> {
    Some((1..=13).collect())
}

#[rstest]
#[case::nobody(&[], Ok(None))]
#[case::single(&[SINGLE], Ok(Some(vec![0x62, 0x01])))]
#[case::segmented(&[FIRST, SECOND, THIRD], Ok(counted()))]
#[case::others_in_between(&[OTHER, FIRST, OTHER, SECOND, OTHER, THIRD], Ok(counted()))]
#[case::only_others(&[OTHER; 9], Ok(None))]
#[case::nobodys_frames(&[of_nobody(SINGLE), SINGLE], Ok(Some(vec![0x62, 0x01])))]
#[case::rest_of_an_old_message(&[SECOND, THIRD, SINGLE], Ok(Some(vec![0x62, 0x01])))]
#[case::starts_over(&[FIRST, SECOND, FIRST, SECOND, THIRD], Ok(counted()))]
#[case::single_in_the_middle(&[FIRST, SECOND, SINGLE], Ok(Some(vec![0x62, 0x01])))]
#[case::starts_over_forever(&[FIRST; 99], Err(malformed(FIRST, "it begins in the middle of a message")))]
#[case::frame_lost(&[FIRST, THIRD], Err(TransportError::Sequence { expected: 1, got: 2 }))]
#[case::frame_twice(&[FIRST, SECOND, SECOND], Err(TransportError::Sequence { expected: 2, got: 1 }))]
#[case::breaks_off_at_once(&[FIRST], Err(broke_off(5)))]
#[case::breaks_off(&[FIRST, SECOND], Err(broke_off(11)))]
#[case::breaks_off_while_others_talk(&[FIRST, OTHER, OTHER], Err(broke_off(5)))]
#[case::empty_single(&[[NAD, 0, 1, 2, 3, 4, 5, 6]], Err(malformed([NAD, 0, 1, 2, 3, 4, 5, 6], "a single frame of no bytes")))]
#[case::long_single(&[[NAD, 7, 1, 2, 3, 4, 5, 6]], Err(malformed([NAD, 7, 1, 2, 3, 4, 5, 6], "a single frame of more than 6 bytes")))]
#[case::short_first(&[[NAD, 0x10, 6, 1, 2, 3, 4, 5]], Err(malformed([NAD, 0x10, 6, 1, 2, 3, 4, 5], "a first frame of a message that fits into a single one")))]
#[case::flow_control(&[[NAD, 0x30, 0, 0, 0, 0, 0, 0]], Err(malformed([NAD, 0x30, 0, 0, 0, 0, 0, 0], "its second byte is of no kind that LIN has")))]
fn frames_make_a_message_or_an_error(
    #[case] frames: &[[u8; 8]],
    #[case] expected: Result<Option<Vec<u8>>, TransportError>,
) {
    let mut script = Script::frames(frames.iter().copied());
    let answer = receive(&mut script, nad(NAD).into());
    assert_eq!(answer.map(|answer| answer.map(|answer| answer.content)), expected);
}

#[rstest]
#[case::broadcast(Address::Broadcast)]
#[case::functional_although_nobody_may(Address::Functional)]
fn whoever_answers_is_named(#[case] address: Address) {
    let mut script = Script::frames([FIRST, OTHER, SECOND, THIRD]);
    let answer = receive(&mut script, address).unwrap().unwrap();
    assert_eq!((answer.from, Some(answer.content)), (nad(NAD), counted()));
}

#[test]
fn a_node_that_answers_with_no_address_is_found_out() {
    let mut script = Script::frames([of_nobody(SINGLE)]);
    let error = receive(&mut script, Address::Broadcast).unwrap_err();
    assert_eq!(error, malformed(of_nobody(SINGLE), "no node can have this address"));
}

#[test]
fn the_bus_breaks_through() {
    let mut script = Script::new([Slot::Frame(FIRST), Slot::Fails(LinError::ShortedToGround)]);
    let error = receive(&mut script, nad(NAD).into()).unwrap_err();
    assert_eq!(error, TransportError::Bus(LinError::ShortedToGround));
    script.refuses = vec![1];
    let error = send(&mut script, nad(NAD).into(), &[0; 20]).unwrap_err();
    assert_eq!((error, script.sent.len()), (TransportError::Bus(LinError::ShortedToGround), 1));
}

#[rstest]
#[case::nothing(nad(NAD).into(), 0, 4095)]
#[case::too_long(nad(NAD).into(), 4096, 4095)]
#[case::segmented_to_all(Address::Functional, 7, 6)]
fn what_cannot_be_sent_is_refused_before_it_is(
    #[case] address: Address,
    #[case] length: usize,
    #[case] max: usize,
) {
    let mut script = Script::new([]);
    let error = send(&mut script, address, &vec![0; length]).unwrap_err();
    assert_eq!((error, script.sent.len()), (TransportError::Length { length, max }, 0));
}

#[test]
fn the_timers_hold() {
    let st_min = Duration::from_millis(25);
    let timing = TransportTiming { st_min, n_cr: Duration::from_millis(300), ..TransportTiming::default() };
    let mut script = Script::frames([FIRST]);
    with_layer(&mut script, nad(NAD).into(), timing, |layer| layer.send(&[0; 13])).unwrap();
    let began: Vec<u128> = script.sent.iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(began, [0, 35, 70], "ST_min between the end of a frame and the next one");

    let asked = script.clock.now();
    let error = with_layer(&mut script, nad(NAD).into(), timing, |layer| layer.receive(WITHIN)).unwrap_err();
    assert!(matches!(error, TransportError::BrokeOff { got: 5, .. }));
    let waited = script.clock.now().since(asked);
    let least = SLOT + st_min + timing.n_cr;
    assert!((least..=least + 2 * SLOT).contains(&waited), "{waited:?}");
}

#[test]
fn a_frame_that_takes_too_long_ends_the_message() {
    let mut script = Script::new([]);
    script.slot = Duration::from_millis(1001);
    let error = send(&mut script, nad(NAD).into(), &[0; 13]).unwrap_err();
    assert_eq!(error, TransportError::NotSent { frame: 0, timeout: Duration::from_secs(1) });
    assert_eq!(script.sent.len(), 1);
}

/// Polling must end also where an imitation's slots take no time, and must not be slow where they do.
#[test]
fn silence_ends_when_it_should() {
    for slot in [Duration::ZERO, SLOT] {
        let mut script = Script::frames([]);
        script.slot = slot;
        assert_eq!(receive(&mut script, nad(NAD).into()), Ok(None));
        let waited = script.clock.now().as_secs_f64();
        assert!((0.1..0.12).contains(&waited), "{waited}");
        assert!(script.asked >= 10);
    }
    let mut script = Script::frames([]);
    (script.slot, script.forever) = (Duration::ZERO, Slot::Frame(FIRST));
    assert!(receive(&mut script, nad(NAD).into()).is_err());
}

/// 32 kB must not take longer than the bus needs: nothing is waited for but frames.
#[test]
fn the_bus_is_never_idle_within_a_message() {
    let mut script = Script::new([]);
    send(&mut script, nad(NAD).into(), &[0; 4095]).unwrap();
    assert_eq!(script.clock.now().since(Default::default()), SLOT * script.sent.len() as u32);

    let answer = cut(NAD, &[0; 4095]);
    let frames = answer.len() as u32;
    let mut script = Script::frames(answer);
    receive(&mut script, nad(NAD).into()).unwrap();
    assert_eq!(script.clock.now().since(Default::default()), SLOT * frames);
}

/// A master that notes what it is asked to do.
#[derive(Debug, Default)]
struct Noting {
    sent: Vec<(Frame, ChecksumModel)>,
    asked: Vec<(Header, Duration)>,
    answer: Option<Data>,
}

impl LinMaster for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn connect(&mut self) -> Result<(), LinError> {
        Ok(())
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        Ok(())
    }

    fn send_raw(&mut self, frame: &Frame, checksum: ChecksumModel) -> Result<(), LinError> {
        self.sent.push((*frame, checksum));
        Ok(())
    }

    fn receive(&mut self, header: Header, timeout: Duration) -> Result<Response, LinError> {
        self.asked.push((header, timeout));
        Ok(self.answer.map_or(Response::None, Response::Data))
    }
}

#[test]
fn a_master_is_asked_for_classic_frames_and_soon_again() {
    let mut master = Noting::default();
    let mut slots = DirectSlots::new(&mut master, Bitrate::LIN_2);
    slots.request(SINGLE).unwrap();
    assert_eq!(slots.response(), Ok(None));
    assert_eq!(master.sent, [(Frame::new(0x3C, &SINGLE).unwrap(), ChecksumModel::Classic)]);
    let [(header, timeout)] = master.asked[..] else { panic!("{:?}", master.asked) };
    assert_eq!((header.id, header.length), (FrameId::SLAVE_RESPONSE, 8));
    assert_eq!(header.checksum, ChecksumModel::Classic);
    assert!(timeout < Duration::from_millis(10), "{timeout:?}");

    master.answer = Some(Data::from(SINGLE));
    assert_eq!(DirectSlots::new(&mut master, Bitrate::LIN_2).response(), Ok(Some(SINGLE)));
    let short = Data::new(&SINGLE[..4]).unwrap();
    master.answer = Some(short);
    let error = DirectSlots::new(&mut master, Bitrate::LIN_2).response().unwrap_err();
    assert_eq!(error, LinError::Incomplete { id: FrameId::SLAVE_RESPONSE, data: short, expected: 8 });
}
