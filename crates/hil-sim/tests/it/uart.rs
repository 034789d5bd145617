//! UART-LIN over a pseudo-terminal: the transceiver on the simulated bus, and lines that misbehave.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hil_lin::{
    Bitrate, BreakMethod, Capabilities, ChecksumModel, Data, FrameId, Header, LinError, LinMaster, Response,
    UartMaster, UartSettings, WakePulse,
};
use hil_model::{Clock, Volts};
use hil_sim::{BusFault, BusFaultKind, FaultWindow, LiveBench, Node, Pace, SimClock, UartDoor};
use rstest::rstest;
use serialport::{SerialPort, TTYPort};

use crate::echo::{Echo, READ, Seen, WRITE, read, write};

const TIMEOUT: Duration = Duration::from_millis(100);

/// The longest that any call here may take, on a machine that is busy with something else.
const BOUND: Duration = Duration::from_secs(5);

/// A master, and what must live as long as it.
pub(crate) struct Rig {
    pub(crate) master: Box<dyn LinMaster>,
    pub(crate) keep: (UartDoor, Arc<LiveBench>),
}

/// A master on a pseudo-terminal to a simulated bus with `nodes`. Not connected yet.
pub(crate) fn rig(nodes: Vec<Box<dyn Node>>, faults: Vec<BusFault>) -> Rig {
    let bench = Arc::new(LiveBench::start(Bitrate::LIN_2, nodes, Volts::new(12.0), faults, 1).unwrap());
    let door = UartDoor::open(Arc::clone(&bench)).unwrap();
    let master = UartMaster::new(settings(door.port(), Bitrate::LIN_2), bench.clock().clone());
    Rig { master: Box::new(master), keep: (door, bench) }
}

/// What suits a pseudo-terminal, whose other end sees which rate is set when it reads a byte.
fn settings(port: &str, bitrate: Bitrate) -> UartSettings {
    UartSettings { break_method: BreakMethod::BaudEcho, ..UartSettings::new(port, bitrate) }
}

fn echo_rig(kinds: &[BusFaultKind]) -> (Rig, Arc<Mutex<Seen>>) {
    let seen = Arc::<Mutex<Seen>>::default();
    let faults = kinds.iter().map(|kind| BusFault { kind: *kind, frame: None, window: FaultWindow::ALWAYS });
    let mut rig = rig(vec![Box::new(Echo { seen: Arc::clone(&seen), last: 0 })], faults.collect());
    rig.master.connect().unwrap();
    (rig, seen)
}

#[test]
fn frames_cross_the_terminal() {
    let (mut rig, seen) = echo_rig(&[]);
    assert_eq!(
        rig.master.capabilities(),
        Capabilities { wake_up: true, raw_checksum: true, ..Capabilities::default() }
    );
    for byte in [0x42, 0x00, 0x55, 0xFF] {
        rig.master.send(&write(byte)).unwrap();
        assert_eq!(
            rig.master.receive(read(), TIMEOUT),
            Ok(Response::Data(Data::new(&[byte, 0xA5]).unwrap()))
        );
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.frames, [[0x42], [0x00], [0x55], [0xFF]]);
    assert_eq!((seen.faulty, seen.transmitted), (0, 4));
}

#[test]
fn nobody_answers_an_unknown_id_and_the_next_frame_works() {
    let (mut rig, _) = echo_rig(&[]);
    let silent = Header::new(FrameId::new(0x20).unwrap(), 8);
    assert_eq!(rig.master.receive(silent, TIMEOUT), Ok(Response::None));
    assert!(matches!(rig.master.receive(read(), TIMEOUT), Ok(Response::Data(_))));
}

#[test]
fn a_wrong_checksum_model_reaches_the_node_as_a_faulty_response() {
    let (mut rig, seen) = echo_rig(&[]);
    rig.master.send_raw(&write(1), ChecksumModel::Classic).unwrap();
    assert_eq!(seen.lock().unwrap().faulty, 1);
    let classic = read().with_checksum(ChecksumModel::Classic);
    assert!(matches!(rig.master.receive(classic, TIMEOUT), Err(LinError::Checksum { .. })));
}

#[test]
fn a_response_of_another_length_is_no_frame() {
    let (mut rig, _) = echo_rig(&[]);
    let id = FrameId::new(READ).unwrap();
    let expected = LinError::Incomplete { id, data: Data::new(&[0, 0xA5, 0x49]).unwrap(), expected: 4 };
    assert_eq!(rig.master.receive(Header::new(id, 4), TIMEOUT), Err(expected));
    assert!(matches!(rig.master.receive(Header::new(id, 1), TIMEOUT), Err(LinError::Checksum { .. })));
    for length in [0, 9, usize::MAX] {
        assert!(matches!(
            rig.master.receive(Header::new(id, length), TIMEOUT),
            Err(LinError::Refused { .. })
        ));
    }
    assert!(matches!(rig.master.receive(read(), TIMEOUT), Ok(Response::Data(_))));
}

#[rstest]
#[case(250)]
#[case(1_000)]
#[case(5_000)]
fn a_pulse_wakes_the_nodes(#[case] micros: u64) {
    let (mut rig, seen) = echo_rig(&[]);
    rig.master.wake_up(WakePulse::new(Duration::from_micros(micros)).unwrap()).unwrap();
    assert_eq!(seen.lock().unwrap().dominant, 1);
    assert!(matches!(rig.master.receive(read(), TIMEOUT), Ok(Response::Data(_))));
}

#[test]
fn a_short_is_seen_in_the_echo() {
    let (mut rig, _) = echo_rig(&[BusFaultKind::Short]);
    assert_eq!(rig.master.send(&write(1)), Err(LinError::ShortedToGround));
    assert_eq!(rig.master.receive(read(), TIMEOUT), Err(LinError::ShortedToGround));
}

#[rstest]
#[case::checksum(BusFaultKind::WrongChecksum)]
#[case::bit(BusFaultKind::BitFlip)]
fn what_distorts_the_wire_is_seen(#[case] kind: BusFaultKind) {
    let (mut rig, seen) = echo_rig(&[kind]);
    assert!(matches!(rig.master.send(&write(1)), Err(LinError::BitError { at: 2..=3, .. })));
    assert!(matches!(rig.master.receive(read(), TIMEOUT), Err(LinError::Checksum { .. })));
    assert_eq!(seen.lock().unwrap().faulty, 2);
}

#[rstest]
#[case::missing(BusFaultKind::NoResponse)]
#[case::late(BusFaultKind::LateResponse)]
fn a_response_that_does_not_come_in_time_is_none(#[case] kind: BusFaultKind) {
    let (mut rig, _) = echo_rig(&[kind]);
    for _ in 0..3 {
        assert_eq!(rig.master.receive(read(), Duration::from_millis(50)), Ok(Response::None));
    }
    rig.master.send(&write(1)).unwrap();
}

#[test]
fn another_bit_rate_reaches_nobody() {
    let (rig, _) = echo_rig(&[]);
    let (door, bench) = rig.keep;
    drop(rig.master);
    let settings = settings(door.port(), Bitrate::new(9_600).unwrap());
    let mut master = UartMaster::new(settings, bench.clock().clone());
    master.connect().unwrap();
    assert_eq!(master.receive(read(), TIMEOUT), Ok(Response::None));
}

#[test]
fn the_port_is_for_one_only() {
    let (mut rig, _) = echo_rig(&[]);
    let settings = settings(rig.keep.0.port(), Bitrate::LIN_2);
    let mut second = UartMaster::new(settings, rig.keep.1.clock().clone());
    assert!(matches!(second.connect(), Err(LinError::Unavailable { .. })));
    rig.master.disconnect().unwrap();
    second.connect().unwrap();
    assert!(matches!(second.receive(read(), TIMEOUT), Ok(Response::Data(_))));
    assert_eq!(rig.master.receive(read(), TIMEOUT), Err(LinError::NotConnected { adapter: "uart" }));
}

#[rstest]
#[case::missing("/dev/no-such-port")]
#[case::no_terminal("/dev/null")]
#[case::a_folder("/tmp")]
fn a_port_that_cannot_be_had_is_unavailable(#[case] port: &str) {
    let settings = UartSettings::new(port, Bitrate::LIN_2);
    let error = UartMaster::new(settings, SimClock::new(Pace::Jump)).connect().unwrap_err();
    assert!(matches!(&error, LinError::Unavailable { reason, .. } if reason.contains(port)), "{error}");
}

/// The other end of a line that does what it likes with what it reads.
struct Hostile {
    stop: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
    _slave: TTYPort,
}

impl Hostile {
    /// A connected master, and a peer that answers each read with what `answer` makes of it.
    fn start(answer: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> (UartMaster, Self) {
        Self::start_with(BreakMethod::BaudEcho, answer)
    }

    /// The same, for a master that makes its breaks by `break_method`.
    fn start_with(
        break_method: BreakMethod,
        mut answer: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static,
    ) -> (UartMaster, Self) {
        let (mut line, slave) = TTYPort::pair().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let settings =
            UartSettings { break_method, ..UartSettings::new(slave.name().unwrap(), Bitrate::LIN_2) };
        let server = std::thread::spawn(move || {
            line.set_timeout(Duration::from_millis(5)).unwrap();
            let mut chunk = [0; 64];
            while !stopped.load(Ordering::Acquire) {
                let count = line.read(&mut chunk).unwrap_or(0);
                // A full or broken line is the test's end, not its failure.
                let _ = line.write_all(&answer(&chunk[..count]));
            }
        });
        let mut master = UartMaster::new(settings, SimClock::new(Pace::RealTime));
        master.connect().unwrap();
        (master, Self { stop, server: Some(server), _slave: slave })
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.server.take().unwrap().join().unwrap();
    }
}

/// Echoes the break, and after that what `response` makes of each piece.
fn after_the_break(mut response: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> (UartMaster, Hostile) {
    Hostile::start(move |piece| match piece {
        [] => Vec::new(),
        [0] => vec![0],
        piece => response(piece),
    })
}

fn bounded<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    result
}

#[test]
fn a_transceiver_without_power_is_a_timeout() {
    let (mut master, _line) = Hostile::start(|_| Vec::new());
    for result in [
        bounded(|| master.send(&write(1))),
        bounded(|| master.receive(read(), TIMEOUT).map(|_| ())),
        bounded(|| master.wake_up(WakePulse::DEFAULT)),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, LinError::Timeout { adapter: "uart", .. }), "{error}");
        assert!(error.is_adapter() && error.to_string().contains("echo"), "{error}");
    }
}

#[test]
fn a_bus_that_is_held_down_after_the_break_is_a_short() {
    let (mut master, _line) = after_the_break(|_| Vec::new());
    assert_eq!(bounded(|| master.send(&write(1))), Err(LinError::ShortedToGround));
    assert_eq!(bounded(|| master.receive(read(), TIMEOUT)), Err(LinError::ShortedToGround));
}

#[test]
fn a_bus_that_went_down_before_the_break_is_a_short() {
    // The one zero that a UART reports when the line goes down, and nothing ever after.
    let mut zero = Some(0);
    let (mut master, _line) = Hostile::start(move |piece| match piece {
        [] => Vec::from_iter(zero.take()),
        _ => Vec::new(),
    });
    SimClock::new(Pace::RealTime).sleep(Duration::from_millis(200));
    assert_eq!(bounded(|| master.send(&write(1))), Err(LinError::ShortedToGround));
}

#[test]
fn the_break_may_read_as_anything() {
    let (mut master, _line) = Hostile::start(|piece| match piece {
        [] => Vec::new(),
        [0] => vec![0xF8, 0x00],
        piece => piece.to_vec(),
    });
    bounded(|| master.send(&write(1))).unwrap();
}

/// A converter that hands over nothing before all of it has come: the header must not wait for it.
#[test]
fn a_header_does_not_wait_for_the_echo_of_its_break() {
    let mut held = Vec::new();
    let (mut master, _line) = Hostile::start_with(BreakMethod::Baud, move |piece| {
        held.extend_from_slice(piece);
        // Break, sync, protected id, data, checksum.
        if held.len() < 5 { Vec::new() } else { std::mem::take(&mut held) }
    });
    for byte in [0x00, 0x55] {
        bounded(|| master.send(&write(byte))).unwrap();
    }
}

/// A pseudo-terminal swallows the break that the system makes; here it is put back before the sync byte.
#[test]
fn a_break_of_the_systems_is_followed_by_the_header() {
    let (mut master, _line) = Hostile::start_with(BreakMethod::Ioctl, |piece| match piece {
        [0x55, ..] => [&[0], piece].concat(),
        piece => piece.to_vec(),
    });
    bounded(|| master.send(&write(1))).unwrap();
    let facts = master.facts();
    assert!(facts.contains(&("break", "ioctl".to_owned())), "{facts:?}");
}

#[rstest]
#[case::swallowed_by_the_terminal(BreakMethod::Ioctl)]
#[case::swallowed_by_the_peer(BreakMethod::Baud)]
fn a_break_that_does_not_come_back_is_refused(#[case] break_method: BreakMethod) {
    let (mut master, _line) = Hostile::start_with(break_method, |piece| match piece {
        [0, rest @ ..] => rest.to_vec(),
        piece => piece.to_vec(),
    });
    let error = bounded(|| master.send(&write(1))).unwrap_err();
    assert!(error.is_adapter() && error.to_string().contains("interface.break"), "{error}");
}

#[rstest]
#[case::dead(Vec::new(), "ShortedToGround")]
#[case::deaf(vec![0x5A; 8], "BitError")]
fn without_a_proper_echo_every_method_says_so(
    #[values(BreakMethod::Ioctl, BreakMethod::Baud, BreakMethod::BaudEcho)] break_method: BreakMethod,
    #[case] answer: Vec<u8>,
    #[case] expected: &str,
) {
    let mut first = true;
    let (mut master, _line) = Hostile::start_with(break_method, move |piece| match piece {
        [] => Vec::new(),
        _ if std::mem::take(&mut first) => [&[0], &answer[..]].concat(),
        _ => Vec::new(),
    });
    let error = bounded(|| master.send(&write(1))).unwrap_err();
    assert!(format!("{error:?}").starts_with(expected), "{error:?}");
}

#[test]
fn an_echo_that_differs_is_a_bit_error() {
    let (mut master, _line) = after_the_break(|piece| piece.iter().map(|byte| byte & 0xFE).collect());
    let id = FrameId::new(WRITE).unwrap();
    let expected = LinError::BitError { id, at: 0, sent: 0x55, got: 0x54 };
    assert_eq!(bounded(|| master.send(&write(1))), Err(expected));
}

#[test]
fn an_echo_that_breaks_off_is_a_disturbance() {
    let (mut master, _line) = after_the_break(|piece| piece[..piece.len() - 1].to_vec());
    assert!(matches!(bounded(|| master.send(&write(1))), Err(LinError::Disturbed { .. })));
}

#[test]
fn a_response_that_breaks_off_is_incomplete() {
    let (mut master, _line) = after_the_break(|piece| [piece, &[7]].concat());
    let id = FrameId::new(READ).unwrap();
    let expected = LinError::Incomplete { id, data: Data::new(&[7]).unwrap(), expected: 2 };
    assert_eq!(bounded(|| master.receive(read(), TIMEOUT)), Err(expected));
}

#[test]
fn a_line_that_is_flooded_ends_in_an_error() {
    let (mut master, _line) = Hostile::start(|_| vec![0x5A; 1024]);
    SimClock::new(Pace::RealTime).sleep(Duration::from_millis(300));
    let error = bounded(|| master.send(&write(1))).unwrap_err();
    assert!(matches!(error, LinError::Garbled { .. } | LinError::BitError { .. }), "{error}");
}

#[test]
fn a_port_that_goes_away_is_a_lost_adapter() {
    let (mut rig, _) = echo_rig(&[]);
    rig.master.send(&write(1)).unwrap();
    let (door, _bench) = rig.keep;
    drop(door);
    let error = bounded(|| rig.master.send(&write(2))).unwrap_err();
    assert!(matches!(error, LinError::AdapterLost { adapter: "uart", .. }), "{error}");
    assert_eq!(rig.master.send(&write(3)), Err(LinError::NotConnected { adapter: "uart" }));
}
