//! `Signals`, `Diagnostic_signals` and `Signal_groups`.

use super::super::ast::{File, Group, Init, Integer, Name, Signal};
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse};
use crate::pool::List;

impl Cursor<'_, '_> {
    pub(super) fn signals(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let (name, width, init) = cursor.signal_start(&mut file.bytes)?;
            cursor.expect(Kind::Comma, "\",\" and the publisher")?;
            let publisher = Some(cursor.name("the publisher's name")?);
            let subscribers = if cursor.eat(Kind::Comma) {
                cursor.names(&mut file.names, "a subscriber's name")?
            } else {
                List::default()
            };
            file.signals.push(Signal { name, width, init, publisher, subscribers });
            cursor.semicolon()
        })
    }

    pub(super) fn diagnostic_signals(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let (name, width, init) = cursor.signal_start(&mut file.bytes)?;
            let subscribers = List::default();
            file.diagnostic_signals.push(Signal { name, width, init, publisher: None, subscribers });
            cursor.semicolon()
        })
    }

    fn signal_start(&mut self, bytes: &mut Vec<Integer>) -> Parse<(Name, Integer, Init)> {
        let name = self.name("a signal's name")?;
        self.expect(Kind::Colon, "\":\"")?;
        let width = self.integer("the width in bits")?;
        self.expect(Kind::Comma, "\",\"")?;
        Ok((name, width, self.init(bytes)?))
    }

    fn init(&mut self, bytes: &mut Vec<Integer>) -> Parse<Init> {
        if self.peek().kind != Kind::OpenBrace {
            return Ok(Init::Scalar(self.integer("the initial value")?));
        }
        let open = self.bump().span;
        let start = bytes.len();
        bytes.push(self.integer("the first byte")?);
        while self.eat(Kind::Comma) {
            bytes.push(self.integer("the next byte")?);
        }
        let close = self.expect(Kind::CloseBrace, "\"}\"")?.span;
        Ok(Init::Array { bytes: List::since(start, bytes), span: open.to(close) })
    }

    pub(super) fn signal_groups(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("a group's name")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            let size = cursor.integer("the size in bits")?;
            let signals = cursor.signal_places(&mut file.places)?;
            file.groups.push(Group { name, size, signals });
            Ok(())
        })
    }

    /// `{ signal, offset; … }`
    pub(super) fn signal_places(&mut self, pool: &mut Vec<(Name, Integer)>) -> Parse<List<(Name, Integer)>> {
        let start = pool.len();
        let is_frame =
            |cursor: &Self| cursor.peek().kind == Kind::Identifier && cursor.peek_at(1).kind == Kind::Colon;
        self.inner_block(is_frame, |cursor| {
            let signal = cursor.name("a signal's name")?;
            cursor.expect(Kind::Comma, "\",\"")?;
            pool.push((signal, cursor.integer("the offset in bits")?));
            cursor.semicolon()
        })?;
        Ok(List::since(start, pool))
    }
}
