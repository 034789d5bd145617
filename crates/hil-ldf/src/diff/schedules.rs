//! Schedule tables, slot by slot.

use super::item::{Field, Item, Line};
use super::names::Names;
use crate::model::Database;
use crate::notation::{self, milliseconds};

pub(super) fn items(database: &Database, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for table in database.schedule_tables() {
        let period = milliseconds(table.period());
        let mut lines = Vec::new();
        for slot in table.entries() {
            let command =
                notation::command(slot.command(), &|frame| names.frame(frame), &|node| names.node(node));
            let mut field = Field::quiet(
                format!("slot {}", lines.len() + 1),
                format!("{command} delay {}", milliseconds(slot.delay())),
            );
            field.on_wire.clone_from(&command);
            lines.push(Line { key: command, field });
        }
        let definition = format!("{}, {period}", notation::count(lines.len(), "slot"));
        let item = Item::new(table.name(), definition, vec![Field::quiet("period", period)]);
        items.push(Item { lines, ..item });
    }
    items
}
