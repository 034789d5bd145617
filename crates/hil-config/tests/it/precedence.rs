//! Which layer wins, and what `hil config show` says about it (CFG-01, CFG-02).

use std::collections::BTreeMap;

use hil_config::{Config, Layer};
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::subsequence;
use proptest::strategy::Strategy;
use rstest::rstest;

use crate::bench::{Bench, DEFAULT_FILE, PSU_FILE, show};

#[test]
fn without_any_text_everything_is_built_in() {
    let resolved = Bench::new().resolved();
    assert_eq!(resolved.config, Config::default());
    let all: Vec<String> = resolved
        .effective()
        .iter()
        .map(|effective| {
            assert_eq!((&effective.layer, &effective.location), (&Layer::BuiltIn, &None));
            format!("{}: {}", effective.key, effective.value)
        })
        .collect();
    insta::assert_snapshot!("defaults", all.join("\n"));
}

#[rstest]
#[case::nothing("", "")]
#[case::comments("# only a comment\n", "# another\n")]
#[case::empty_sections("power_supply:\nbench: ~\nrun:\n  markers:\n", "power_supply:\n")]
fn empty_texts_set_nothing(#[case] default: &str, #[case] supply: &str) {
    let bench = Bench::with(default).file(PSU_FILE, supply);
    assert_eq!(bench.resolved().config, Config::default());
}

#[test]
fn layers_are_merged_key_by_key() {
    let mut bench = Bench::with(
        "power_supply:\n  port: a\n  set_voltage: 1\n  set_current: 1\n  settle: {tolerance: 1, timeout: 1}\n",
    )
    .file("named.yaml", "power_supply:\n  set_voltage: 2\n  set_current: 2\n  settle:\n    timeout: 2\n")
    .file(PSU_FILE, "set_current: 3\nbaudrate: 9600\n")
    .set("power_supply.baudrate=19200");
    bench.sources.env_config = Some(bench.path("named.yaml"));
    let resolved = bench.resolved();
    let shown = [
        ("power_supply.port", r#""a" from config/test_config.yaml:2"#),
        ("power_supply.set_voltage", "2.0 from named.yaml:2"),
        ("power_supply.set_current", "3.0 from config/owon_psu.yaml:1"),
        ("power_supply.baudrate", "19200 from command line"),
        ("power_supply.settle.tolerance", "1.0 from config/test_config.yaml:5"),
        ("power_supply.settle.timeout", "2.0 from named.yaml:5"),
        ("power_supply.settle.interval", "0.05 from built-in"),
    ];
    for (key, expected) in shown {
        assert_eq!(show(&resolved, key), expected, "{key}");
    }
}

#[test]
fn the_argument_takes_the_place_of_the_variable() {
    let mut bench = Bench::new()
        .file("env.yaml", "run: {retries: 1, timeout: 5}\n")
        .file("argument.yaml", "run: {retries: 2}\n");
    bench.sources.env_config = Some(bench.path("env.yaml"));
    bench.sources.config_file = Some(bench.path("argument.yaml"));
    let resolved = bench.resolved();
    assert_eq!(show(&resolved, "run.retries"), "2 from argument.yaml:1");
    assert_eq!(show(&resolved, "run.timeout"), "60.0 from built-in");
}

#[test]
fn the_variable_takes_the_place_of_the_supply_file() {
    let mut bench = Bench::new()
        .file(PSU_FILE, "port: COM1\nbaudrate: 9600\n")
        .file("psu.yaml", "power_supply:\n  port: COM2\n");
    bench.sources.env_psu = Some(bench.path("psu.yaml"));
    let resolved = bench.resolved();
    assert_eq!(show(&resolved, "power_supply.port"), r#""COM2" from psu.yaml:2"#);
    assert_eq!(show(&resolved, "power_supply.baudrate"), "115200 from built-in");
}

#[test]
fn a_variable_wins_over_files_and_loses_to_an_override() {
    let mut bench = Bench::with("interface: {nad: 3, host: file}\npower_supply: {port: a}\n")
        .file(PSU_FILE, "port: COM1\n")
        .set("interface.host=argument");
    bench.sources.variables = vec![
        ("HIL_NAD", "interface.nad", "0x05".to_owned()),
        ("HIL_LIN_HOST", "interface.host", "variable".to_owned()),
        ("HIL_PSU_PORT", "power_supply.port", "/dev/serial/by-id/a b".to_owned()),
    ];
    let resolved = bench.resolved();
    assert_eq!(show(&resolved, "interface.nad"), "5 from HIL_NAD");
    assert_eq!(show(&resolved, "interface.host"), r#""argument" from command line"#);
    assert_eq!(show(&resolved, "power_supply.port"), r#""/dev/serial/by-id/a b" from HIL_PSU_PORT"#);
    assert_eq!(resolved.said_by("interface.nad").map(ToString::to_string).as_deref(), Some("HIL_NAD"));
    assert_eq!(resolved.said_by("interface.port"), None);
    assert_eq!(resolved.said_by("interface.bitrate"), None);
}

#[test]
fn a_variable_that_cannot_be_taken_is_named() {
    let mut bench = Bench::new();
    bench.sources.variables = vec![("HIL_NAD", "interface.nad", "0x7E".to_owned())];
    let errors = bench.errors();
    assert!(errors.contains("<HIL_NAD>:1:") && errors.contains("interface.nad"), "{errors}");
}

/// Each variable stands for a key that there is.
#[test]
fn the_variables_stand_for_keys() {
    let resolved = Bench::new().resolved();
    for (variable, key) in hil_config::VARIABLES {
        assert!(resolved.effective().iter().any(|setting| setting.key == key), "{variable}: {key}");
    }
}

#[test]
fn the_later_override_wins() {
    let bench = Bench::new().set("run.retries=1").set("run.retries=2");
    assert_eq!(show(&bench.resolved(), "run.retries"), "2 from command line");
}

#[rstest]
#[case::tilde("interface.host=~")]
#[case::nothing("interface.host=")]
fn a_tilde_or_nothing_takes_back_what_a_lower_layer_set(#[case] argument: &str) {
    let bench = Bench::with("interface: {host: mum}\n").set(argument);
    assert_eq!(show(&bench.resolved(), "interface.host"), "null from command line");
}

#[test]
fn a_list_is_replaced_as_a_whole() {
    let bench =
        Bench::with("simulation:\n  faults:\n    - lin: {kind: bus_short}\n    - ecu: {kind: dead}\n")
            .set("simulation.faults=[ecu: {kind: brown_out}]");
    assert_eq!(
        show(&bench.resolved(), "simulation.faults"),
        r#"[{"ecu":{"from":0.0,"kind":"brown_out","until":null}}] from command line"#
    );
}

#[test]
fn a_frame_id_is_one_key_in_every_spelling() {
    let bench = Bench::with("interface:\n  frame_lengths: {35: 1, 0x24: 2}\n")
        .set("interface.frame_lengths.0x23=5")
        .set("interface.frame_lengths.35=6");
    let resolved = bench.resolved();
    assert_eq!(resolved.config.interface.frame_lengths, BTreeMap::from([(0x23, 6), (0x24, 2)]));
    assert_eq!(show(&resolved, "interface.frame_lengths.0x23"), "6 from command line");
    assert_eq!(show(&resolved, "interface.frame_lengths.0x24"), "2 from config/test_config.yaml:2");
}

#[test]
fn shown_values_load_again_as_overrides() {
    let text = "run: {markers: {thermal: 'needs the chamber'}}\n\
                interface: {host: mum, frame_lengths: {0x11: 8}}\n\
                simulation: {faults: [lin: {kind: bit_flip, frame: 0x3F, until: 2min}]}\n\
                power_supply: {eol: \"\\r\\n\", parity: E}\n";
    let first = Bench::with(text).resolved();
    let again = first
        .effective()
        .iter()
        .fold(Bench::new(), |bench, effective| bench.set(&format!("{}={}", effective.key, effective.value)));
    assert_eq!(again.resolved().config, first.config);
}

/// Keys of different depth that take any number from 1 to 5.
const KEYS: [&str; 5] = [
    "power_supply.settle.tolerance",
    "power_supply.settle.validation_time",
    "power_supply.set_voltage",
    "power_supply.set_current",
    "power_supply.nominal_tolerance",
];

/// What one layer sets: some of the keys, in any order that a subsequence has, to some numbers.
fn layer() -> impl Strategy<Value = Vec<(&'static str, u8)>> {
    subsequence(KEYS.to_vec(), 0..=KEYS.len())
        .prop_flat_map(|keys| {
            let count = keys.len();
            (proptest::strategy::Just(keys), proptest::collection::vec(1_u8..=5, count))
        })
        .prop_map(|(keys, values)| keys.into_iter().zip(values).collect())
}

/// The layer as YAML in the block style, below `power_supply` or (for the supply file) bare.
fn yaml(layer: &[(&str, u8)], bare: bool) -> String {
    let indent = if bare { "" } else { "  " };
    let mut text = String::from(if bare || layer.is_empty() { "" } else { "power_supply:\n" });
    let line = |depth: &str, key: &str, value: u8| format!("{indent}{depth}{key}: {value}\n");
    let mut settle = String::new();
    for (key, value) in layer {
        let key = key.strip_prefix("power_supply.").unwrap();
        match key.strip_prefix("settle.") {
            Some(key) => settle += &line("  ", key, *value),
            None => text += &line("", key, *value),
        }
    }
    if !settle.is_empty() {
        text = format!("{text}{indent}settle:\n{settle}");
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Against the plainest merge there is: a flat map that each layer overwrites in turn.
    #[test]
    fn the_highest_layer_that_sets_a_key_wins(
        default in layer(),
        named in layer(),
        supply in layer(),
        arguments in layer(),
        nested in any::<bool>(),
    ) {
        let mut bench = Bench::with(yaml(&default, false))
            .file("named.yaml", yaml(&named, false))
            .file(PSU_FILE, yaml(&supply, !nested));
        bench.sources.config_file = Some(bench.path("named.yaml"));
        for (key, value) in &arguments {
            bench = bench.set(&format!("{key}={value}"));
        }

        let mut expected = BTreeMap::new();
        let files = [(default, DEFAULT_FILE), (named, "named.yaml"), (supply, PSU_FILE)];
        for (layer, name) in files.into_iter().chain([(arguments, "command line")]) {
            expected.extend(layer.into_iter().map(|(key, value)| (key, (value, name))));
        }

        let resolved = bench.resolved();
        for effective in resolved.effective() {
            let Some((value, name)) = expected.remove(effective.key.as_str()) else {
                assert_eq!(effective.layer, Layer::BuiltIn, "{}", effective.key);
                continue;
            };
            assert_eq!(effective.value, format!("{value}.0"), "{}", effective.key);
            let layer = effective.layer.to_string();
            assert_eq!(layer.split(':').next(), Some(name), "{}", effective.key);
        }
        assert!(expected.is_empty(), "not shown: {expected:?}");
    }
}
