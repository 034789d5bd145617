//! `hil ldf`: what it prints, and how it ends.

use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ended, Program};

const ALM: &str = "vendor/alm.ldf";

/// Every kind of thing that a file may have.
const FULL: &str = "crates/hil-ldf/tests/fixtures/full.ldf";

const GOOD: &str = r#"LIN_description_file;
LIN_protocol_version = "2.1";
LIN_language_version = "2.1";
LIN_speed = 19.2 kbps;
Nodes { Master: M, 5 ms, 0.1 ms; Slaves: ; }
Signals { Level: 8, 0, M; }
Frames { F: 0x10, M, 1 { Level, 0; } }
"#;

fn ldf(arguments: &[&str]) -> Ended {
    Program::hil().args(&["ldf"]).args(arguments).output()
}

fn ldf_of(arguments: &[&str], input: &str) -> Ended {
    Program::hil().args(&["ldf"]).args(arguments).output_of(input.as_bytes())
}

/// A file with one part replaced.
#[track_caller]
fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from));
    GOOD.replace(from, to)
}

/// Two errors, one with a hint and one with a note.
fn faulty() -> String {
    with("Level: 8, 0, M;", "Level: 8, 0, Mm;").replace("F: 0x10,", "F: 0x11, M, 1 { } F: 0x10,")
}

/// One warning: the signal is in no frame.
fn doubtful() -> String {
    with("Level: 8, 0, M;", "Level: 8, 0, M; Spare: 1, 0, M;")
}

/// A folder with `good.ldf`, `faulty.ldf` and `doubtful.ldf`, and a way to name its files.
fn folder() -> (TempDir, impl Fn(&str) -> String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let name = move |name: &str| path.join(name).to_str().unwrap().to_owned();
    for (file, text) in [("good.ldf", GOOD), ("faulty.ldf", &faulty()), ("doubtful.ldf", &doubtful())] {
        std::fs::write(name(file), text).unwrap();
    }
    (folder, name)
}

#[rstest]
#[case::good(&["good.ldf"], 0, "1 file, 0 errors, 0 warnings\n")]
#[case::an_error(&["faulty.ldf"], 1, "1 file, 2 errors, 0 warnings\n")]
#[case::a_warning(&["doubtful.ldf"], 0, "1 file, 0 errors, 1 warning\n")]
#[case::a_warning_denied(&["doubtful.ldf", "--deny-warnings"], 1, "1 file, 0 errors, 1 warning\n")]
#[case::nothing_to_deny(&["good.ldf", "--deny-warnings"], 0, "1 file, 0 errors, 0 warnings\n")]
#[case::several(&["faulty.ldf", "good.ldf", "doubtful.ldf"], 1, "3 files, 2 errors, 1 warning\n")]
#[case::missing(&["nope.ldf", "doubtful.ldf"], 4, "2 files, 0 errors, 1 warning, 1 not read\n")]
#[case::missing_outranks_errors(&["faulty.ldf", "nope.ldf"], 4, "2 files, 2 errors, 0 warnings, 1 not read\n")]
fn check_counts_and_ends(#[case] arguments: &[&str], #[case] code: i32, #[case] last: &str) {
    let (_folder, name) = folder();
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| if argument.ends_with(".ldf") { name(argument) } else { (*argument).to_owned() })
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    for format in ["text", "json"] {
        let ended = ldf(&[&["check", "--format", format], &arguments[..]].concat()).code(code);
        let stderr = ended.stderr();
        assert!(stderr.ends_with(last), "{stderr}");
        let unreadable = arguments.iter().any(|argument| argument.ends_with("nope.ldf"));
        let message = format!("error: cannot read {}: No such file or directory", name("nope.ldf"));
        assert_eq!(stderr.contains(&message), unreadable, "{stderr}");
    }
}

#[rstest]
#[case::nothing(&[], 4, "<FILE>...")]
#[case::input_twice(&["-", "-"], 4, "`-` is given twice")]
#[case::folder(&["crates"], 4, "error: cannot read crates: ")]
fn check_refuses(#[case] files: &[&str], #[case] code: i32, #[case] message: &str) {
    let ended = ldf(&[&["check"], files].concat()).code(code);
    assert!(ended.stderr().contains(message), "{}", ended.stderr());
}

#[test]
fn findings_look_like_those_of_a_compiler() {
    let (_folder, name) = folder();
    let file = name("faulty.ldf");
    let shown = ldf(&["check", &file]).code(1).stdout();
    let expected = format!(
        "{file}:6:24: error: publisher \"Mm\" is not declared [undeclared-name]
    6 | Signals {{ Level: 8, 0, Mm; }}
      |                        ^^
      = expected a declared node
      = help: did you mean \"M\"?
{file}:7:28: error: duplicate frame \"F\" [duplicate-name]
    7 | Frames {{ F: 0x11, M, 1 {{ }} F: 0x10, M, 1 {{ Level, 0; }} }}
      |                            ^
{file}:7:10: note: first declared here
    7 | Frames {{ F: 0x11, M, 1 {{ }} F: 0x10, M, 1 {{ Level, 0; }} }}
      |          ^
"
    );
    assert_eq!(shown, expected);

    let brief = ldf(&["check", "-q", &file]).code(1).stdout();
    let expected: Vec<&str> = shown.lines().filter(|line| line.contains(": error: ")).collect();
    assert_eq!(brief.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn findings_of_standard_input() {
    let shown = ldf_of(&["check", "-"], &doubtful()).code(0).stdout();
    assert_eq!(
        shown.lines().next(),
        Some("-:6:27: warning: signal \"Spare\" is in no frame [unused-signal]")
    );
}

#[test]
fn findings_of_each_file_bear_its_name() {
    let (_folder, name) = folder();
    let (faulty, doubtful) = (name("faulty.ldf"), name("doubtful.ldf"));
    let shown = ldf(&["check", "-q", &doubtful, ALM, &faulty]).code(1).stdout();
    let files: Vec<&str> = shown.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(files, [&doubtful, &faulty, &faulty]);
}

#[test]
fn findings_for_programs() {
    let (_folder, name) = folder();
    let file = name("faulty.ldf");
    let shown = ldf(&["check", "--format", "json", &file]).code(1).stdout();
    let findings: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [
        json!({
            "file": &file, "line": 6, "column": 24, "severity": "error", "code": "undeclared-name",
            "message": "publisher \"Mm\" is not declared", "expected": "a declared node",
            "hint": "did you mean \"M\"?", "notes": [],
        }),
        json!({
            "file": &file, "line": 7, "column": 28, "severity": "error", "code": "duplicate-name",
            "message": "duplicate frame \"F\"", "expected": null, "hint": null,
            "notes": [{"line": 7, "column": 10, "message": "first declared here"}],
        }),
    ];
    assert_eq!(findings, expected);
}

/// A file with all that a terminal obeys, in every place that is shown.
fn hostile(version: &str) -> String {
    let evil = "\u{1b}[2J\u{9b}31m\u{7}\u{202e}\u{7f}";
    format!(
        "LIN_description_file; LIN_protocol_version = \"{version}{evil}\"; LIN_language_version = \"2.1\";
LIN_speed = 19.2 kbps; Channel_name = \"C{evil}\";
Nodes {{ Master: M, 5 ms, 0.1 ms; Slaves: ; }}
Signals {{ Level: 8, 0, M; }}
Frames {{ F: 0x10, M, 1 {{ Level, 0; }} }}
Signal_encoding_types {{ E {{ logical_value, 0, \"off{evil}\"; physical_value, 1, 255, 1, 0, \"V{evil}\"; }} }}
Signal_representation {{ E: Level; }}
"
    )
}

#[rstest]
#[case::check(&["check", "-"], 0)]
#[case::check_json(&["check", "-", "--format", "json"], 0)]
#[case::overview(&["show", "-"], 0)]
#[case::signal(&["show", "-", "--signal", "Level"], 0)]
#[case::decode_text(&["decode", "-", "F", "00"], 0)]
#[case::decode_unit(&["decode", "-", "F", "01"], 0)]
#[case::decode_json(&["decode", "-", "F", "01", "--format", "json"], 0)]
#[case::encode(&["encode", "-", "F", "Level=off\u{1b}[2J\u{9b}31m\u{7}\u{202e}x"], 4)]
fn text_of_a_file_does_not_steer_the_terminal(#[case] arguments: &[&str], #[case] code: i32) {
    let ended = ldf_of(arguments, &hostile("2.x")).code(code);
    for shown in [ended.stdout(), ended.stderr()] {
        let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!shown.contains(obeyed), "{shown:?}");
    }
    let all = ended.stdout() + &ended.stderr();
    assert!(all.contains(r"\u{202e}") || all.contains(r"\u202e"), "{all}");
}

#[test]
fn an_overview() {
    let shown = ldf(&["show", ALM]).code(0).stdout();
    let expected = "\
vendor/alm.ldf
  protocol  2.1
  language  2.1
  speed     19200 bit/s

Nodes
  node    role    NAD   sends     reads
  Master  master        3 frames  14 signals
  ALM     slave   0x01  4 frames  12 signals

Frames
  id    frame        bytes  publisher  signals
  0x0A  ALM_Req_A        8  Master           9
  0x0B  ConfigFrame      3  Master           3
  0x11  ALM_Status       4  ALM              6
  0x12  PWM_Frame        8  ALM              3
  0x13  PWM_wo_Comp      8  ALM              3
  0x14  Tj_Frame         4  ALM              2
  0x3C  MasterReq        8  Master           8  diagnostic
  0x3D  SlaveResp        8  a slave          8  diagnostic

Schedules
  schedule       slots  period
  Normal             2   20 ms
  Collective         6   60 ms
  Diagnostic         2   20 ms
  Configuration      4   40 ms

Also
  42 signals (16 without publisher), 15 encoding types
";
    assert_eq!(shown, expected);
}

#[rstest]
#[case::event_triggered("0x06  Event                                 event-triggered: FromS1, FromS2")]
#[case::sporadic("Spo                                   sporadic: FromM")]
#[case::channel("channel   DB \"1\"")]
#[case::the_rest("(1 without publisher), 3 encoding types, 1 signal group, 2 composite configurations")]
fn an_overview_has(#[case] part: &str) {
    let shown = ldf(&["show", FULL]).code(0).stdout();
    assert!(shown.contains(part), "{shown}");
}

#[test]
fn an_overview_mentions_warnings() {
    let shown = ldf_of(&["show", "-"], &doubtful()).code(0).stdout();
    assert!(shown.contains("findings  1 warning, see `hil ldf check`\n"), "{shown}");
}

#[rstest]
#[case::name("ALM_Status")]
#[case::hexadecimal("0x11")]
#[case::decimal("17")]
fn a_frame(#[case] frame: &str) {
    let shown = ldf(&["show", ALM, "--frame", frame]).code(0).stdout();
    let expected = "\
Frame ALM_Status
  id           0x11, PID 0x11
  length       4 bytes
  publisher    ALM
  subscribers  Master
  schedules    Normal, Collective
  initially    01 FC C0 FE, unused bits 1

     signal            offset  bits  init  encoding
  a  ALMNadNo               0     8     1  NodeNumberEncoding
  b  ALMLEDState            8     2     0  LedStateEncoding
  c  ALMVoltageStatus      16     2     0  VoltageStatusEncoding
  d  ALMThermalStatus      18     2     0  ThermalStatusEncoding
  e  ALMNVMStatus          20     2     0  NvmStatusEncoding
  f  SigCommErr            24     1     0  ErrorEncoding

  byte   7   6   5   4   3   2   1   0
     0  a7  a6  a5  a4  a3  a2  a1  a0  ALMNadNo
     1   ·   ·   ·   ·   ·   ·  b1  b0  ALMLEDState
     2   ·   ·  e1  e0  d1  d0  c1  c0  ALMNVMStatus, ALMThermalStatus, ALMVoltageStatus
     3   ·   ·   ·   ·   ·   ·   ·   f  SigCommErr
";
    assert_eq!(shown, expected);
}

#[rstest]
#[case::wide_signals(ALM, &["--frame", "PWM_Frame"], "     1  a15  a14  a13  a12  a11  a10  a9  a8  PWM_Frame_Red\n")]
#[case::parity(ALM, &["--frame", "PWM_Frame"], "  id           0x12, PID 0x92\n")]
#[case::across_bytes(FULL, &["--frame", "FromS1"], "  1   ·   ·  a9  a8  a7  a6  a5  a4  Level\n")]
#[case::array(FULL, &["--frame", "FromS2"], "  a  Serial       0    24  [12, 34, 38]\n")]
#[case::carried(FULL, &["--frame", "FromS2"], "  also in      Event (event-triggered)\n")]
#[case::event_triggered(FULL, &["--frame", "Event"], "  frames      FromS1, FromS2\n  collisions  Resolve\n")]
#[case::event_triggered_by_id(FULL, &["--frame", "6"], "Frame Event\n")]
#[case::sporadic(FULL, &["--frame", "Spo"], "  kind       sporadic\n  frames     FromM\n")]
#[case::any_slave(ALM, &["--frame", "SlaveResp"], "  publisher    the slave that is addressed\n")]
#[case::diagnostic_schedule(ALM, &["--frame", "MasterReq"], "  schedules    Diagnostic\n")]
#[case::signal_place(ALM, &["--signal", "AmbLightIntensity"], "  frames       0x0A ALM_Req_A at bit 24\n")]
#[case::signal_scale(ALM, &["--signal", "AmbLightIntensity"], "  0..255  0..100 %  raw * 0.392156862745098 + 0\n")]
#[case::signal_texts(ALM, &["--signal", "ALMLEDState"], "    2  \"LED ON\"\n")]
#[case::signal_init(ALM, &["--signal", "Tj_Frame_NTC"], "  init         298, 24.850 degC\n")]
#[case::signal_nodes(FULL, &["--signal", "Level"], "  publisher    S1\n  subscribers  M, S2\n")]
#[case::signal_group(FULL, &["--signal", "Level"], "  groups       Group at bit 0\n")]
#[case::signal_array(FULL, &["--signal", "Serial"], "  width        24 bits, an array of 3 bytes\n")]
#[case::master(ALM, &["--node", "Master"], "  role       master\n  time base  5 ms\n  jitter     0.1 ms\n")]
#[case::slave(ALM, &["--node", "ALM"], "supplier 0x7FFE, function 0xA1A0, variant 1\n  response_error  SigCommErr\n")]
#[case::slave_times(FULL, &["--node", "S1"], "  P2_min               150.5 ms\n")]
#[case::publishes(ALM, &["--node", "ALM"], "Publishes\n  0x11  ALM_Status   ALMNadNo, ALMLEDState,")]
#[case::subscribes(FULL, &["--node", "S2"], "Subscribes to\n  0x10  FromM   Mode\n  0x11  FromS1  Level\n")]
#[case::configurable(FULL, &["--node", "S1"], "Configurable frames\n  0  FromM\n  1  FromS1\n  2  Event\n")]
#[case::schedule(ALM, &["--schedule", "Normal"], "  10 ms  10 ms  0x11  ALM_Status  ALM\n")]
#[case::commands(ALM, &["--schedule", "Configuration"], "  20 ms  10 ms  0x3C  AssignFrameIdRange { ALM, 4 }  Master\n")]
#[case::sporadic_slot(FULL, &["--schedule", "All"], "10.5 ms        Spo (sporadic: 0x10 FromM) ")]
#[case::start_times(FULL, &["--schedule", "All"], "   20.5 ms    10 ms  0x06  Event (event-triggered: FromS1, FromS2) ")]
#[case::no_slots(FULL, &["--schedule", "Empty"], "Schedule Empty: 0 slots, 0 ms\n")]
fn details(#[case] file: &str, #[case] what: &[&str], #[case] part: &str) {
    let shown = ldf(&[&["show", file], what].concat()).code(0).stdout();
    assert!(shown.contains(part), "{shown}");
}

/// Which bit of a number is which is uncertain in these files, so the picture does not say.
#[test]
fn numbers_of_a_big_endian_file_are_not_counted_out() {
    let file = with("Level: 8, 0, M;", "Level: 8, 0, M; Wide: 16, 0, M;")
        .replace("M, 1 { Level, 0; }", "M, 3 { Level, 0; Wide, 8; }")
        .replace("\"2.1\"", "\"ISO17987:2015\"")
        .replace("LIN_speed", "LIN_sig_byte_order_big_endian; LIN_speed");
    let shown = ldf_of(&["show", "-", "--frame", "F"], &file).code(0).stdout();
    let picture: Vec<&str> = shown.lines().rev().take(3).collect();
    let expected = [
        "     2   b   b   b   b   b   b   b   b  Wide",
        "     1   b   b   b   b   b   b   b   b  Wide",
        "     0  a7  a6  a5  a4  a3  a2  a1  a0  Level",
    ];
    assert_eq!(picture, expected);
    assert!(!shown.contains("initially"), "{shown}");
    let refused = ldf_of(&["encode", "-", "F", "Level=1"], &file).code(4).stderr();
    assert_eq!(
        refused,
        "error: signal \"Wide\" has 16 bits in a big endian file, for which no codec exists\n"
    );
}

#[test]
fn details_can_be_combined() {
    let what = ["--schedule", "Normal", "--node", "ALM", "--frame", "0x0B", "--signal", "SigCommErr"];
    let more = ["--frame", "ALM_Status", "--signal", "ALMNadNo"];
    let shown = ldf(&[&["show", ALM], &what[..], &more[..]].concat()).code(0).stdout();
    let headings: Vec<&str> =
        shown.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).collect();
    let expected = [
        "Frame ConfigFrame",
        "Frame ALM_Status",
        "Signal SigCommErr",
        "Signal ALMNadNo",
        "Node ALM",
        "Publishes",
        "Subscribes to",
        "Configurable frames",
        "Schedule Normal: 2 slots, 20 ms",
    ];
    assert_eq!(headings, expected);
}

#[rstest]
#[case::raw("ALM_Req_A", &["AmbLightColourRed=255", "AmbLightColourGreen=0x10"], "FF 10 00 00 00 00 00 00")]
#[case::physical("ALM_Req_A", &["AmbLightDuration=1000.0"], "00 00 00 00 00 05 00 00")]
#[case::unit("ALM_Req_A", &["AmbLightIntensity=50.2 %"], "00 00 00 80 00 00 00 00")]
#[case::negative("Tj_Frame", &["Tj_Frame_NTC=-273.15"], "00 00 2A 01")]
#[case::text("ALM_Status", &["ALMLEDState=LED ON"], "01 FE C0 FE")]
#[case::quoted("ALM_Status", &["ALMLEDState=\"LED ON\""], "01 FE C0 FE")]
#[case::id("0x11", &["ALMNadNo=2"], "02 FC C0 FE")]
#[case::initial_values("17", &[], "01 FC C0 FE")]
#[case::zeros("ALM_Status", &["--fill", "0"], "01 00 00 00")]
#[case::ones("ALM_Status", &["--fill", "1"], "01 FC C0 FE")]
#[case::the_last_counts("ALM_Status", &["ALMNadNo=2", "ALMNadNo=3"], "03 FC C0 FE")]
fn encoded(#[case] frame: &str, #[case] arguments: &[&str], #[case] payload: &str) {
    let shown = ldf(&[&["encode", ALM, frame], arguments].concat()).code(0).stdout();
    assert_eq!(shown, format!("{payload}\n"));
}

#[test]
fn arrays_are_encoded_and_decoded() {
    let shown = ldf(&["encode", FULL, "FromS2", "Serial=[1, 0x2, 255]"]).code(0).stdout();
    assert_eq!(shown, "01 02 FF FE\n");
    let shown = ldf(&["decode", FULL, "FromS2", shown.trim()]).code(0).stdout();
    assert_eq!(shown, "Serial  [01, 02, FF]\nErr2               0\n");
}

#[rstest]
#[case::words(&["01", "02", "08", "FE"])]
#[case::one_word(&["01 02 08 fe"])]
#[case::one_number(&["010208FE"])]
#[case::prefixed(&["0x01,0x02,0x08,0xFE"])]
fn decoded(#[case] bytes: &[&str]) {
    let shown = ldf(&[&["decode", ALM, "ALM_Status"], bytes].concat()).code(0).stdout();
    let expected = "\
ALMNadNo          1  1.000
ALMLEDState       2  LED ON
ALMVoltageStatus  0  NORMAL
ALMThermalStatus  2  SHUTDOWN
ALMNVMStatus      0  OK
SigCommErr        0  NO ERROR
";
    assert_eq!(shown, expected);
}

#[test]
fn encoded_and_decoded_for_programs() {
    let read = |ended: Ended| serde_json::from_str::<Value>(&ended.code(0).stdout()).unwrap();
    let encoded = read(ldf(&["encode", FULL, "0x11", "Level=25.0 °C", "--format", "json"]));
    assert_eq!(encoded, json!({"frame": "FromS1", "id": 17, "bytes": [47, 200, 127]}));
    let decoded = read(ldf(&["decode", FULL, "FromS1", "2FC87F", "--format", "json"]));
    let expected = json!({
        "frame": "FromS1", "id": 17, "bytes": [47, 200, 127],
        "signals": [
            {"name": "Level", "raw": 130, "physical": 25.0, "unit": "°C", "text": null},
            {"name": "Err1", "raw": 0, "physical": null, "unit": null, "text": null},
        ],
    });
    assert_eq!(decoded, expected);
    let decoded = read(ldf(&["decode", FULL, "FromS2", "01020300", "--format", "json"]));
    assert_eq!(decoded["signals"][0]["raw"], json!([1, 2, 3]));
}

#[rstest]
#[case::show_frame(&["show", ALM, "--frame", "ALM_Stauts"], "error: unknown frame \"ALM_Stauts\", did you mean \"ALM_Status\"?\n")]
#[case::show_id(&["show", ALM, "--frame", "0x3F"], "error: no frame has id 0x3F\n")]
#[case::show_no_id(&["show", ALM, "--frame", "64"], "error: 0x40 is no frame id: they end at 0x3F\n")]
#[case::show_signal(&["show", ALM, "--signal", "ALMNadNr"], "error: unknown signal \"ALMNadNr\", did you mean \"ALMNadNo\"?\n")]
#[case::show_node(&["show", ALM, "--node", "ALN"], "error: unknown node \"ALN\", did you mean \"ALM\"?\n")]
#[case::show_far_node(&["show", ALM, "--node", "wiper"], "error: unknown node \"wiper\", the file has Master, ALM\n")]
#[case::show_schedule(&["show", ALM, "--schedule", "normal"], "error: unknown schedule table \"normal\", did you mean \"Normal\"?\n")]
#[case::show_one_of_two(&["show", ALM, "--frame", "ALM_Status", "--node", "ALN"], "error: unknown node")]
#[case::encode_frame(&["encode", ALM, "ALM_Stauts"], "did you mean \"ALM_Status\"?\n")]
#[case::encode_event(&["encode", FULL, "0x06"], "error: \"Event\" is an event-triggered frame and has no signals of its own; it carries FromS1, FromS2\n")]
#[case::encode_sporadic(&["encode", FULL, "Spo"], "error: \"Spo\" is a sporadic frame and has no signals of its own; it carries FromM\n")]
#[case::encode_signal(&["encode", ALM, "ALM_Status", "ALMNadNr=1"], "error: frame \"ALM_Status\" has no signal \"ALMNadNr\", did you mean \"ALMNadNo\"?\n")]
#[case::encode_too_wide(&["encode", ALM, "ALM_Status", "ALMLEDState=4"], "error: value 4 does not fit into the 2 bits of signal \"ALMLEDState\"\n")]
#[case::encode_text(&["encode", ALM, "ALM_Status", "ALMLEDState=LED OM"], "did you mean \"LED ON\"?\n")]
#[case::encode_no_value(&["encode", ALM, "ALM_Status", "ALMLEDState"], "write it as `SIGNAL=VALUE`\n")]
#[case::encode_no_array(&["encode", ALM, "ALM_Status", "ALMLEDState=[1]"], "takes a number, not [01]\n")]
#[case::encode_short_array(&["encode", FULL, "FromS2", "Serial=[1]"], "takes 3 bytes, not the 1 of [01]\n")]
#[case::encode_fill(&["encode", ALM, "ALM_Status", "--fill", "2"], "possible values: 0, 1")]
#[case::decode_short(&["decode", ALM, "ALM_Status", "01"], "error: frame \"ALM_Status\" has 4 bytes, the payload has 1\n")]
#[case::decode_long(&["decode", ALM, "ALM_Status", "0102030405"], "error: frame \"ALM_Status\" has 4 bytes, the payload has 5\n")]
#[case::decode_no_bytes(&["decode", ALM, "ALM_Status", "xy"], "error: \"xy\" is no hexadecimal byte")]
#[case::decode_nothing(&["decode", ALM, "ALM_Status"], "<BYTE>...")]
#[case::missing_file(&["show", "no/such.ldf"], "error: cannot read no/such.ldf: No such file or directory")]
#[case::no_description(&["decode", "Cargo.toml", "F", "00"], "Cargo.toml:1:1: error: ")]
fn what_cannot_be_meant_is_refused(#[case] arguments: &[&str], #[case] message: &str) {
    let ended = ldf(arguments).code(4);
    assert!(ended.stderr().contains(message), "{}", ended.stderr());
    assert_eq!(ended.stdout(), "");
}

#[test]
fn a_file_with_errors_is_not_used() {
    let ended = ldf_of(&["show", "-"], &faulty()).code(4);
    let stderr = ended.stderr();
    assert!(
        stderr.starts_with("-:6:24: error: publisher \"Mm\" is not declared [undeclared-name]\n"),
        "{stderr}"
    );
    assert!(stderr.ends_with("error: - has 2 errors and cannot be used\n"), "{stderr}");
    assert_eq!(ended.stdout(), "");
}

#[test]
fn formatting_rewrites_files_and_then_leaves_them() {
    let (_folder, name) = folder();
    let (good, doubtful) = (name("good.ldf"), name("doubtful.ldf"));
    let check = || ldf(&["fmt", "--check", &good, &doubtful]);
    let shown = check().code(1).stdout();
    // Line 5 is the first with a block.
    let expected = |file: &str| format!("{file}:5:1: warning: not in the standard layout [layout]\n");
    assert_eq!(shown, expected(&good) + &expected(&doubtful));
    assert_eq!(std::fs::read_to_string(&good).unwrap(), GOOD, "only checked");

    assert_eq!(ldf(&["fmt", &good, &doubtful]).code(0).stdout(), "");
    assert_eq!(check().code(0).stdout(), "");
    let formatted = std::fs::read_to_string(&good).unwrap();
    assert!(formatted.contains("Nodes {\n  Master: M, 5 ms, 0.1 ms;\n  Slaves:;\n}\n"), "{formatted}");
    let modified = || std::fs::metadata(&good).unwrap().modified().unwrap();
    let before = modified();
    ldf(&["fmt", &good]).code(0);
    assert_eq!(modified(), before, "a file in the standard layout is not written");
}

#[test]
fn formatting_standard_input() {
    assert_eq!(ldf_of(&["fmt", "-"], "").code(1).stdout(), "");
    let formatted = ldf_of(&["fmt", "-"], GOOD).code(0).stdout();
    assert!(formatted.contains("Frames {\n  F: 0x10, M, 1 {\n    Level, 0;\n  }\n}\n"), "{formatted}");
    assert_eq!(ldf_of(&["fmt", "-"], &formatted).code(0).stdout(), formatted);
}

#[test]
fn formatting_leaves_a_faulty_file_alone() {
    let (_folder, name) = folder();
    let (path, good) = (name("faulty.ldf"), name("good.ldf"));
    let ended = ldf(&["fmt", &path, &good]).code(1);
    assert!(ended.stderr().starts_with(&format!("{path}:6:24: error: ")), "{}", ended.stderr());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), faulty());
    assert_ne!(std::fs::read_to_string(&good).unwrap(), GOOD, "the others are formatted");
}

#[cfg(unix)]
#[test]
fn formatting_follows_a_link_and_keeps_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, name) = folder();
    let link = folder.path().join("link.ldf");
    std::os::unix::fs::symlink(name("good.ldf"), &link).unwrap();
    std::fs::set_permissions(name("good.ldf"), std::fs::Permissions::from_mode(0o640)).unwrap();
    ldf(&["fmt", link.to_str().unwrap()]).code(0);
    assert!(link.is_symlink());
    let metadata = std::fs::metadata(name("good.ldf")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    assert_ne!(std::fs::read_to_string(name("good.ldf")).unwrap(), GOOD);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "nothing is left behind");
}

#[rstest]
#[case("overlapping-signals", "Two signals of a frame share bits.")]
#[case("[unused-signal]", "A signal is in no frame")]
fn codes_are_explained(#[case] code: &str, #[case] begins: &str) {
    let shown = ldf(&["explain", code]).code(0).stdout();
    assert!(shown.starts_with(begins), "{shown}");
    assert!(ldf(&["explain"]).code(0).stdout().contains(&shown));
}

#[test]
fn an_unknown_code_is_refused() {
    let ended = ldf(&["explain", "E0001"]).code(4);
    assert!(ended.stderr().contains("no finding has the code \"E0001\""), "{}", ended.stderr());
}

#[cfg(target_os = "linux")]
#[rstest]
#[case::check(&["check", "-"])]
#[case::show(&["show", "-"])]
#[case::export(&["export", "-"])]
#[case::encode(&["encode", "-", "F"])]
fn what_cannot_be_written_is_an_error(#[case] arguments: &[&str]) {
    // `check` has something to say only of a file with findings; the others need one without.
    let input = if arguments[0] == "check" { faulty() } else { GOOD.to_owned() };
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = Program::hil().args(&["ldf"]).args(arguments).output_to(full, input.as_bytes());
    let stderr = ended.code(3).stderr();
    assert!(stderr.contains("cannot write to standard output"), "{stderr}");
}

#[test]
fn what_can_be_read_is_shown_beside_what_cannot() {
    let text = GOOD
        .replace("Level: 8, 0, M;", "Level: 8, 0, M; Digits: 8, {0}, M;")
        .replace("F: 0x10, M, 1 { Level, 0; }", "F: 0x10, M, 2 { Level, 0; Digits, 8; }")
        + "Signal_encoding_types { T { bcd_value; } } Signal_representation { T: Digits; }";
    let ended = ldf_of(&["decode", "-", "F", "07", "FF"], &text).code(4);
    assert_eq!(ended.stdout().trim_end(), "Level  7");
    assert!(
        ended.stderr().contains("signal \"Digits\" is BCD, but its byte 0 is 0xFF"),
        "{}",
        ended.stderr()
    );
}
