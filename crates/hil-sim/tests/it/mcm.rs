//! The MCM adapter against the imitation of its device, over TLS on the loopback.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hil_lin::{
    Bitrate, BootLoad, BootMemory, ChecksumModel, Data, Frame, FrameId, Header, LinError, LinMaster,
    LoaderBitrate, McmMaster, McmSettings, Response, WakePulse,
};
use hil_model::{Amps, BenchTime, Clock, Volts, poll_until};
use hil_sim::{
    BusFault, BusFaultKind, FaultWindow, LiveBench, McmFault, McmOptions, McmServer, Node, Reaction,
};
use rstest::rstest;

const WRITE: u8 = 0x0A;
const READ: u8 = 0x11;

/// Every wait of a test is over by then, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A free port on this machine.
const ANYWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The adapter on an imitation of its device, and what must outlive it.
pub(crate) struct Rig {
    pub(crate) master: Box<dyn LinMaster>,
    pub(crate) keep: (McmServer, Arc<LiveBench>),
}

/// An adapter that is not connected yet, on a device whose bus has `nodes` and `faults`.
pub(crate) fn rig(nodes: Vec<Box<dyn Node>>, faults: Vec<BusFault>) -> Rig {
    let bench = bench(nodes, faults);
    let server = McmServer::start(Arc::clone(&bench), ANYWHERE, McmOptions::default()).unwrap();
    let master = Box::new(McmMaster::new(settings(&server), bench.clock().clone()));
    Rig { master, keep: (server, bench) }
}

fn bench(nodes: Vec<Box<dyn Node>>, faults: Vec<BusFault>) -> Arc<LiveBench> {
    Arc::new(LiveBench::start(Bitrate::LIN_2, nodes, Volts::new(12.0), faults, 1).unwrap())
}

fn settings(server: &McmServer) -> McmSettings {
    McmSettings {
        fingerprint: Some(server.fingerprint().parse().unwrap()),
        boot_settle: Duration::from_millis(50),
        ..settings_for(&server.addr().to_string())
    }
}

fn settings_for(address: &str) -> McmSettings {
    McmSettings::new(address.parse().unwrap(), Bitrate::LIN_2)
}

/// A node that answers 0x11 with what it last got in 0x0A, while it has power.
#[derive(Debug, Default)]
struct Echo {
    last: u8,
    powered: bool,
    woken: u8,
}

impl Node for Echo {
    fn on_header(&mut self, id: FrameId, _now: BenchTime) -> Reaction {
        // The break before it was no wake-up pulse.
        self.woken -= 1;
        match id.get() {
            _ if !self.powered => Reaction::Ignore,
            WRITE => Reaction::Listen { length: 1, checksum: ChecksumModel::Enhanced },
            READ => Reaction::Respond {
                data: Data::new(&[self.last, self.woken]).unwrap(),
                checksum: ChecksumModel::Enhanced,
            },
            _ => Reaction::Ignore,
        }
    }

    fn on_frame(&mut self, _id: FrameId, data: &Data, _now: BenchTime) {
        self.last = data[0];
    }

    fn on_faulty_response(&mut self, _id: FrameId, _now: BenchTime) {}

    fn on_transmitted(&mut self, _id: FrameId, _now: BenchTime) {}

    fn on_dominant(&mut self, _now: BenchTime) {
        self.woken += 1;
    }

    fn on_tick(&mut self, _now: BenchTime, rail: Volts) -> Amps {
        self.powered = rail.get() > 6.0;
        Amps::new(0.0)
    }
}

fn echo() -> Vec<Box<dyn Node>> {
    vec![Box::new(Echo::default())]
}

fn write(byte: u8) -> Frame {
    Frame::new(WRITE, &[byte]).unwrap()
}

fn read() -> Header {
    Header::new(FrameId::new(READ).unwrap(), 2)
}

fn data(bytes: &[u8]) -> Result<Response, LinError> {
    Ok(Response::Data(Data::new(bytes).unwrap()))
}

/// A server and a connected adapter with an echoing node.
fn connected(change: impl FnOnce(&mut McmSettings)) -> (McmServer, McmMaster, Arc<LiveBench>) {
    connected_with(McmOptions::default(), vec![], change)
}

fn connected_with(
    options: McmOptions,
    faults: Vec<BusFault>,
    change: impl FnOnce(&mut McmSettings),
) -> (McmServer, McmMaster, Arc<LiveBench>) {
    let bench = bench(echo(), faults);
    let server = McmServer::start(Arc::clone(&bench), ANYWHERE, options).unwrap();
    let mut settings = settings(&server);
    change(&mut settings);
    let mut master = McmMaster::new(settings, bench.clock().clone());
    master.connect().unwrap();
    (server, master, bench)
}

fn ask(master: &mut McmMaster) -> Result<Response, LinError> {
    master.receive(read(), Duration::from_millis(150))
}

/// Waits until the device has got a message with `part` in it.
fn wait_for(server: &McmServer, bench: &LiveBench, part: &str) {
    let clock = bench.clock().as_ref();
    poll_until(clock, part, Duration::from_millis(5), PATIENCE, || {
        let seen = server.received().iter().any(|text| text.contains(part));
        Ok::<_, std::convert::Infallible>(seen.then_some(()))
    })
    .unwrap();
}

/// Waits until the adapter has noticed that its connection is no more.
fn wait_for_loss(master: &McmMaster, bench: &LiveBench) {
    let clock = bench.clock().as_ref();
    poll_until(clock, "the loss", Duration::from_millis(10), PATIENCE, || {
        let is_connected = format!("{master:?}").contains("connected: true");
        Ok::<_, std::convert::Infallible>((!is_connected).then_some(()))
    })
    .unwrap();
}

#[test]
fn frames_cross_the_network_and_the_bus() {
    let Rig { mut master, keep: (server, _bench) } = rig(echo(), vec![]);
    assert_eq!(master.send(&write(1)), Err(LinError::NotConnected { adapter: "mcm" }));
    assert!(master.facts().is_empty() && !server.is_powered());

    master.connect().unwrap();
    assert!(server.is_powered());
    let facts = master.facts();
    let certificate = server.fingerprint().to_owned();
    assert_eq!(
        facts,
        [
            ("model", "Melexis Compact Master LIN".to_owned()),
            ("firmware", "v0.5.0".to_owned()),
            ("api_rev", "2".to_owned()),
            ("certificate", certificate),
        ]
    );

    master.send(&write(0x42)).unwrap();
    master.wake_up(WakePulse::new(Duration::from_micros(250)).unwrap()).unwrap();
    assert_eq!(master.receive(read(), Duration::from_millis(150)), data(&[0x42, 1]));
    let nobody = Header::new(FrameId::new(0x20).unwrap(), 4);
    assert_eq!(master.receive(nobody, Duration::from_millis(150)), Ok(Response::None));
    // A classic checksum reaches the wire as such, so the node does not take the frame.
    master.send_raw(&write(0x99), ChecksumModel::Classic).unwrap();
    assert_eq!(master.receive(read(), Duration::from_millis(150)), data(&[0x42, 1]));

    master.power_ecu(false).unwrap();
    assert!(!server.is_powered());
    master.power_ecu(true).unwrap();
    master.disconnect().unwrap();
    assert!(!server.is_powered());
    assert_eq!(master.disconnect(), Ok(()), "there is nothing left to do");
    assert_eq!(server.violations(), [""; 0]);
}

#[rstest]
#[case::checksum(BusFaultKind::WrongChecksum, "Physical layer error: checksum")]
#[case::short(BusFaultKind::Short, "Physical layer error: stop bit")]
fn a_broken_response_is_told_from_none(#[case] kind: BusFaultKind, #[case] what: &str) {
    let faults = vec![BusFault { kind, frame: Some(read().id), window: FaultWindow::ALWAYS }];
    let (server, mut master, _bench) = connected_with(McmOptions::default(), faults, |_| {});
    let expected = LinError::Disturbed { id: read().id, what: what.to_owned() };
    assert_eq!(ask(&mut master), Err(expected));
    assert_eq!(server.violations(), [""; 0]);
}

#[rstest]
#[case::compared(true, false)]
#[case::ignored(false, true)]
fn only_a_device_that_looks_at_the_echo_notices_a_collision(#[case] echo_checked: bool, #[case] is_ok: bool) {
    let kind = BusFaultKind::WrongChecksum;
    let faults = vec![BusFault { kind, frame: Some(write(0).id()), window: FaultWindow::ALWAYS }];
    let options = McmOptions { echo_checked, ..McmOptions::default() };
    let (_server, mut master, _bench) = connected_with(options, faults, |_| {});
    let sent = master.send(&write(1));
    assert_eq!(sent.is_ok(), is_ok, "{sent:?}");
    assert!(matches!(sent, Ok(()) | Err(LinError::Disturbed { .. })), "{sent:?}");
}

#[test]
fn a_response_that_breaks_off_looks_like_none() {
    let (_server, mut master, _bench) = connected(|_| {});
    let longer = Header { length: 4, ..read() };
    assert_eq!(master.receive(longer, Duration::from_millis(150)), Ok(Response::None));
}

#[test]
fn what_the_device_would_choke_on_is_not_sent() {
    let (server, mut master, _bench) = connected(|_| {});
    let empty = Frame::new(WRITE, &[]).unwrap();
    assert!(matches!(master.send(&empty), Err(LinError::Unsupported { .. })));
    for length in [0, 9] {
        let header = Header { length, ..read() };
        let received = master.receive(header, Duration::from_millis(150));
        assert!(matches!(received, Err(LinError::Unsupported { .. })), "{received:?}");
    }
    assert_eq!(server.violations(), [""; 0]);
}

#[test]
fn another_bit_rate_than_that_of_the_bus_finds_nobody() {
    let (_server, mut master, _bench) = connected(|to| to.bitrate = Bitrate::new(9_600).unwrap());
    assert_eq!(ask(&mut master), Ok(Response::None));
}

fn reason_of(result: Result<(), LinError>) -> String {
    match result {
        Err(LinError::Unavailable { adapter: "mcm", reason }) => reason,
        other => panic!("{other:?}"),
    }
}

/// Why somebody who is there will not do (LIV-05): that is no absence.
fn fault_of(result: Result<(), LinError>) -> String {
    match result {
        Err(LinError::Unusable { adapter: "mcm", reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn any_certificate_is_taken_where_none_is_pinned() {
    let (server, master, _bench) = connected(|to| to.fingerprint = None);
    assert!(master.facts().contains(&("certificate", server.fingerprint().to_owned())));
}

#[test]
fn another_device_than_the_pinned_one_is_not_taken() {
    let bench = bench(vec![], vec![]);
    let server = McmServer::start(Arc::clone(&bench), ANYWHERE, McmOptions::default()).unwrap();
    let pinned = "11".repeat(32);
    let settings = McmSettings { fingerprint: Some(pinned.parse().unwrap()), ..settings(&server) };
    let mut master = McmMaster::new(settings, bench.clock().clone());
    let reason = fault_of(master.connect());
    assert_eq!(
        reason,
        format!(
            "{}: its certificate is {} and not {}, which is pinned: another device, or one with new firmware",
            server.addr(),
            server.fingerprint(),
            vec!["11"; 32].join(":")
        )
    );
    assert_eq!(server.received(), [""; 0], "it was told nothing");
}

#[test]
fn nothing_at_the_address_makes_tests_skip() {
    let addr = TcpListener::bind(ANYWHERE).unwrap().local_addr().unwrap();
    let clock = bench(vec![], vec![]).clock().clone();
    let reason_for = |address: &str| {
        let settings = McmSettings { connect_timeout: Duration::from_millis(300), ..settings_for(address) };
        reason_of(McmMaster::new(settings, clock.clone()).connect())
    };
    let refused = reason_for(&addr.to_string());
    assert!(refused.starts_with(&format!("{addr}: could not connect: ")), "{refused}");
    // RFC 6761: names under `invalid` never exist. A look-up may be slow to say so.
    let unknown = reason_for("mcm.invalid");
    assert!(unknown.starts_with("mcm.invalid:443: "), "{unknown}");
}

/// Somebody who takes connections and says nothing, with TLS and without.
#[test]
fn who_takes_connections_and_says_nothing_is_a_fault() {
    let clock = bench(vec![], vec![]).clock().clone();
    let fault_for = |address: &str| {
        let settings = McmSettings { connect_timeout: Duration::from_millis(300), ..settings_for(address) };
        fault_of(McmMaster::new(settings, clock.clone()).connect())
    };
    let listener = TcpListener::bind(ANYWHERE).unwrap();
    let silent = fault_for(&listener.local_addr().unwrap().to_string());
    assert!(silent.ends_with(": no TLS handshake within 0.3 s"), "{silent}");
    let address = format!("ws://{}", listener.local_addr().unwrap());
    let silent = fault_for(&address);
    assert!(silent.ends_with(": no WebSocket handshake within 0.3 s"), "{silent}");
    let pinned =
        McmSettings { fingerprint: Some("00".repeat(32).parse().unwrap()), ..settings_for(&address) };
    let plain = fault_of(McmMaster::new(pinned, clock.clone()).connect());
    assert!(plain.ends_with(": a fingerprint is pinned, but ws:// shows no certificate"), "{plain}");
}

#[test]
fn a_peer_that_speaks_no_tls_is_no_device() {
    let bench = bench(vec![], vec![]);
    let options = McmOptions { tls: false, ..McmOptions::default() };
    let server = McmServer::start(Arc::clone(&bench), ANYWHERE, options).unwrap();
    let address = server.addr().to_string();
    let mut encrypted = McmMaster::new(settings_for(&address), bench.clock().clone());
    let reason = fault_of(encrypted.connect());
    assert!(reason.contains(": the TLS handshake failed: "), "{reason}");

    let mut plain = McmMaster::new(settings_for(&format!("ws://{address}")), bench.clock().clone());
    plain.connect().unwrap();
    assert!(!plain.facts().iter().any(|(name, _)| *name == "certificate"));
}

#[rstest]
#[case::slash("/ws/v1/", None)]
#[case::api("/api/v1", Some("HTTP status 501"))]
#[case::elsewhere("/ws/v2", Some("HTTP status 404"))]
fn the_device_answers_at_its_path(#[case] path: &str, #[case] refused: Option<&str>) {
    let bench = bench(vec![], vec![]);
    let server = McmServer::start(Arc::clone(&bench), ANYWHERE, McmOptions::default()).unwrap();
    let address = format!("wss://{}{path}", server.addr());
    let mut master = McmMaster::new(settings_for(&address), bench.clock().clone());
    match (master.connect(), refused) {
        (Ok(()), None) => {}
        (connected, refused) => {
            let reason = fault_of(connected);
            assert!(refused.is_some_and(|status| reason.contains(status)), "{reason}");
        }
    }
}

/// What becomes of the request that a fault strikes.
#[rstest]
#[case::silent(McmFault::Silent, |error: &LinError| matches!(error, LinError::Timeout { .. }))]
#[case::wrong_id(McmFault::WrongId, |error: &LinError| matches!(error, LinError::Timeout { .. }))]
#[case::dropped(McmFault::Drop, |error: &LinError| matches!(error, LinError::AdapterLost { .. }))]
#[case::garbage(McmFault::Garbage, |error: &LinError| matches!(error, LinError::Garbled { .. }))]
#[case::binary(McmFault::Binary, |error: &LinError| matches!(error, LinError::Garbled { .. }))]
#[case::huge(McmFault::Huge(1 << 20), |error: &LinError| matches!(error, LinError::Garbled { .. }))]
#[case::busy(
    McmFault::Error("interface is not available at the moment".to_owned()),
    |error: &LinError| matches!(error, LinError::Refused { .. })
)]
#[case::old(
    McmFault::Error("Command unknown".to_owned()),
    |error: &LinError| matches!(error, LinError::Unsupported { .. })
)]
fn a_device_that_misbehaves_fails_one_request(
    #[case] fault: McmFault,
    #[case] is_expected: fn(&LinError) -> bool,
) {
    let (server, mut master, _bench) = connected(|to| to.request_timeout = Duration::from_secs(1));
    server.plant(fault);
    let error = ask(&mut master).unwrap_err();
    assert!(is_expected(&error) && error.is_adapter(), "{error:?}");
    // The next request is answered, over a new connection where the old one broke.
    assert_eq!(ask(&mut master), data(&[0, 0]));
    assert_eq!(server.violations(), [""; 0]);
}

/// A time-out is silence where an answer is awaited. Nobody has to answer what is sent: there it is the device's.
#[test]
fn a_time_out_is_silence_only_where_somebody_may_answer() {
    let (server, mut master, _bench) = connected(|_| {});
    let late = || McmFault::Error("Physical layer error: timeout while receiving".to_owned());
    server.plant(late());
    assert_eq!(ask(&mut master), Ok(Response::None));
    server.plant(late());
    let sent = master.send(&write(1));
    assert!(matches!(sent, Err(LinError::Refused { .. })), "{sent:?}");
}

#[test]
fn a_late_answer_never_answers_the_next_request() {
    let (server, mut master, bench) = connected(|to| to.request_timeout = Duration::from_millis(800));
    server.plant(McmFault::Late(Duration::from_millis(1_000)));
    assert!(matches!(ask(&mut master), Err(LinError::Timeout { .. })));
    // The late answer has data; if it were taken, so would be this frame's acknowledgement.
    let nobody = Header::new(FrameId::new(0x20).unwrap(), 2);
    for _ in 0..3 {
        assert_eq!(master.receive(nobody, Duration::from_millis(150)), Ok(Response::None));
        bench.clock().sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_device_that_gives_no_sign_of_life_is_lost_while_nothing_is_asked() {
    let (server, mut master, bench) = connected(|to| {
        to.keep_alive = Duration::from_millis(200);
        to.request_timeout = Duration::from_millis(800);
    });
    wait_for(&server, &bench, "__ping__");
    server.plant(McmFault::Hung);
    wait_for_loss(&master, &bench);
    // It still takes connections, and says nothing.
    match ask(&mut master) {
        Err(LinError::AdapterLost { reason, .. }) => {
            assert!(reason.starts_with("no sign of life after 3 pings, and it cannot be"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    server.recover();
    assert_eq!(ask(&mut master), data(&[0, 0]));
}

#[test]
fn the_devices_own_pings_are_answered() {
    let options = McmOptions { ping_interval: Duration::from_millis(200), ..McmOptions::default() };
    let (server, mut master, bench) = connected_with(options, vec![], |_| {});
    wait_for(&server, &bench, "__pong__");
    // It would have hung up after three of them.
    bench.clock().sleep(Duration::from_millis(1_200));
    assert_eq!(ask(&mut master), data(&[0, 0]));
    let hellos = server.received().iter().filter(|text| text.contains("\"info\"")).count();
    assert_eq!(hellos, 1, "the first connection still stands");
}

#[test]
fn a_network_that_fails_between_requests_is_bridged() {
    let (server, mut master, bench) = connected(|_| {});
    master.send(&write(7)).unwrap();
    server.hang_up();
    wait_for_loss(&master, &bench);
    assert_eq!(ask(&mut master), data(&[7, 0]));
    let switched = server.received().iter().filter(|text| text.contains("\"switch_enable\":true")).count();
    assert_eq!(switched, 2, "the unit's power is seen to again");
    assert_eq!(server.violations(), [""; 0]);
}

#[test]
fn a_network_that_stays_away_is_a_lost_adapter() {
    let (server, mut master, _bench) = connected(|_| {});
    drop(server);
    for _ in 0..2 {
        let error = ask(&mut master).unwrap_err();
        assert!(matches!(error, LinError::AdapterLost { .. }), "{error:?}");
    }
    assert!(matches!(master.disconnect(), Err(LinError::AdapterLost { .. })));
    assert_eq!(master.disconnect(), Ok(()), "it is disconnected all the same");
}

#[test]
fn the_units_power_is_switched_off_after_the_network_failed_or_nobody_said_good_bye() {
    let (server, mut master, _bench) = connected(|_| {});
    server.hang_up();
    master.disconnect().unwrap();
    assert!(!server.is_powered());
    master.connect().unwrap();
    assert!(server.is_powered());
    drop(master);
    assert!(!server.is_powered());
}

#[test]
fn power_that_may_be_on_is_switched_off() {
    let (server, mut master, _bench) = connected(|to| to.request_timeout = Duration::from_millis(800));
    master.power_ecu(false).unwrap();
    server.plant(McmFault::WrongId);
    assert!(matches!(master.power_ecu(true), Err(LinError::Timeout { .. })));
    assert!(server.is_powered());
    master.disconnect().unwrap();
    assert!(!server.is_powered());
}

/// The device does not hear the first word of the good-bye.
#[test]
fn power_is_switched_off_by_a_second_attempt_where_the_first_has_no_answer() {
    let (server, mut master, _bench) = connected(|to| to.request_timeout = Duration::from_millis(800));
    server.plant(McmFault::Silent);
    assert_eq!(master.disconnect(), Ok(()));
    assert!(!server.is_powered());
    assert_eq!(server.violations(), [""; 0]);
}

#[test]
fn a_device_that_stays_silent_is_asked_twice_and_then_reported() {
    let (server, mut master, bench) = connected(|to| to.request_timeout = Duration::from_millis(800));
    server.plant(McmFault::Hung);
    let began = bench.clock().now();
    let error = master.disconnect().unwrap_err();
    assert!(matches!(error, LinError::AdapterLost { .. }), "{error:?}");
    assert!(bench.clock().now().since(began) < PATIENCE);
    assert!(server.is_powered(), "nobody reached it");
}

/// That the unit is powered is known beyond the connection over which it was switched on.
#[test]
fn power_is_switched_off_although_a_new_connection_did_not_hear_of_it() {
    let (server, mut master, bench) = connected(|to| to.request_timeout = Duration::from_millis(800));
    server.hang_up();
    wait_for_loss(&master, &bench);
    // The new connection's greeting is answered, and the request over it is not.
    server.plant(McmFault::Late(Duration::ZERO));
    server.plant(McmFault::Silent);
    assert!(matches!(master.power_ecu(false), Err(LinError::Timeout { .. })));
    assert!(server.is_powered());
    assert_eq!(master.disconnect(), Ok(()));
    assert!(!server.is_powered());
}

#[test]
fn a_new_connection_does_not_power_a_unit_that_is_to_be_switched_off() {
    let (server, mut master, bench) = connected(|_| {});
    server.hang_up();
    wait_for_loss(&master, &bench);
    master.power_ecu(false).unwrap();
    let switched = server.received().iter().filter(|text| text.contains("\"switch_enable\":true")).count();
    assert_eq!((switched, server.is_powered()), (1, false));
}

#[test]
fn a_device_whose_sockets_are_taken_cannot_be_had() {
    let (server, first, bench) = connected(|_| {});
    let another = || {
        let mut master = McmMaster::new(settings(&server), bench.clock().clone());
        let connected = master.connect();
        (master, connected)
    };
    let others: Vec<_> = (0..3).map(|_| another()).collect();
    assert!(others.iter().all(|(_, connected)| connected.is_ok()), "{others:?}");
    let (_, connected) = another();
    assert!(matches!(connected, Err(LinError::Unusable { .. })), "{connected:?}");
    drop(first);
}

fn image(verify_only: bool) -> BootLoad {
    BootLoad {
        hex: ":0400000001020304F2\n:00000001FF\n".to_owned(),
        memory: BootMemory::Flash,
        verify_only,
        bitrate: LoaderBitrate::new(250_000).unwrap(),
        manual_power: false,
        project: 0,
    }
}

#[test]
fn an_image_is_programmed_and_verified_however_long_it_takes() {
    let (server, mut master, _bench) = connected(|to| {
        // The load takes longer than any request, and than a device without pings is given.
        to.request_timeout = Duration::from_millis(800);
        to.keep_alive = Duration::from_millis(250);
    });
    let error = master.boot_load(&image(true)).unwrap_err();
    assert_eq!(error.to_string(), "mcm refuses to verify the unit's memory: verification failed (-25)");
    server.set_boot_loader(Ok(()), Duration::from_millis(1_500));
    master.boot_load(&image(false)).unwrap();
    let programmed = server.programmed().unwrap();
    assert_eq!((programmed.hex, programmed.memory.as_str()), (image(false).hex, "flash"));
    assert_eq!((programmed.bitrate, programmed.manual_power, programmed.project), (250_000, false, 0));
    master.boot_load(&image(true)).unwrap();
    assert_eq!(ask(&mut master), data(&[0, 0]), "the connection outlived it");
    let hellos = server.received().iter().filter(|text| text.contains("\"info\"")).count();
    assert_eq!(hellos, 1);
    assert_eq!(server.violations(), [""; 0]);
}

#[test]
fn a_boot_loader_that_fails_says_why_and_one_that_hangs_is_given_up() {
    let (server, mut master, _bench) = connected(|to| to.boot_load_timeout = Duration::from_secs(1));
    server.set_boot_loader(Err("failed entering ppm mode"), Duration::ZERO);
    let error = master.boot_load(&image(false)).unwrap_err();
    assert_eq!(error.to_string(), "mcm refuses to program the unit: failed entering ppm mode (-17)");
    server.set_boot_loader(Ok(()), Duration::from_millis(1_500));
    let error = master.boot_load(&image(false)).unwrap_err();
    assert!(matches!(error, LinError::Timeout { operation: "program the unit", .. }), "{error:?}");
    assert_eq!(ask(&mut master), data(&[0, 0]));
}
