//! A standard slave on the bus, as a master sees it.

use std::time::Duration;

use hil_lin::{
    Bitrate, ChecksumModel, Data, Frame, FrameId, GO_TO_SLEEP, Header, LinMaster, Nad, Response, WakePulse,
};
use hil_model::{Amps, BenchTime, Clock, Volts};
use hil_sim::{
    Application, BootSetup, Bootloader, Defects, FrameDirection, Identity, LinSlave, NodeState, Pace,
    PowerTiming, Rail, Reply, Services, SimBus, SimClock, SimMaster, SlaveFrame, SlaveSetup, TransportTiming,
};
use rstest::rstest;

const WRITE: u8 = 0x0A;
const STATUS: u8 = 0x11;
const TIMEOUT: Duration = Duration::from_millis(50);

/// An application whose status frame holds its address, its error flag and what it got last.
#[derive(Debug, Default)]
struct Echo(u8);

impl Application for Echo {
    fn start(&mut self, _now: BenchTime) {
        self.0 = 0;
    }

    fn sleep(&mut self, _now: BenchTime) {}

    fn publish(&mut self, _frame: usize, node: NodeState, _now: BenchTime) -> Data {
        Data::new(&[node.nad.get(), u8::from(node.response_error), self.0]).unwrap()
    }

    fn receive(&mut self, _frame: usize, data: &Data, _node: NodeState, _now: BenchTime) {
        self.0 = data[0];
    }

    fn powered(&mut self, _rail: Volts, _now: BenchTime) -> Amps {
        Amps::new(0.1)
    }

    fn unpowered(&mut self, _now: BenchTime) {}
}

/// Services that answer whatever comes, half a second later.
#[derive(Debug)]
struct Slow;

impl Services for Slow {
    fn serve(&mut self, _request: &[u8], _now: BenchTime) -> Reply {
        Reply::Pending { after: Duration::from_millis(500), then: Box::new(Reply::Positive(vec![0xAA; 7])) }
    }
}

struct Bench {
    clock: std::sync::Arc<SimClock>,
    rail: Rail,
    master: SimMaster,
}

fn bench(power: PowerTiming) -> Bench {
    bench_with(power, Box::new(Slow))
}

/// A bench with a unit that starts at once, but for the 80 ms of its LIN part.
fn bench_with_boot_loader() -> Bench {
    let setup = BootSetup { restart: Duration::ZERO, ..BootSetup::default() };
    bench_with(PowerTiming::default(), Box::new(Bootloader::new(setup)))
}

fn bench_with(power: PowerTiming, services: Box<dyn Services>) -> Bench {
    let clock = SimClock::new(Pace::Jump);
    let rail = Rail::fixed(Volts::new(12.0));
    let frame = |id, direction| SlaveFrame { id: FrameId::new(id).unwrap(), direction };
    let setup = SlaveSetup {
        nad: Nad::new(5).unwrap(),
        identity: Identity { supplier: 0x1234, function: 0x5678, variant: 1, serial: [1, 2, 3, 4] },
        frames: vec![
            frame(WRITE, FrameDirection::Subscribed { length: 1 }),
            frame(STATUS, FrameDirection::Published),
        ],
        status_frame: Some(1),
        nodes_behind: 0,
        power,
        transport: TransportTiming::default(),
        defects: Defects::NONE,
    };
    let node = Box::new(LinSlave::new(setup, Echo::default(), services));
    let bus = SimBus::new(clock.clone(), Bitrate::LIN_2, rail.clone(), vec![node], vec![], 1);
    let mut master = SimMaster::new(bus);
    master.connect().unwrap();
    clock.sleep(Duration::from_millis(200));
    Bench { clock, rail, master }
}

impl Bench {
    fn read(&mut self, id: u8, length: usize) -> Option<Vec<u8>> {
        match self.master.receive(Header::new(FrameId::new(id).unwrap(), length), TIMEOUT).unwrap() {
            Response::Data(data) => Some(data.to_vec()),
            Response::None => None,
        }
    }

    fn status(&mut self) -> Option<Vec<u8>> {
        self.read(STATUS, 3)
    }

    fn ask(&mut self, request: [u8; 8]) -> Option<Vec<u8>> {
        self.master.send(&Frame::new(0x3C, &request).unwrap()).unwrap();
        self.read(0x3D, 8)
    }
}

#[test]
fn the_error_flag_is_raised_and_reported_once() {
    let mut bench = bench(PowerTiming::default());
    bench.master.send(&Frame::new(WRITE, &[7]).unwrap()).unwrap();
    bench.master.send_raw(&Frame::new(WRITE, &[8]).unwrap(), ChecksumModel::Classic).unwrap();
    assert_eq!((bench.status(), bench.status()), (Some(vec![5, 1, 7]), Some(vec![5, 0, 7])));
}

#[test]
fn frames_move_and_only_what_was_saved_survives_a_power_cycle() {
    let pid = FrameId::new(0x20).unwrap().protected().get();
    let moves = [5, 6, 0xB7, 1, pid, 0xFF, 0xFF, 0xFF];
    for (save, id) in [(false, STATUS), (true, 0x20)] {
        let mut bench = bench(PowerTiming::default());
        assert_eq!(bench.ask(moves), Some(vec![5, 1, 0xF7, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        assert_eq!((bench.status(), bench.read(0x20, 3)), (None, Some(vec![5, 0, 0])));
        if save {
            bench.ask([5, 1, 0xB6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        }
        bench.rail.measured(Volts::new(0.0));
        bench.clock.sleep(Duration::from_millis(50));
        bench.rail.measured(Volts::new(12.0));
        bench.clock.sleep(Duration::from_millis(200));
        assert_eq!(bench.read(id, 3), Some(vec![5, 0, 0]), "saved: {save}");
    }
}

#[rstest]
#[case::by_a_pulse(Some(WakePulse::DEFAULT))]
#[case::by_a_break(None)]
fn it_sleeps_and_wakes(#[case] pulse: Option<WakePulse>) {
    let mut bench = bench(PowerTiming::default());
    bench.master.send(&GO_TO_SLEEP).unwrap();
    bench.clock.sleep(Duration::from_secs(60));
    match pulse {
        Some(pulse) => bench.master.wake_up(pulse).unwrap(),
        None => assert_eq!(bench.status(), None, "the header that wakes it is not answered"),
    }
    bench.clock.sleep(Duration::from_millis(100));
    assert_eq!(bench.status(), Some(vec![5, 0, 0]));
}

#[test]
fn an_idle_bus_lets_it_sleep_where_that_is_asked_for() {
    let mut bench = bench(PowerTiming { idle: Some(Duration::from_secs(4)), ..PowerTiming::default() });
    bench.clock.sleep(Duration::from_millis(3_700));
    assert!(bench.status().is_some());
    bench.clock.sleep(Duration::from_millis(4_100));
    assert_eq!(bench.status(), None);
}

/// The way into the programming session, up to the first byte that is changed.
fn erase(bench: &mut Bench) {
    assert_eq!(bench.ask(PROGRAMMING), Some(vec![5, 6, 0x50, 0x02, 0x00, 0x32, 0x01, 0xF4]));
    let seed = bench.ask([5, 2, 0x27, 0x01, 0xFF, 0xFF, 0xFF, 0xFF]).unwrap();
    let mut key = [5, 6, 0x27, 0x02, 0, 0, 0, 0];
    for (key, seed) in key[4..].iter_mut().zip(&seed[4..]) {
        *key = seed ^ Bootloader::KEY;
    }
    assert_eq!(bench.ask(key), Some(vec![5, 2, 0x67, 0x02, 0xFF, 0xFF, 0xFF, 0xFF]));
    bench.ask([5, 0x10, 12, 0x31, 0x01, 0xFF, 0x00, 0x00]);
    let pending = bench.ask([5, 0x21, 0x00, 0x58, 0x00, 0x00, 0x00, 0x10]);
    assert_eq!(pending, None, "there is another frame to come");
    let pending = bench.ask([5, 0x22, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(pending, Some(vec![5, 3, 0x7F, 0x31, 0x78, 0xFF, 0xFF, 0xFF]));
}

const PROGRAMMING: [u8; 8] = [5, 2, 0x10, 0x02, 0xFF, 0xFF, 0xFF, 0xFF];
const RESET: [u8; 8] = [5, 2, 0x11, 0x01, 0xFF, 0xFF, 0xFF, 0xFF];
const SILENT_RESET: [u8; 8] = [5, 2, 0x11, 0x81, 0xFF, 0xFF, 0xFF, 0xFF];
const PRESENT: [u8; 8] = [5, 2, 0x3E, 0x00, 0xFF, 0xFF, 0xFF, 0xFF];

#[test]
fn a_reset_is_answered_and_then_the_node_boots() {
    let mut bench = bench_with_boot_loader();
    bench.master.send(&Frame::new(WRITE, &[7]).unwrap()).unwrap();
    assert_eq!(bench.ask(RESET), Some(vec![5, 2, 0x51, 0x01, 0xFF, 0xFF, 0xFF, 0xFF]));
    assert_eq!((bench.status(), bench.ask(PRESENT)), (None, None), "it boots");
    bench.clock.sleep(Duration::from_millis(100));
    assert_eq!(bench.status(), Some(vec![5, 0, 0]), "what it got is forgotten");
}

/// A reset takes place as well where nobody asks for the answer.
#[rstest]
#[case::whose_answer_is_not_wanted(SILENT_RESET, 30)]
#[case::whose_answer_is_not_fetched(RESET, 1_030)]
fn a_reset_without_an_answer(#[case] reset: [u8; 8], #[case] within: u64) {
    let mut bench = bench_with_boot_loader();
    bench.master.send(&Frame::new(0x3C, &reset).unwrap()).unwrap();
    bench.clock.sleep(Duration::from_millis(within));
    assert_eq!(bench.status(), None);
    bench.clock.sleep(Duration::from_millis(100));
    assert_eq!(bench.status(), Some(vec![5, 0, 0]));
}

#[test]
fn in_the_programming_session_there_are_no_frames() {
    let mut bench = bench_with_boot_loader();
    bench.master.send(&Frame::new(WRITE, &[7]).unwrap()).unwrap();
    bench.ask(PROGRAMMING);
    assert_eq!(bench.status(), None);
    bench.clock.sleep(Duration::from_millis(4_500));
    assert_eq!(bench.status(), None);
    bench.clock.sleep(Duration::from_millis(500));
    assert_eq!(
        bench.status(),
        Some(vec![5, 0, 0]),
        "the session is over, the application starts from scratch"
    );
}

#[test]
fn without_an_application_there_are_no_frames_whatever_happens() {
    let mut bench = bench_with_boot_loader();
    erase(&mut bench);
    bench.rail.measured(Volts::new(0.0));
    bench.clock.sleep(Duration::from_millis(50));
    bench.rail.measured(Volts::new(12.0));
    bench.clock.sleep(Duration::from_millis(10_000));
    assert_eq!(bench.status(), None);
    bench.ask(RESET);
    bench.clock.sleep(Duration::from_millis(200));
    assert_eq!(bench.status(), None);
    assert_eq!(bench.ask(PRESENT), Some(vec![5, 2, 0x7E, 0x00, 0xFF, 0xFF, 0xFF, 0xFF]));
    let identifier = [5, 6, 0xB2, 0x00, 0x34, 0x12, 0x78, 0x56];
    assert_eq!(bench.ask(identifier), Some(vec![5, 6, 0xF2, 0x34, 0x12, 0x78, 0x56, 1]), "it can be found");
}

#[test]
fn a_slow_service_is_pending_first() {
    let mut bench = bench(PowerTiming::default());
    let pending = bench.ask([5, 2, 0x31, 0x01, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(pending, Some(vec![5, 3, 0x7F, 0x31, 0x78, 0xFF, 0xFF, 0xFF]));
    assert_eq!(bench.read(0x3D, 8), None);
    bench.clock.sleep(Duration::from_millis(500));
    assert_eq!(bench.read(0x3D, 8), Some(vec![5, 0x10, 8, 0x71, 0xAA, 0xAA, 0xAA, 0xAA]));
    assert_eq!(bench.read(0x3D, 8), Some(vec![5, 0x21, 0xAA, 0xAA, 0xAA, 0xFF, 0xFF, 0xFF]));
    assert_eq!(bench.read(0x3D, 8), None);
}
