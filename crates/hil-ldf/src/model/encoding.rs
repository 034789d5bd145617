//! Encoding types: how raw values read as numbers and texts.

use std::sync::Arc;

/// An encoding type. Its entries are tried in the order of declaration, the first that fits wins.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodingDef {
    pub(crate) name: Arc<str>,
    pub(crate) entries: Vec<EncodingEntry>,
}

/// One line of an encoding type.
#[derive(Clone, Debug, PartialEq)]
pub enum EncodingEntry {
    /// One raw value with a text.
    Logical {
        /// The raw value.
        value: u64,
        /// Its text; without one the raw value stands for itself.
        text: Option<Arc<str>>,
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
        unit: Option<Arc<str>>,
    },
    /// One decimal digit per byte, most significant first. Packed digits would be another reading, so this
    /// is uncertain (LDF reference 5).
    Bcd,
    /// One character per byte.
    Ascii,
}

impl EncodingDef {
    /// Name of the encoding type.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The entries, in the order of declaration.
    pub fn entries(&self) -> &[EncodingEntry] {
        &self.entries
    }

    /// The texts of the logical values.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match entry {
            EncodingEntry::Logical { text, .. } => text.as_deref(),
            EncodingEntry::Physical { .. } | EncodingEntry::Bcd | EncodingEntry::Ascii => None,
        })
    }
}
