//! `hil ldf export`: everything that a description says, against its schema and another parser.

use std::fs;
use std::path::PathBuf;

use rstest::rstest;
use serde_json::{Value, json};

use crate::ldf_data::{ALM, FULL, json, ldf, small, written};
use crate::program::root;
use crate::schema::Schema;

#[test]
fn an_export_is_pretty_or_compact() {
    let pretty = ldf(&["export", ALM]).code(0);
    assert_eq!(ldf(&["export", ALM, "--pretty", "--format", "json"]).code(0).stdout(), pretty.stdout());
    assert!(pretty.stdout().starts_with("{\n  \"schema\": \"hil-ldf-export/1\",\n"));
    let compact = ldf(&["export", ALM, "--compact"]).code(0);
    assert_eq!(compact.stdout().lines().count(), 1);
    assert_eq!(json(&compact), json(&pretty));
}

/// Numbers are numbers, and as the file writes them.
#[rstest]
#[case(ALM, "/header/bitrate", json!(19_200))]
#[case(ALM, "/master", json!({ "name": "Master", "time_base_ms": 5, "jitter_ms": 0.1, "max_header_bits": null,
                               "response_tolerance_percent": null }))]
#[case(ALM, "/frames/2/signals/4", json!({ "signal": "ALMNVMStatus", "offset": 20, "width": 2, "last_bit": 21 }))]
#[case(FULL, "/header/bitrate", json!(10_417))]
#[case(FULL, "/slaves/0/attributes/p2_min_ms", json!(150.5))]
#[case(FULL, "/slaves/0/attributes/product_id", json!({ "supplier": 0x4E4E, "function": 0x4553, "variant": 1 }))]
#[case::default_time(FULL, "/slaves/1/attributes/p2_min_ms", json!(50))]
#[case::default_address(FULL, "/slaves/1/attributes/initial_nad", json!(33))]
#[case(FULL, "/configurations/0/composites/0", json!({ "name": "S1", "members": ["N1", "N2"] }))]
#[case(FULL, "/signals/3/init", json!([0x12, 0x34, 56]))]
#[case::diagnostic(FULL, "/signals/6", json!({ "name": "MasterReqB0", "kind": "scalar", "width": 8, "init": 0,
    "publisher": null, "subscribers": [], "encoding": null, "frames": ["MasterReq"] }))]
#[case(FULL, "/frames/2/pid", json!(0x92))]
#[case(FULL, "/sporadic_frames", json!([{ "name": "Spo", "frames": ["FromM"] }]))]
#[case(FULL, "/event_triggered_frames/0", json!({ "name": "Event", "id": 6, "pid": 6,
    "collision_table": "Resolve", "frames": ["FromS1", "FromS2"] }))]
#[case(FULL, "/schedules/0/slots/1", json!({ "command": { "type": "sporadic", "frame": "Spo" }, "delay_ms": 10.5 }))]
#[case(FULL, "/schedules/0/slots/10/command", json!({ "type": "assign_frame_id_range", "node": "S1", "start": 1,
    "pids": [0x50, 0xFF, 0xFF, 0xFF] }))]
#[case(FULL, "/schedules/2/timing/bus_load", json!(null))]
#[case(FULL, "/encodings/1", json!({ "name": "LevelType", "signals": ["Level"], "entries": [
    { "type": "physical", "min": 0, "max": 1000, "scale": 0.5, "offset": -40, "unit": "°C" },
    { "type": "logical", "value": 1023, "text": "invalid" } ] }))]
#[case(FULL, "/signal_groups/0", json!({ "name": "Group", "size": 16,
    "signals": [{ "signal": "Level", "offset": 0 }] }))]
fn an_export_says_what_the_file_says(#[case] file: &str, #[case] place: &str, #[case] expected: Value) {
    let export = json(&ldf(&["export", file]).code(0));
    assert_eq!(export.pointer(place), Some(&expected));
}

#[test]
fn without_a_master_there_is_no_timing() {
    let (_folder, file) = written(&small(&[("Master: M, 5 ms, 0.1 ms; Slaves: ;", "Slaves: M;")]));
    let export = json(&ldf(&["export", &file]).code(0));
    assert_eq!((&export["master"], &export["schedules"][0]["timing"]), (&Value::Null, &Value::Null));
    assert_eq!(export["schedules"][0]["slots"][0]["delay_ms"], 5);
}

fn schema() -> Schema {
    Schema::parse(&fs::read_to_string(root().join("docs/ldf-export.schema.json")).unwrap())
}

#[test]
fn the_schema_describes_everything() {
    assert_eq!(schema().undescribed(), Vec::<String>::new());
}

/// Else the tests below would say nothing.
#[rstest]
#[case("/frames/0/id", json!(64))]
#[case("/frames/0/id", json!("0x10"))]
#[case("/frames/0/publisher", json!(""))]
#[case("/frames/0/publisher", json!(5))]
#[case("/frames/0", json!({ "name": "F" }))]
#[case("/header/byte_order", json!("middle_endian"))]
#[case("/schema", json!("hil-ldf-export/2"))]
#[case("/signals/3/init", json!([256]))]
#[case("/schedules/0/slots/0/command", json!({ "type": "frame" }))]
#[case("/schedules/0/slots/0/command", json!({ "type": "jump", "frame": "F" }))]
#[case("/schedules/0/slots/0/delay_ms", json!(-1))]
#[case("/encodings/0/entries/0", json!({ "type": "bcd", "value": 1 }))]
#[case("/slaves/0/attributes/product_id", json!({ "supplier": 70_000, "function": 0, "variant": 0 }))]
#[case("/signal_groups", json!([{ "name": "G", "size": 1, "signals": [], "more": 1 }]))]
fn the_schema_refuses(#[case] place: &str, #[case] wrong: Value) {
    let mut export = json(&ldf(&["export", FULL]).code(0));
    assert_eq!(schema().faults(&export), Vec::<String>::new());
    *export.pointer_mut(place).unwrap() = wrong;
    assert_ne!(schema().faults(&export), Vec::<String>::new());
}

/// The public files and edge cases beside the repository, which a plain checkout does not have.
#[expect(clippy::print_stderr, reason = "a test that cannot run must say so")]
fn shared(folder: &str) -> Vec<PathBuf> {
    let folder = root().join("../shared/ldf").join(folder);
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("{} does not exist, only the files of the repository are looked at", folder.display());
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_export_is_as_the_schema_says() {
    let schema = schema();
    let mut files = vec![root().join(ALM), root().join(FULL)];
    files.extend(["corpus", "synthetic"].iter().flat_map(|folder| shared(folder)));
    let mut count = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "ldf")) {
        let path = file.to_str().unwrap();
        if hil_ldf::load(file).is_err() {
            ldf(&["export", path]).code(4);
            continue;
        }
        let export = json(&ldf(&["export", path, "--compact"]).code(0));
        assert_eq!(schema.faults(&export), Vec::<String>::new(), "{path}");
        count += 1;
    }
    assert!(count >= 2, "{count} files");
}

/// What ldfparser says of the public files is in the export.
#[test]
fn exports_agree_with_ldfparser() {
    let mut count = 0;
    for oracle in shared("oracle") {
        let oracle: Value = serde_json::from_slice(&fs::read(oracle).unwrap()).unwrap();
        let name = oracle["file"].as_str().unwrap();
        let file = root().join("../shared/ldf/corpus").join(name);
        // One that either refuses, or of which we drop a dangling reference with a warning.
        let silent = hil_ldf::load(&file).is_ok_and(|parsed| parsed.warnings.is_empty());
        if oracle["ldf"].is_null() || !silent {
            continue;
        }
        let export = json(&ldf(&["export", file.to_str().unwrap(), "--compact"]).code(0));
        for (part, pick) in PARTS {
            let (ours, theirs) = (pick(&export, true), pick(&oracle["ldf"], false));
            assert_eq!(ours, theirs, "{name} {part}");
        }
        count += 1;
    }
    assert!(count > 25 || !root().join("../shared/ldf/oracle").exists(), "{count} files");
}

/// A part of the export, or of the oracle, in a form that both can be brought to.
type Pick = fn(&Value, bool) -> Vec<Value>;

const PARTS: [(&str, Pick); 6] = [
    ("slaves", |file, ours| {
        list(&file["slaves"]).map(|slave| if ours { slave["name"].clone() } else { slave.clone() }).collect()
    }),
    ("signals", |file, _| {
        let keys = ["name", "width", "init"];
        both(file, "signals", "diagnostic_signals").iter().map(|signal| only(signal, &keys)).collect()
    }),
    ("frames", |file, ours| {
        let place = |place: &Value| {
            if ours { json!([place["offset"], place["signal"]]) } else { place.clone() }
        };
        let frame = |frame: &Value| {
            let signals: Vec<Value> = list(&frame["signals"]).map(place).collect();
            json!([frame["name"], frame["id"], signals])
        };
        both(file, "frames", "diagnostic_frames").iter().map(frame).collect()
    }),
    ("event-triggered frames", |file, _| {
        list(&file["event_triggered_frames"]).map(|frame| only(frame, &["name", "id", "frames"])).collect()
    }),
    ("schedules", |file, ours| {
        let (tables, slots) = if ours { ("schedules", "slots") } else { ("schedule_tables", "entries") };
        let delays = |table: &Value| -> Vec<Option<f64>> {
            list(&table[slots]).map(|slot| slot["delay_ms"].as_f64()).collect()
        };
        list(&file[tables]).map(|table| json!([table["name"], delays(table)])).collect()
    }),
    ("encodings", |file, ours| {
        let (types, entries) =
            if ours { ("encodings", "entries") } else { ("signal_encoding_types", "values") };
        let numbers = |entry: &Value| -> Vec<Option<f64>> {
            let keys = ["value", "min", "max", "scale", "offset"];
            keys.iter().map(|key| entry[*key].as_f64()).collect()
        };
        let entry = |entry: &Value| json!([entry["type"], entry["text"], numbers(entry)]);
        let encoding = |encoding: &Value| {
            json!([encoding["name"], list(&encoding[entries]).map(entry).collect::<Vec<_>>()])
        };
        list(&file[types]).map(encoding).collect()
    }),
];

fn list(items: &Value) -> impl Iterator<Item = &Value> {
    items.as_array().into_iter().flatten()
}

/// The items of both lists; the export has them in one.
fn both(file: &Value, first: &str, second: &str) -> Vec<Value> {
    list(&file[first]).chain(list(&file[second])).cloned().collect()
}

fn only(item: &Value, keys: &[&str]) -> Value {
    keys.iter().map(|key| item[*key].clone()).collect()
}
