//! Schedule tables: what each slot refers to.

use super::file::Checker;
use super::numbers::{byte, bytes, milliseconds};
use crate::model::{CommandRecord, EntrySlotRecord, Nad, TableRecord};
use crate::pool::List;
use crate::syntax::BySymbol;
use crate::syntax::ast::{Command, Name};

/// Frames that are not unconditional.
struct Special {
    sporadic: BySymbol<()>,
    event_triggered: BySymbol<()>,
}

impl Checker<'_> {
    /// Event-triggered frames name tables before these are checked.
    pub(super) fn declare_schedules(&mut self) {
        for schedule in &self.file.schedules {
            self.schedules.declare(schedule.name, self.faults);
        }
    }

    pub(super) fn check_schedules(&mut self) {
        let file = self.file;
        let mut special =
            Special { sporadic: BySymbol::new(&file.symbols), event_triggered: BySymbol::new(&file.symbols) };
        for frame in &self.tables.sporadic_frames {
            special.sporadic.insert(frame.name, ());
        }
        for frame in &self.tables.event_triggered_frames {
            special.event_triggered.insert(frame.name, ());
        }
        self.tables.schedule_slots.reserve(file.slots.len());
        for schedule in &file.schedules {
            let start = self.tables.schedule_slots.len();
            for (command, delay) in schedule.slots.of(&file.slots) {
                let delay = milliseconds(*delay, "a slot", self.faults);
                let command = self.command(command, &special);
                self.tables.schedule_slots.extend(command.map(|command| EntrySlotRecord { command, delay }));
            }
            let slots = List::since(start, &self.tables.schedule_slots);
            self.tables.schedules.push(TableRecord { name: schedule.name.symbol, slots });
        }
    }

    /// None after an error.
    fn command(&mut self, command: &Command, special: &Special) -> Option<CommandRecord> {
        let numbers = &self.file.bytes;
        Some(match command {
            Command::Frame(name) => self.frame_slot(*name, special)?,
            Command::AssignNad(node) => CommandRecord::AssignNad { node: self.node(*node)?.symbol },
            Command::ConditionalChangeNad(list) => {
                let [nad, id, byte, mask, invert, new_nad] = bytes(list.of(numbers), "byte", self.faults);
                let (nad, new_nad) = (Nad::new(nad), Nad::new(new_nad));
                CommandRecord::ConditionalChangeNad { nad, id, byte, mask, invert, new_nad }
            }
            Command::DataDump(node, list) => {
                let data = bytes(list.of(numbers), "byte", self.faults);
                CommandRecord::DataDump { node: self.node(*node)?.symbol, data }
            }
            Command::SaveConfiguration(node) => {
                CommandRecord::SaveConfiguration { node: self.node(*node)?.symbol }
            }
            Command::AssignFrameIdRange(node, index, list) => {
                let start = byte(*index, "index", self.faults)?;
                let pids = list.map(|list| bytes(list.of(numbers), "protected id", self.faults));
                CommandRecord::AssignFrameIdRange { node: self.node(*node)?.symbol, start, pids }
            }
            Command::AssignFrameId(node, frame) => {
                let (node, frame) = self.node_and_frame(*node, *frame)?;
                CommandRecord::AssignFrameId { node: node.symbol, frame: frame.symbol }
            }
            Command::UnassignFrameId(node, frame) => {
                let (node, frame) = self.node_and_frame(*node, *frame)?;
                CommandRecord::UnassignFrameId { node: node.symbol, frame: frame.symbol }
            }
            Command::FreeFormat(list) => {
                CommandRecord::FreeFormat(bytes(list.of(numbers), "byte", self.faults))
            }
        })
    }

    fn node(&mut self, name: Name) -> Option<Name> {
        self.nodes.require(name, "node", self.faults).then_some(name)
    }

    fn node_and_frame(&mut self, node: Name, frame: Name) -> Option<(Name, Name)> {
        let node = self.node(node);
        let frame = self.frames.require(frame, "frame", self.faults).then_some(frame);
        Some((node?, frame?))
    }

    /// The two diagnostic frames need no declaration.
    fn frame_slot(&mut self, name: Name, special: &Special) -> Option<CommandRecord> {
        match self.text(name) {
            "MasterReq" => return Some(CommandRecord::MasterReq),
            "SlaveResp" => return Some(CommandRecord::SlaveResp),
            _ => {}
        }
        if !self.frames.require(name, "frame", self.faults) {
            return None;
        }
        Some(if special.sporadic.contains(name.symbol) {
            CommandRecord::Sporadic(name.symbol)
        } else if special.event_triggered.contains(name.symbol) {
            CommandRecord::EventTriggered(name.symbol)
        } else {
            CommandRecord::Frame(name.symbol)
        })
    }
}
