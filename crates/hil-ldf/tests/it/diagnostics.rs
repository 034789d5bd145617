//! Findings, as a user reads them: each edit of a valid file and what is said about it.

use hil_ldf::{Code, Severity, load, parse};
use rstest::rstest;

const FULL: &str = include_str!("../fixtures/full.ldf");

/// All findings, rendered.
fn findings(text: &str) -> String {
    match parse(text) {
        Ok(parsed) => {
            assert!(parsed.warnings.iter().all(|warning| warning.severity() == Severity::Warning));
            parsed.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        Err(diagnostics) => diagnostics.to_string(),
    }
}

#[rstest]
#[case("missing semicolon", "S1, M, S2;\n  Err1", "S1, M, S2\n  Err1")]
#[case("missing closing brace", "FromS2;\n}\n\nDiagnostic_frames", "FromS2;\n\nDiagnostic_frames")]
#[case("missing opening brace", "Nodes {", "Nodes")]
#[case("missing brace of a frame", "delay, 4; }", "delay, 4;")]
#[case(
    "missing brace of a table",
    "FreeFormat { 1, 2, 3, 4, 5, 6, 7, 0xFF } delay 10 ms;\n  }",
    "FreeFormat { 1, 2, 3, 4, 5, 6, 7, 0xFF } delay 10 ms;"
)]
#[case("missing brace of an encoding", "\"on\"; logical_value, 2; }", "\"on\"; logical_value, 2;")]
#[case("missing brace of a node", "FromS1; Event; }\n  }", "FromS1; Event; }")]
#[case("surplus brace", "Err1, 23; }", "Err1, 23; } }")]
#[case("surplus brace at the end", "Signal_groups {", "} Signal_groups {")]
#[case("decimal comma of an encoding", "0, 1000, 0.5", "0, 1000, 0,5")]
#[case("misspelt entry", "logical_value, 0,", "logical_valu, 0,")]
#[case("warning second speed", "LIN_speed", "LIN_speed = 9.6 kbps;\nLIN_speed")]
#[case("decimal comma", "10.417 kbps", "10,417 kbps")]
#[case("open comment", "// a keyword", "/* a keyword")]
#[case("open string", "\"off\"", "\"off")]
#[case("open string before a semicolon", "\"off\"; logical", "\"off;\n logical")]
#[case("unknown publisher", "S1, M, S2;", "S11, M, S2;")]
#[case("overlap", "Err1, 23", "Err1, 13")]
#[case("same offset", "delay, 4", "delay, 0")]
#[case("signal twice in a frame", "Level, 4;", "Level, 4; Level, 14;")]
#[case("beyond the frame", "Level, 4", "Level, 16")]
#[case("unknown signal in frame", "Level, 4", "Levle, 4")]
#[case("duplicate signal", "Err2: 1, 0, S2, M;", "Err2: 1, 0, S2, M; Err1: 1, 0, S2, M;")]
#[case("duplicate frame name", "FromS2: 0X12", "FromS1: 0X12")]
#[case("duplicate frame id", "FromS2: 0X12", "FromS2: 0X11")]
#[case("frame id beyond 63", "FromS2: 0X12", "FromS2: 64")]
#[case("warning frame id to be assigned", "0x10, M, 1", "64, M, 1")]
#[case("frame length beyond 8", "S1, 3 {", "S1, 9 {")]
#[case("init does not fit", "Mode: 2, 1", "Mode: 2, 4")]
#[case("array init of wrong length", "{ 0x12, 0x34, 56 }", "{ 0x12, 0x34 }")]
#[case("no first statement", "LIN_description_file;\n", "")]
#[case("node capability file", "LIN_description_file;", "node_capability_file;")]
#[case("unknown frame in schedule", "Spo delay", "Sop delay")]
#[case("unknown command", "AssignNAD {", "AssignNad {")]
#[case("number too large", "delay 10.5ms", "delay 1e999 ms")]
#[case("negative slot", "delay 10.5ms", "delay -1 ms")]
#[case("warning unknown section", "Signal_groups {", "Signal_grouping {")]
#[case("warning section in the singular", "Frames {", "frame {")]
#[case("warning unknown attribute", "P2_min", "P2_mim")]
#[case("warning dangling response error", "response_error = Err1", "response_error = Err3")]
#[case("warning dangling representation", "ModeType: Mode;", "ModeTyp: Mode; LevelType: Moed;")]
#[case("warning two representations", "LevelType: Level;", "LevelType: Level, Mode;")]
#[case("warning foreign signal", "{ Level, 4; Err1, 23; }", "{ Level, 4; Err1, 23; Err2, 22; }")]
#[case("warning unused signal", "delay, 4;", "")]
#[case("warning version", "\"2.2\"", "\"2.3\"")]
#[case("warning sloppy numbers", "5 ms, 0.1 ms", "+5 ms, .1 ms")]
#[case("warning version without quotes", "\"2.2\"", "2.2")]
#[case("warning channel name", "\"DB \\\"1\\\"\";", "DB")]
#[case("syntax and meaning", "Err2: 1, 0, S2, M;", "Err2 1, 0, S2, M; Err1: 1, 2, S1;")]
#[case("several at once", "Mode: 2, 1, M, S1, S2;\n  Level: 10", "Mode: 2, 9, X, S1, S2;\n  Level: 0")]
fn edits(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    assert!(FULL.contains(from), "the edit changes nothing");
    let found = findings(&FULL.replacen(from, to, 1));
    assert_eq!(name.starts_with("warning"), !found.contains("error:"), "{found}");
    insta::with_settings!({ snapshot_suffix => name.replace(' ', "_"), omit_expression => true }, {
        insta::assert_snapshot!(found);
    });
}

#[rstest]
#[case("", "the file is empty")]
#[case("  // nothing\n", "the file is empty")]
#[case("\u{1}\0\0", "this is binary data, not text")]
#[case("<?xml version=\"1.0\"?>", "this is not a LIN description file")]
#[case("Nodes { }", "the file lacks its first statement")]
fn other_files_are_named(#[case] text: &str, #[case] message: &str) {
    let diagnostics = parse(text).unwrap_err();
    assert_eq!(diagnostics.iter().map(|found| found.message()).collect::<Vec<_>>(), [message]);
}

#[test]
fn a_file_of_faults_shows_a_hundred() {
    let text = format!("LIN_description_file; {}", "Signals { A B; } ".repeat(500));
    assert_eq!(parse(&text).unwrap_err().iter().count(), 100);
}

#[test]
fn load_errors_name_the_file() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let missing = load(&folder.join("missing.ldf")).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read "), "{missing}");
    let path = folder.join("faulty.ldf");
    std::fs::write(&path, FULL.replace("Mode: 2, 1", "Mode: 2, 4")).unwrap();
    let faulty = load(&path).unwrap_err().to_string();
    assert!(faulty.starts_with(&format!("{}:19:12: error: initial value 4", path.display())), "{faulty}");
}

#[test]
fn the_readme_lists_all_codes() {
    let readme = include_str!("../../README.md");
    let rows: String =
        Code::ALL.iter().map(|code| format!("| `{code}` | {} |\n", code.explanation())).collect();
    let table = readme.split("<!-- codes -->\n").nth(1).unwrap().split("<!-- codes end -->").next().unwrap();
    assert_eq!(table, format!("| code | what it means |\n| --- | --- |\n{rows}"));
}

#[test]
fn codes_are_found_by_name() {
    for code in Code::ALL {
        assert_eq!(Code::find(code.as_str()), Some(*code));
    }
    assert_eq!(Code::find("no-such-code"), None);
}
