//! Encoding types: how raw values read as numbers and texts.

use super::database::Database;
use super::view::view;
use crate::pool::List;
use crate::syntax::{Span, Symbol};

#[derive(Clone, Debug)]
pub(crate) struct EncodingRecord {
    pub(crate) name: Symbol,
    pub(crate) entries: List<EntryRecord>,
    /// By some entry there are fields that are no value.
    pub(crate) has_digits: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum EntryRecord {
    Logical { value: u64, text: Option<Span> },
    Physical { min: u64, max: u64, scale: f64, offset: f64, unit: Option<Span> },
    Bcd,
    Ascii,
}

view! {
    /// An encoding type. Its entries are tried in the order of declaration, the first that fits wins.
    EncodingDef of EncodingRecord
}

/// One line of an encoding type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EncodingEntry<'d> {
    /// One raw value with a text.
    Logical {
        /// The raw value.
        value: u64,
        /// Its text; without one the raw value stands for itself.
        text: Option<&'d str>,
    },
    /// A linear scale: value = raw · scale + offset.
    Physical {
        /// Lowest raw value to which the scale applies.
        min: u64,
        /// Highest raw value to which the scale applies.
        max: u64,
        /// Physical units per raw step.
        scale: f64,
        /// Physical value at raw 0.
        offset: f64,
        /// The unit's name, never empty.
        unit: Option<&'d str>,
    },
    /// One decimal digit per byte, most significant first. Packed digits would be another reading, so this
    /// is uncertain (LDF reference 5).
    Bcd,
    /// One character per byte.
    Ascii,
}

impl<'d> EncodingDef<'d> {
    /// The entries, in the order of declaration.
    pub fn entries(self) -> impl ExactSizeIterator<Item = EncodingEntry<'d>> {
        let Self { database, record } = self;
        record.entries.of(&database.tables.entries).iter().map(move |entry| match *entry {
            EntryRecord::Logical { value, text } => {
                EncodingEntry::Logical { value, text: database.optional_text(text) }
            }
            EntryRecord::Physical { min, max, scale, offset, unit } => {
                EncodingEntry::Physical { min, max, scale, offset, unit: database.optional_text(unit) }
            }
            EntryRecord::Bcd => EncodingEntry::Bcd,
            EntryRecord::Ascii => EncodingEntry::Ascii,
        })
    }

    /// The texts of the logical values.
    pub(crate) fn texts(self) -> impl Iterator<Item = &'d str> {
        self.entries().filter_map(|entry| match entry {
            EncodingEntry::Logical { text, .. } => text,
            EncodingEntry::Physical { .. } | EncodingEntry::Bcd | EncodingEntry::Ascii => None,
        })
    }
}
