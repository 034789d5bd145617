//! Encoding types, entry by entry: the first that fits a value wins, so their order counts.

use super::item::{Field, Item, Line};
use super::names::Names;
use crate::model::{Database, EncodingEntry};
use crate::notation;

pub(super) fn items(database: &Database, _: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for encoding in database.encodings() {
        let mut lines = Vec::new();
        for entry in encoding.entries() {
            let key = match entry {
                EncodingEntry::Logical { value, .. } => format!("logical {value}"),
                EncodingEntry::Physical { min, max, .. } => format!("physical {min} {max}"),
                EncodingEntry::Bcd => "bcd".to_owned(),
                EncodingEntry::Ascii => "ascii".to_owned(),
            };
            lines.push(Line { key, field: Field::quiet("entry", notation::entry(entry)) });
        }
        let item = Item::new(encoding.name(), format!("{} entries", lines.len()), Vec::new());
        items.push(Item { lines, ..item });
    }
    items
}
