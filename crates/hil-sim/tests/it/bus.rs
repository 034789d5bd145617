//! The bus: what a master sees of a node that echoes, under every fault.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hil_lin::{
    Bitrate, ChecksumModel, Data, Frame, FrameId, Header, LinError, LinMaster, Response, WakePulse,
};
use hil_model::{Amps, BenchTime, Clock, Volts};
use hil_sim::{BusFault, BusFaultKind, FaultWindow, Node, Pace, Rail, Reaction, SimBus, SimClock, SimMaster};
use rstest::rstest;

const WRITE: u8 = 0x0A;
const READ: u8 = 0x11;
const TIMEOUT: Duration = Duration::from_millis(100);

/// What the node under test lived through.
#[derive(Debug, Default)]
struct Seen {
    frames: Vec<Vec<u8>>,
    faulty: u32,
    transmitted: u32,
    dominant: u32,
}

/// A node that answers 0x11 with what it last got in 0x0A, counting its answers in the last byte.
#[derive(Debug)]
struct Echo {
    seen: Arc<Mutex<Seen>>,
    data: [u8; 2],
}

impl Node for Echo {
    fn on_header(&mut self, id: FrameId, _now: BenchTime) -> Reaction {
        match id.get() {
            WRITE => Reaction::Listen { length: 1, checksum: ChecksumModel::Enhanced },
            READ => {
                self.data[1] += 1;
                Reaction::Respond { data: Data::new(&self.data).unwrap(), checksum: ChecksumModel::Enhanced }
            }
            _ => Reaction::Ignore,
        }
    }

    fn on_frame(&mut self, _id: FrameId, data: &Data, _now: BenchTime) {
        self.data[0] = data[0];
        self.seen.lock().unwrap().frames.push(data.to_vec());
    }

    fn on_faulty_response(&mut self, _id: FrameId, _now: BenchTime) {
        self.seen.lock().unwrap().faulty += 1;
    }

    fn on_transmitted(&mut self, _id: FrameId, _now: BenchTime) {
        self.seen.lock().unwrap().transmitted += 1;
    }

    fn on_dominant(&mut self, _now: BenchTime) {
        self.seen.lock().unwrap().dominant += 1;
    }

    fn on_tick(&mut self, _now: BenchTime, _rail: Volts) -> Amps {
        Amps::new(0.25)
    }
}

struct Bench {
    clock: Arc<SimClock>,
    rail: Rail,
    master: SimMaster,
    seen: Arc<Mutex<Seen>>,
}

fn bench(faults: Vec<BusFault>) -> Bench {
    let clock = SimClock::new(Pace::Jump);
    let rail = Rail::fixed(Volts::new(12.0));
    let seen = Arc::<Mutex<Seen>>::default();
    let node = Box::new(Echo { seen: Arc::clone(&seen), data: [0, 0] });
    let bus = SimBus::new(Arc::clone(&clock), Bitrate::LIN_2, rail.clone(), vec![node], faults, 1);
    let mut master = SimMaster::new(bus);
    master.connect().unwrap();
    Bench { clock, rail, master, seen }
}

fn write(byte: u8) -> Frame {
    Frame::new(WRITE, &[byte]).unwrap()
}

fn read() -> Header {
    Header::new(FrameId::new(READ).unwrap(), 2)
}

fn always(kind: BusFaultKind) -> Vec<BusFault> {
    vec![BusFault { kind, frame: None, window: FaultWindow::ALWAYS }]
}

#[test]
fn bytes_cross_the_bus_in_their_time() {
    let mut bench = bench(vec![]);
    bench.master.send(&write(0x42)).unwrap();
    let took = bench.clock.now().as_micros();
    assert!((2_810..=2_813).contains(&took), "54 bits at 19200 bit/s take 2.8125 ms, not {took} µs");
    let response = bench.master.receive(read(), TIMEOUT).unwrap();
    assert_eq!(response, Response::Data(Data::new(&[0x42, 1]).unwrap()));
    let seen = bench.seen.lock().unwrap();
    assert_eq!((seen.frames.as_slice(), seen.faulty, seen.transmitted), ([vec![0x42]].as_slice(), 0, 1));
}

#[test]
fn nobody_answers_an_unknown_id() {
    let mut bench = bench(vec![]);
    let header = Header::new(FrameId::new(0x20).unwrap(), 2);
    assert_eq!(bench.master.receive(header, TIMEOUT), Ok(Response::None));
    assert!(bench.clock.now() >= BenchTime::ZERO + TIMEOUT, "the time-out takes its time");
}

#[test]
fn a_wrong_checksum_model_reaches_the_node_as_a_faulty_response() {
    let mut bench = bench(vec![]);
    bench.master.send_raw(&write(1), ChecksumModel::Classic).unwrap();
    let seen = bench.seen.lock().unwrap();
    assert_eq!((seen.frames.len(), seen.faulty), (0, 1));
}

#[test]
fn a_wake_up_pulse_is_seen_and_the_draw_reaches_the_rail() {
    let mut bench = bench(vec![]);
    bench.master.wake_up(WakePulse::DEFAULT).unwrap();
    bench.clock.sleep(Duration::from_millis(10));
    assert_eq!(bench.seen.lock().unwrap().dominant, 1);
    assert_eq!(bench.rail.draw(), Amps::new(0.25));
}

#[test]
fn an_adapter_that_is_not_connected_says_so() {
    let mut bench = bench(vec![]);
    bench.master.disconnect().unwrap();
    assert_eq!(bench.master.send(&write(1)), Err(LinError::NotConnected { adapter: "mock" }));
    assert_eq!(bench.master.receive(read(), TIMEOUT), Err(LinError::NotConnected { adapter: "mock" }));
}

#[rstest]
#[case::no_response(BusFaultKind::NoResponse, Ok(Response::None))]
#[case::late_response(BusFaultKind::LateResponse, Ok(Response::None))]
#[case::short(BusFaultKind::Short, Err(LinError::ShortedToGround))]
fn a_fault_shows_as_what_it_is(#[case] kind: BusFaultKind, #[case] expected: Result<Response, LinError>) {
    assert_eq!(bench(always(kind)).master.receive(read(), TIMEOUT), expected);
}

#[test]
fn a_wrong_checksum_and_a_flipped_bit_are_checksum_errors() {
    for kind in [BusFaultKind::WrongChecksum, BusFaultKind::BitFlip] {
        let mut bench = bench(always(kind));
        let error = bench.master.receive(read(), TIMEOUT).unwrap_err();
        assert!(matches!(error, LinError::Checksum { .. }), "{kind:?}: {error}");
        assert_eq!(bench.seen.lock().unwrap().transmitted, 0, "the node sees that its response was harmed");
    }
}

#[test]
fn what_harms_the_masters_data_shows_in_its_echo() {
    let mut bench = bench(always(BusFaultKind::WrongChecksum));
    let error = bench.master.send(&write(1)).unwrap_err();
    assert!(matches!(error, LinError::BitError { at: 3, .. }), "{error}");
}

#[test]
fn a_stuck_value_stays_while_the_node_goes_on() {
    let mut bench = bench(always(BusFaultKind::StuckValue));
    let first = bench.master.receive(read(), TIMEOUT).unwrap();
    bench.master.send(&write(9)).unwrap();
    assert_eq!(bench.master.receive(read(), TIMEOUT).unwrap(), first);
}

#[test]
fn a_fault_keeps_to_its_frame_and_count() {
    let window = FaultWindow { count: Some(1), ..FaultWindow::ALWAYS };
    let fault = BusFault { kind: BusFaultKind::NoResponse, frame: Some(read().id), window };
    let mut bench = bench(vec![fault]);
    assert_eq!(bench.master.receive(read(), TIMEOUT), Ok(Response::None));
    assert!(matches!(bench.master.receive(read(), TIMEOUT), Ok(Response::Data(_))));
}
