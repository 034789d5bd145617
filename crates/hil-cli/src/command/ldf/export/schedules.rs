//! Schedule tables with every command, and their timing.

use hil_ldf::{Database, ScheduleCommand, ScheduleTiming};
use serde::Serialize;

use super::super::number::Milliseconds;
use super::super::timing::ScheduleRecord;

#[derive(Serialize)]
pub(super) struct Schedule {
    name: String,
    slots: Vec<Slot>,
    timing: Option<ScheduleRecord>,
}

#[derive(Serialize)]
struct Slot {
    command: Command,
    delay_ms: Milliseconds,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Command {
    Frame { frame: String },
    Sporadic { frame: String },
    EventTriggered { frame: String },
    MasterReq,
    SlaveResp,
    AssignNad { node: String },
    ConditionalChangeNad { nad: u8, id: u8, byte: u8, mask: u8, invert: u8, new_nad: u8 },
    DataDump { node: String, data: [u8; 5] },
    SaveConfiguration { node: String },
    AssignFrameIdRange { node: String, start: u8, pids: Option<[u8; 4]> },
    AssignFrameId { node: String, frame: String },
    UnassignFrameId { node: String, frame: String },
    FreeFormat { data: [u8; 8] },
}

pub(super) fn of(database: &Database) -> Vec<Schedule> {
    let mut schedules = Vec::new();
    for table in database.schedule_tables() {
        let mut slots = Vec::new();
        for slot in table.entries() {
            slots.push(Slot { command: command(slot.command()), delay_ms: slot.delay().into() });
        }
        // A file without master or bit rate has schedules, but no times for its frames.
        let timing = ScheduleTiming::of(database, table.name()).ok();
        schedules.push(Schedule {
            name: table.name().to_owned(),
            slots,
            timing: timing.as_ref().map(ScheduleRecord::from),
        });
    }
    schedules
}

fn command(command: ScheduleCommand<'_>) -> Command {
    match command {
        ScheduleCommand::Frame(frame) => Command::Frame { frame: text(frame) },
        ScheduleCommand::Sporadic(frame) => Command::Sporadic { frame: text(frame) },
        ScheduleCommand::EventTriggered(frame) => Command::EventTriggered { frame: text(frame) },
        ScheduleCommand::MasterReq => Command::MasterReq,
        ScheduleCommand::SlaveResp => Command::SlaveResp,
        ScheduleCommand::AssignNad { node } => Command::AssignNad { node: text(node) },
        ScheduleCommand::ConditionalChangeNad { nad, id, byte, mask, invert, new_nad } => {
            Command::ConditionalChangeNad { nad: nad.get(), id, byte, mask, invert, new_nad: new_nad.get() }
        }
        ScheduleCommand::DataDump { node, data } => Command::DataDump { node: text(node), data },
        ScheduleCommand::SaveConfiguration { node } => Command::SaveConfiguration { node: text(node) },
        ScheduleCommand::AssignFrameIdRange { node, start, pids } => {
            Command::AssignFrameIdRange { node: text(node), start, pids }
        }
        ScheduleCommand::AssignFrameId { node, frame } => {
            Command::AssignFrameId { node: text(node), frame: text(frame) }
        }
        ScheduleCommand::UnassignFrameId { node, frame } => {
            Command::UnassignFrameId { node: text(node), frame: text(frame) }
        }
        ScheduleCommand::FreeFormat(data) => Command::FreeFormat { data },
    }
}

fn text(name: &str) -> String {
    name.to_owned()
}
