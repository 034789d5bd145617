//! The spellings that a key accepts.

use std::time::Duration;

use hil_config::{
    BootLoader, BootMemory, Eol, Fault, FlashMethod, InterfaceType, LinFaultKind, MemoryRange, Parity,
};
use rstest::rstest;

use crate::bench::{Bench, show};

#[rstest]
#[case("interface.nad=0x7D", "125")]
#[case("interface.nad=1", "1")]
#[case("interface.bitrate=10417", "10417")]
#[case("interface.type=babylin", r#""babylin""#)]
#[case("power_supply.set_voltage=0", "0.0")]
#[case("power_supply.set_voltage=60.0", "60.0")]
#[case("power_supply.set_voltage=1.35e1", "13.5")]
#[case("power_supply.timeout=50ms", "0.05")]
#[case("power_supply.timeout=0.05", "0.05")]
#[case("run.timeout=1min 30s", "90.0")]
#[case("run.timeout=60s", "60.0")]
#[case("run.timeout=\"2h\"", "7200.0")]
#[case("run.timeout=7", "7.0")]
#[case("power_supply.enabled=false", "false")]
#[case("power_supply.port=COM7", r#""COM7""#)]
#[case("power_supply.port=no", r#""no""#)]
#[case("power_supply.port='5025'", r#""5025""#)]
#[case("power_supply.eol=\\n", r#""\n""#)]
#[case("power_supply.eol=\"\\r\\n\"", r#""\r\n""#)]
#[case("power_supply.eol='\\r\\n'", r#""\r\n""#)]
#[case("simulation.seed=18446744073709551615", "18446744073709551615")]
#[case(" run . retries = 3 ", "3")]
fn a_spelling_is_accepted(#[case] argument: &str, #[case] expected: &str) {
    let resolved = Bench::new().set(argument).resolved();
    let key: String = argument.split('=').next().unwrap().replace(' ', "");
    assert_eq!(show(&resolved, &key), format!("{expected} from command line"));
}

/// Every key that a bench of the Python harness has in its files today (hardware reference 2.2
/// and 5.4).
#[test]
fn the_files_of_todays_benches_load() {
    let text = "\
interface:
  type: mum
  host: 192.168.7.2
  lin_device: lin0
  power_device: power_out0
  bitrate: 19200
  boot_settle_seconds: 0.5
  ldf_path: ./vendor/alm.ldf
  frame_lengths:
    0x0A: 8
    17: 4
flash:
  enabled: true
  hex_path: build/alm.hex
power_supply:
  enabled: true
  port: COM7
  baudrate: 115200
  timeout: 1.0
  eol: \"\\r\\n\"
  parity: N
  stopbits: 1
  xonxoff: false
  rtscts: false
  dsrdtr: false
  idn_substr: OWON
  do_set: false
  set_voltage: 5.0
  set_current: 0.1
";
    let config = Bench::with(text).resolved().config;
    assert_eq!(config.interface.kind, InterfaceType::Mum);
    assert_eq!(config.interface.boot_settle_seconds, Duration::from_millis(500));
    assert_eq!(config.interface.frame_lengths.into_iter().collect::<Vec<_>>(), [(0x0A, 8), (0x11, 4)]);
    assert_eq!(config.power_supply.eol, Eol::CrLf);
    assert_eq!(config.power_supply.parity, Parity::None);
    assert_eq!(config.power_supply.set_current, 0.1);
    assert!(config.flash.enabled && !config.power_supply.do_set);
}

#[test]
fn everything_about_flashing() {
    let text = "\
flash:
  method: boot_loader
  memory:
  - {start: 0x5800, length: 0x8000}
  - {start: 0xFFFFFFFF, length: 1}
  timeout: 5min
  attempts: 1
  erase: false
  verify_routine: 0xFF01
  security_level: 0x11
  key_command: [./key]
  command: [flasher, '{image}']
  boot_loader: {memory: nvram, bitrate: 25000, project: 0x1234, manual_power: true}
";
    let flash = Bench::with(text).resolved().config.flash;
    assert_eq!(flash.method, FlashMethod::BootLoader);
    assert_eq!(flash.memory[1], MemoryRange { start: 0xFFFF_FFFF, length: 1 });
    assert_eq!((flash.timeout, flash.attempts, flash.erase), (Duration::from_secs(300), 1, false));
    assert_eq!((flash.verify_routine, flash.security_level), (0xFF01, Some(0x11)));
    assert_eq!((flash.key_command, flash.command.len()), (vec!["./key".to_owned()], 2));
    let expected =
        BootLoader { memory: BootMemory::Nvram, bitrate: 25_000, project: 0x1234, manual_power: true };
    assert_eq!(flash.boot_loader, expected);
}

#[test]
fn faults_are_one_device_each() {
    let text = "simulation:\n  faults:\n  - lin: {kind: stuck_value, frame: 0x11, until: 2.5, count: 3}\n  - psu: {kind: vanish, from: 1min}\n";
    let faults = Bench::with(text).resolved().config.simulation.faults;
    let [Fault::Lin(lin), Fault::Psu(psu)] = faults.as_slice() else {
        panic!("{faults:?}");
    };
    assert_eq!((lin.kind, lin.frame, lin.count), (LinFaultKind::StuckValue, Some(0x11), Some(3)));
    assert_eq!(lin.until, Some(Duration::from_millis(2500)));
    assert_eq!((psu.from, psu.probability), (Duration::from_secs(60), 1.0));
}

#[test]
fn paths_are_meant_from_the_root() {
    let bench = Bench::with("interface: {ldf_path: vendor/alm.ldf}\n");
    let resolved = bench.resolved();
    let ldf = resolved.config.interface.ldf_path.clone().unwrap();
    assert_eq!(resolved.in_root(&ldf), bench.path("vendor/alm.ldf"));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let bench = Bench::with("\u{FEFF}bench:\r\n  name: lab\r\npower_supply:\r\n  port: COM7\r\n");
    let resolved = bench.resolved();
    assert_eq!(show(&resolved, "bench.name"), r#""lab" from config/test_config.yaml:2"#);
    assert_eq!(show(&resolved, "power_supply.port"), r#""COM7" from config/test_config.yaml:4"#);
}
