//! BabyLIN: the real loader with a stand-in for the vendor's library, which is compiled here.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hil_lin::{
    BabyLinMaster, BabyLinSettings, Bitrate, Capabilities, ChecksumModel, Data, Frame, FrameId, GO_TO_SLEEP,
    Header, LinError, LinMaster, Response, WakePulse,
};
use hil_model::{Amps, BenchTime, Volts};
use hil_sim::{BusFault, BusFaultKind, FaultWindow, LineDoor, LiveBench, Node, Pace, Reaction, SimClock};
use rstest::rstest;
use tempfile::TempDir;

use crate::echo::{Echo, READ, Seen, WRITE, read, write};

const TIMEOUT: Duration = Duration::from_millis(500);

/// The longest that any call here may take, on a machine that is busy with something else.
const BOUND: Duration = Duration::from_secs(15);

/// What the schedule of the stand-in's SDF fetches.
const SLOTS: &str = "slot 17 2 enhanced\nslot 61 8 classic\n";

/// A master, and what must live as long as it.
pub(crate) struct Rig {
    pub(crate) master: Box<dyn LinMaster>,
    pub(crate) keep: (Option<LineDoor>, Arc<LiveBench>, TempDir),
}

/// A master over the stand-in to a simulated bus with `nodes`, whose schedule fetches 0x11 (two bytes) and
/// the slave response. Not connected yet.
pub(crate) fn rig(nodes: Vec<Box<dyn Node>>, faults: Vec<BusFault>) -> Rig {
    rig_with(SLOTS, nodes, faults)
}

/// The same with slots of the caller's choice, a line each: `slot ID LENGTH classic|enhanced`.
pub(crate) fn rig_with(slots: &str, nodes: Vec<Box<dyn Node>>, faults: Vec<BusFault>) -> Rig {
    let bench = Arc::new(LiveBench::start(Bitrate::LIN_2, nodes, Volts::new(12.0), faults, 1).unwrap());
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let door = LineDoor::open(Arc::clone(&bench), listen).unwrap();
    let folder = TempDir::new().unwrap();
    let sdf = folder.path().join("bench.sdf");
    fs::write(&sdf, format!("standin-sdf\ndoor {}\nschedule 3\n{slots}", door.addr())).unwrap();
    let settings = BabyLinSettings { library: Some(standin("")), sdf: Some(sdf), schedule: 3, port: None };
    let master = Box::new(BabyLinMaster::new(settings, bench.clock().clone()));
    Rig { master, keep: (Some(door), bench, folder) }
}

/// The stand-in, with `cfg` set if it is not empty.
fn standin(cfg: &str) -> PathBuf {
    compiled(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/babylin.rs"), cfg)
}

/// `source` as a library of C functions, compiled unless that was done since it was written.
fn compiled(source: &Path, cfg: &str) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let stem = source.file_stem().unwrap().to_str().unwrap();
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lib{stem}{cfg}.so"));
    let written = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    if written(&library).is_ok_and(|library| library > written(source).unwrap()) {
        return library;
    }
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.args(["--edition", "2024", "--crate-type", "cdylib", "--crate-name", "standin"]);
    command.args(["--cap-lints", "allow", "-C", "debuginfo=0"]);
    if !cfg.is_empty() {
        command.args(["--cfg", cfg]);
    }
    // Another run may be compiling as well, so a library comes into its place whole.
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let fresh = folder.path().join("fresh.so");
    let output = command.arg("-o").arg(&fresh).arg(source).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::rename(&fresh, &library).unwrap();
    library
}

fn echo_rig(kinds: &[BusFaultKind]) -> (Rig, Arc<Mutex<Seen>>) {
    let seen = Arc::<Mutex<Seen>>::default();
    let faults = kinds.iter().map(|kind| BusFault { kind: *kind, frame: None, window: FaultWindow::ALWAYS });
    let mut rig = rig(vec![Box::new(Echo { seen: Arc::clone(&seen), last: 0 })], faults.collect());
    rig.master.connect().unwrap();
    (rig, seen)
}

fn bounded<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    result
}

#[test]
fn frames_cross_the_library() {
    let (mut rig, seen) = echo_rig(&[]);
    assert_eq!(rig.master.capabilities(), Capabilities::default());
    for byte in [0x42, 0x00, 0xFF] {
        rig.master.send(&write(byte)).unwrap();
        assert_eq!(
            rig.master.receive(read(), TIMEOUT),
            Ok(Response::Data(Data::new(&[byte, 0xA5]).unwrap()))
        );
    }
    assert_eq!(seen.lock().unwrap().frames, [[0x42], [0x00], [0xFF]]);
    assert_eq!(
        rig.master.facts()[..3],
        [("library", "stand-in 1.0".into()), ("port", "/dev/standin0".into()), ("channel", "LIN 1".into())]
    );
    rig.master.disconnect().unwrap();
    assert_eq!(rig.master.send(&write(1)), Err(LinError::NotConnected { adapter: "babylin" }));
    rig.master.connect().unwrap();
    rig.master.send(&write(2)).unwrap();
}

#[test]
fn nobody_answers_what_is_not_in_the_schedule() {
    let (mut rig, _) = echo_rig(&[]);
    let silent = Header::new(FrameId::new(0x20).unwrap(), 8);
    assert_eq!(rig.master.receive(silent, Duration::from_millis(50)), Ok(Response::None));
    assert!(matches!(rig.master.receive(read(), TIMEOUT), Ok(Response::Data(_))));
}

#[test]
fn what_the_library_cannot_is_unsupported() {
    let (mut rig, _) = echo_rig(&[]);
    let classic = rig.master.send_raw(&write(1), ChecksumModel::Classic);
    let wake = rig.master.wake_up(WakePulse::DEFAULT);
    assert!(matches!(classic, Err(LinError::Unsupported { .. })));
    assert!(matches!(wake, Err(LinError::Unsupported { .. })));
    let short = Frame::new(0x3C, &[1, 2]).unwrap();
    assert!(matches!(rig.master.send(&short), Err(LinError::Refused { .. })));
}

#[rstest]
#[case::checksum(BusFaultKind::WrongChecksum)]
#[case::bit(BusFaultKind::BitFlip)]
fn what_distorts_the_wire_is_seen(#[case] kind: BusFaultKind) {
    let (mut rig, _) = echo_rig(&[kind]);
    let id = FrameId::new(WRITE).unwrap();
    assert!(matches!(rig.master.send(&write(1)), Err(LinError::Disturbed { id: of, .. }) if of == id));
    assert!(matches!(rig.master.receive(read(), TIMEOUT), Err(LinError::Checksum { .. })));
}

#[test]
fn a_short_disturbs_what_is_sent_and_silences_the_rest() {
    let (mut rig, _) = echo_rig(&[BusFaultKind::Short]);
    assert!(matches!(rig.master.send(&write(1)), Err(LinError::Disturbed { .. })));
    assert_eq!(rig.master.receive(read(), TIMEOUT), Ok(Response::None));
}

#[test]
fn a_slave_that_keeps_silent_is_none() {
    let (mut rig, _) = echo_rig(&[BusFaultKind::NoResponse]);
    assert_eq!(rig.master.receive(read(), TIMEOUT), Ok(Response::None));
}

#[test]
fn a_response_of_another_length_is_no_frame() {
    let (mut rig, _) = echo_rig(&[]);
    let id = FrameId::new(READ).unwrap();
    assert!(matches!(rig.master.receive(Header::new(id, 4), TIMEOUT), Err(LinError::Incomplete { .. })));
    assert!(matches!(rig.master.receive(Header::new(id, 1), TIMEOUT), Err(LinError::Disturbed { .. })));
}

/// A node that answers each master request with three slave responses, and then keeps silent.
#[derive(Debug, Default)]
struct Talker {
    request: Arc<Mutex<Vec<u8>>>,
    answers: u8,
}

impl Node for Talker {
    fn on_header(&mut self, id: FrameId, _now: BenchTime) -> Reaction {
        if id == FrameId::MASTER_REQUEST {
            Reaction::Listen { length: 8, checksum: ChecksumModel::Classic }
        } else if id == FrameId::SLAVE_RESPONSE && self.answers > 0 {
            let data = Data::new(&[self.answers; 8]).unwrap();
            Reaction::Respond { data, checksum: ChecksumModel::Classic }
        } else {
            Reaction::Ignore
        }
    }

    fn on_frame(&mut self, _id: FrameId, data: &Data, _now: BenchTime) {
        *self.request.lock().unwrap() = data.to_vec();
        self.answers = 3;
    }

    fn on_faulty_response(&mut self, _id: FrameId, _now: BenchTime) {}

    fn on_transmitted(&mut self, _id: FrameId, _now: BenchTime) {
        self.answers -= 1;
    }

    fn on_dominant(&mut self, _now: BenchTime) {}

    fn on_tick(&mut self, _now: BenchTime, _rail: Volts) -> Amps {
        Amps::ZERO
    }
}

#[test]
fn no_slave_response_is_lost_between_two_calls() {
    let request = Arc::<Mutex<Vec<u8>>>::default();
    let mut rig = rig(vec![Box::new(Talker { request: Arc::clone(&request), answers: 0 })], Vec::new());
    rig.master.connect().unwrap();
    let header = Header::new(FrameId::SLAVE_RESPONSE, 8);
    assert_eq!(rig.master.receive(header, Duration::from_millis(20)), Ok(Response::None));
    let question = Frame::new(0x3C, &[0x01, 0x02, 0xB2, 0x00, 0xFF, 0xFF, 0xFF, 0xFF]).unwrap();
    for _ in 0..2 {
        rig.master.send(&question).unwrap();
        assert_eq!(*request.lock().unwrap(), **question.data());
        let until = Instant::now() + BOUND;
        let mut got = Vec::new();
        while got.len() < 3 && Instant::now() < until {
            // Other calls in between look through the same queue.
            let _ = rig.master.receive(read(), Duration::from_millis(50));
            if let Response::Data(data) = rig.master.receive(header, TIMEOUT).unwrap() {
                got.push(data[0]);
            }
        }
        assert_eq!(got, [3, 2, 1]);
    }
}

/// Should the device spend a slot for each response that it is told to expect, frames that nobody answers must
/// not be followed by any.
#[test]
fn nothing_is_expected_where_nothing_can_come() {
    let request = Arc::<Mutex<Vec<u8>>>::default();
    let nodes: Vec<Box<dyn Node>> = vec![Box::new(Talker { request: Arc::clone(&request), answers: 0 })];
    let mut rig = rig_with(&format!("{SLOTS}mode drag\n"), nodes, Vec::new());
    rig.master.connect().unwrap();
    let begin = [[0x01, 0x10, 200, 0x36, 1, 2, 3, 4]].into_iter();
    let consecutive = (1..32).map(|number| [0x01, 0x20 | (number & 0x0F), 9, 9, 9, 9, 9, 9]);
    let addressing = (1..=16).map(|nad| [0x7F, 0x06, 0xB5, 0xFF, 0x7F, 0x02, 0x02, nad]);
    let frames: Vec<[u8; 8]> = begin.chain(consecutive).chain(addressing).collect();
    bounded(|| {
        for data in &frames {
            rig.master.send(&Frame::new(0x3C, data).unwrap()).unwrap();
            assert_eq!(*request.lock().unwrap(), data);
        }
        rig.master.go_to_sleep().unwrap();
    });
    assert_eq!(*request.lock().unwrap(), **GO_TO_SLEEP.data());
}

#[rstest]
#[case::hang("hang", |error: &LinError| matches!(error, LinError::Timeout { .. }))]
#[case::lost("lost", |error: &LinError| matches!(error, LinError::AdapterLost { reason, .. } if reason.contains("pulled out")))]
#[case::refuse("refuse", |error: &LinError| matches!(error, LinError::Refused { reason, .. } if reason.contains("not today")))]
#[case::mute("mute", |error: &LinError| matches!(error, LinError::Timeout { operation: "report the frame as sent", .. }))]
#[case::flood("flood", |error: &LinError| matches!(error, LinError::Garbled { .. }))]
#[case::flood_later("flood-while-waiting", |error: &LinError| matches!(error, LinError::Timeout { .. }))]
#[case::nonsense("nonsense", |error: &LinError| matches!(error, LinError::Garbled { .. }))]
#[case::untouched("untouched", |error: &LinError| matches!(error, LinError::Garbled { .. }))]
#[case::long_frames("long-frames", |error: &LinError| matches!(error, LinError::Garbled { what, .. } if what.contains("longer")))]
fn a_library_that_misbehaves_is_an_error(#[case] mode: &str, #[case] is_expected: fn(&LinError) -> bool) {
    let mut rig = rig_with(&format!("{SLOTS}mode {mode}\n"), Vec::new(), Vec::new());
    rig.master.connect().unwrap();
    let error = bounded(|| rig.master.send(&write(1))).unwrap_err();
    assert!(is_expected(&error) && error.is_adapter(), "{error:?}");
    bounded(|| rig.master.disconnect()).unwrap();
}

#[rstest]
#[case::can("mode can\n", "no LIN channel")]
#[case::unlicensed("mode unlicensed\n", "no LIN channel")]
fn a_device_without_a_usable_channel_is_unavailable(#[case] line: &str, #[case] why: &str) {
    let mut rig = rig_with(&format!("{SLOTS}{line}"), Vec::new(), Vec::new());
    let error = bounded(|| rig.master.connect()).unwrap_err();
    assert!(matches!(&error, LinError::Unavailable { reason, .. } if reason.contains(why)), "{error:?}");
}

#[test]
fn an_sdf_or_schedule_that_the_device_does_not_take_is_refused() {
    let mut broken = rig_with("slot of nonsense\n", Vec::new(), Vec::new());
    let error = broken.master.connect().unwrap_err().to_string();
    assert!(error.contains("load the SDF: not an SDF (98)") && error.contains("bench.sdf"), "{error}");
    let mut other = rig(Vec::new(), Vec::new());
    fs::write(other.keep.2.path().join("bench.sdf"), other_schedule(&other)).unwrap();
    let error = other.master.connect().unwrap_err().to_string();
    assert!(error.contains("start its schedule: wrong parameter value (200): no such schedule"), "{error}");
}

fn other_schedule(rig: &Rig) -> String {
    format!("standin-sdf\ndoor {}\nschedule 4\n", rig.keep.0.as_ref().unwrap().addr())
}

#[test]
fn a_device_that_is_unplugged_is_lost() {
    let (mut rig, _) = echo_rig(&[]);
    rig.master.send(&write(1)).unwrap();
    drop(rig.keep.0.take());
    let error = bounded(|| rig.master.send(&write(2))).unwrap_err();
    assert!(matches!(error, LinError::AdapterLost { adapter: "babylin", .. }), "{error:?}");
    assert_eq!(rig.master.send(&write(3)), Err(LinError::NotConnected { adapter: "babylin" }));
    let error = bounded(|| rig.master.connect()).unwrap_err();
    assert!(matches!(error, LinError::AdapterLost { .. }), "{error:?}");
}

/// Connects with what is there of library, SDF and port, and returns the reason why that is not enough.
fn missing(library: Option<PathBuf>, sdf: Option<PathBuf>, port: Option<&str>) -> String {
    let settings = BabyLinSettings { library, sdf, schedule: 0, port: port.map(str::to_owned) };
    let mut master = BabyLinMaster::new(settings, SimClock::new(Pace::RealTime));
    match bounded(|| master.connect()) {
        Err(LinError::Unavailable { adapter: "babylin", reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_missing_is_named() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| Some(folder.path().join(name));
    let source = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let sdf = Some(source("some.sdf", ""));
    let check = |reason: String, expected: &[&str]| {
        assert!(expected.iter().all(|part| reason.contains(part)), "{reason}");
    };
    check(missing(None, sdf.clone(), None), &["libBabyLIN.so"]);
    check(missing(path("libOther.so"), sdf.clone(), None), &["libOther.so"]);
    check(missing(sdf.clone(), sdf.clone(), None), &["some.sdf"]);
    let empty = compiled(&source("empty.rs", ""), "");
    check(
        missing(Some(empty.clone()), sdf.clone(), None),
        &[empty.to_str().unwrap(), "BLC_getVersionString"],
    );
    check(missing(Some(standin("")), None, None), &["no SDF"]);
    check(missing(Some(standin("")), path("lost.sdf"), None), &["lost.sdf"]);
    check(missing(Some(standin("no_ports")), sdf.clone(), None), &["finds no device"]);
    check(missing(Some(standin("")), sdf, Some("COM7")), &["finds no device COM7", "/dev/standin0"]);
}

#[test]
fn a_list_of_ports_that_cannot_be_is_nonsense() {
    let (rig, _) = echo_rig(&[]);
    let sdf = Some(rig.keep.2.path().join("bench.sdf"));
    let settings = BabyLinSettings { library: Some(standin("odd_count")), sdf, schedule: 3, port: None };
    let error = BabyLinMaster::new(settings, SimClock::new(Pace::RealTime)).connect().unwrap_err();
    assert!(matches!(error, LinError::Garbled { .. }), "{error:?}");
}
