//! Raw and physical values against those of ldfparser, for the public files that both accept.

use std::collections::BTreeMap;
use std::fs;

use hil_ldf::{CodecError, Database, Fill, FrameDef, Raw, Value};
use serde_json::Value as Json;

use crate::shared::ldf_folder;

/// Every vector file, with the database of its description.
fn for_each(test: &str, mut check: impl FnMut(&str, &Database, &Json) -> usize) {
    let Some(folder) = ldf_folder(test) else { return };
    let mut vectors = 0;
    for entry in fs::read_dir(folder.join("oracle_codec")).unwrap() {
        let oracle: Json = serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let file = oracle["file"].as_str().unwrap();
        let Ok(parsed) = hil_ldf::load(&folder.join("corpus").join(file)) else {
            panic!("{file} is not accepted");
        };
        vectors += check(file, &parsed.database, &oracle);
    }
    assert!(vectors > 500, "only {vectors} vectors");
}

/// A value of the oracle, which borrows nothing.
#[derive(Debug, PartialEq)]
enum Owned {
    Raw(u64),
    Bytes(Vec<u8>),
    Text(String),
    Physical(f64),
}

impl Owned {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Raw(raw) => Value::Raw(*raw),
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Text(text) => Value::Text(text),
            Self::Physical(number) => Value::Physical(*number),
        }
    }
}

fn raw(json: &Json) -> Owned {
    match json.as_array() {
        Some(bytes) => {
            Owned::Bytes(bytes.iter().map(|b| u8::try_from(b.as_u64().unwrap()).unwrap()).collect())
        }
        None => Owned::Raw(json.as_u64().unwrap()),
    }
}

fn bytes(json: &Json) -> Vec<u8> {
    let hex = json.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn fill(json: &Json) -> Fill {
    if json == 1 { Fill::Ones } else { Fill::Zeros }
}

fn encode(frame: FrameDef<'_>, vector: &Json) -> Result<Vec<u8>, CodecError> {
    let values = vector["values"].as_object().unwrap();
    let values: Vec<(&str, Owned)> = values.iter().map(|(name, json)| (name.as_str(), raw(json))).collect();
    let values = values.iter().map(|(name, owned)| (*name, owned.value()));
    frame.encode(values, fill(&vector["pad"])).map(|payload| payload.to_vec())
}

/// The database refuses to guess at big endian scalars, which ldfparser treats as little endian.
fn is_uncertain<T>(result: &Result<T, CodecError>) -> bool {
    matches!(result, Err(CodecError::ByteOrder { .. }))
}

#[test]
fn raw_values_are_those_of_ldfparser() {
    for_each("raw_values_are_those_of_ldfparser", |file, database, oracle| {
        let mut count = 0;
        for (name, frame_oracle) in oracle["frames"].as_object().unwrap() {
            let frame = database.frame(name).unwrap();
            for vector in frame_oracle["encode_raw"].as_array().unwrap() {
                let encoded = encode(frame, vector);
                if !is_uncertain(&encoded) {
                    assert_eq!(encoded.unwrap(), bytes(&vector["bytes"]), "{file} {name} {vector}");
                }
                count += 1;
            }
            for vector in frame_oracle["encode_raw_errors"].as_array().unwrap() {
                assert!(encode(frame, vector).is_err(), "{file} {name} {vector}");
                count += 1;
            }
            for vector in frame_oracle["decode_raw"].as_array().unwrap() {
                let payload = bytes(&vector["bytes"]);
                for slot in frame.signals() {
                    // A BCD byte above 9 is an error here; the raw call of ldfparser does not look.
                    let decoded = frame.decode_signal(&payload, slot.name());
                    if !is_uncertain(&decoded) && !matches!(decoded, Err(CodecError::NotADigit { .. })) {
                        let found = match decoded.unwrap().raw() {
                            Raw::Scalar(value) => Owned::Raw(value),
                            Raw::Array(bytes) => Owned::Bytes(bytes.to_vec()),
                        };
                        assert_eq!(
                            found,
                            raw(&vector["values"][slot.name()]),
                            "{file} {name} {}",
                            slot.name()
                        );
                    }
                    count += 1;
                }
            }
        }
        count
    });
}

/// A frame by which one signal can be encoded and decoded: its bytes for a raw value are known.
fn signal_frame<'d>(database: &'d Database, signal: &str) -> Option<FrameDef<'d>> {
    database.frames_of(signal).next()
}

#[test]
fn physical_values_are_those_of_ldfparser() {
    let mut differences = BTreeMap::new();
    for_each("physical_values_are_those_of_ldfparser", |file, database, oracle| {
        let mut count = 0;
        for (name, signal_oracle) in oracle["signals"].as_object().unwrap() {
            let Some(frame) = signal_frame(database, name) else { continue };
            for vector in signal_oracle["decode"].as_array().unwrap() {
                if vector["raw"].is_array() {
                    continue;
                }
                let Ok(payload) = frame.encode([(name.as_str(), raw(&vector["raw"]).value())], Fill::Zeros)
                else {
                    continue;
                };
                let decoded = frame.decode_signal(&payload, name).unwrap();
                let agrees = match &vector["value"] {
                    Json::String(text) => decoded.text().as_deref() == Some(text),
                    Json::Number(number) => match decoded.physical() {
                        // The vectors are rounded to nine decimals.
                        Some(physical) => (physical - number.as_f64().unwrap()).abs() < 1e-9,
                        None => decoded.raw().as_scalar() == number.as_u64() && decoded.text().is_none(),
                    },
                    // ldfparser refuses a raw value without entry; here it has neither number nor text.
                    _ => decoded.physical().is_none() && decoded.text().is_none(),
                };
                if !agrees {
                    differences.insert(format!("{file} {name} {vector}"), format!("{decoded:?}"));
                }
                count += 1;
            }
            for vector in signal_oracle["encode"].as_array().unwrap() {
                let value = match &vector["value"] {
                    Json::String(text) => Owned::Text(text.clone()),
                    Json::Number(number) => Owned::Physical(number.as_f64().unwrap()),
                    _ => continue,
                };
                let encoded = frame.encode([(name.as_str(), value.value())], Fill::Zeros);
                if is_uncertain(&encoded) {
                    continue;
                }
                let found = encoded.ok().map(|payload| frame.decode_signal(&payload, name).unwrap().raw());
                // The encoding types of ldfparser do not look at the width of the signal.
                let width = database.signal(name).unwrap().width();
                let fits = vector["raw"].as_u64().filter(|raw| raw >> width == 0);
                let expected = fits.map(Raw::Scalar);
                if found != expected {
                    differences.insert(format!("{file} {name} {vector}"), format!("{found:?}"));
                }
                count += 1;
            }
        }
        count
    });
    assert!(differences.is_empty(), "{} differences: {differences:#?}", differences.len());
}
