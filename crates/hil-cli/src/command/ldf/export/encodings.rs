//! Encoding types, and the signals that they represent.

use hil_ldf::{Database, EncodingEntry};
use serde::Serialize;

use super::super::number::Decimal;

#[derive(Serialize)]
pub(super) struct Encoding {
    name: String,
    entries: Vec<Entry>,
    signals: Vec<String>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Entry {
    Logical { value: u64, text: Option<String> },
    Physical { min: u64, max: u64, scale: Decimal, offset: Decimal, unit: Option<String> },
    Bcd,
    Ascii,
}

pub(super) fn of(database: &Database) -> Vec<Encoding> {
    let mut encodings = Vec::new();
    for encoding in database.encodings() {
        let mut entries = Vec::new();
        for entry in encoding.entries() {
            entries.push(record(entry));
        }
        let mut signals = Vec::new();
        for signal in database.signals() {
            if signal.encoding().is_some_and(|found| found.name() == encoding.name()) {
                signals.push(signal.name().to_owned());
            }
        }
        encodings.push(Encoding { name: encoding.name().to_owned(), entries, signals });
    }
    encodings
}

fn record(entry: EncodingEntry<'_>) -> Entry {
    match entry {
        EncodingEntry::Logical { value, text } => Entry::Logical { value, text: text.map(str::to_owned) },
        EncodingEntry::Physical { min, max, scale, offset, unit } => Entry::Physical {
            min,
            max,
            scale: Decimal(scale),
            offset: Decimal(offset),
            unit: unit.map(str::to_owned),
        },
        EncodingEntry::Bcd => Entry::Bcd,
        EncodingEntry::Ascii => Entry::Ascii,
    }
}
