//! `Nodes`, `composite` and `Diagnostic_addresses`.

use super::super::ast::{Configuration, File, Integer, Master, Name};
use super::super::fault::Fault;
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse, Reported};

impl<'a> Cursor<'a, '_> {
    pub(super) fn nodes(&mut self, file: &mut File<'a>) -> Parse<()> {
        file.nodes_section = Some(self.bump().span);
        self.block(|cursor| {
            if cursor.at_word("Master") {
                let keyword = cursor.bump().span;
                let master = cursor.master()?;
                if let Some(first) = &file.master {
                    let fault = Fault::error(keyword, "a second master");
                    cursor.faults.push(fault.note(first.name.span, "the first"));
                    return Err(Reported);
                }
                file.master = Some(master);
            } else if cursor.at_word("Slaves") {
                cursor.bump();
                cursor.expect(Kind::Colon, "\":\"")?;
                file.slaves.extend(cursor.names("a slave's name")?);
                cursor.semicolon()?;
            } else {
                return Err(cursor.unexpected("\"Master\" or \"Slaves\""));
            }
            Ok(())
        })
    }

    fn master(&mut self) -> Parse<Master<'a>> {
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

    pub(super) fn composite(&mut self, file: &mut File<'a>) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            cursor.word("configuration")?;
            let name = cursor.name("a configuration's name")?;
            let mut composites = Vec::new();
            cursor.block(|cursor| {
                let composite = cursor.name("a composite node's name")?;
                cursor.expect(Kind::OpenBrace, "\"{\"")?;
                let members = cursor.names("a node's name")?;
                // Both spellings occur: with and without a semicolon behind the members.
                cursor.eat(Kind::Semicolon);
                cursor.expect(Kind::CloseBrace, "\"}\"")?;
                composites.push((composite, members));
                Ok(())
            })?;
            file.configurations.push(Configuration { name, composites });
            Ok(())
        })
    }

    pub(super) fn diagnostic_addresses(&mut self, found: &mut Vec<(Name<'a>, Integer)>) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let node = cursor.name("a node's name")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            found.push((node, cursor.integer("a node address")?));
            cursor.semicolon()
        })
    }
}
