//! Encoding types and which signals use them.

use std::collections::HashMap;
use std::sync::Arc;

use super::names::Names;
use super::numbers::within;
use super::signals::Signals;
use crate::model::{EncodingDef, EncodingEntry};
use crate::syntax::ast::{self, File, Name, Number};
use crate::syntax::{Fault, Faults, Span};

/// The checked encoding types.
pub(super) struct Encodings<'a> {
    pub(super) all: Vec<Arc<EncodingDef>>,
    /// The encoding of each signal that has one.
    by_signal: HashMap<&'a str, Arc<EncodingDef>>,
}

impl<'a> Encodings<'a> {
    pub(super) fn check(file: &File<'a>, faults: &mut Faults) -> Self {
        let mut names = Names::new("encoding type");
        let mut all = Vec::new();
        let mut by_name = HashMap::new();
        for encoding in &file.encodings {
            if !names.declare(encoding.name, faults) {
                continue;
            }
            let entries = encoding.entries.iter().filter_map(|entry| convert(entry, faults)).collect();
            let definition = Arc::new(EncodingDef { name: encoding.name.text.into(), entries });
            by_name.insert(encoding.name.text, Arc::clone(&definition));
            all.push(definition);
        }

        let mut by_signal = HashMap::new();
        let mut represented: HashMap<&str, (Span, &str)> = HashMap::new();
        for representation in &file.representations {
            let Some(definition) = by_name.get(representation.encoding.text) else {
                names.keep(representation.encoding, "encoding type", faults);
                continue;
            };
            for signal in &representation.signals {
                let this = (signal.span, representation.encoding.text);
                if let Some((span, first)) = represented.insert(signal.text, this) {
                    faults.push(second_representation(*signal, representation.encoding, first, span));
                }
                by_signal.insert(signal.text, Arc::clone(definition));
            }
        }
        Self { all, by_signal }
    }

    pub(super) fn of(&self, signal: &str) -> Option<Arc<EncodingDef>> {
        self.by_signal.get(signal).cloned()
    }

    /// Representations of signals that do not exist are dropped; the LIN 2.2 example has two. Groups may be
    /// represented too.
    pub(super) fn check_signals(&self, file: &File<'a>, signals: &Signals<'a>, faults: &mut Faults) {
        for signal in file.representations.iter().flat_map(|representation| &representation.signals) {
            if !file.groups.iter().any(|group| group.name.text == signal.text) {
                signals.names.keep(*signal, "represented signal", faults);
            }
        }
    }
}

/// The last one wins, as in ldfparser.
fn second_representation(signal: Name<'_>, encoding: Name<'_>, first: &str, span: Span) -> Fault {
    let message = format!(
        "signal \"{}\" has two encoding types, \"{}\" replaces \"{first}\"",
        signal.text, encoding.text
    );
    Fault::warning(signal.span, message).note(span, "first represented here")
}

fn convert(entry: &ast::EncodingEntry, faults: &mut Faults) -> Option<EncodingEntry> {
    Some(match entry {
        ast::EncodingEntry::Logical { value, text } => EncodingEntry::Logical {
            value: within(*value, u64::MAX, "logical value", faults)?,
            text: text.as_ref().map(|text| text.value.as_str().into()),
        },
        ast::EncodingEntry::Physical { min, max, scale, offset, unit } => EncodingEntry::Physical {
            min: raw_limit(*min, f64::ceil),
            max: raw_limit(*max, f64::floor),
            scale: scale.value,
            offset: offset.value,
            unit: unit
                .as_ref()
                .map(|unit| unit.value.as_str())
                .filter(|unit| !unit.is_empty())
                .map(Into::into),
        },
        ast::EncodingEntry::Bcd => EncodingEntry::Bcd,
        ast::EncodingEntry::Ascii => EncodingEntry::Ascii,
    })
}

/// Raw values are whole and not negative, whatever the file says.
fn raw_limit(number: Number, round: fn(f64) -> f64) -> u64 {
    // The cast saturates as wanted.
    round(number.value) as u64
}
