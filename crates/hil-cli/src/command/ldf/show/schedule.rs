//! One schedule table: its slots, when they start and what they carry.

use std::time::Duration;

use hil_ldf::{Database, ScheduleCommand};

use super::super::{choice, counted};
use super::page::Page;
use super::quantity::milliseconds;
use crate::console::{Align, Table};

/// The id of the master's diagnostic request, which carries all configuration commands.
const MASTER_REQUEST: &str = "0x3C";
/// The id of the slave's diagnostic response.
const SLAVE_RESPONSE: &str = "0x3D";

/// Adds the schedule table called `name`.
pub(super) fn show(page: &mut Page, database: &Database, name: &str) -> anyhow::Result<()> {
    let schedule = database.schedule_table(name).map_err(|error| choice::lookup(&error))?;
    let mut table = Table::with_header([
        ("start", Align::Right),
        ("delay", Align::Right),
        ("id", Align::Left),
        ("frame", Align::Left),
        ("sent by", Align::Left),
    ]);
    let mut start = Duration::ZERO;
    let mut slots = 0;
    for entry in schedule.entries() {
        let [id, carried, sender] = slot(database, entry.command());
        table.row([milliseconds(start), milliseconds(entry.delay()), id, carried, sender]);
        start = start.saturating_add(entry.delay());
        slots += 1;
    }
    let period = milliseconds(schedule.period());
    page.heading(&format!("Schedule {name}: {}, {period}", counted(slots, "slot", "slots")));
    if slots > 0 {
        page.table(&table);
    }
    Ok(())
}

/// Id, content and sender of a slot.
fn slot(database: &Database, command: ScheduleCommand<'_>) -> [String; 3] {
    let master = || database.master().map(|master| master.name().to_owned()).unwrap_or_default();
    match command {
        ScheduleCommand::Frame(name) => match database.frame(name) {
            Ok(frame) => [choice::id(frame.id()), name.to_owned(), frame.publisher().to_owned()],
            // A checked file has every frame that it schedules.
            Err(_) => [String::new(), name.to_owned(), String::new()],
        },
        ScheduleCommand::Sporadic(name) => {
            let mut carried = Vec::new();
            for frame in database.sporadic_frames() {
                if name == frame.name() {
                    carried.extend(frame.frames().map(|frame| with_id(database, frame)));
                }
            }
            [String::new(), format!("{name} (sporadic: {})", carried.join(", ")), master()]
        }
        ScheduleCommand::EventTriggered(name) => {
            let (mut id, mut carried, mut senders) = (String::new(), Vec::new(), Vec::new());
            for frame in database.event_triggered_frames() {
                if name == frame.name() {
                    id = frame.id().to_string();
                    carried.extend(frame.frames().map(str::to_owned));
                    let found = frame.frames().filter_map(|frame| database.frame(frame).ok());
                    senders.extend(found.map(|frame| frame.publisher().to_owned()));
                }
            }
            let carried = format!("{name} (event-triggered: {})", carried.join(", "));
            [id, carried, super::once(senders.iter().map(String::as_str)).join(", ")]
        }
        ScheduleCommand::SlaveResp => {
            [SLAVE_RESPONSE.to_owned(), command.to_string(), "the slave that is addressed".to_owned()]
        }
        ScheduleCommand::MasterReq
        | ScheduleCommand::AssignNad { .. }
        | ScheduleCommand::ConditionalChangeNad { .. }
        | ScheduleCommand::DataDump { .. }
        | ScheduleCommand::SaveConfiguration { .. }
        | ScheduleCommand::AssignFrameIdRange { .. }
        | ScheduleCommand::AssignFrameId { .. }
        | ScheduleCommand::UnassignFrameId { .. }
        | ScheduleCommand::FreeFormat(_) => [MASTER_REQUEST.to_owned(), command.to_string(), master()],
    }
}

fn with_id(database: &Database, name: &str) -> String {
    database
        .frame(name)
        .map_or_else(|_| name.to_owned(), |frame| format!("{} {name}", choice::id(frame.id())))
}
