//! One frame: who sends it, who reads it, and where its signals lie.

use hil_ldf::{Database, Fill, FrameKind, ScheduleCommand};

use super::super::choice;
use super::super::value::integer;
use super::page::{Fields, Page};
use super::picture::{key, picture};
use super::{id_and_pid, once};
use crate::console::{Align, Table};

/// Adds the frame that `text` means, a name or an id, of whatever kind.
pub(super) fn show(page: &mut Page, database: &Database, text: &str) -> anyhow::Result<()> {
    let id = integer(text);
    for frame in database.event_triggered_frames() {
        if frame.name() == text || id == Some(frame.id().get().into()) {
            let mut fields = Fields::new();
            fields.add("kind", "event-triggered");
            fields.add("id", id_and_pid(frame.id()));
            fields.add_names("frames", &once(frame.frames()));
            fields.add_some("collisions", frame.collision_table());
            fields.add_names("schedules", &schedules(database, frame.name()));
            page.heading(&format!("Frame {}", frame.name()));
            page.table(fields.table());
            return Ok(());
        }
    }
    for frame in database.sporadic_frames() {
        if frame.name() == text {
            let mut fields = Fields::new();
            fields.add("kind", "sporadic");
            fields.add_names("frames", &once(frame.frames()));
            fields.add_names("schedules", &schedules(database, frame.name()));
            page.heading(&format!("Frame {}", frame.name()));
            page.table(fields.table());
            return Ok(());
        }
    }
    with_payload(page, database, &choice::frame(database, text)?)
}

fn with_payload(page: &mut Page, database: &Database, name: &str) -> anyhow::Result<()> {
    let frame = database.frame(name)?;
    let mut subscribers = Vec::new();
    let mut table = Table::with_header([
        ("", Align::Left),
        ("signal", Align::Left),
        ("offset", Align::Right),
        ("bits", Align::Right),
        ("init", Align::Right),
        ("encoding", Align::Left),
    ]);
    for (index, slot) in (0..).zip(frame.signals()) {
        let signal = slot.signal();
        subscribers.extend(signal.subscribers().map(str::to_owned));
        table.row([
            key(index),
            slot.name().to_owned(),
            slot.offset().to_string(),
            signal.width().to_string(),
            signal.init().to_string(),
            signal.encoding().map(|encoding| encoding.name().to_owned()).unwrap_or_default(),
        ]);
    }
    let mut fields = Fields::new();
    match frame.kind() {
        FrameKind::Unconditional => {}
        FrameKind::Diagnostic => fields.add("kind", "diagnostic"),
    }
    fields.add("id", frame.id().map_or_else(|| "assigned by a schedule table".to_owned(), id_and_pid));
    fields.add("length", super::super::counted(frame.length(), "byte", "bytes"));
    let publisher =
        if frame.publisher().is_empty() { "the slave that is addressed" } else { frame.publisher() };
    fields.add("publisher", publisher);
    fields.add_names("subscribers", &once(subscribers.iter().map(String::as_str)));
    let carriers = carriers(database, name);
    if !carriers.is_empty() {
        fields.add_names("also in", &carriers);
    }
    fields.add_names("schedules", &schedules(database, name));
    // A big endian file may have no codec.
    if let Ok(payload) = frame.encode([], Fill::Ones) {
        fields.add("initially", format!("{payload}, unused bits 1"));
    }
    page.heading(&format!("Frame {name}"));
    page.table(fields.table());
    page.table_apart(&table);
    page.table_apart(&picture(database, name)?);
    Ok(())
}

/// The event-triggered and sporadic frames that carry the frame called `name`.
fn carriers(database: &Database, name: &str) -> Vec<String> {
    let mut carriers = Vec::new();
    for frame in database.event_triggered_frames() {
        if frame.frames().any(|carried| carried == name) {
            carriers.push(format!("{} (event-triggered)", frame.name()));
        }
    }
    for frame in database.sporadic_frames() {
        if frame.frames().any(|carried| carried == name) {
            carriers.push(format!("{} (sporadic)", frame.name()));
        }
    }
    carriers
}

/// The schedule tables with a slot for the frame called `name`.
fn schedules(database: &Database, name: &str) -> Vec<String> {
    let mut tables = Vec::new();
    for table in database.schedule_tables() {
        let mut found = false;
        for entry in table.entries() {
            found |= match entry.command() {
                ScheduleCommand::Frame(frame)
                | ScheduleCommand::Sporadic(frame)
                | ScheduleCommand::EventTriggered(frame) => str::eq(frame, name),
                ScheduleCommand::MasterReq => {
                    database.frame(name).is_ok_and(|frame| frame.id().is_some_and(|id| id.get() == 0x3C))
                }
                ScheduleCommand::SlaveResp => {
                    database.frame(name).is_ok_and(|frame| frame.id().is_some_and(|id| id.get() == 0x3D))
                }
                ScheduleCommand::AssignNad { .. }
                | ScheduleCommand::ConditionalChangeNad { .. }
                | ScheduleCommand::DataDump { .. }
                | ScheduleCommand::SaveConfiguration { .. }
                | ScheduleCommand::AssignFrameIdRange { .. }
                | ScheduleCommand::AssignFrameId { .. }
                | ScheduleCommand::UnassignFrameId { .. }
                | ScheduleCommand::FreeFormat(_) => false,
            };
        }
        if found {
            tables.push(table.name().to_owned());
        }
    }
    tables
}
