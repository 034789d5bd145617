//! `Signal_encoding_types` and `Signal_representation`.

use super::super::ast::{Encoding, EncodingEntry, Representation};
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse};

impl<'a> Cursor<'a, '_> {
    pub(super) fn encoding_types(&mut self, encodings: &mut Vec<Encoding<'a>>) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("an encoding type's name")?;
            let mut entries = Vec::new();
            cursor.block(|cursor| {
                entries.push(cursor.encoding_entry()?);
                cursor.semicolon()
            })?;
            encodings.push(Encoding { name, entries });
            Ok(())
        })
    }

    fn encoding_entry(&mut self) -> Parse<EncodingEntry> {
        let token = self.peek();
        match self.text(token.span) {
            "logical_value" => {
                self.bump();
                self.expect(Kind::Comma, "\",\"")?;
                let value = self.integer("the raw value")?;
                let text = if self.eat(Kind::Comma) { Some(self.string("the text")?) } else { None };
                Ok(EncodingEntry::Logical { value, text })
            }
            "physical_value" => {
                self.bump();
                self.expect(Kind::Comma, "\",\"")?;
                let min = self.number("the lowest raw value")?;
                self.expect(Kind::Comma, "\",\"")?;
                let max = self.number("the highest raw value")?;
                self.expect(Kind::Comma, "\",\"")?;
                let scale = self.number("the scale")?;
                self.expect(Kind::Comma, "\",\"")?;
                let offset = self.number("the offset")?;
                let unit = if self.eat(Kind::Comma) { Some(self.string("the unit")?) } else { None };
                Ok(EncodingEntry::Physical { min, max, scale, offset, unit })
            }
            "bcd_value" => {
                self.bump();
                Ok(EncodingEntry::Bcd)
            }
            "ascii_value" => {
                self.bump();
                Ok(EncodingEntry::Ascii)
            }
            _ => Err(self.unexpected("logical_value, physical_value, bcd_value or ascii_value")),
        }
    }

    pub(super) fn representations(&mut self, found: &mut Vec<Representation<'a>>) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let encoding = cursor.name("an encoding type's name")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            found.push(Representation { encoding, signals: cursor.names("a signal's name")? });
            cursor.semicolon()
        })
    }
}
