//! One signal: who sets it, who reads it, where it lies and how it reads.

use hil_ldf::{Database, EncodingEntry, Fill};

use super::super::choice;
use super::once;
use super::page::{Fields, Page};
use super::quantity::{exact, number};
use crate::console::{Align, Table};

/// Adds the signal called `name`.
pub(super) fn show(page: &mut Page, database: &Database, name: &str) -> anyhow::Result<()> {
    let signal = database.signal(name).map_err(|error| choice::lookup(&error))?;
    let mut fields = Fields::new();
    let array =
        if signal.is_array() { format!(", an array of {} bytes", signal.width() / 8) } else { String::new() };
    fields.add("width", format!("{}{array}", super::super::counted(signal.width(), "bit", "bits")));
    let init = signal.init().to_string();
    fields.add(
        "init",
        initially(database, name).map_or_else(|| init.clone(), |read| format!("{init}, {read}")),
    );
    fields.add("publisher", signal.publisher().unwrap_or("none"));
    fields.add_names("subscribers", &once(signal.subscribers()));
    let mut frames = Vec::new();
    for frame in database.frames_of(name) {
        if let Some(slot) = frame.slot(name) {
            frames.push(format!("{} {} at bit {}", choice::id(frame.id()), frame.name(), slot.offset()));
        }
    }
    fields.add_names("frames", &frames);
    let mut groups = Vec::new();
    for group in database.signal_groups() {
        for (_, offset) in group.signals().filter(|(member, _)| *member == name) {
            groups.push(format!("{} at bit {offset}", group.name()));
        }
    }
    if !groups.is_empty() {
        fields.add_names("groups", &groups);
    }
    fields.add("encoding", signal.encoding().map_or("none", |encoding| encoding.name()));
    page.heading(&format!("Signal {name}"));
    page.table(fields.table());
    if let Some(encoding) = signal.encoding() {
        page.table_apart(&entries(database, encoding.name())?);
    }
    Ok(())
}

/// How the initial value reads, if that says more than the number.
fn initially(database: &Database, name: &str) -> Option<String> {
    let frame = database.frames_of(name).next()?;
    let payload = frame.encode([], Fill::Ones).ok()?;
    let decoded = frame.decode_signal(&payload, name).ok()?;
    (decoded.text().is_some() || decoded.unit().is_some()).then(|| decoded.to_string())
}

/// The entries of the encoding type called `name`.
fn entries(database: &Database, name: &str) -> anyhow::Result<Table> {
    let mut table = Table::with_header([("raw", Align::Right), ("value", Align::Left), ("", Align::Left)]);
    for entry in database.encoding(name)?.entries() {
        table.row(match entry {
            EncodingEntry::Logical { value, text } => {
                let text = text.map(|text| format!("\"{text}\"")).unwrap_or_default();
                [value.to_string(), text, String::new()]
            }
            EncodingEntry::Physical { min, max, scale, offset, unit } => {
                let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
                // Limits beyond 53 bits are outside of the language.
                let at = |raw: u64| number(raw as f64 * scale + offset);
                [
                    format!("{min}..{max}"),
                    format!("{}..{}{unit}", at(min), at(max)),
                    format!("raw * {} {}", exact(scale), signed(offset)),
                ]
            }
            EncodingEntry::Bcd => ["bytes".to_owned(), "one decimal digit each".to_owned(), String::new()],
            EncodingEntry::Ascii => ["bytes".to_owned(), "one character each".to_owned(), String::new()],
        });
    }
    Ok(table)
}

fn signed(offset: f64) -> String {
    let sign = if offset < 0.0 { '-' } else { '+' };
    format!("{sign} {}", exact(offset.abs()))
}
