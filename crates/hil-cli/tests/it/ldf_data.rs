//! `hil ldf timing` and `diff`: what follows from a description, for people and for programs.

use std::fs;

use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ended, Program, root};

pub(crate) const ALM: &str = "vendor/alm.ldf";

/// Every kind of thing that a file may have.
pub(crate) const FULL: &str = "crates/hil-ldf/tests/fixtures/full.ldf";

pub(crate) fn ldf(arguments: &[&str]) -> Ended {
    Program::hil().args(&["ldf"]).args(arguments).output()
}

pub(crate) fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout()).unwrap()
}

/// A small file with one schedule `T` and one frame `F` of two bytes, with parts replaced.
pub(crate) fn small(edits: &[(&str, &str)]) -> String {
    let mut text = r#"LIN_description_file;
LIN_protocol_version = "2.1";
LIN_language_version = "2.1";
LIN_speed = 19.2 kbps;
Nodes { Master: M, 5 ms, 0.1 ms; Slaves: ; }
Signals { Level: 8, 0, M; }
Frames { F: 0x10, M, 2 { Level, 0; } }
Schedule_tables { T { F delay 5 ms; MasterReq delay 10 ms; } }
"#
    .to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

pub(crate) fn written(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.ldf");
    fs::write(&path, text).unwrap();
    let name = path.to_str().unwrap().to_owned();
    (folder, name)
}

#[rstest]
#[case::long_enough(&[], 0, "4.667   5.000   0.233\n")]
#[case::too_short(&[("MasterReq delay 10", "MasterReq delay 5")], 1, "9.042  5.000  -4.142  too short\n")]
#[case::off_the_time_base(&[("F delay 5", "F delay 6")], 0, "6.000   1.233  not on the time base\n")]
#[case::both(&[("F delay 5", "F delay 3")], 1, "-1.767  too short, not on the time base\n")]
#[case::nothing(&[("T { F delay 5 ms; MasterReq delay 10 ms; }", "")], 0, "the file has no schedule tables\n")]
#[case::no_master(&[("Master: M, 5 ms, 0.1 ms; Slaves: ;", "Slaves: M;")], 4, "")]
#[case::no_speed(&[("LIN_speed = 19.2 kbps;", "")], 4, "")]
#[case::an_error(&[("F: 0x10", "F: 0x50")], 4, "")]
fn timing_marks_and_ends(#[case] edits: &[(&str, &str)], #[case] code: i32, #[case] shown: &str) {
    let (_folder, file) = written(&small(edits));
    let ended = ldf(&["timing", &file]).code(code);
    assert!(ended.stdout().contains(shown), "{}", ended.stdout());
    assert_eq!(ended.stdout().is_empty(), code == 4);
}

#[test]
fn timing_as_a_table() {
    let (_folder, file) = written(&small(&[("F delay 5", "F delay 3.5")]));
    let expected = "\
Schedule T (times in ms)
  #  start  frame      id    bytes  nominal    max    slot  margin
  1  0.000  F          0x10      2    3.333  4.667   3.500  -1.267  too short, not on the time base
  2  3.500  MasterReq  0x3C      8    6.458  9.042  10.000   0.858
  period 13.500, bus load 72.5 % nominal, 101.5 % at most; time base 5.000, jitter 0.100
  1 slot is too short for the maximum of the frame and the jitter
  1 slot is no multiple of the time base
";
    assert_eq!(ldf(&["timing", &file]).code(1).stdout(), expected);
}

#[test]
fn timing_of_chosen_schedules() {
    let ended = ldf(&["timing", ALM, "--schedule", "Diagnostic", "--schedule", "Normal", "--format", "json"]);
    let found = json(&ended.code(0));
    let names: Vec<&Value> =
        found["schedules"].as_array().unwrap().iter().map(|table| &table["name"]).collect();
    assert_eq!(names, ["Diagnostic", "Normal"]);
    assert_eq!(
        found["schedules"][1]["timing"]["slots"][1],
        json!({
            "number": 2, "start_ms": 10, "frame": "ALM_Status", "kind": "unconditional", "id": 0x11, "bytes": 4,
            "nominal_ms": 4.375, "maximum_ms": 6.125, "length_ms": 10, "margin_ms": 3.775,
            "too_short": false, "on_time_base": true,
        })
    );
    let ended = ldf(&["timing", ALM, "--schedule", "Normal", "--schedule", "Norml"]).code(4);
    assert_eq!(ended.stdout(), "");
    let message = "error: vendor/alm.ldf: unknown schedule table \"Norml\", did you mean \"Normal\"?\n";
    assert_eq!(ended.stderr(), message);
}

#[test]
fn a_file_is_no_different_from_itself() {
    for file in [ALM, FULL] {
        assert_eq!(ldf(&["diff", file, file]).code(0).stdout(), format!("{file} → {file}\nno changes\n"));
        let found = json(&ldf(&["diff", file, file, "--format", "json"]).code(0));
        assert_eq!((&found["changes"], &found["wire_changes"]), (&json!([]), &json!(0)));
    }
}

#[test]
fn differences_by_section() {
    let (_before, before) = written(&small(&[]));
    let (_after, after) = written(&small(&[
        ("Level: 8, 0", "Level: 8, 7"),
        ("{ Level, 0; } }", "{ Level, 4; } G: 0x11, M, 1 { } }"),
        ("MasterReq delay 10 ms;", ""),
        ("0.1 ms", "0.2 ms"),
    ]));
    let expected = format!(
        "\
{before} → {after}

Nodes
  ~ M: jitter 0.1 ms → 0.2 ms

Signals
  ~ Level: init 0 → 7  [wire]

Frames
  ~ F: signal Level bit 0 → bit 4  [wire]
  + G: 0x11, 1 byte, from M  [wire]

Schedule_tables
  ~ T: period 15 ms → 5 ms
  ~ T: slot 2 removed: MasterReq delay 10 ms  [wire]

6 changes, 4 of them on the wire
"
    );
    assert_eq!(ldf(&["diff", &before, &after]).code(1).stdout(), expected);
    let found = json(&ldf(&["diff", &after, &before, "--format", "json"]).code(1));
    assert_eq!((&found["schema"], &found["wire_changes"]), (&json!("hil-ldf-diff/1"), &json!(4)));
    let changes = found["changes"].as_array().unwrap();
    assert_eq!(
        changes[0],
        json!({ "section": "Nodes", "name": "M", "change": "changed", "field": "jitter",
                "before": "0.2 ms", "after": "0.1 ms", "wire": false })
    );
    assert_eq!(
        changes[3],
        json!({ "section": "Frames", "name": "G", "change": "removed", "field": null,
                "before": "0x11, 1 byte, from M", "after": null, "wire": true })
    );
    assert_eq!(
        changes[5],
        json!({ "section": "Schedule_tables", "name": "T", "change": "changed", "field": "slot 2",
                "before": null, "after": "MasterReq delay 10 ms", "wire": true })
    );
}

#[test]
fn a_rename_is_a_change_of_the_name() {
    let (_before, before) = written(&small(&[]));
    let (_after, after) = written(&small(&[("Level", "Height")]));
    let ended = ldf(&["diff", &before, &after]).code(1);
    let last = "Signals\n  ~ Level: renamed to Height\n\n1 change, none of them on the wire\n";
    assert!(ended.stdout().ends_with(last), "{}", ended.stdout());
    let found = json(&ldf(&["diff", &before, &after, "--format", "json"]).code(1));
    let renamed = json!({ "section": "Signals", "name": "Level", "change": "renamed", "field": "name",
                          "before": "Level", "after": "Height", "wire": false });
    assert_eq!(found["changes"], json!([renamed]));
}

#[test]
fn a_file_from_standard_input() {
    let text = fs::read(root().join(ALM)).unwrap();
    for (arguments, shown) in [
        (&["diff", "-", ALM][..], "no changes"),
        (&["diff", ALM, "-"], "no changes"),
        (&["timing", "-"], "Schedule Normal"),
        (&["export", "-"], "hil-ldf-export/1"),
    ] {
        let ended = Program::hil().args(&["ldf"]).args(arguments).output_of(&text).code(0);
        assert!(ended.stdout().contains(shown), "{}", ended.stdout());
    }
    let ended = ldf(&["diff", "-", "-"]).code(4);
    assert!(ended.stderr().contains("`-` is given twice"), "{}", ended.stderr());
}

#[rstest]
#[case(&["diff", ALM, "nope.ldf"], "cannot read nope.ldf")]
#[case(&["diff", "nope.ldf", ALM], "cannot read nope.ldf")]
#[case(&["diff", ALM, "Cargo.toml"], "Cargo.toml has ")]
#[case(&["timing", "nope.ldf"], "cannot read nope.ldf")]
#[case(&["timing", "Cargo.toml"], "Cargo.toml has ")]
#[case(&["export", "nope.ldf"], "cannot read nope.ldf")]
#[case(&["export", "Cargo.toml"], "Cargo.toml has ")]
#[case(&["export", ALM, "--pretty", "--compact"], "cannot be used with")]
fn what_cannot_be_used_ends_with_4(#[case] arguments: &[&str], #[case] message: &str) {
    let ended = ldf(arguments).code(4);
    assert_eq!(ended.stdout(), "");
    assert!(ended.stderr().contains(message), "{}", ended.stderr());
}

/// What a file calls its channel reaches the terminal written out, and programs unharmed.
#[test]
fn control_characters_are_written_out() {
    let (_before, before) = written(&small(&[]));
    let (_after, after) =
        written(&small(&[("LIN_speed", "Channel_name = \"\u{1b}[31m\u{202e}\";\nLIN_speed")]));
    let ended = ldf(&["diff", &before, &after]).code(1);
    assert!(ended.stdout().contains(r#"Channel_name added: "\u{1b}[31m\u{202e}""#), "{}", ended.stdout());
    let ended = ldf(&["export", &after]).code(0);
    assert!(!ended.stdout().contains(['\u{1b}', '\u{202e}']));
    assert_eq!(json(&ended)["header"]["channel_name"], "\u{1b}[31m\u{202e}");
}
