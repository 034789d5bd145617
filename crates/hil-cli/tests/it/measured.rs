//! What a test puts into the record of its run, as the journal has it.

use rstest::rstest;
use serde_json::{Value, json};

use crate::program::Program;

/// The measurements of a run of these tests, each by its name.
fn measured(arguments: &[&str], code: i32) -> Vec<Value> {
    let fixture = Program::fixture().args(arguments);
    fixture.run().code(code);
    fixture.events("measured")
}

#[test]
fn every_value_and_condition_is_recorded() {
    let measured = measured(&["records::measures"], 0);
    let expected = [
        json!({"name": "rail", "outcome": "pass", "marginal": true, "value": {"number": 12.2}, "unit": "V",
               "limits": {"low": 11.5, "high": 12.5}, "marginal_limits": {"low": 11.9, "high": 12.1}, "docstring": "at rest"}),
        json!({"name": "version", "outcome": "pass", "value": {"text": "1.4.2"}, "validators": [
            {"outcome": "pass", "operator": "matches", "expected": {"text": r"^1\.\d+"}, "is_decisive": true},
            {"outcome": "pass", "expression": "is no prerelease", "has_custom_expression": true, "is_decisive": true}]}),
        json!({"name": "colour", "outcome": "pass", "value": {"text": "red"}, "validators": [
            {"outcome": "pass", "operator": "in", "expected": {"texts": ["red", "green"]}, "is_decisive": true}]}),
        json!({"name": "locked", "outcome": "pass", "value": {"bool": true}, "validators": [
            {"outcome": "pass", "operator": "==", "expected": {"bool": true}, "is_decisive": true}]}),
        json!({"name": "count", "outcome": "pass", "value": {"number": 3.0}, "validators": [
            {"outcome": "pass", "operator": "==", "expected": {"number": 3.0}, "is_decisive": true}]}),
        json!({"name": "identity", "outcome": "pass", "value": {"json": {"supplier": 1, "names": ["a", "b"]}}}),
        json!({"name": "nowhere", "outcome": "pass", "value": {"number": "NaN"}}),
        json!({"name": "everywhere", "outcome": "pass", "value": {"number": "inf"}, "limits": {"low": 0.0, "high": null}}),
    ];
    assert_eq!(measured, expected);
}

#[test]
fn a_series_has_columns_with_units() {
    let measured = measured(&["records::sweeps"], 0);
    let limit = |limit: f64| json!({"outcome": "pass", "operator": "<=", "expected": {"number": limit}, "is_decisive": true});
    assert_eq!(
        measured,
        [json!({"name": "curve", "outcome": "pass", "docstring": "as it is fed", "value": {"series": [
            {"name": "voltage", "unit": "V", "data": [0.0, 1.0, 2.0, 3.0, 4.0]},
            {"name": "current", "unit": "A", "data": [0.0, 0.5, 1.0, 1.5, 2.0], "validators": [limit(3.0)], "aggregations": [
                {"kind": "max", "outcome": "pass", "value": {"number": 2.0}, "unit": "A", "validators": [limit(2.0)]}]},
        ]}})]
    );
}

#[test]
fn what_was_promised_counts() {
    let measured = measured(&["records::keeps_promises"], 0);
    assert_eq!(
        measured,
        [
            json!({"name": "rail", "outcome": "pass", "value": {"number": 12.0}, "unit": "V",
                   "limits": {"low": 11.5, "high": 12.5}, "docstring": "promised"}),
            json!({"name": "luxury", "outcome": "unset", "optional": true}),
        ]
    );
}

#[rstest]
#[case("unset", "failed", "rail: declared, but never set")]
#[case("text_in_a_band", "failed", "rail: want 11 … 13, got 12")]
#[case("promised_limits", "failed", "rail: want ≤ 12 V, got 13 V")]
#[case("unlike", "failed", "version: want matches \"^1\", got 2.0")]
#[case("no_number_to_match", "failed", "version: want matches \"^1\", got 1.5")]
#[case("no_pattern", "test", "\"(\" is no regular expression: unclosed group")]
#[case("none_of", "failed", "colour: want in [\"red\", \"green\"], got blue")]
#[case("unjudged", "failed", "x: want x is even, got 3")]
#[case("swallowed", "failed", "x: want == 4, got 3")]
#[case("swallowed_then_skipped", "failed", "v: want 0 … 1, got 9")]
#[case("swallowed_then_repeated", "failed", "asked to be repeated more often than 3 times")]
#[case("swallowed_then_broken", "test", "the test is wrong")]
#[case("curve", "failed", "curve: want current <= 2, got 5 in row 2 (2 columns of 3 rows)")]
#[case("no_column", "test", "curve has no column \"u\"")]
#[case("short_row", "test", "a row of 2 values for curve, which has 1 columns")]
#[case("no_file", "test", "cannot attach no/such/file.csv: No such file or directory (os error 2)")]
#[case("large_file", "test", "attachment \"large\" has 101 bytes, at most 100 are allowed")]
#[case("many_files", "test", "4 attachments, at most 3 are allowed")]
fn what_does_not_hold_is_told(#[case] case: &str, #[case] outcome: &str, #[case] message: &str) {
    let test = format!("records::ends::{case}");
    let fixture = Program::fixture()
        .args(&[&test, "--exact"])
        .set("record.max_attachments=3")
        .set("record.max_attachment_bytes=100");
    fixture.run().code(1);
    assert_eq!((fixture.outcomes()[&test].as_str(), fixture.message(&test).as_str()), (outcome, message));
    if case != "unset" {
        let told = fixture.read("summary.md");
        assert!(told.contains("- at `crates/hil-cli/examples/fixture.rs:"), "{told}");
    }
}

#[rstest]
#[case("debug", &["info", "debug", "info", "warning", "error", "critical", "warning", "debug"])]
#[case("info", &["info", "info", "warning", "error", "critical", "warning"])]
#[case("critical", &["critical"])]
fn lines_below_the_configured_level_are_left_out(#[case] least: &str, #[case] levels: &[&str]) {
    let fixture = Program::fixture().args(&["records::logs"]).set(&format!("record.log_level={least}"));
    fixture.run().code(0);
    let journal = fixture.journal();
    let begun = journal.iter().position(|entry| entry["event"].get("test_started").is_some()).unwrap();
    let lines: Vec<_> = journal[begun..].iter().filter_map(|entry| entry["event"].get("logged")).collect();
    assert_eq!(lines.iter().map(|line| line["level"].as_str().unwrap()).collect::<Vec<_>>(), levels);
    for line in &lines {
        assert_eq!(line["location"]["file"], "crates/hil-cli/examples/fixture.rs");
        assert!(line["location"]["line"].as_u64() > Some(0));
    }
    if least == "info" {
        assert_eq!(lines.last().unwrap()["message"], "from a library volts=12");
    }
}

#[test]
fn attempts_keep_their_files_apart() {
    let fixture = Program::fixture().args(&["records::attaches"]);
    fixture.run().code(1);
    let attached = fixture.events("attached");
    let paths: Vec<&str> = attached.iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        [
            "attachments/records/attaches/01-.._trace.csv",
            "attachments/records/attaches/02-Cargo.toml",
            "attachments/records/attaches/03-.._trace.csv",
            "attachments/records/attaches/04-Cargo.toml",
        ]
    );
    assert!(paths.iter().all(|path| fixture.reports.path().join(path).is_file()));
}

#[test]
fn the_command_line_says_what_a_run_is_about_and_wins() {
    let fixture = Program::fixture()
        .args(&["verdicts::passes", "--serial", "SN-1", "--sub-unit", "SN-0", "--sub-unit", "SN-00"])
        .args(&["--operator", "ada@example.com", "--procedure", "FVT1", "--part-name", "Light"])
        .set("unit={serial_number: SN-9, part_number: PCB-1, revision: A, batch: LOT-1}")
        .set("record.procedure_version='1.2'");
    fixture.run().code(0);
    assert_eq!(
        fixture.events("run_started")[0]["subject"],
        json!({
            "serial_number": "SN-1", "part_number": "PCB-1", "part_name": "Light", "revision": "A",
            "batch": "LOT-1", "sub_units": ["SN-0", "SN-00"], "procedure": "FVT1",
            "procedure_version": "1.2", "operator": "ada@example.com",
        })
    );
}

#[rstest]
#[case(&["--serial", ""], "serial number must not be empty")]
#[case(&["--part", "  "], "part number must not be empty")]
#[case(&["--batch", "LOT 1"], "batch number must not contain ' '")]
#[case(&["--set", "unit.revision=' '"], "unit.revision: revision number must not be empty")]
#[case(&["--set", "unit.serial_number=''"], "text that is not empty")]
fn what_a_run_cannot_be_about_is_refused(#[case] arguments: &[&str], #[case] message: &str) {
    let program = Program::fixture().args(&["verdicts::passes"]).args(arguments);
    let ended = program.run().code(4);
    assert!(ended.stderr().contains(message), "{}", ended.stderr());
    assert!(program.journal().is_empty());
}
