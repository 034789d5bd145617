//! Encoding types and which signals use them.

use super::file::Checker;
use super::numbers::within;
use crate::code::Code;
use crate::model::{EncodingRecord, EntryRecord};
use crate::pool::List;
use crate::syntax::ast::{EncodingEntry, Name, Number, Text};
use crate::syntax::{BySymbol, Fault};

impl Checker<'_> {
    pub(super) fn check_encodings(&mut self) {
        let file = self.file;
        for encoding in &file.encodings {
            let is_unique = self.encodings.declare(encoding.name, self.faults);
            let start = self.tables.entries.len();
            for entry in encoding.entries.of(&file.encoding_entries) {
                let record = self.encoding_entry(entry);
                self.tables.entries.extend(record);
            }
            if is_unique {
                let entries = List::since(start, &self.tables.entries);
                let digits = |entry: &EntryRecord| matches!(entry, EntryRecord::Bcd);
                let has_digits = entries.of(&self.tables.entries).iter().any(digits);
                self.tables.encodings.push(EncodingRecord {
                    name: encoding.name.symbol,
                    entries,
                    has_digits,
                });
            }
        }
    }

    fn encoding_entry(&mut self, entry: &EncodingEntry) -> Option<EntryRecord> {
        Some(match entry {
            EncodingEntry::Logical { value, text } => EntryRecord::Logical {
                value: within(*value, u64::MAX, "logical value", self.faults)?,
                text: text.map(|text| self.string(text)),
            },
            EncodingEntry::Physical { min, max, scale, offset, unit } => EntryRecord::Physical {
                min: raw_limit(*min, f64::ceil),
                max: raw_limit(*max, f64::floor),
                scale: scale.value,
                offset: offset.value,
                unit: unit
                    .filter(|unit: &Text| unit.span.start < unit.span.end)
                    .map(|unit| self.string(unit)),
            },
            EncodingEntry::Bcd => EntryRecord::Bcd,
            EncodingEntry::Ascii => EntryRecord::Ascii,
        })
    }

    /// The encoding type of each signal that has one: an index into the table. Of several the last one wins, as in
    /// ldfparser.
    pub(super) fn represented(&mut self) -> BySymbol<u32> {
        let file = self.file;
        let mut indices = BySymbol::new(&file.symbols);
        for (encoding, at) in self.tables.encodings.iter().zip(0..) {
            indices.insert(encoding.name, at);
        }
        let mut represented = BySymbol::new(&file.symbols);
        let mut names: BySymbol<(Name, Name)> = BySymbol::new(&file.symbols);
        for representation in &file.representations {
            let Some(at) = indices.get(representation.encoding.symbol) else {
                self.encodings.keep(representation.encoding, "encoding type", self.faults);
                continue;
            };
            for signal in representation.signals.of(&file.names) {
                let this = (*signal, representation.encoding);
                if let Some((first, encoding)) = names.insert(signal.symbol, this) {
                    let message = format!(
                        "signal \"{}\" has two encoding types, \"{}\" replaces \"{}\"",
                        self.text(*signal),
                        self.text(representation.encoding),
                        self.text(encoding)
                    );
                    let fault = Fault::warning(Code::SecondRepresentation, signal.span, message);
                    self.faults.push(fault.note(first.span, "first represented here"));
                }
                represented.insert(signal.symbol, at);
            }
        }
        represented
    }

    /// Representations of signals that do not exist are dropped; the LIN 2.2 example has two. Groups may be
    /// represented too.
    pub(super) fn check_represented(&mut self) {
        let file = self.file;
        for representation in &file.representations {
            for signal in representation.signals.of(&file.names) {
                self.signals.keep(*signal, "represented signal", self.faults);
            }
        }
    }
}

/// Raw values are whole and not negative, whatever the file says.
fn raw_limit(number: Number, round: fn(f64) -> f64) -> u64 {
    // The cast saturates as wanted.
    round(number.value) as u64
}
