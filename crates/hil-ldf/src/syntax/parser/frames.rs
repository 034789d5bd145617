//! `Frames` and the three other kinds of frames.

use super::super::ast::{EventTriggeredFrame, File, Frame, SporadicFrame};
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse};
use crate::pool::List;

impl Cursor<'_, '_> {
    pub(super) fn frames(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("a frame's name")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            let id = cursor.integer("the frame identifier")?;
            cursor.expect(Kind::Comma, "\",\" and the publisher")?;
            let publisher = Some(cursor.name("the publisher's name")?);
            let length =
                if cursor.eat(Kind::Comma) { Some(cursor.integer("the length in bytes")?) } else { None };
            let signals = cursor.signal_places(&mut file.places)?;
            file.frames.push(Frame { name, id, publisher, length, signals });
            Ok(())
        })
    }

    pub(super) fn diagnostic_frames(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("\"MasterReq\" or \"SlaveResp\"")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            let id = cursor.integer("the frame identifier")?;
            let signals = cursor.signal_places(&mut file.places)?;
            file.diagnostic_frames.push(Frame { name, id, publisher: None, length: None, signals });
            Ok(())
        })
    }

    pub(super) fn sporadic_frames(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("a sporadic frame's name")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            let frames = cursor.names(&mut file.names, "a frame's name")?;
            file.sporadic_frames.push(SporadicFrame { name, frames });
            cursor.semicolon()
        })
    }

    /// Up to LIN 2.0 there is no collision table: the identifier follows the colon.
    pub(super) fn event_triggered_frames(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("an event-triggered frame's name")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            let mut collision_table = None;
            if cursor.peek().kind == Kind::Identifier {
                collision_table = Some(cursor.name("the collision table's name")?);
                cursor.expect(Kind::Comma, "\",\"")?;
            }
            let id = cursor.integer("the frame identifier")?;
            let frames = if cursor.eat(Kind::Comma) {
                cursor.names(&mut file.names, "a frame's name")?
            } else {
                List::default()
            };
            file.event_triggered_frames.push(EventTriggeredFrame { name, collision_table, id, frames });
            cursor.semicolon()
        })
    }
}
