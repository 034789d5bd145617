//! Node configuration, auto addressing and scan: the bytes, and what the answers are taken for.

use std::sync::Arc;
use std::time::Duration;

use hil_lin::{
    Address, AddressingError, AddressingPace, AddressingStep, Answer, FoundNode, FrameAssignment, FrameId,
    Function, Identity, LinError, Nad, NadCondition, NegativeResponse, NodeConfiguration, NodeScan,
    ProductId, Reading, SerialNumber, ServiceError, Supplier, TransportLayer, TransportTiming, auto_address,
};
use hil_model::{BenchTime, Clock};
use rstest::rstest;

use crate::script::{SLOT, Script, Slot};

type Node<'c> = NodeConfiguration<'c, &'c mut Script>;

fn nad(nad: u8) -> Nad {
    Nad::new(nad).unwrap()
}

fn configure<T>(script: &mut Script, address: Address, act: impl FnOnce(&mut Node<'_>) -> T) -> T {
    let clock = Arc::clone(&script.clock);
    let layer = TransportLayer::new(script, &*clock, address, TransportTiming::default());
    act(&mut NodeConfiguration::new(layer))
}

fn id(id: u8) -> FrameId {
    FrameId::new(id).unwrap()
}

const CONDITION: NadCondition = NadCondition { identifier: 1, byte: 3, mask: 0x01, invert: 0xFF };
const MAKER: Supplier = match Supplier::new(0x7FFE) {
    Ok(supplier) => supplier,
    Err(_) => panic!(),
};
const LAMP: Identity = Identity {
    supplier: MAKER,
    function: match Function::new(0xA1A0) {
        Ok(function) => function,
        Err(_) => panic!(),
    },
};
const RANGE: [FrameAssignment; 4] = [
    FrameAssignment::To(FrameId::MASTER_REQUEST),
    FrameAssignment::Unassign,
    FrameAssignment::Keep,
    FrameAssignment::Keep,
];

/// Request and answer byte by byte.
#[rstest]
#[case::assign_nad(
    |node: &mut Node<'_>| node.assign_nad(Identity::ANY, nad(0x22)).map(some),
    [0x01, 6, 0xB0, 0xFF, 0x7F, 0xFF, 0xFF, 0x22],
    [0x01, 1, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
)]
#[case::assign_nad_answered_from_there(
    |node: &mut Node<'_>| node.assign_nad(LAMP, nad(0x22)).map(some),
    [0x01, 6, 0xB0, 0xFE, 0x7F, 0xA0, 0xA1, 0x22],
    [0x22, 1, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
)]
#[case::conditional(
    |node: &mut Node<'_>| node.conditional_change_nad(CONDITION, nad(0x22)).map(some),
    [0x01, 6, 0xB3, 0x01, 0x03, 0x01, 0xFF, 0x22],
    [0x22, 1, 0xF3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
)]
#[case::range(
    |node: &mut Node<'_>| node.assign_frame_id_range(2, RANGE).map(some),
    [0x01, 6, 0xB7, 0x02, 0x3C, 0x00, 0xFF, 0xFF],
    [0x01, 1, 0xF7, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
)]
#[case::one_frame(
    |node: &mut Node<'_>| node.assign_frame_id(MAKER, 0x1002, Some(id(0x0A))).map(some),
    [0x01, 6, 0xB1, 0xFE, 0x7F, 0x02, 0x10, 0xCA],
    [0x01, 1, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
)]
#[case::save(
    |node: &mut Node<'_>| node.save_configuration().map(some),
    [0x01, 1, 0xB6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    [0x01, 1, 0xF6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
)]
#[case::dump(
    |node: &mut Node<'_>| node.data_dump([1, 2, 3, 4, 5]).map(|answer| answer.unwrap().content == [5, 4, 3, 2, 1]),
    [0x01, 6, 0xB4, 1, 2, 3, 4, 5],
    [0x01, 6, 0xF4, 5, 4, 3, 2, 1]
)]
#[case::product(
    |node: &mut Node<'_>| node.product_id(Identity::ANY).map(|answer| answer.unwrap().content == lamp()),
    [0x01, 6, 0xB2, 0x00, 0xFF, 0x7F, 0xFF, 0xFF],
    [0x01, 6, 0xF2, 0xFE, 0x7F, 0xA0, 0xA1, 0x03]
)]
#[case::serial_number(
    |node: &mut Node<'_>| node.serial_number(LAMP).map(|answer| answer.unwrap().content == SerialNumber(0x1234_5678)),
    [0x01, 6, 0xB2, 0x01, 0xFE, 0x7F, 0xA0, 0xA1],
    [0x01, 5, 0xF2, 0x78, 0x56, 0x34, 0x12, 0xFF]
)]
#[case::own_identifier(
    |node: &mut Node<'_>| node.read_by_identifier(32, LAMP).map(|answer| answer.unwrap().content == [9]),
    [0x01, 6, 0xB2, 32, 0xFE, 0x7F, 0xA0, 0xA1],
    [0x01, 2, 0xF2, 9, 0xFF, 0xFF, 0xFF, 0xFF]
)]
fn services_are_spoken_to_the_byte(
    #[case] act: impl Fn(&mut Node<'_>) -> Result<bool, ServiceError>,
    #[case] request: [u8; 8],
    #[case] answer: [u8; 8],
) {
    let mut script = Script::frames([answer]);
    assert_eq!(configure(&mut script, nad(0x01).into(), &act), Ok(true));
    assert_eq!(script.sent_frames(), [request]);
}

fn some(answer: Option<Answer<()>>) -> bool {
    answer.is_some()
}

fn lamp() -> ProductId {
    ProductId { supplier: LAMP.supplier, function: LAMP.function, variant: 3 }
}

const PRODUCT: [u8; 8] = [0x01, 6, 0xF2, 0xFE, 0x7F, 0xA0, 0xA1, 0x03];
const SERIAL: [u8; 8] = [0x01, 5, 0xF2, 0x78, 0x56, 0x34, 0x12, 0xFF];
const REFUSED: [u8; 8] = [0x01, 3, 0x7F, 0xB2, 0x12, 0xFF, 0xFF, 0xFF];

#[rstest]
#[case::silence(&[], Ok(None))]
#[case::refused(&[REFUSED], Err(ServiceError::Refused(NegativeResponse { service: 0xB2, code: 0x12 })))]
#[case::too_short(&[[0x01, 3, 0xF2, 1, 2, 0xFF, 0xFF, 0xFF]], Err(ServiceError::Form { service: 0xB2, answer: vec![0xF2, 1, 2] }))]
#[case::to_another_service(&[[0x01, 1, 0xF0, 0, 0, 0, 0, 0]], Err(ServiceError::Foreign { service: 0xB2, answer: vec![0xF0] }))]
fn other_ends_have_their_names(
    #[case] frames: &[[u8; 8]],
    #[case] expected: Result<Option<Answer<ProductId>>, ServiceError>,
) {
    let mut script = Script::frames(frames.iter().copied());
    assert_eq!(configure(&mut script, nad(0x01).into(), |node| node.product_id(Identity::ANY)), expected);
}

#[test]
fn a_broadcast_says_who_answered() {
    let mut script = Script::frames([PRODUCT]);
    let answer = configure(&mut script, Address::Broadcast, |node| node.product_id(Identity::ANY));
    assert_eq!(answer, Ok(Some(Answer { from: nad(0x01), content: lamp() })));
    assert_eq!(script.sent_frames()[0][0], 0x7F);
}

/// The frames of hardware reference 1.8 and the pauses between their ends and the next.
#[test]
fn auto_addressing_is_spoken_to_the_byte_and_in_time() {
    let mut script = Script::new([]);
    let clock = Arc::clone(&script.clock);
    auto_address(&mut script, &*clock, &[nad(0x02), nad(0x01)], AddressingPace::default()).unwrap();
    let spoken: Vec<(u128, [u8; 8])> =
        script.sent.iter().map(|(at, frame)| (at.as_millis(), *frame)).collect();
    assert_eq!(
        spoken,
        [
            (0, [0x7F, 0x06, 0xB5, 0xFF, 0x7F, 0x01, 0x02, 0xFF]),
            (60, [0x7F, 0x06, 0xB5, 0xFF, 0x7F, 0x02, 0x02, 0x02]),
            (90, [0x7F, 0x06, 0xB5, 0xFF, 0x7F, 0x02, 0x02, 0x01]),
            (120, [0x7F, 0x06, 0xB5, 0xFF, 0x7F, 0x03, 0x02, 0xFF]),
            (150, [0x7F, 0x06, 0xB5, 0xFF, 0x7F, 0x04, 0x02, 0xFF]),
        ]
    );
    assert_eq!(clock.now().since(BenchTime::ZERO), Duration::from_millis(1160));
    assert_eq!(script.asked, 0, "no node answers");
}

#[test]
fn auto_addressing_that_fails_repeats_nothing_and_ends_the_mode() {
    let mut script = Script::new([]);
    script.refuses = vec![1];
    let clock = Arc::clone(&script.clock);
    let error = auto_address(&mut script, &*clock, &[nad(0x02), nad(0x01)], AddressingPace::default());
    let step = AddressingStep::Assign(nad(0x02));
    assert_eq!(error, Err(AddressingError::Step { step, source: LinError::ShortedToGround }));
    let subs: Vec<u8> = script.sent_frames().iter().map(|frame| frame[5]).collect();
    assert_eq!(subs, [0x01, 0x04]);
}

#[rstest]
#[case(0)]
#[case(17)]
fn auto_addressing_of_nobody_or_too_many_sends_nothing(#[case] count: usize) {
    let mut script = Script::new([]);
    let clock = Arc::clone(&script.clock);
    let error = auto_address(&mut script, &*clock, &vec![nad(1); count], AddressingPace::default());
    assert_eq!((error, script.sent.len()), (Err(AddressingError::Count(count)), 0));
}

fn scan<T>(script: &mut Script, act: impl FnOnce(&mut NodeScan<'_, &mut Script>) -> T) -> T {
    let clock = Arc::clone(&script.clock);
    act(&mut NodeScan::new(script, &*clock, TransportTiming::default()))
}

fn disturbed() -> LinError {
    LinError::Disturbed { id: FrameId::SLAVE_RESPONSE, what: "a checksum".to_owned() }
}

fn answers(frame: [u8; 8]) -> Slot {
    Slot::Frame(frame)
}

fn collision() -> Slot {
    Slot::Fails(disturbed())
}

#[rstest]
#[case::node(vec![answers(PRODUCT), answers(SERIAL)], Reading::Is(lamp()), Reading::Is(SerialNumber(0x1234_5678)), false)]
#[case::no_serial_number(vec![answers(PRODUCT), answers(REFUSED)], Reading::Is(lamp()), Reading::Refused(NegativeResponse { service: 0xB2, code: 0x12 }), false)]
#[case::silent_on_it(vec![answers(PRODUCT)], Reading::Is(lamp()), Reading::Silent, false)]
#[case::equal_nodes(vec![answers(PRODUCT), collision(), collision()], Reading::Is(lamp()), Reading::Disturbed(disturbed()), true)]
#[case::unequal_nodes(vec![collision(); 4], Reading::Disturbed(disturbed()), Reading::Disturbed(disturbed()), true)]
#[case::only_noise(vec![collision(), answers(PRODUCT), answers(SERIAL)], Reading::Is(lamp()), Reading::Is(SerialNumber(0x1234_5678)), false)]
#[case::strange(
    vec![answers([0x01, 1, 0x55, 0, 0, 0, 0, 0]), answers(SERIAL)],
    Reading::Strange(ServiceError::Foreign { service: 0xB2, answer: vec![0x55] }),
    Reading::Is(SerialNumber(0x1234_5678)),
    false
)]
fn a_scan_tells_what_is_there(
    #[case] slots: Vec<Slot>,
    #[case] product: Reading<ProductId>,
    #[case] serial: Reading<SerialNumber>,
    #[case] collides: bool,
) {
    let mut script = Script::new(slots);
    let found = scan(&mut script, |scan| scan.node(nad(0x01))).unwrap().unwrap();
    assert_eq!((found.collides(), found), (collides, FoundNode { nad: nad(0x01), product, serial }));
}

#[test]
fn a_silent_address_takes_twice_p2() {
    let mut script = Script::new([]);
    assert_eq!(scan(&mut script, |scan| scan.node(nad(0x33))), Ok(None));
    assert_eq!(script.sent_frames(), [[0x33, 6, 0xB2, 0x00, 0xFF, 0x7F, 0xFF, 0xFF]]);
    let taken = script.clock.now().since(BenchTime::ZERO);
    assert!(taken < Duration::from_millis(100) + 3 * SLOT, "{taken:?}");
}

#[test]
fn a_scan_ends_with_the_adapter() {
    let gone = LinError::AdapterLost { adapter: "mock", reason: "unplugged".to_owned() };
    let mut script = Script::new([Slot::Fails(gone.clone())]);
    assert_eq!(scan(&mut script, |scan| scan.node(nad(0x01))), Err(gone));
}

#[test]
fn everyone_at_once_is_one_node_or_a_collision() {
    let mut script = Script::frames([PRODUCT]);
    let lone = Reading::Is(Answer { from: nad(0x01), content: lamp() });
    assert_eq!(scan(&mut script, |scan| scan.everyone()), Ok(lone));
    let mut script = Script::new([collision(), collision()]);
    assert_eq!(scan(&mut script, |scan| scan.everyone()), Ok(Reading::Disturbed(disturbed())));
}
