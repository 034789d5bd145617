//! Every field against what ldfparser read out of the public files.

use std::fs;

use hil_ldf::{Element, SyntaxTree, TokenKind};
use serde_json::{Value as Json, json};

use crate::described::describe;
use crate::shared::ldf_folder;

/// Where the database differs from what the file says, because the file cannot be meant so or leaves it out: dangling
/// references are dropped (LDF reference 4), J2602 has defaults (LDF reference 2).
const KNOWN: [&str; 5] = [
    "c4deszes+ldfparser__j2602_1_no_values.ldf.master.max_header_length_bits: 48, the oracle says null",
    "c4deszes+ldfparser__j2602_1_no_values.ldf.master.response_tolerance_pct: 40.0, the oracle says null",
    "remotivelabs+kvaser-remotivebus-plugin__simulator.ldf.node_attributes[1].response_error: null, the oracle says \"ErrRespDEVS2\"",
    "zpg6+lin-ldf__emb_mod_1.ldf.diagnostic_frames[0].signals: 6 items, the oracle has 8",
    "zpg6+lin-ldf__emb_mod_1.ldf.diagnostic_frames[1].signals: 0 items, the oracle has 8",
];

/// What the oracle says where a file says nothing, as the database gives it: with the defaults of LDF reference 2.
/// These and a few odd ways of the oracle are all that may differ.
fn with_defaults(oracle: &mut Json, ours: &Json) {
    let oracle_ldf = oracle.as_object_mut().unwrap();
    oracle_ldf.remove("comments");
    // Checked through the signals.
    let representations = oracle_ldf.remove("signal_representations").unwrap();

    for (index, frame) in oracle_ldf["frames"].as_array_mut().unwrap().iter_mut().enumerate() {
        // Implied lengths are resolved in the database.
        if frame["length"].is_null() {
            frame["length"] = ours["frames"][index]["length"].clone();
        }
        // Beyond 63 is no identifier here.
        if frame["id"].as_u64().is_some_and(|id| id > 63) {
            frame["id"] = Json::Null;
        }
    }
    for node in oracle_ldf["node_attributes"].as_array_mut().unwrap() {
        for (field, default) in [
            ("p2_min_ms", json!(50.0)),
            ("st_min_ms", json!(0.0)),
            ("n_as_timeout_ms", json!(1000.0)),
            ("n_cr_timeout_ms", json!(1000.0)),
            ("fault_state_signals", json!([])),
            ("configurable_frames", json!([])),
        ] {
            if node[field].is_null() {
                node[field] = default;
            }
        }
        if node["initial_nad"].is_null() {
            node["initial_nad"] = node["configured_nad"].clone();
        }
    }
    for table in oracle_ldf["schedule_tables"].as_array_mut().unwrap() {
        for slot in table["entries"].as_array_mut().unwrap() {
            if slot["type"] == "assign_frame_id_range" && slot["pids"].is_null() {
                slot["pids"] = json!([]);
            }
        }
    }
    for encoding in oracle_ldf["signal_encoding_types"].as_array_mut().unwrap() {
        for value in encoding["values"].as_array_mut().unwrap() {
            // An empty unit is none.
            if value["unit"] == "" {
                value["unit"] = Json::Null;
            }
        }
    }
    let encoding_of = |signal: &Json| {
        let of = representations.as_array().unwrap().iter().rev();
        of.filter(|of| of["signals"].as_array().unwrap().contains(signal))
            .map(|of| of["encoding"].clone())
            .next()
    };
    for kind in ["signals", "diagnostic_signals"] {
        for signal in oracle_ldf[kind].as_array_mut().unwrap() {
            signal["encoding"] = encoding_of(&signal["name"]).unwrap_or_default();
        }
    }
    // The oracle lists the attributes in the order of the file, the database by slave.
    let order = |node: &Json| {
        let slaves = ours["slaves"].as_array().unwrap();
        slaves.iter().position(|slave| *slave == node["name"])
    };
    oracle_ldf["node_attributes"].as_array_mut().unwrap().sort_by_key(order);
}

/// Paths at which two values differ.
fn differences(path: &str, ours: &Json, oracle: &Json, found: &mut Vec<String>) {
    match (ours, oracle) {
        (Json::Object(left), Json::Object(right)) => {
            let keys: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
            for key in keys {
                differences(&format!("{path}.{key}"), &ours[key], &oracle[key], found);
            }
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(&format!("{path}[{index}]"), left, right, found);
            }
        }
        (Json::Array(left), Json::Array(right)) => {
            found.push(format!("{path}: {} items, the oracle has {}", left.len(), right.len()));
        }
        (Json::Number(left), Json::Number(right)) if left.as_f64() == right.as_f64() => {}
        _ if ours == oracle => {}
        _ => found.push(format!("{path}: {ours}, the oracle says {oracle}")),
    }
}

#[test]
fn every_field_is_that_of_ldfparser() {
    let Some(folder) = ldf_folder("every_field_is_that_of_ldfparser") else { return };
    let mut found = Vec::new();
    let mut compared = 0;
    for file in fs::read_dir(folder.join("oracle")).unwrap() {
        let oracle: Json = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        let name = oracle["file"].as_str().unwrap();
        let Some(mut fields) = oracle.get("ldf").cloned().filter(Json::is_object) else { continue };
        let Ok(parsed) = hil_ldf::load(&folder.join("corpus").join(name)) else {
            assert_ne!(oracle["semantic"]["ok"], true, "{name} is refused");
            continue;
        };
        let ours = describe(&parsed.database);
        with_defaults(&mut fields, &ours);
        differences(name, &ours, &fields, &mut found);
        compared += 1;
    }
    assert!(compared >= 35, "only {compared} files");
    found.sort();
    assert_eq!(found, KNOWN);
}

#[test]
fn comments_are_those_of_ldfparser() {
    let Some(folder) = ldf_folder("comments_are_those_of_ldfparser") else { return };
    let mut compared = 0;
    for file in fs::read_dir(folder.join("oracle")).unwrap() {
        let oracle: Json = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        let name = oracle["file"].as_str().unwrap();
        let Some(comments) = oracle["ldf"]["comments"].as_array() else { continue };
        let bytes = fs::read(folder.join("corpus").join(name)).unwrap();
        let text: String = String::from_utf8(bytes.clone())
            .unwrap_or_else(|_| bytes.iter().copied().map(char::from).collect());
        let tree = SyntaxTree::of(&text);
        let found: Vec<&str> = tree
            .elements()
            .filter_map(|element| match element {
                Element::Token { kind: TokenKind::Comment, text } => Some(text),
                _ => None,
            })
            .collect();
        let expected: Vec<&str> = comments.iter().map(|comment| comment.as_str().unwrap()).collect();
        assert_eq!(found, expected, "{name}");
        compared += found.len();
    }
    assert!(compared > 100, "only {compared} comments");
}
