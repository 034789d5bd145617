//! Frames of all kinds.

use super::item::{Field, Item};
use super::names::Names;
use crate::model::{Database, FrameKind};
use crate::notation::count;

pub(super) fn items(database: &Database, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for frame in database.frames() {
        let id = frame.id().map_or_else(|| "no id".to_owned(), |id| id.to_string());
        let length = count(frame.length(), "byte");
        let mut definition = format!("{id}, {length}");
        // Requests and responses are on the bus whether a file declares them or not.
        let (section, field): (&str, fn(String, String) -> Field) = match frame.kind() {
            FrameKind::Unconditional => ("Frames", Field::wire),
            FrameKind::Diagnostic => ("Diagnostic_frames", Field::quiet),
        };
        let mut fields = vec![
            field("id".to_owned(), id),
            field("length".to_owned(), length),
            Field::quiet("section", section),
        ];
        if !frame.publisher().is_empty() {
            let publisher = names.node(frame.publisher());
            definition = format!("{definition}, from {publisher}");
            fields.push(field("publisher".to_owned(), publisher));
        }
        for slot in frame.signals() {
            fields.push(field(
                format!("signal {}", names.signal(slot.name())),
                format!("bit {}", slot.offset()),
            ));
        }
        items.push(Item::new(frame.name(), definition, fields).renamed(names.frame(frame.name())));
    }
    items
}

pub(super) fn sporadic(database: &Database, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for sporadic in database.sporadic_frames() {
        let carried = carried(sporadic.frames(), names);
        let definition = carried.as_ref().map_or_else(|| "no frames".to_owned(), |field| field.shown.clone());
        items.push(Item::new(sporadic.name(), definition, Vec::from_iter(carried)));
    }
    items
}

pub(super) fn event_triggered(database: &Database, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for event in database.event_triggered_frames() {
        let mut fields = vec![Field::wire("id", event.id().to_string())];
        fields.extend(carried(event.frames(), names));
        let definition = fields.iter().map(|field| field.shown.as_str()).collect::<Vec<_>>().join(", ");
        if let Some(table) = event.collision_table() {
            fields.push(Field::wire("collision table", table));
        }
        items.push(Item::new(event.name(), definition, fields));
    }
    items
}

/// The frames that may be sent; none if there are none.
fn carried<'n>(frames: impl Iterator<Item = &'n str>, names: &Names) -> Option<Field> {
    let frames: Vec<String> = frames.map(|frame| names.frame(frame)).collect();
    (!frames.is_empty()).then(|| Field::wire("frames", frames.join(", ")))
}
