//! The MUM: the adapter and its helper, against stand-ins for the vendor's packages.

use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hil_lin::{
    Bitrate, ChecksumModel, Data, Frame, FrameId, Header, LinError, LinMaster, MumMaster, MumSettings,
    Response, WakePulse,
};
use hil_model::{Amps, BenchTime, Clock, Volts};
use hil_sim::{BusFault, BusFaultKind, FaultWindow, LineDoor, LiveBench, Node, Pace, Reaction, SimClock};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use rstest::rstest;
use tempfile::TempDir;

use crate::python::is_missing;

const WRITE: u8 = 0x0A;
const READ: u8 = 0x11;
const TIMEOUT: Duration = Duration::from_millis(100);

/// How long anything may take on a machine that is busy with other things.
const SOON: Duration = Duration::from_secs(30);

/// An adapter on a simulated bus, reached through the stand-in packages.
pub(crate) struct Rig {
    /// The adapter, not connected yet.
    pub(crate) master: Box<dyn LinMaster>,
    /// The bench behind it; dropped after it.
    pub(crate) keep: (LineDoor, Arc<LiveBench>),
}

/// A rig with `nodes` on its bus. [`is_missing`] says whether it can be had.
pub(crate) fn rig(nodes: Vec<Box<dyn Node>>, faults: Vec<BusFault>) -> Rig {
    rig_with(nodes, faults, &[])
}

fn rig_with(nodes: Vec<Box<dyn Node>>, faults: Vec<BusFault>, environment: &[(&str, &str)]) -> Rig {
    let bench = Arc::new(LiveBench::start(Bitrate::LIN_2, nodes, Volts::new(12.0), faults, 1).unwrap());
    // Nothing but the adapter powers the unit.
    bench.power_out(false);
    let door = LineDoor::open(Arc::clone(&bench), (Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let mut settings = settings("mum", environment);
    settings.host = door.addr().to_string();
    let clock: Arc<dyn Clock> = Arc::<SimClock>::clone(bench.clock());
    Rig { master: Box::new(MumMaster::new(settings, clock)), keep: (door, bench) }
}

/// Settings with the stand-in packages of the folder `stand_in`.
fn settings(stand_in: &str, environment: &[(&str, &str)]) -> MumSettings {
    let packages: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(stand_in);
    let ours = [("PYTHONPATH", packages.to_str().unwrap()), ("PYTHONDONTWRITEBYTECODE", "1")];
    let environment = ours.iter().chain(environment).map(|(name, value)| ((*name).into(), (*value).into()));
    MumSettings {
        environment: environment.collect(),
        boot_settle: Duration::from_millis(20),
        ..MumSettings::new("nowhere")
    }
}

/// An adapter whose packages misbehave. Its bench's time jumps, as nothing is on it.
fn hostile(how: &str, connect_timeout: Duration) -> MumMaster {
    let settings = MumSettings { connect_timeout, ..settings("mum_hostile", &[("MISBEHAVIOUR", how)]) };
    MumMaster::new(settings, SimClock::new(Pace::Jump))
}

/// What the unit lived through.
#[derive(Debug, Default)]
struct Seen {
    frames: Vec<(u8, Vec<u8>)>,
    dominant: u32,
    volts: f64,
}

/// A unit with a frame in each direction, and diagnostics that answer with the last request.
#[derive(Debug)]
struct Unit {
    seen: Arc<Mutex<Seen>>,
    request: [u8; 8],
}

impl Node for Unit {
    fn on_header(&mut self, id: FrameId, _now: BenchTime) -> Reaction {
        match id.get() {
            WRITE => Reaction::Listen { length: 2, checksum: ChecksumModel::Enhanced },
            READ => {
                let data = Data::new(&[1, 2]).unwrap();
                Reaction::Respond { data, checksum: ChecksumModel::Enhanced }
            }
            0x3C => Reaction::Listen { length: 8, checksum: ChecksumModel::Classic },
            0x3D => {
                let data = Data::new(&self.request).unwrap();
                Reaction::Respond { data, checksum: ChecksumModel::Classic }
            }
            _ => Reaction::Ignore,
        }
    }

    fn on_frame(&mut self, id: FrameId, data: &Data, _now: BenchTime) {
        if id == FrameId::MASTER_REQUEST {
            self.request.copy_from_slice(data);
        }
        self.seen.lock().unwrap().frames.push((id.get(), data.to_vec()));
    }

    fn on_faulty_response(&mut self, _id: FrameId, _now: BenchTime) {}

    fn on_transmitted(&mut self, _id: FrameId, _now: BenchTime) {}

    fn on_dominant(&mut self, _now: BenchTime) {
        self.seen.lock().unwrap().dominant += 1;
    }

    fn on_tick(&mut self, _now: BenchTime, rail: Volts) -> Amps {
        self.seen.lock().unwrap().volts = rail.get();
        Amps::ZERO
    }
}

fn unit() -> (Vec<Box<dyn Node>>, Arc<Mutex<Seen>>) {
    let seen = Arc::<Mutex<Seen>>::default();
    (vec![Box::new(Unit { seen: Arc::clone(&seen), request: [0; 8] })], seen)
}

fn header(id: u8, length: usize) -> Header {
    Header::new(FrameId::new(id).unwrap(), length)
}

/// Waits in real time: what is waited for happens in other processes.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + SOON;
    let clock = SimClock::new(Pace::RealTime);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not within {SOON:?}");
        clock.sleep(Duration::from_millis(5));
    }
}

fn powered(seen: &Arc<Mutex<Seen>>) -> bool {
    seen.lock().unwrap().volts > 6.0
}

#[test]
fn frames_go_both_ways_with_the_checksums_that_they_need() {
    if is_missing() {
        return;
    }
    let (nodes, seen) = unit();
    let Rig { mut master, keep: _keep } = rig(nodes, vec![]);
    master.connect().unwrap();
    assert!(powered(&seen), "the unit has power before the first frame");
    master.send(&Frame::new(WRITE, &[7, 8]).unwrap()).unwrap();
    let response = master.receive(header(READ, 2), TIMEOUT);
    assert_eq!(response, Ok(Response::Data(Data::new(&[1, 2]).unwrap())));
    let request = Frame::new(0x3C, &[1, 2, 0xB2, 0, 0xFF, 0x7F, 0xFF, 0xFF]).unwrap();
    master.send(&request).unwrap();
    assert_eq!(master.receive(header(0x3D, 8), TIMEOUT), Ok(Response::Data(*request.data())));
    let frames = [(WRITE, vec![7, 8]), (0x3C, request.data().to_vec())];
    assert_eq!(seen.lock().unwrap().frames, frames);
    let before = seen.lock().unwrap().dominant;
    assert!(master.capabilities().wake_up);
    master.wake_up(WakePulse::DEFAULT).unwrap();
    assert_eq!(seen.lock().unwrap().dominant, before + 1);
    let facts = master.facts();
    assert!(facts.contains(&("pylin", "0.0 (stand-in)".to_owned())), "{facts:?}");
}

#[rstest]
fn nobody_answers(#[values("none", "empty", "raise")] how: &str) {
    if is_missing() {
        return;
    }
    let Rig { mut master, keep: _keep } = rig_with(unit().0, vec![], &[("STANDIN_SILENCE", how)]);
    master.connect().unwrap();
    for timeout in [TIMEOUT, Duration::MAX] {
        assert_eq!(master.receive(header(0x20, 2), timeout), Ok(Response::None));
    }
}

#[rstest]
#[case::no_response(BusFaultKind::NoResponse, "Ok(None)")]
#[case::late_response(BusFaultKind::LateResponse, "Ok(None)")]
#[case::short(BusFaultKind::Short, "Err(ShortedToGround)")]
#[case::checksum(
    BusFaultKind::WrongChecksum,
    "Err(Disturbed { id: FrameId(17), what: \"LinLowLevelException: checksum"
)]
fn a_fault_on_the_bus_shows(#[case] kind: BusFaultKind, #[case] expected: &str) {
    if is_missing() {
        return;
    }
    let fault = BusFault { kind, frame: None, window: FaultWindow::ALWAYS };
    let Rig { mut master, keep: _keep } = rig(unit().0, vec![fault]);
    master.connect().unwrap();
    let got = format!("{:?}", master.receive(header(READ, 2), TIMEOUT));
    assert!(got.starts_with(expected), "{got}");
}

#[test]
fn what_harms_the_masters_data_shows() {
    if is_missing() {
        return;
    }
    let fault = BusFault { kind: BusFaultKind::WrongChecksum, frame: None, window: FaultWindow::ALWAYS };
    let Rig { mut master, keep: _keep } = rig(unit().0, vec![fault]);
    master.connect().unwrap();
    let sent = master.send(&Frame::new(WRITE, &[7, 8]).unwrap());
    assert!(matches!(sent, Err(LinError::Disturbed { .. })), "{sent:?}");
}

#[test]
fn what_it_cannot_do_it_says() {
    if is_missing() {
        return;
    }
    let (nodes, seen) = unit();
    let Rig { mut master, keep: _keep } = rig(nodes, vec![]);
    let frame = |id, data: &[u8]| Frame::new(id, data).unwrap();
    assert_eq!(master.send(&frame(WRITE, &[1])), Err(LinError::NotConnected { adapter: "mum" }));
    assert_eq!(master.disconnect(), Ok(()));
    master.connect().unwrap();
    let sent = [
        (frame(WRITE, &[1, 2]), ChecksumModel::Classic),
        (frame(0x3C, &[0; 8]), ChecksumModel::Enhanced),
        (frame(0x3C, &[0; 7]), ChecksumModel::Classic),
        (frame(0x3D, &[0; 8]), ChecksumModel::Classic),
        (frame(WRITE, &[]), ChecksumModel::Enhanced),
    ];
    for (frame, checksum) in sent {
        let got = master.send_raw(&frame, checksum);
        assert!(matches!(got, Err(LinError::Unsupported { .. })), "{frame} {checksum:?}: {got:?}");
    }
    let awaited = [
        header(READ, 2).with_checksum(ChecksumModel::Classic),
        header(0x3D, 8).with_checksum(ChecksumModel::Enhanced),
        header(READ, 0),
        header(READ, 9),
    ];
    for header in awaited {
        let got = master.receive(header, TIMEOUT);
        assert!(matches!(got, Err(LinError::Unsupported { .. })), "{header:?}: {got:?}");
    }
    assert_eq!(seen.lock().unwrap().frames, [], "nothing of it reached the bus");
}

#[test]
fn the_unit_has_power_while_the_adapter_is_connected_and_no_longer() {
    if is_missing() {
        return;
    }
    let (nodes, seen) = unit();
    let Rig { mut master, keep: _keep } = rig(nodes, vec![]);
    assert!(!powered(&seen));
    master.connect().unwrap();
    assert!(powered(&seen));
    master.power_ecu(false).unwrap();
    eventually("the power to be cut", || !powered(&seen));
    master.power_ecu(true).unwrap();
    eventually("the power to come back", || powered(&seen));
    master.disconnect().unwrap();
    eventually("the power to be cut by disconnect", || !powered(&seen));
    assert_eq!(master.disconnect(), Ok(()));
    master.connect().unwrap();
    assert!(powered(&seen), "it can be connected again");
    drop(master);
    eventually("the power to be cut by drop", || !powered(&seen));
}

#[rstest]
#[case::interpreter("no-such-python", "mum", "there is no Python interpreter no-such-python")]
#[case::no_interpreter(
    "/bin/false",
    "mum",
    "/bin/false does not run the helper: the helper ended with exit status: 1"
)]
#[case::package(
    "python3",
    "nothing",
    "python3 cannot import pymumclient, which comes from Melexis: ModuleNotFoundError"
)]
#[case::device("python3", "mum", "the device at 127.0.0.1:1 cannot be reached: ConnectionRefusedError")]
fn what_is_missing_is_named(#[case] python: &str, #[case] packages: &str, #[case] expected: &str) {
    if is_missing() {
        return;
    }
    let settings = settings(packages, &[]);
    let settings = MumSettings { python: python.to_owned(), host: "127.0.0.1:1".to_owned(), ..settings };
    let mut master = MumMaster::new(settings, SimClock::new(Pace::Jump));
    match master.connect() {
        Err(LinError::Unavailable { reason, .. }) => assert!(reason.starts_with(expected), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(master.power_ecu(true), Err(LinError::NotConnected { adapter: "mum" }));
}

#[rstest]
#[case::import_fails(
    "import fails",
    "mum cannot be had: python3 cannot import pymumclient, which comes from Melexis: RuntimeError: no licence"
)]
#[case::import_exits(
    "import exits",
    "mum cannot be had: python3 cannot import pymumclient, which comes from Melexis: SystemExit: no licence"
)]
#[case::import_dies("import dies", "mum is gone: the helper ended with exit status: 7")]
#[case::open_fails(
    "open fails",
    "mum cannot be had: the device at nowhere cannot be reached: Unprintable: what cannot be shown"
)]
#[case::spoilt("open spoils the wire", "mum talks nonsense: nonsense")]
#[case::flooded("open floods the wire", "mum talks nonsense: a line of more than 65536 bytes")]
#[case::misfit(
    "no device class",
    "mum cannot be had: python3 has packages that do not fit: pylin: there is no LinDevice22"
)]
#[case::setup("setup fails", "mum refuses to set up the bus: RuntimeError: LIN channel in use")]
#[case::power("no power", "mum refuses to power the unit: RuntimeError: overcurrent")]
fn a_connection_fails_in_its_own_way(#[case] how: &str, #[case] expected: &str) {
    if is_missing() {
        return;
    }
    let mut master = hostile(how, SOON);
    let error = master.connect().unwrap_err();
    assert_eq!(error.to_string(), expected);
    let next = master.receive(header(READ, 2), TIMEOUT);
    assert_eq!(next, Err(LinError::NotConnected { adapter: "mum" }));
}

#[test]
fn a_device_that_never_answers_is_not_there() {
    if is_missing() {
        return;
    }
    let error = hostile("open hangs", Duration::from_millis(300)).connect().unwrap_err();
    assert_eq!(error.to_string(), "mum cannot be had: the device at nowhere was not reached within 0.3 s");
}

/// What `receive` makes of it, and whether the adapter is still there afterwards.
#[rstest]
#[case::nothing("returns nothing", "Ok(None)", true)]
#[case::bytes("returns bytes", "Ok(Data([01 02]))", true)]
#[case::after_prints("open prints", "Ok(Data([01 02]))", true)]
#[case::text("returns text", "mum talks nonsense: str: nonsense", true)]
#[case::number("returns a number", "mum talks nonsense: int: 42", true)]
#[case::dictionary("returns a dictionary", "mum talks nonsense: dict: {'data': [1, 2]}", true)]
#[case::no_byte("returns what is no byte", "mum talks nonsense: list: [1, 256]", true)]
#[case::too_much("returns too much", "mum talks nonsense: 3 bytes of a frame of 2: [01, 02, 03]", true)]
#[case::endless("returns without end", "mum talks nonsense: 64 bytes of a frame of 2", true)]
#[case::too_little("returns too little", "frame 0x11: the response broke off after 1 of 2 bytes (01)", true)]
#[case::raises("raises", "mum talks nonsense: RuntimeError: flux capacitor", true)]
#[case::unprintable(
    "raises what cannot be shown",
    "mum talks nonsense: Unprintable: what cannot be shown",
    true
)]
#[case::at_length("raises at length", "mum talks nonsense: RuntimeError: xxx", true)]
#[case::exits("exits politely", "mum talks nonsense: SystemExit: 3", true)]
#[case::device_lost("loses the device", "mum is gone: ConnectionResetError: [Errno 104]", false)]
#[case::network_lost("loses the network", "mum is gone: OSError: [Errno 113] No route to host", false)]
#[case::dies(
    "dies",
    "mum is gone: the helper ended with exit status: 9; it last wrote: Fatal Python error",
    false
)]
#[case::hangs("hangs", "mum did not receive a response within 5.00 s", false)]
#[case::lock("hangs with the lock", "mum did not receive a response within 5.00 s", false)]
fn hostile_packages_have_typed_ends(#[case] how: &str, #[case] expected: &str, #[case] stays: bool) {
    if is_missing() {
        return;
    }
    let mut master = hostile(how, SOON);
    master.connect().unwrap();
    assert!(!master.capabilities().wake_up);
    let wake_up = master.wake_up(WakePulse::DEFAULT);
    assert!(matches!(wake_up, Err(LinError::Unsupported { .. })), "{wake_up:?}");
    let got = match master.receive(header(READ, 2), Duration::ZERO) {
        Ok(response) => format!("Ok({response:?})"),
        Err(error) => error.to_string(),
    };
    assert!(got.starts_with(expected), "{got}");
    assert!(got.len() < 1000, "{got}");
    let next = master.power_ecu(true);
    if stays {
        assert_eq!((next, master.disconnect()), (Ok(()), Ok(())));
    } else {
        assert!(matches!(next, Err(LinError::AdapterLost { .. })), "{next:?}");
        assert!(matches!(master.disconnect(), Err(LinError::AdapterLost { .. })));
        master.connect().unwrap();
    }
}

/// A time-out is silence where an answer is awaited. Nobody has to answer what is sent: there it is the device's.
#[test]
fn a_time_out_is_silence_only_where_somebody_may_answer() {
    if is_missing() {
        return;
    }
    let mut master = hostile("runs out of time", SOON);
    master.connect().unwrap();
    assert_eq!(master.receive(header(READ, 2), TIMEOUT), Ok(Response::None));
    let sent = master.send(&Frame::new(WRITE, &[1, 2]).unwrap());
    assert!(matches!(sent, Err(LinError::Refused { .. })), "{sent:?}");
}

#[rstest]
#[case::fails("fails on the way down", "Ok(())")]
#[case::hangs(
    "hangs on the way down",
    "Err(Timeout { adapter: \"mum\", operation: \"close the device\", timeout: 5s })"
)]
fn the_way_down_ends(#[case] how: &str, #[case] expected: &str) {
    if is_missing() {
        return;
    }
    let mut master = hostile(how, SOON);
    master.connect().unwrap();
    assert_eq!(format!("{:?}", master.disconnect()), expected);
    assert_eq!(master.disconnect(), Ok(()));
}

/// The numbers that the hostile packages noted.
fn noted(folder: &TempDir) -> Vec<i32> {
    let text = std::fs::read_to_string(folder.path().join("pids")).unwrap_or_default();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

fn is_gone(pid: i32) -> bool {
    // Where nobody reaps orphans, one that has ended stays as a zombie.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

#[rstest]
fn nothing_outlives_the_adapter(#[values("forks", "hangs and ignores signals")] how: &str) {
    if is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let settings = settings("mum_hostile", &[("MISBEHAVIOUR", how), ("PIDS", pids.to_str().unwrap())]);
    let mut master = MumMaster::new(settings, SimClock::new(Pace::Jump));
    master.connect().unwrap();
    let noted = noted(&folder);
    assert_eq!(noted.len(), if how == "forks" { 2 } else { 1 });
    assert!(!noted.iter().any(|pid| is_gone(*pid)), "they run while the adapter is connected");
    drop(master);
    eventually("the helper to be gone", || noted.iter().all(|pid| is_gone(*pid)));
}

/// Not a test of its own: the harness in the tests below, which is killed.
#[test]
#[ignore = "runs in a process of its own, started by other tests"]
#[expect(clippy::print_stdout, reason = "tells the test that started it")]
fn as_a_harness() {
    let Ok(host) = std::env::var("AS_A_HARNESS_AT") else { return };
    let stand_in = if std::env::var_os("MISBEHAVIOUR").is_some() { "mum_hostile" } else { "mum" };
    let settings = MumSettings { host, ..settings(stand_in, &[]) };
    let mut master = MumMaster::new(settings, SimClock::new(Pace::RealTime));
    master.connect().unwrap();
    println!("connected");
    let _ = master.receive(header(READ, 2), Duration::from_millis(1));
    loop {
        std::thread::park();
    }
}

/// A harness in a process group of its own, killed with it.
struct Harness(Child);

impl Harness {
    fn start(environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["mum::as_a_harness", "--exact", "--ignored", "--nocapture"]);
        command.envs(environment.iter().copied()).process_group(0).stdout(Stdio::piped());
        let mut harness = Self(command.spawn().unwrap());
        let mut lines = BufReader::new(harness.0.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("connected")), "it did not connect");
        harness
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.0.id().cast_signed())
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[rstest]
#[case::idle("raises")]
#[case::forked("forks")]
#[case::hanging("hangs and ignores signals")]
#[case::holding_the_lock("hangs with the lock")]
fn nothing_outlives_a_killed_harness(#[case] how: &str) {
    if is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let harness = Harness::start(&[
        ("AS_A_HARNESS_AT", "nowhere"),
        ("MISBEHAVIOUR", how),
        ("PIDS", pids.to_str().unwrap()),
    ]);
    let noted = noted(&folder);
    assert!(!noted.is_empty() && !noted.iter().any(|pid| is_gone(*pid)));
    kill(harness.pid(), Signal::SIGKILL).unwrap();
    eventually("the helper to be gone", || noted.iter().all(|pid| is_gone(*pid)));
}

#[test]
fn a_killed_harness_leaves_the_unit_without_power() {
    if is_missing() {
        return;
    }
    let (nodes, seen) = unit();
    let Rig { master: _master, keep } = rig(nodes, vec![]);
    let harness = Harness::start(&[("AS_A_HARNESS_AT", &keep.0.addr().to_string())]);
    eventually("the unit to be powered", || powered(&seen));
    killpg(harness.pid(), Signal::SIGKILL).unwrap();
    eventually("the power to be cut", || !powered(&seen));
}
