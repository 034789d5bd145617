//! `Schedule_tables`.

use super::super::ast::{Command, Name, Schedule};
use super::super::fault::Fault;
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse, Reported};
use crate::nearest::nearest;

const COMMANDS: [&str; 8] = [
    "AssignNAD",
    "ConditionalChangeNAD",
    "DataDump",
    "SaveConfiguration",
    "AssignFrameIdRange",
    "AssignFrameId",
    "UnassignFrameId",
    "FreeFormat",
];

impl<'a> Cursor<'a, '_> {
    pub(super) fn schedule_tables(&mut self, schedules: &mut Vec<Schedule<'a>>) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("a schedule table's name")?;
            let mut entries = Vec::new();
            cursor.block(|cursor| {
                let command = cursor.command()?;
                cursor.word("delay")?;
                entries.push((command, cursor.quantity("ms", "the slot's length")?));
                cursor.semicolon()
            })?;
            schedules.push(Schedule { name, entries });
            Ok(())
        })
    }

    /// A command word counts only in front of a brace: frames may have the same names.
    fn command(&mut self) -> Parse<Command<'a>> {
        let name = self.name("a frame's name or a command")?;
        if self.peek().kind != Kind::OpenBrace {
            return Ok(Command::Frame(name));
        }
        if !COMMANDS.contains(&name.text) {
            let fault = Fault::error(name.span, format!("unknown schedule command \"{}\"", name.text));
            self.faults.push(fault.nearest(nearest(name.text, COMMANDS)));
            return Err(Reported);
        }
        self.bump();
        let command = match name.text {
            "AssignNAD" => Command::AssignNad(self.name("a node's name")?),
            "ConditionalChangeNAD" => Command::ConditionalChangeNad(self.integers("a byte")?),
            "DataDump" => {
                let node = self.name("a node's name")?;
                self.expect(Kind::Comma, "\",\"")?;
                Command::DataDump(node, self.integers("a byte")?)
            }
            "SaveConfiguration" => Command::SaveConfiguration(self.name("a node's name")?),
            "AssignFrameIdRange" => {
                let node = self.name("a node's name")?;
                self.expect(Kind::Comma, "\",\"")?;
                let index = self.integer("the index of the first frame")?;
                let pids = if self.eat(Kind::Comma) { Some(self.integers("a protected id")?) } else { None };
                Command::AssignFrameIdRange(node, index, pids)
            }
            "AssignFrameId" => {
                let (node, frame) = (self.name("a node's name")?, self.second_name()?);
                Command::AssignFrameId(node, frame)
            }
            "UnassignFrameId" => {
                let (node, frame) = (self.name("a node's name")?, self.second_name()?);
                Command::UnassignFrameId(node, frame)
            }
            _ => Command::FreeFormat(self.integers("a byte")?),
        };
        self.expect(Kind::CloseBrace, "\"}\"")?;
        Ok(command)
    }

    fn second_name(&mut self) -> Parse<Name<'a>> {
        self.expect(Kind::Comma, "\",\"")?;
        self.name("a frame's name")
    }
}
