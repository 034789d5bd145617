//! Schedule tables: what each slot refers to.

use super::frames::Frames;
use super::names::Names;
use super::nodes::Nodes;
use super::numbers::{byte, bytes, milliseconds};
use crate::model::{EventTriggeredFrame, Nad, ScheduleCommand, ScheduleEntry, ScheduleTable, SporadicFrame};
use crate::syntax::Faults;
use crate::syntax::ast::{Command, File, Name};

pub(super) fn check(
    file: &File<'_>,
    nodes: &Nodes<'_>,
    frames: &Frames<'_>,
    faults: &mut Faults,
) -> Vec<ScheduleTable> {
    let mut names = Names::new("schedule table");
    let mut tables = Vec::new();
    for schedule in &file.schedules {
        let mut entries = Vec::new();
        for (command, delay) in &schedule.entries {
            let delay = milliseconds(*delay, "a slot", faults);
            let command = convert(command, nodes, frames, faults);
            entries.extend(command.map(|command| ScheduleEntry { command, delay }));
        }
        if names.declare(schedule.name, faults) {
            tables.push(ScheduleTable { name: schedule.name.text.into(), entries });
        }
    }
    tables
}

/// None after an error.
fn convert(
    command: &Command<'_>,
    nodes: &Nodes<'_>,
    frames: &Frames<'_>,
    faults: &mut Faults,
) -> Option<ScheduleCommand> {
    let known_node = |name: &Name<'_>, faults: &mut Faults| nodes.names.require(*name, "node", faults);
    Some(match command {
        Command::Frame(name) => frame(*name, frames, faults)?,
        Command::AssignNad(node) => {
            known_node(node, faults).then(|| ScheduleCommand::AssignNad { node: node.text.into() })?
        }
        Command::ConditionalChangeNad(numbers) => {
            let [nad, id, byte, mask, invert, new_nad] = bytes(*numbers, "byte", faults);
            let (nad, new_nad) = (Nad::new(nad), Nad::new(new_nad));
            ScheduleCommand::ConditionalChangeNad { nad, id, byte, mask, invert, new_nad }
        }
        Command::DataDump(node, data) => {
            let data = bytes(*data, "byte", faults);
            known_node(node, faults).then(|| ScheduleCommand::DataDump { node: node.text.into(), data })?
        }
        Command::SaveConfiguration(node) => {
            known_node(node, faults).then(|| ScheduleCommand::SaveConfiguration { node: node.text.into() })?
        }
        Command::AssignFrameIdRange(node, index, pids) => {
            let start = byte(*index, "index", faults)?;
            let pids = pids.map(|pids| bytes(pids, "protected id", faults));
            known_node(node, faults).then(|| ScheduleCommand::AssignFrameIdRange {
                node: node.text.into(),
                start,
                pids,
            })?
        }
        Command::AssignFrameId(node, frame) => {
            let known = known_node(node, faults) & frames.names.require(*frame, "frame", faults);
            known.then(|| ScheduleCommand::AssignFrameId {
                node: node.text.into(),
                frame: frame.text.into(),
            })?
        }
        Command::UnassignFrameId(node, frame) => {
            let known = known_node(node, faults) & frames.names.require(*frame, "frame", faults);
            known.then(|| ScheduleCommand::UnassignFrameId {
                node: node.text.into(),
                frame: frame.text.into(),
            })?
        }
        Command::FreeFormat(data) => ScheduleCommand::FreeFormat(bytes(*data, "byte", faults)),
    })
}

/// The two diagnostic frames need no declaration.
fn frame(name: Name<'_>, frames: &Frames<'_>, faults: &mut Faults) -> Option<ScheduleCommand> {
    match name.text {
        "MasterReq" => return Some(ScheduleCommand::MasterReq),
        "SlaveResp" => return Some(ScheduleCommand::SlaveResp),
        _ => {}
    }
    if !frames.names.require(name, "frame", faults) {
        return None;
    }
    let text = name.text.into();
    Some(if frames.sporadic.iter().map(SporadicFrame::name).any(|sporadic| sporadic == name.text) {
        ScheduleCommand::Sporadic(text)
    } else if frames.event_triggered.iter().map(EventTriggeredFrame::name).any(|event| event == name.text) {
        ScheduleCommand::EventTriggered(text)
    } else {
        ScheduleCommand::Frame(text)
    })
}
