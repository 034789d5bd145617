//! The exact words of every error. The snapshots are the specification: read them as a user would.

use rstest::{Context, rstest};

use crate::bench::{Bench, PSU_FILE};

#[rstest]
#[case::unknown_key("power_supply:\n  baud: 9600\n")]
#[case::unknown_key_of_another_section("bench:\n  baudrate: 9600\n")]
#[case::unknown_key_like_none("bench:\n  colour: red\n")]
#[case::unknown_section("power_suply:\n  port: COM7\n")]
#[case::duplicate_key("power_supply:\n  port: COM7\n  eol: \"\\n\"\n  port: COM8\n")]
#[case::wrong_type_number("power_supply:\n  baudrate: fast\n")]
#[case::wrong_type_quoted_number("power_supply:\n  set_voltage: \"12\"\n")]
#[case::wrong_type_text("bench:\n  name: 12\n")]
#[case::wrong_type_empty("power_supply:\n  set_voltage:\n")]
#[case::wrong_type_list("power_supply:\n  set_voltage: [1, 2]\n")]
#[case::wrong_type_duration("run:\n  timeout: 60 parsecs\n")]
#[case::section_expected("power_supply: COM7\n")]
#[case::root_is_a_list("- a\n- b\n")]
#[case::boolean_trap("power_supply:\n  enabled: yes\n")]
#[case::leading_zero_trap("interface:\n  nad: 017\n")]
#[case::fraction_for_integer("power_supply:\n  stopbits: 1.5\n")]
#[case::out_of_range("power_supply:\n  set_voltage: 75\n")]
#[case::out_of_range_hex("interface:\n  nad: 0x7E\n")]
#[case::out_of_range_duration("power_supply:\n  timeout: 20ms\n")]
#[case::negative_duration("interface:\n  boot_settle_seconds: -1\n")]
#[case::not_a_number("power_supply:\n  set_current: .nan\n")]
#[case::fault_of_two_devices("simulation:\n  faults:\n    - {lin: {kind: bus_short}, ecu: {kind: dead}}\n")]
#[case::fault_is_a_word("simulation:\n  faults: [brown_out]\n")]
#[case::tab_in_a_section("bench:\n\tname: a\n")]
#[case::unknown_word("interface:\n  type: mumm\n")]
#[case::unknown_eol("power_supply:\n  eol: \"\\r\"\n")]
#[case::bad_name("bench:\n  name: ../../etc\n")]
#[case::bad_frame_id("interface:\n  frame_lengths:\n    0x40: 8\n")]
#[case::frame_id_in_two_spellings("interface:\n  frame_lengths: {0x23: 5, 35: 6}\n")]
#[case::bad_marker("run:\n  markers:\n    two words: x\n")]
#[case::fault_without_kind("simulation:\n  faults:\n    - lin: {frame: 0x11}\n")]
#[case::fault_of_no_device("simulation:\n  faults:\n    - can: {kind: silent}\n")]
#[case::fault_kind_of_another_device("simulation:\n  faults:\n    - ecu: {kind: slow_rail}\n")]
#[case::fault_that_ends_first("simulation:\n  faults:\n    - psu: {kind: silent, from: 5, until: 2s}\n")]
#[case::limit_below_set_point("power_supply:\n  set_voltage: 14.5\n  over_voltage_limit: 13\n")]
#[case::limit_below_default("power_supply:\n  over_current_limit: 0.5\n")]
#[case::flash_command_missing("flash:\n  method: command\n")]
#[case::flash_command_taken_back("flash:\n  command: ~\n  method: command\n")]
#[case::flash_key_without_level("flash:\n  key_command: [./key, --unit, alm]\n")]
#[case::flash_level_even("flash:\n  security_level: 0x02\n")]
#[case::flash_level_out_of_range("flash:\n  security_level: 0x43\n")]
#[case::flash_memory_beyond(
    "flash:\n  memory:\n  - {start: 0x5800, length: 0x8000}\n  - {start: 0xFFFFFF00, length: 0x101}\n"
)]
#[case::flash_memory_without_length("flash:\n  memory: [{start: 0x5800}]\n")]
#[case::flash_method_unknown("flash:\n  method: bootloader\n")]
#[case::interval_beyond_timeout("power_supply: {settle: {interval: 2, timeout: 1}}\n")]
#[case::syntax("bench:\n  name: [a, b\npower_supply:\n  port: COM7\n")]
#[case::tab("bench:\n  name: a\n\tport: b\n")]
#[case::alias("bench: &b\n  name: a\nflash: *b\n")]
#[case::merge_key("bench:\n  <<: *b\n")]
#[case::tag("bench:\n  name: !!str 12\n")]
#[case::two_documents("bench: {}\n---\nflash: {}\n")]
#[case::list_as_key("? [a]\n: b\n")]
#[case::not_utf8(b"bench:\n  name: k\xF6ln\n")]
#[case::all_at_once("flash:\n  enabled: on\n  hexpath: a.hex\npower_supply:\n  timeout: 99\nrun: []\n")]
#[case::type_and_syntax("bench:\n  name: 12\nflash:\n  enabled: 'x\n")]
fn a_file_is_refused(#[context] context: Context, #[case] text: impl AsRef<[u8]>) {
    let name = context.description.unwrap_or_default();
    insta::assert_snapshot!(name, Bench::with(text).errors());
}

#[rstest]
#[case::empty("")]
#[case::no_equals_sign("power_supply.port")]
#[case::no_key("=COM7")]
#[case::gap_in_the_path("power_supply..port=COM7")]
#[case::comment_for_a_value("power_supply.port= # none")]
#[case::unknown_section("power_suply.port=x")]
#[case::unknown_key("power_supply.prot=x")]
#[case::key_below_a_key("bench.name.first=x")]
#[case::not_a_section("bench=x")]
#[case::wrong_type("power_supply.set_voltage=high")]
#[case::syntax("simulation.faults=[{lin: ")]
fn an_override_is_refused(#[context] context: Context, #[case] argument: &str) {
    let name = format!("set_{}", context.description.unwrap_or_default());
    insta::assert_snapshot!(name, Bench::new().set(argument).errors());
}

#[test]
fn a_named_file_must_exist() {
    let mut bench = Bench::new();
    bench.sources.env_config = Some(bench.path("env.yaml"));
    bench.sources.env_psu = Some(bench.path("psu.yaml"));
    insta::assert_snapshot!("missing_from_environment", bench.errors());
    bench.sources.config_file = Some(bench.path("argument.yaml"));
    insta::assert_snapshot!("missing_from_argument", bench.errors());
}

#[test]
fn a_directory_is_no_file() {
    let bench = Bench::new().file("config/test_config.yaml/x", "");
    let errors = bench.errors();
    insta::assert_snapshot!("unreadable", errors);
}

#[test]
fn a_supply_file_sets_nothing_else() {
    let bare = Bench::new().file(PSU_FILE, "port: COM7\ninterface:\n  type: mum\nidn: OWON\n");
    insta::assert_snapshot!("supply_file_bare", bare.errors());
    let nested = "power_supply:\n  port: COM7\nbaudrate: 9600\nflash:\n  enabled: true\n";
    insta::assert_snapshot!("supply_file_nested", Bench::new().file(PSU_FILE, nested).errors());
}

#[test]
fn a_conflict_between_layers_shows_both_places() {
    let bench = Bench::with("power_supply:\n  over_voltage_limit: 13\n").set("power_supply.set_voltage=14.5");
    insta::assert_snapshot!("conflict_between_layers", bench.errors());
}

#[test]
fn a_mistake_is_reported_where_a_higher_layer_hides_it() {
    let bench = Bench::with("power_supply:\n  set_voltage: high\n").set("power_supply.set_voltage=5");
    insta::assert_snapshot!("hidden_mistake", bench.errors());
}

#[test]
fn every_layer_is_reported_at_once() {
    let bench =
        Bench::with("bench:\n\tname: a\n").file(PSU_FILE, "prot: COM7\n").set("run.retries=-1").set("");
    insta::assert_snapshot!("every_layer", bench.errors());
}
