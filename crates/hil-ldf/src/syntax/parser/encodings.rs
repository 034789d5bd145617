//! `Signal_encoding_types` and `Signal_representation`.

use super::super::ast::{Encoding, EncodingEntry, File, Representation, Text};
use super::super::fault::Fault;
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse, Reported};
use crate::code::Code;
use crate::pool::List;

impl Cursor<'_, '_> {
    pub(super) fn encoding_types(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let name = cursor.name("an encoding type's name")?;
            let start = file.encoding_entries.len();
            cursor.inner_block(Self::at_named_block, |cursor| {
                file.encoding_entries.push(cursor.encoding_entry()?);
                cursor.semicolon()
            })?;
            let entries = List::since(start, &file.encoding_entries);
            file.encodings.push(Encoding { name, entries });
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
                let unit = if self.eat(Kind::Comma) { Some(self.unit()?) } else { None };
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

    /// One number too many before the unit is a decimal comma.
    fn unit(&mut self) -> Parse<Text> {
        let token = self.peek();
        if matches!(token.kind, Kind::Integer | Kind::Real) {
            let message = "one number too many, probably a decimal comma";
            let fault = Fault::error(Code::DecimalComma, token.span, message);
            self.faults
                .push(fault.expected("lowest, highest, scale, offset with decimal points, and the unit"));
            return Err(Reported);
        }
        self.string("the unit")
    }

    pub(super) fn representations(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let encoding = cursor.name("an encoding type's name")?;
            cursor.expect(Kind::Colon, "\":\"")?;
            let signals = cursor.names(&mut file.names, "a signal's name")?;
            file.representations.push(Representation { encoding, signals });
            cursor.semicolon()
        })
    }
}
