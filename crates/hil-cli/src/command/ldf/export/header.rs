//! What stands before the sections.

use hil_ldf::{ByteOrder, Database};
use serde::Serialize;

use super::owned;

#[derive(Serialize)]
pub(super) struct Header {
    protocol_version: Option<String>,
    language_version: Option<String>,
    file_revision: Option<String>,
    channel_name: Option<String>,
    bitrate: Option<u32>,
    byte_order: &'static str,
}

pub(super) fn of(database: &Database) -> Header {
    Header {
        protocol_version: owned(Some(database.protocol_version()).filter(|version| !version.is_empty())),
        language_version: owned(Some(database.language_version()).filter(|version| !version.is_empty())),
        file_revision: owned(database.file_revision()),
        channel_name: owned(database.channel_name()),
        bitrate: Some(database.bitrate()).filter(|bitrate| *bitrate > 0),
        byte_order: match database.byte_order() {
            ByteOrder::LittleEndian => "little_endian",
            ByteOrder::BigEndian => "big_endian",
        },
    }
}
