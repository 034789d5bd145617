//! What changed between two descriptions, and whether the bus notices.

use std::fmt::Write;
use std::fs;

use hil_ldf::{Change, Database, What, diff};
use insta::assert_snapshot;
use proptest::prelude::*;
use rstest::rstest;

use crate::shared::ldf_folder;

const FULL: &str = include_str!("../fixtures/full.ldf");

#[track_caller]
fn parse(text: &str) -> Database {
    hil_ldf::parse(text).unwrap_or_else(|error| panic!("{error}")).database
}

/// `text` with parts replaced, each of which it has.
#[track_caller]
fn edited(text: &str, edits: &[(&str, &str)]) -> Database {
    let mut text = text.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    parse(&text)
}

/// A line for each change, with whether the bus notices it.
fn shown(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        let mark = if change.is_wire_change() { "wire" } else { "quiet" };
        let _ = writeln!(text, "{mark} {}: {change}", change.section.keyword());
    }
    text
}

/// One edit of the file with every section, and all that comes of it.
#[rstest]
#[case::protocol(
    "protocol_version = \"2.2\"",
    "protocol_version = \"2.1\"",
    "quiet header: ~ file: LIN_protocol_version \"2.2\" → \"2.1\""
)]
#[case::speed("10.417 kbps", "19.2 kbps", "wire header: ~ file: LIN_speed 10417 bit/s → 19200 bit/s")]
#[case::channel(
    "Channel_name = \"DB \\\"1\\\"\";",
    "",
    "quiet header: ~ file: Channel_name removed: \"DB \\\"1\\\"\""
)]
#[case::time_base("M, 5 ms,", "M, 10 ms,", "quiet Nodes: ~ M: time base 5 ms → 10 ms")]
#[case::jitter("0.1 ms", "0.15 ms", "quiet Nodes: ~ M: jitter 0.1 ms → 0.15 ms")]
#[case::composite("S1 { N1, N2 }", "S1 { N1 }", "quiet composite: ~ Full: S1 { N1, N2 } → { N1 }")]
#[case::init("Mode: 2, 1, M", "Mode: 2, 3, M", "wire Signals: ~ Mode: init 1 → 3")]
#[case::width("Mode: 2, 1, M", "Mode: 3, 1, M", "wire Signals: ~ Mode: width 2 bits → 3 bits")]
#[case::array(
    "0x12, 0x34, 56",
    "0x12, 0x34, 57",
    "wire Signals: ~ Serial: init { 0x12, 0x34, 0x38 } → { 0x12, 0x34, 0x39 }"
)]
#[case::subscribers(
    "Mode: 2, 1, M, S1, S2",
    "Mode: 2, 1, M, S2",
    "quiet Signals: ~ Mode: subscribers S1, S2 → S2"
)]
#[case::order_of_subscribers("Mode: 2, 1, M, S1, S2", "Mode: 2, 1, M, S2, S1", "")]
#[case::representation(
    "LevelType: Level;",
    "LevelType: Level; ModeType: delay;",
    "quiet Signals: ~ delay: encoding added: ModeType"
)]
#[case::diagnostic_signal(
    "MasterReqB0: 8, 0;",
    "MasterReqB0: 8, 1;",
    "quiet Signals: ~ MasterReqB0: init 0 → 1"
)]
#[case::length("FromM: 0x10, M, 1", "FromM: 0x10, M, 2", "wire Frames: ~ FromM: length 1 byte → 2 bytes")]
#[case::id("FromM: 0x10", "FromM: 0x13", "wire Frames: ~ FromM: id 0x10 → 0x13")]
#[case::moved("Err1, 23", "Err1, 22", "wire Frames: ~ FromS1: signal Err1 bit 23 → bit 22")]
#[case::out_of_the_frame("delay, 4;", "", "wire Frames: ~ FromM: signal delay removed: bit 4")]
#[case::diagnostic_place(
    "{ MasterReqB0, 0; }",
    "{ MasterReqB0, 8; }",
    "quiet Frames: ~ MasterReq: signal MasterReqB0 bit 0 → bit 8"
)]
#[case::sporadic("Spo: FromM;", "Spo: ;", "wire Sporadic_frames: ~ Spo: frames removed: FromM")]
#[case::event(
    "Resolve, 0x06, FromS1, FromS2",
    "Resolve, 0x07, FromS1, FromS2",
    "wire Event_triggered_frames: ~ Event: id 0x06 → 0x07"
)]
#[case::collisions(
    "Event: Resolve",
    "Event: Empty",
    "wire Event_triggered_frames: ~ Event: collision table Resolve → Empty"
)]
#[case::nad(
    "configured_NAD = 33",
    "configured_NAD = 34",
    "\
wire Node_attributes: ~ S2: configured_NAD 0x21 → 0x22
wire Node_attributes: ~ S2: initial_NAD 0x21 → 0x22"
)]
#[case::checksum(
    "LIN_protocol = 2.1;",
    "LIN_protocol = 1.3;",
    "wire Node_attributes: ~ S2: LIN_protocol \"2.1\" → \"1.3\""
)]
#[case::protocol_of_a_node(
    "LIN_protocol = 2.1;",
    "LIN_protocol = 2.2;",
    "quiet Node_attributes: ~ S2: LIN_protocol \"2.1\" → \"2.2\""
)]
#[case::default_value("configured_NAD = 33;", "configured_NAD = 33; P2_min = 50 ms;", "")]
#[case::time_out("ST_min = 50 ms", "ST_min = 20 ms", "quiet Node_attributes: ~ S1: ST_min 50 ms → 20 ms")]
#[case::product(
    "0x4553, 1;",
    "0x4553, 2;",
    "wire Node_attributes: ~ S1: product_id 0x4E4E, 0x4553, 1 → 0x4E4E, 0x4553, 2"
)]
#[case::variant(
    "0x4553, 1;",
    "0x4553;",
    "wire Node_attributes: ~ S1: product_id 0x4E4E, 0x4553, 1 → 0x4E4E, 0x4553"
)]
#[case::order_of_configurable(
    "{ FromM; FromS1; Event; }",
    "{ FromS1; FromM; Event; }",
    "wire Node_attributes: ~ S1: configurable_frames FromM, FromS1, Event → FromS1, FromM, Event"
)]
#[case::delay(
    "Spo delay 10.5ms",
    "Spo delay 15 ms",
    "\
quiet Schedule_tables: ~ All: period 130.5 ms → 135 ms
quiet Schedule_tables: ~ All: slot 2 Spo delay 10.5 ms → Spo delay 15 ms"
)]
#[case::slot_gone(
    "Event delay 10 ms;",
    "",
    "\
quiet Schedule_tables: ~ All: period 130.5 ms → 120.5 ms
wire Schedule_tables: ~ All: slot 3 removed: Event delay 10 ms"
)]
#[case::slot_moved(
    "FromS1 delay 10 ms; FromS2 delay 10 ms;",
    "FromS2 delay 10 ms; FromS1 delay 10 ms;",
    "\
wire Schedule_tables: ~ Resolve: slot 1 removed: FromS1 delay 10 ms
wire Schedule_tables: ~ Resolve: slot 2 added: FromS1 delay 10 ms"
)]
#[case::command(
    "DataDump { S1, 1, 2,",
    "DataDump { S1, 1, 3,",
    "\
wire Schedule_tables: ~ All: slot 8 removed: DataDump { S1, 0x01, 0x02, 0x03, 0x04, 0x05 } delay 10 ms
wire Schedule_tables: ~ All: slot 8 added: DataDump { S1, 0x01, 0x03, 0x03, 0x04, 0x05 } delay 10 ms"
)]
#[case::table("Empty { }", "", "quiet Schedule_tables: - Empty: 0 slots, 0 ms")]
#[case::group(
    "Group: 16 { Level, 0; }",
    "Group: 16 { Level, 1; }",
    "quiet Signal_groups: ~ Group: signal Level bit 0 → bit 1"
)]
#[case::text(
    "logical_value, 1, \"on\"",
    "logical_value, 1, \"ON\"",
    "quiet Signal_encoding_types: ~ ModeType: entry logical_value, 1, \"on\" → logical_value, 1, \"ON\""
)]
#[case::scale(
    "1000, 0.5, -40",
    "1000, 0.25, -40",
    "quiet Signal_encoding_types: ~ LevelType: entry physical_value, 0, 1000, 0.5, -40, \"°C\" → physical_value, 0, 1000, 0.25, -40, \"°C\""
)]
#[case::entry(
    "logical_value, 2;",
    "bcd_value;",
    "\
quiet Signal_encoding_types: ~ ModeType: entry removed: logical_value, 2
quiet Signal_encoding_types: ~ ModeType: entry added: bcd_value"
)]
#[case::order_of_sections(
    "Signal_groups {\n  Group: 16 { Level, 0; }\n}",
    "",
    "quiet Signal_groups: - Group: 16 bits, 1 signal"
)]
fn one_edit(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    let changes = diff(&parse(FULL), &edited(FULL, &[(from, to)]));
    assert_eq!(shown(&changes).trim_end(), expected);
}

/// `text` with whole words replaced.
fn with_words(text: &str, words: &[(&str, &str)]) -> Database {
    let mut replaced = String::new();
    for token in text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_') {
        let word = token.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        let found = words.iter().find(|(from, _)| *from == word);
        replaced.push_str(found.map_or(word, |(_, to)| to));
        replaced.push_str(&token[word.len()..]);
    }
    parse(&replaced)
}

/// A name is followed where all else stayed; what refers to the thing then says nothing.
#[rstest]
#[case::frame(&[("FromS1", "Status")], "quiet Frames: ~ FromS1: renamed to Status")]
#[case::signal(&[("Level", "Height")], "quiet Signals: ~ Level: renamed to Height")]
#[case::diagnostic_signal(&[("MasterReqB0", "Nad")], "quiet Signals: ~ MasterReqB0: renamed to Nad")]
#[case::master(&[("M", "Boss")], "quiet Nodes: ~ M: renamed to Boss")]
#[case::all(&[("M", "Boss"), ("FromM", "Command"), ("Mode", "Wish")], "\
quiet Nodes: ~ M: renamed to Boss
quiet Signals: ~ Mode: renamed to Wish
quiet Frames: ~ FromM: renamed to Command")]
#[case::slaves_are_not(&[("S2", "S3")], "\
quiet Nodes: - S2: slave
quiet Nodes: + S3: slave
quiet composite: ~ Full: S2 removed: { N3 }
quiet composite: ~ Full: S3 added: { N3 }
quiet Signals: ~ Mode: subscribers S1, S2 → S1, S3
quiet Signals: ~ Level: subscribers M, S2 → M, S3
quiet Signals: ~ Serial: publisher S2 → S3
quiet Signals: ~ Err2: publisher S2 → S3
wire Frames: ~ FromS2: publisher S2 → S3
wire Node_attributes: - S2: NAD 0x21
wire Node_attributes: + S3: NAD 0x21")]
#[case::frames_with_swapped_names(&[("FromS1", "FromS2"), ("FromS2", "FromS1")], "\
wire Frames: ~ FromS1: id 0x11 → 0x12
wire Frames: ~ FromS1: length 3 bytes → 4 bytes
wire Frames: ~ FromS1: publisher S1 → S2
wire Frames: ~ FromS1: signal Level removed: bit 4
wire Frames: ~ FromS1: signal Err1 removed: bit 23
wire Frames: ~ FromS1: signal Serial added: bit 0
wire Frames: ~ FromS1: signal Err2 added: bit 24
wire Frames: ~ FromS2: id 0x12 → 0x11
wire Frames: ~ FromS2: length 4 bytes → 3 bytes
wire Frames: ~ FromS2: publisher S2 → S1
wire Frames: ~ FromS2: signal Serial removed: bit 0
wire Frames: ~ FromS2: signal Err2 removed: bit 24
wire Frames: ~ FromS2: signal Level added: bit 4
wire Frames: ~ FromS2: signal Err1 added: bit 23
wire Event_triggered_frames: ~ Event: frames FromS1, FromS2 → FromS2, FromS1
wire Node_attributes: ~ S1: configurable_frames FromM, FromS1, Event → FromM, FromS2, Event
wire Schedule_tables: ~ All: slot 12 removed: AssignFrameId { S1, FromS1 } delay 10 ms
wire Schedule_tables: ~ All: slot 12 added: AssignFrameId { S1, FromS2 } delay 10 ms
wire Schedule_tables: ~ Resolve: slot 1 removed: FromS1 delay 10 ms
wire Schedule_tables: ~ Resolve: slot 2 added: FromS1 delay 10 ms")]
fn names_are_followed(#[case] words: &[(&str, &str)], #[case] expected: &str) {
    let changes = diff(&parse(FULL), &with_words(FULL, words));
    assert_eq!(shown(&changes).trim_end(), expected);
}

/// Something else is different as well, so that it may be another thing.
#[rstest]
#[case::length("FromM: 0x10, M, 1", "Command: 0x10, M, 2", "FromM", "Command")]
#[case::layout("delay, 4; }", "delay, 3; }", "FromM", "Command")]
#[case::id("FromM: 0x10", "Command: 0x13", "FromM", "Command")]
#[case::width("Level: 10,", "Level: 9,", "Level", "Height")]
#[case::init("Level: 10, 0x40", "Level: 10, 0x41", "Level", "Height")]
#[case::place("Level, 4;", "Level, 5;", "Level", "Height")]
#[case::meaning("1000, 0.5, -40", "1000, 0.5, -41", "Level", "Height")]
#[case::old_name_is_used_again(
    "Err1: 1, 0, S1, M;",
    "Err1: 1, 0, S1, M; Level: 1, 0, S1;",
    "Level",
    "Height"
)]
fn other_names_are_not(#[case] from: &str, #[case] to: &str, #[case] old: &str, #[case] new: &str) {
    assert!(FULL.contains(from));
    let mut text = FULL.replace(from, to);
    if to.contains("; Level:") {
        text = text
            .replace("Level: 10", "Height: 10")
            .replace("Level, 4", "Height, 4")
            .replace("= Level", "= Height");
    } else {
        text = text.replace(&format!("{old},"), &format!("{new},"));
        for end in [":", ";", " "] {
            text = text.replace(&format!("{old}{end}"), &format!("{new}{end}"));
        }
    }
    let changes = diff(&parse(FULL), &parse(&text));
    assert!(changes.iter().all(|change| !matches!(change.what, What::Renamed { .. })), "{}", shown(&changes));
    assert!(changes.iter().any(|change| change.name == new), "{}", shown(&changes));
}

/// A release of the module's description as they happen: a signal more, a longer slot, another text.
#[test]
fn a_release() {
    let alm = include_str!("../../../../vendor/alm.ldf");
    let after = edited(
        alm,
        &[
            ("  Slaves: ALM;", "  Slaves: ALM, ALM2;"),
            (
                "SigCommErr: 1, 0, ALM, Master;",
                "SigCommErr: 1, 0, ALM, Master;\n  ALMHumidity: 7, 0, ALM, Master;",
            ),
            ("    SigCommErr, 24;", "    SigCommErr, 24;\n    ALMHumidity, 25;"),
            ("AmbLightMode: 6, 0", "AmbLightMode: 6, 1"),
            ("PWM_wo_Comp:", "PWM_Raw:"),
            ("PWM_wo_Comp;", "PWM_Raw;"),
            ("PWM_wo_Comp delay 10 ms", "PWM_Raw delay 15 ms"),
        ],
    );
    assert_snapshot!(shown(&diff(&parse(alm), &after)));
}

#[test]
fn everything_that_a_file_may_have_comes_and_goes() {
    let bare = parse("LIN_description_file; Nodes { Master: M, 5 ms, 0.1 ms; Slaves: ; }");
    assert_snapshot!("everything_added", shown(&diff(&bare, &parse(FULL))));
    assert_snapshot!("everything_removed", shown(&diff(&parse(FULL), &bare)));
}

/// Every public file against itself, and against the next: what the one way adds, the other removes.
#[test]
fn the_way_back_has_as_many_changes_on_the_wire() {
    let Some(folder) = ldf_folder("the_way_back_has_as_many_changes_on_the_wire") else { return };
    let mut databases = Vec::new();
    for entry in fs::read_dir(folder.join("corpus")).unwrap() {
        databases.extend(hil_ldf::load(&entry.unwrap().path()).map(|parsed| parsed.database));
    }
    assert!(databases.len() > 30, "{}", databases.len());
    let tally = |changes: &[Change]| {
        let count = |wanted: fn(&What) -> bool| changes.iter().filter(|change| wanted(&change.what)).count();
        let added = count(|what| matches!(what, What::Added { .. }));
        let removed = count(|what| matches!(what, What::Removed { .. }));
        (added, removed, changes.iter().filter(|change| change.is_wire_change()).count())
    };
    for database in &databases {
        assert_eq!(diff(database, database), []);
        for other in &databases {
            let (added, removed, wire) = tally(&diff(database, other));
            assert_eq!(tally(&diff(other, database)), (removed, added, wire));
        }
    }
}

/// A file of frames and a schedule that are chosen at random.
fn random_file() -> impl Strategy<Value = String> {
    let frame = (1_u8..=8, 0_usize..8, 0_u64..2);
    let slot = (0_usize..8, 1_u32..4);
    (prop::collection::vec(frame, 1..8), prop::collection::vec(slot, 0..12)).prop_map(|(frames, slots)| {
        let mut signals = String::new();
        let mut declared = String::new();
        let mut table = String::new();
        for (index, (length, offset, init)) in frames.iter().enumerate() {
            let _ = writeln!(signals, "S{index}: 1, {init}, M;");
            let _ = writeln!(declared, "F{index}: {index}, M, {length} {{ S{index}, {offset}; }}");
        }
        for (frame, delay) in slots {
            let _ = writeln!(table, "F{} delay {} ms;", frame % frames.len(), 5 * delay);
        }
        format!(
            "LIN_description_file; LIN_speed = 19.2 kbps; Nodes {{ Master: M, 5 ms, 0 ms; Slaves: ; }}
             Signals {{ {signals} }} Frames {{ {declared} }} Schedule_tables {{ T {{ {table} }} }}"
        )
    })
}

proptest! {
    #[test]
    fn nothing_changes_without_a_change(text in random_file()) {
        prop_assert_eq!(diff(&parse(&text), &parse(&text)), []);
    }

    /// Files differ if and only if there are changes, both ways.
    #[test]
    fn a_change_is_seen(before in random_file(), after in random_file()) {
        let (old, new) = (parse(&before), parse(&after));
        prop_assert_eq!(diff(&old, &new).is_empty(), before == after);
        let wire = |changes: &[Change]| changes.iter().filter(|change| change.is_wire_change()).count();
        prop_assert_eq!(wire(&diff(&old, &new)), wire(&diff(&new, &old)));
    }
}
