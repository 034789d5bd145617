//! No input may panic: prefixes, mutations and garbage.

use std::fs;

use proptest::prelude::*;

use crate::shared::ldf_folder;

const ALM: &str = include_str!("../../../../vendor/alm.ldf");

/// Both ways out render every finding, which must not panic either.
fn survive(bytes: &[u8]) {
    match hil_ldf::parse_bytes(bytes) {
        Ok(parsed) => {
            for frame in parsed.database.frames() {
                let payload = vec![0xA5; frame.length()];
                let _either = frame.decode(&payload);
            }
        }
        Err(diagnostics) => {
            assert!(diagnostics.errors().count() > 0);
            assert!(!diagnostics.to_string().is_empty());
        }
    }
}

#[test]
fn every_prefix_of_a_real_file() {
    // A step that is no divisor of the line length meets every kind of place.
    for end in (0..ALM.len()).step_by(7) {
        survive(&ALM.as_bytes()[..end]);
    }
}

#[test]
fn prefixes_of_all_public_files() {
    let Some(folder) = ldf_folder("prefixes_of_all_public_files") else { return };
    let mut prefixes = 0;
    for kind in ["corpus", "synthetic"] {
        for (path, first) in
            fs::read_dir(folder.join(kind)).unwrap().map(|entry| entry.unwrap().path()).zip(0..)
        {
            let bytes = fs::read(path).unwrap();
            // Different files are cut at different places of their lines; the fuzz targets cut everywhere.
            for end in (first % 31..bytes.len().min(20_000)).step_by(31) {
                survive(&bytes[..end]);
                prefixes += 1;
            }
        }
    }
    assert!(prefixes > 5_000, "only {prefixes} prefixes");
}

#[test]
fn deep_nesting_behind_a_valid_start() {
    let deep = "{".repeat(20_000);
    for section in ["Nodes", "Frames", "Node_attributes", "composite", "Schedule_tables { T", "Unknown"] {
        survive(format!("LIN_description_file; {section} {deep}").as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn replaced_bytes(edits in prop::collection::vec((0..ALM.len(), any::<u8>()), 1..8)) {
        let mut bytes = ALM.as_bytes().to_vec();
        for (at, byte) in edits {
            bytes[at] = byte;
        }
        survive(&bytes);
    }

    #[test]
    fn removed_ranges(start in 0..ALM.len(), length in 1..400_usize) {
        let mut bytes = ALM.as_bytes().to_vec();
        bytes.drain(start..(start + length).min(ALM.len()));
        survive(&bytes);
    }

    #[test]
    fn inserted_language(at in 0..ALM.len(), text in r#"([{};:,="%]|0x|-|9{1,40}|[a-z]{1,3}|/\*|//|\n|°){1,12}"#) {
        let mut bytes = ALM.as_bytes().to_vec();
        bytes.splice(at..at, text.into_bytes());
        survive(&bytes);
    }

    #[test]
    fn garbage(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        survive(&bytes);
        survive(&[b"LIN_description_file;", bytes.as_slice()].concat());
    }
}
