//! What stands before the sections.

use super::item::{Field, Item};
use super::names::Names;
use crate::model::{ByteOrder, Database};
use crate::notation::quoted;

pub(super) fn items(database: &Database, _: &Names) -> Vec<Item> {
    let mut fields = Vec::new();
    if !database.protocol_version().is_empty() {
        fields.push(protocol(database));
    }
    if !database.language_version().is_empty() {
        fields.push(Field::quiet("LIN_language_version", quoted(database.language_version())));
    }
    if let Some(revision) = database.file_revision() {
        fields.push(Field::quiet("LDF_file_revision", quoted(revision)));
    }
    if database.bitrate() > 0 {
        fields.push(Field::wire("LIN_speed", format!("{} bit/s", database.bitrate())));
    }
    if let Some(name) = database.channel_name() {
        fields.push(Field::quiet("Channel_name", quoted(name)));
    }
    let order = match database.byte_order() {
        ByteOrder::LittleEndian => "little endian",
        ByteOrder::BigEndian => "big endian",
    };
    fields.push(Field::wire("byte order", order));
    vec![Item::new("file", String::new(), fields)]
}

/// Slaves that do not say their protocol have that of the file, and with it their checksum.
fn protocol(database: &Database) -> Field {
    let version = database.protocol_version();
    let mut field = Field::quiet("LIN_protocol_version", quoted(version));
    for slave in database.slaves() {
        let own = slave.attributes().is_some_and(|attributes| attributes.protocol().is_some());
        if !own {
            field.on_wire = checksum(version).to_owned();
        }
    }
    field
}

/// Nodes of LIN 1.x have the classic checksum (hardware reference 1.2).
pub(super) fn checksum(version: &str) -> &'static str {
    if version.starts_with("1.") { "classic" } else { "enhanced" }
}
