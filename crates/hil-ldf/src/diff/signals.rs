//! Signals and signal groups.

use super::item::{Field, Item};
use super::names::Names;
use crate::codec::Raw;
use crate::model::{Database, FrameKind};
use crate::notation;

pub(super) fn items(database: &Database, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for signal in database.signals() {
        let width = notation::count(signal.width(), "bit");
        let init = notation::raw(signal.init());
        let mut fields = vec![Field::quiet("width", width.as_str()), Field::quiet("init", init.as_str())];
        // What no frame carries, and the names that diagnostic frames give their bytes, are not on the bus.
        if database.frames_of(signal.name()).any(|frame| frame.kind() == FrameKind::Unconditional) {
            let on_wire = [width.clone(), number(signal.init()).to_string()];
            for (field, on_wire) in fields.iter_mut().zip(on_wire) {
                field.on_wire = on_wire;
            }
        }
        let mut definition = format!("{width}, init {init}");
        if let Some(publisher) = signal.publisher() {
            let publisher = names.node(publisher);
            definition = format!("{definition}, from {publisher}");
            fields.push(Field::quiet("publisher", publisher));
        }
        let mut subscribers: Vec<String> = signal.subscribers().map(|node| names.node(node)).collect();
        subscribers.sort();
        if !subscribers.is_empty() {
            fields.push(Field::quiet("subscribers", subscribers.join(", ")));
        }
        if let Some(encoding) = signal.encoding() {
            fields.push(Field::quiet("encoding", encoding.name()));
        }
        items.push(Item::new(signal.name(), definition, fields).renamed(names.signal(signal.name())));
    }
    items
}

/// The bits of a value as one number: byte 0 of an array is the lowest.
fn number(value: Raw) -> u64 {
    match value {
        Raw::Scalar(number) => number,
        Raw::Array(bytes) => bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    }
}

pub(super) fn groups(database: &Database, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for group in database.signal_groups() {
        let size = notation::count(group.size(), "bit");
        let mut fields = vec![Field::quiet("size", size.as_str())];
        for (signal, offset) in group.signals() {
            fields.push(Field::quiet(format!("signal {}", names.signal(signal)), format!("bit {offset}")));
        }
        let definition = format!("{size}, {}", notation::count(fields.len() - 1, "signal"));
        items.push(Item::new(group.name(), definition, fields));
    }
    items
}
