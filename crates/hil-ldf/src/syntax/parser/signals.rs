//! `Signals`, `Diagnostic_signals` and `Signal_groups`.

use super::super::ast::{Group, Init, Integer, Name, Signal};
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse};

impl<'a> Cursor<'a, '_> {
    pub(super) fn signals(&mut self, signals: &mut Vec<Signal<'a>>) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let (name, width, init) = cursor.signal_start()?;
            cursor.expect(Kind::Comma, "\",\" and the publisher")?;
            let publisher = Some(cursor.name("the publisher's name")?);
            let subscribers =
                if cursor.eat(Kind::Comma) { cursor.names("a subscriber's name")? } else { Vec::new() };
            signals.push(Signal { name, width, init, publisher, subscribers });
            cursor.semicolon()
        })
    }

    pub(super) fn diagnostic_signals(&mut self, signals: &mut Vec<Signal<'a>>) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let (name, width, init) = cursor.signal_start()?;
            signals.push(Signal { name, width, init, publisher: None, subscribers: Vec::new() });
            cursor.semicolon()
        })
    }

    fn signal_start(&mut self) -> Parse<(Name<'a>, Integer, Init)> {
        let name = self.name("a signal's name")?;
        self.expect(Kind::Colon, "\":\"")?;
        let width = self.integer("the width in bits")?;
        self.expect(Kind::Comma, "\",\"")?;
        Ok((name, width, self.init()?))
    }

    fn init(&mut self) -> Parse<Init> {
        if self.peek().kind != Kind::OpenBrace {
            return Ok(Init::Scalar(self.integer("the initial value")?));
        }
        let open = self.bump().span;
        let mut bytes = vec![self.integer("the first byte")?];
        while self.eat(Kind::Comma) {
            bytes.push(self.integer("the next byte")?);
        }
        let close = self.expect(Kind::CloseBrace, "\"}\"")?.span;
        Ok(Init::Array { bytes, span: open.to(close) })
    }

    pub(super) fn signal_groups(&mut self, groups: &mut Vec<Group<'a>>) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("a group's name")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            let size = cursor.integer("the size in bits")?;
            let signals = cursor.signal_places()?;
            groups.push(Group { name, size, signals });
            Ok(())
        })
    }

    /// `{ signal, offset; … }`
    pub(super) fn signal_places(&mut self) -> Parse<Vec<(Name<'a>, Integer)>> {
        let mut places = Vec::new();
        self.block(|cursor| {
            let signal = cursor.name("a signal's name")?;
            cursor.expect(Kind::Comma, "\",\"")?;
            places.push((signal, cursor.integer("the offset in bits")?));
            cursor.semicolon()
        })?;
        Ok(places)
    }
}
