//! `Schedule_tables`.

use super::super::ast::{Command, File, Name, Schedule};
use super::super::fault::Fault;
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse, Reported};
use crate::code::Code;
use crate::nearest::nearest;
use crate::pool::List;

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

impl Cursor<'_, '_> {
    pub(super) fn schedule_tables(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("a schedule table's name")?;
            let start = file.slots.len();
            let is_table = |cursor: &Self| {
                cursor.at_named_block() && !COMMANDS.contains(&cursor.text(cursor.peek().span))
            };
            cursor.inner_block(is_table, |cursor| {
                let command = cursor.command(file)?;
                cursor.word("delay")?;
                file.slots.push((command, cursor.quantity("ms", "the slot's length")?));
                cursor.semicolon()
            })?;
            let slots = List::since(start, &file.slots);
            file.schedules.push(Schedule { name, slots });
            Ok(())
        })
    }

    /// A command word counts only in front of a brace: frames may have the same names.
    fn command(&mut self, file: &mut File) -> Parse<Command> {
        if self.peek_at(1).kind != Kind::OpenBrace {
            return Ok(Command::Frame(self.name("a frame's name or a command")?));
        }
        let span = self.expect(Kind::Identifier, "a frame's name or a command")?.span;
        let word = self.text(span);
        if !COMMANDS.contains(&word) {
            let message = format!("unknown schedule command \"{word}\"");
            let fault = Fault::error(Code::UnknownCommand, span, message);
            self.faults.push(fault.nearest(nearest(word, COMMANDS)));
            return Err(Reported);
        }
        self.bump();
        let bytes = &mut file.bytes;
        let command = match word {
            "AssignNAD" => Command::AssignNad(self.name("a node's name")?),
            "ConditionalChangeNAD" => Command::ConditionalChangeNad(self.integers(bytes, 6, "a byte")?),
            "DataDump" => {
                let node = self.name("a node's name")?;
                self.expect(Kind::Comma, "\",\"")?;
                Command::DataDump(node, self.integers(bytes, 5, "a byte")?)
            }
            "SaveConfiguration" => Command::SaveConfiguration(self.name("a node's name")?),
            "AssignFrameIdRange" => {
                let node = self.name("a node's name")?;
                self.expect(Kind::Comma, "\",\"")?;
                let index = self.integer("the index of the first frame")?;
                let pids = if self.eat(Kind::Comma) {
                    Some(self.integers(bytes, 4, "a protected id")?)
                } else {
                    None
                };
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
            _ => Command::FreeFormat(self.integers(bytes, 8, "a byte")?),
        };
        self.expect(Kind::CloseBrace, "\"}\"")?;
        Ok(command)
    }

    fn second_name(&mut self) -> Parse<Name> {
        self.expect(Kind::Comma, "\",\"")?;
        self.name("a frame's name")
    }
}
