//! The search in its four steps, over ports that exist in a test only.

use std::cell::{Cell, RefCell};
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::time::Duration;

use hil_model::{BenchTime, Clock, Volts};
use hil_psu::{PortEnumerator, Resolution, SerialParams, Step, resolve_port};
use hil_sim::{Pace, Rail, SimClock, SimSupply, SupplyProfile};
use rstest::rstest;

use crate::device::{Device, OWON, Reply};

const NOWHERE: &str = "/dev/there-is-no-such-port";
const STRANGER: Reply = Reply::Says("RIGOL,DP832,1,00.01.16\r\n");

/// The ports that a machine lists.
#[derive(Default)]
struct Listed {
    usb: Vec<String>,
    all: Vec<String>,
    asked: RefCell<Vec<&'static str>>,
}

impl PortEnumerator for Listed {
    fn usb(&self) -> Vec<String> {
        self.asked.borrow_mut().push("usb");
        self.usb.clone()
    }

    fn all(&self) -> Vec<String> {
        self.asked.borrow_mut().push("all");
        self.all.clone()
    }
}

fn listed(usb: &[&str], all: &[&str]) -> Listed {
    let owned = |ports: &[&str]| ports.iter().map(ToString::to_string).collect();
    Listed { usb: owned(usb), all: owned(all), asked: RefCell::default() }
}

/// A simulated supply, and the clock that it lives on.
fn supply(profile: SupplyProfile) -> (Arc<dyn Clock>, SimSupply) {
    let clock = SimClock::new(Pace::Jump);
    let rail = Rail::fixed(Volts::ZERO);
    let supply = SimSupply::start(Arc::clone(&clock), rail, profile, Vec::new(), 1).unwrap();
    (clock, supply)
}

fn params(timeout_ms: u64) -> SerialParams {
    SerialParams { timeout: Duration::from_millis(timeout_ms), ..SerialParams::default() }
}

fn search(port: &str, ports: &Listed, clock: &Arc<dyn Clock>) -> Resolution {
    resolve_port(Some(port), "owon", &params(150), ports, clock, &|| false)
}

fn found(resolution: &Resolution) -> Option<(&str, Step)> {
    resolution.found.as_ref().map(|found| (found.port.as_str(), found.step))
}

fn tried(resolution: &Resolution) -> Vec<(&str, Step)> {
    resolution.tried.iter().map(|tried| (tried.port.as_str(), tried.step)).collect()
}

#[test]
fn the_configured_port_suffices() {
    let (clock, supply) = supply(SupplyProfile::SPE6103);
    let other = Device::always(Reply::Says(OWON));
    let ports = listed(&[other.port()], &[other.port()]);
    let resolution = search(supply.port(), &ports, &clock);
    assert_eq!(found(&resolution), Some((supply.port(), Step::Configured)));
    assert_eq!(resolution.found.unwrap().identity.as_str(), SupplyProfile::SPE6103.identity);
    assert!(resolution.tried.is_empty() && ports.asked.borrow().is_empty());
    assert!(other.heard().is_empty());
}

/// The port exists under neither name: what can be seen is that both are tried, in this order.
#[test]
fn the_other_systems_name_comes_second_then_usb_then_all() {
    let clock: Arc<dyn Clock> = SimClock::new(Pace::Jump);
    let ports = listed(&["/dev/none-1"], &["/dev/none-2", "/dev/none-1"]);
    let resolution = search("COM999", &ports, &clock);
    let expected = [
        ("COM999", Step::Configured),
        ("/dev/ttyS998", Step::Translated),
        ("/dev/none-1", Step::Usb),
        ("/dev/none-2", Step::Scan),
    ];
    assert_eq!(tried(&resolution), expected);
    assert_eq!(*ports.asked.borrow(), ["usb", "all"]);
    assert!(resolution.found.is_none());
}

#[rstest]
#[case::usb(Step::Usb, &["usb"])]
#[case::scan(Step::Scan, &["usb", "all"])]
fn strangers_are_passed_by(#[case] step: Step, #[case] asked: &[&str]) {
    let (clock, supply) = supply(SupplyProfile::SPE6103);
    let stranger = Device::always(STRANGER);
    let around = [stranger.port(), supply.port()];
    let ports = if step == Step::Usb { listed(&around, &[]) } else { listed(&[], &around) };
    let resolution = search(NOWHERE, &ports, &clock);
    assert_eq!(found(&resolution), Some((supply.port(), step)));
    assert_eq!(tried(&resolution), [(NOWHERE, Step::Configured), (stranger.port(), step)]);
    assert_eq!(*ports.asked.borrow(), asked);
    assert_eq!(stranger.heard(), ["*IDN?\n"; 2]);
}

#[test]
fn a_supply_that_hears_one_line_end_only_is_found_by_looking_around() {
    let (clock, supply) = supply(SupplyProfile::DC310S);
    let ports = listed(&[supply.port()], &[]);
    let resolution = resolve_port(Some(NOWHERE), "kiprim", &params(150), &ports, &clock, &|| false);
    assert_eq!(found(&resolution), Some((supply.port(), Step::Usb)));
}

#[test]
fn no_device_is_tried_twice_whatever_it_is_called() {
    let clock: Arc<dyn Clock> = SimClock::new(Pace::Jump);
    let stranger = Device::always(STRANGER);
    let folder = tempfile::tempdir().unwrap();
    let by_id = folder.path().join("usb-1a86_USB_Serial-if00-port0");
    symlink(stranger.port(), &by_id).unwrap();
    let by_id = by_id.to_str().unwrap();
    let resolution = search(by_id, &listed(&[stranger.port(), by_id], &[stranger.port()]), &clock);
    assert_eq!(tried(&resolution), [(by_id, Step::Configured)]);
    assert_eq!(stranger.heard().len(), 2);
}

/// Why a port is not it, in the words that a person reads.
#[rstest]
#[case::silent(Reply::Silence, "nobody answers (is its mains switch on?)")]
#[case::half_a_line(Reply::Says("OWON"), "nobody answers (is its mains switch on?)")]
#[case::stranger(STRANGER, "somebody else answers (RIGOL,DP832,1,00.01.16)")]
#[case::gone(Reply::HangsUp(""), "it was unplugged")]
fn a_refusal_says_why(#[case] reply: Reply, #[case] words: &str) {
    let clock: Arc<dyn Clock> = SimClock::new(Pace::Jump);
    let device = Device::always(reply);
    let resolution = search(device.port(), &Listed::default(), &clock);
    assert_eq!(resolution.tried[0].to_string(), format!("{}: {words}", device.port()));
}

#[test]
fn a_refusal_of_the_system_says_why() {
    let clock: Arc<dyn Clock> = SimClock::new(Pace::Jump);
    let device = Device::always(Reply::Says(OWON));
    let _open = device.open(3_000).unwrap();
    let ports = listed(&[device.port()], &[]);
    let told: Vec<String> = search(NOWHERE, &ports, &clock).tried.iter().map(ToString::to_string).collect();
    let expected = [
        format!("{NOWHERE}: cannot be opened (No such file or directory)"),
        format!("{}: cannot be opened (Unable to acquire exclusive lock on serial port)", device.port()),
    ];
    assert_eq!(told, expected);
}

#[test]
fn of_two_that_match_the_first_is_taken_and_the_other_is_told() {
    let (clock, supply) = supply(SupplyProfile::SPE6103);
    let other = Device::always(Reply::Says("OWON,SPM3103,24460763,FV:V2.1.0\r\n"));
    let resolution = search(NOWHERE, &listed(&[supply.port(), other.port()], &[]), &clock);
    assert_eq!(found(&resolution), Some((supply.port(), Step::Usb)));
    let words = "matches, too (OWON,SPM3103,24460763,FV:V2.1.0); name the port to choose it";
    assert_eq!(resolution.tried[1].to_string(), format!("{}: {words}", other.port()));
}

/// The bound that the documentation of `resolve_port` gives: four time-outs and two seconds.
#[rstest]
#[case::named(true, 100, 4 * 100 + 1_700)]
#[case::named_and_patient(true, 600, 4 * 600 + 1_700)]
#[case::found_by_looking_around(false, 600, 4 * 400 + 1_700)]
fn a_silent_device_is_left_in_time(#[case] named: bool, #[case] timeout_ms: u64, #[case] bound_ms: u64) {
    let clock: Arc<dyn Clock> = SimClock::new(Pace::Jump);
    let silent = Device::always(Reply::Silence);
    let (port, ports) =
        if named { (silent.port(), Listed::default()) } else { (NOWHERE, listed(&[silent.port()], &[])) };
    resolve_port(Some(port), "owon", &params(timeout_ms), &ports, &clock, &|| false);
    assert_eq!(clock.now(), BenchTime::from_micros(bound_ms * 1_000));
}

/// None of them keeps the search from the supply behind them, and none is left open.
#[test]
fn hostile_devices_do_not_stand_in_the_way() {
    let (clock, supply) = supply(SupplyProfile::SPE6103);
    let devices = [
        Reply::Silence,
        STRANGER,
        Reply::Says("ERR\r\n"),
        Reply::Spits(b"\xff\xfe\x00\n"),
        Reply::Floods("xxxxxxxxxxxxxxxx"),
        Reply::Floods("0\n"),
        Reply::HangsUp("OW"),
    ]
    .map(Device::always);
    let mut around: Vec<&str> = devices.iter().map(Device::port).collect();
    around.push(supply.port());
    let resolution = search(NOWHERE, &listed(&[], &around), &clock);
    assert_eq!(found(&resolution), Some((supply.port(), Step::Scan)));
    assert_eq!(resolution.tried.len(), 1 + devices.len());
    for device in &devices {
        assert!(device.heard().iter().all(|line| line.trim() == "*IDN?"), "{:?}", device.heard());
    }
    // The one that hung up cannot be opened by anybody.
    for port in around.iter().filter(|port| **port != devices[6].port()) {
        // The lock is exclusive: what is open cannot be opened again.
        assert!(serialport::new(*port, 115_200).open().is_ok(), "{port} is still open");
    }
}

#[rstest]
#[case::at_once(0)]
#[case::after_the_first(1)]
fn a_search_that_is_cancelled_tries_no_further_port(#[case] ports_tried: usize) {
    let (clock, supply) = supply(SupplyProfile::SPE6103);
    let stranger = Device::always(STRANGER);
    let asked = Cell::new(0);
    let cancelled = || asked.replace(asked.get() + 1) >= ports_tried;
    let ports = listed(&[supply.port()], &[]);
    let resolution = resolve_port(Some(stranger.port()), "owon", &params(150), &ports, &clock, &cancelled);
    assert_eq!((resolution.found.is_some(), resolution.tried.len()), (false, ports_tried));
}
