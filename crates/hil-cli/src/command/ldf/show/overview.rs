//! The whole file in brief.

use std::path::Path;

use hil_ldf::{ByteOrder, Database, FrameKind, Parsed, TextEncoding};

use super::super::choice;
use super::super::{counted, finding};
use super::page::{Fields, Page};
use super::quantity::milliseconds;
use crate::console::{Align, Table};

/// Adds everything that the file has, a line each.
pub(super) fn show(page: &mut Page, path: &Path, parsed: &Parsed) {
    let database = &parsed.database;
    page.heading(&finding::name(path));
    page.table(header(parsed).table());
    nodes(page, database);
    frames(page, database);
    schedules(page, database);
    rest(page, database);
}

fn header(parsed: &Parsed) -> Fields {
    let database = &parsed.database;
    let given = |text: &str| if text.is_empty() { "not given".to_owned() } else { text.to_owned() };
    let mut fields = Fields::new();
    fields.add("protocol", given(database.protocol_version()));
    fields.add("language", given(database.language_version()));
    let bitrate = database.bitrate();
    fields.add("speed", if bitrate == 0 { given("") } else { format!("{bitrate} bit/s") });
    fields.add_some("channel", database.channel_name());
    fields.add_some("revision", database.file_revision());
    match database.byte_order() {
        ByteOrder::LittleEndian => {}
        ByteOrder::BigEndian => fields.add("byte order", "big endian"),
    }
    match parsed.encoding {
        TextEncoding::Utf8 => {}
        other => fields.add("text", format!("{other:?}")),
    }
    if !parsed.warnings.is_empty() {
        let count = counted(parsed.warnings.len(), "warning", "warnings");
        fields.add("findings", format!("{count}, see `hil ldf check`"));
    }
    fields
}

fn nodes(page: &mut Page, database: &Database) {
    let mut table = Table::with_header([
        ("node", Align::Left),
        ("role", Align::Left),
        ("NAD", Align::Left),
        ("sends", Align::Left),
        ("reads", Align::Left),
    ]);
    let mut add = |name: &str, role: &str, nad: String| {
        let sent = database.frames().filter(|frame| frame.publisher() == name).count();
        let read = database.signals().filter(|signal| signal.subscribers().any(|node| node == name)).count();
        let (sent, read) = (counted(sent, "frame", "frames"), counted(read, "signal", "signals"));
        table.row([name.to_owned(), role.to_owned(), nad, sent, read]);
    };
    if let Some(master) = database.master() {
        add(master.name(), "master", String::new());
    }
    for slave in database.slaves() {
        add(slave.name(), "slave", slave.nad().map(|nad| nad.to_string()).unwrap_or_default());
    }
    page.heading("Nodes");
    page.table(&table);
}

fn frames(page: &mut Page, database: &Database) {
    let mut table = Table::with_header([
        ("id", Align::Left),
        ("frame", Align::Left),
        ("bytes", Align::Right),
        ("publisher", Align::Left),
        ("signals", Align::Right),
        ("", Align::Left),
    ]);
    for frame in database.frames() {
        let signals = super::count(frame.signals());
        let kind = match frame.kind() {
            FrameKind::Unconditional => "",
            FrameKind::Diagnostic => "diagnostic",
        };
        // Whichever slave was addressed answers.
        let publisher = if frame.publisher().is_empty() { "a slave" } else { frame.publisher() };
        table.row([
            choice::id(frame.id()),
            frame.name().to_owned(),
            frame.length().to_string(),
            publisher.to_owned(),
            signals.to_string(),
            kind.to_owned(),
        ]);
    }
    let mut carrier = |id: String, name: &str, kind: &str, frames: String| {
        table.row([
            id,
            name.to_owned(),
            String::new(),
            String::new(),
            String::new(),
            format!("{kind}: {frames}"),
        ]);
    };
    for frame in database.event_triggered_frames() {
        let frames: Vec<&str> = frame.frames().collect();
        carrier(frame.id().to_string(), frame.name(), "event-triggered", frames.join(", "));
    }
    for frame in database.sporadic_frames() {
        let frames: Vec<&str> = frame.frames().collect();
        carrier(String::new(), frame.name(), "sporadic", frames.join(", "));
    }
    page.heading("Frames");
    page.table(&table);
}

fn schedules(page: &mut Page, database: &Database) {
    let mut table =
        Table::with_header([("schedule", Align::Left), ("slots", Align::Right), ("period", Align::Right)]);
    let mut any = false;
    for schedule in database.schedule_tables() {
        any = true;
        let slots = super::count(schedule.entries());
        table.row([schedule.name().to_owned(), slots.to_string(), milliseconds(schedule.period())]);
    }
    if any {
        page.heading("Schedules");
        page.table(&table);
    }
}

fn rest(page: &mut Page, database: &Database) {
    let diagnostic = database.signals().filter(|signal| signal.publisher().is_none()).count();
    let signals = counted(database.signals().count(), "signal", "signals");
    let mut counts = vec![match diagnostic {
        0 => signals,
        some => format!("{signals} ({some} without publisher)"),
    }];
    counts.push(counted(database.encodings().count(), "encoding type", "encoding types"));
    let groups = super::count(database.signal_groups());
    if groups > 0 {
        counts.push(counted(groups, "signal group", "signal groups"));
    }
    let configurations = super::count(database.configurations());
    if configurations > 0 {
        counts.push(counted(configurations, "composite configuration", "composite configurations"));
    }
    page.heading("Also");
    page.line(&counts.join(", "));
}
