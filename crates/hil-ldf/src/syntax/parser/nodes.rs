//! `Nodes`, `composite` and `Diagnostic_addresses`.

use super::super::ast::{Composite, Configuration, File, Master};
use super::super::fault::Fault;
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse, Reported};
use crate::code::Code;
use crate::pool::List;

impl Cursor<'_, '_> {
    pub(super) fn nodes(&mut self, file: &mut File) -> Parse<()> {
        file.nodes_section = Some(self.bump().span);
        self.block(|cursor| {
            if cursor.at_word("Master") {
                let keyword = cursor.bump().span;
                let master = cursor.master()?;
                if let Some(first) = &file.master {
                    let fault = Fault::error(Code::SecondMaster, keyword, "a second master");
                    cursor.faults.push(fault.note(first.name.span, "the first"));
                    return Err(Reported);
                }
                file.master = Some(master);
            } else if cursor.at_word("Slaves") {
                cursor.bump();
                cursor.expect(Kind::Colon, "\":\"")?;
                cursor.names(&mut file.slaves, "a slave's name")?;
                cursor.semicolon()?;
            } else {
                return Err(cursor.unexpected("\"Master\" or \"Slaves\""));
            }
            Ok(())
        })
    }

    fn master(&mut self) -> Parse<Master> {
        self.expect(Kind::Colon, "\":\"")?;
        let name = self.name("the master's name")?;
        self.expect(Kind::Comma, "\",\"")?;
        let time_base_ms = self.quantity("ms", "the time base")?;
        self.expect(Kind::Comma, "\",\"")?;
        let jitter_ms = self.quantity("ms", "the jitter")?;
        let mut j2602 = None;
        if self.eat(Kind::Comma) {
            let header_bits = self.quantity("bits", "the maximum header length")?;
            self.expect(Kind::Comma, "\",\"")?;
            j2602 = Some((header_bits, self.quantity("%", "the response tolerance")?));
        }
        self.semicolon()?;
        Ok(Master { name, time_base_ms, jitter_ms, j2602 })
    }

    pub(super) fn composite(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            cursor.word("configuration")?;
            let name = cursor.name("a configuration's name")?;
            let start = file.composites.len();
            cursor.block(|cursor| {
                let name = cursor.name("a composite node's name")?;
                cursor.expect(Kind::OpenBrace, "\"{\"")?;
                let members = cursor.names(&mut file.names, "a node's name")?;
                // Both spellings occur: with and without a semicolon behind the members.
                cursor.eat(Kind::Semicolon);
                cursor.expect(Kind::CloseBrace, "\"}\"")?;
                file.composites.push(Composite { name, members });
                Ok(())
            })?;
            let composites = List::since(start, &file.composites);
            file.configurations.push(Configuration { name, composites });
            Ok(())
        })
    }

    pub(super) fn diagnostic_addresses(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let node = cursor.name("a node's name")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            file.diagnostic_addresses.push((node, cursor.integer("a node address")?));
            cursor.semicolon()
        })
    }
}
