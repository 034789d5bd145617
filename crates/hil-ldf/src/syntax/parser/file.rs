//! The file as a whole: header statements and sections in any order.

use super::super::ast::{File, Text};
use super::super::fault::{Fault, Faults};
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse, SECTIONS};
use crate::nearest::nearest;

/// Parses a text. Faults are recorded; what could be read is in the tree.
pub(crate) fn parse<'a>(source: &'a str, faults: &mut Faults) -> File<'a> {
    let mut cursor = Cursor::new(source, faults);
    let mut file = File::default();
    if !cursor.opening(&mut file) {
        return file;
    }
    while !cursor.at_end() {
        let level = cursor.depth;
        if cursor.statement(&mut file).is_err() {
            cursor.skip_statement(level);
            // A brace that closes nothing must not stop the way to the end.
            cursor.eat(Kind::CloseBrace);
        }
    }
    file
}

impl<'a> Cursor<'a, '_> {
    /// `LIN_description_file;`, or what the file seems to be instead. Without it nothing else is read.
    fn opening(&mut self, file: &mut File<'a>) -> bool {
        let token = self.peek();
        if self.at_word("LIN_description_file") {
            file.header.span = Some(self.bump().span);
            // The faulty statement is complete for what follows, whatever stands behind it.
            let _reported = self.semicolon();
            return true;
        }
        let message = if token.kind == Kind::End {
            "the file is empty"
        } else if self.at_word("node_capability_file") {
            "this is a node capability file, not a LIN description file"
        } else if self.source.contains('\0') {
            "this is binary data, not text"
        } else if SECTIONS.iter().any(|word| self.at_word(word)) || self.text(token.span).starts_with("LIN_")
        {
            "the file lacks its first statement"
        } else {
            "this is not a LIN description file"
        };
        self.faults.push(Fault::error(token.span, message).expected("\"LIN_description_file;\""));
        false
    }

    fn statement(&mut self, file: &mut File<'a>) -> Parse<()> {
        let token = self.peek();
        if token.kind != Kind::Identifier {
            return Err(self.unexpected("a section"));
        }
        let header = &mut file.header;
        match self.text(token.span) {
            "LIN_protocol_version" => header.protocol_version = Some(self.header_string()?),
            "LIN_language_version" => header.language_version = Some(self.header_string()?),
            "LDF_file_revision" => header.file_revision = Some(self.header_string()?),
            "Channel_name" => header.channel_name = Some(self.channel_name()?),
            "LIN_speed" => {
                self.assignment()?;
                header.speed = Some(self.quantity("kbps", "the bit rate, as in 19.2 kbps")?);
                self.semicolon()?;
            }
            "LIN_sig_byte_order_big_endian" => {
                self.bump();
                header.big_endian = Some(true);
                self.semicolon()?;
            }
            "LIN_sig_byte_order_little_endian" => {
                self.bump();
                header.big_endian = Some(false);
                self.semicolon()?;
            }
            "Nodes" => self.nodes(file)?,
            "composite" => self.composite(file)?,
            "Signals" => self.signals(&mut file.signals)?,
            "Diagnostic_signals" => self.diagnostic_signals(&mut file.diagnostic_signals)?,
            "Signal_groups" => self.signal_groups(&mut file.groups)?,
            "Frames" => self.frames(&mut file.frames)?,
            "Diagnostic_frames" => self.diagnostic_frames(&mut file.diagnostic_frames)?,
            "Sporadic_frames" => self.sporadic_frames(&mut file.sporadic_frames)?,
            "Event_triggered_frames" => self.event_triggered_frames(&mut file.event_triggered_frames)?,
            "Diagnostic_addresses" => self.diagnostic_addresses(&mut file.diagnostic_addresses)?,
            "Node_attributes" => self.node_attributes(&mut file.node_attributes)?,
            "Schedule_tables" => self.schedule_tables(&mut file.schedules)?,
            "Signal_encoding_types" => self.encoding_types(&mut file.encodings)?,
            "Signal_representation" => self.representations(&mut file.representations)?,
            unknown => self.unknown_section(unknown)?,
        }
        Ok(())
    }

    /// The keyword and its `=`.
    pub(super) fn assignment(&mut self) -> Parse<()> {
        self.bump();
        self.expect(Kind::Equals, "\"=\"")?;
        Ok(())
    }

    fn header_string(&mut self) -> Parse<Text> {
        self.assignment()?;
        let text = self.string("a string in quotes")?;
        self.semicolon()?;
        Ok(text)
    }

    /// The LIN 2.2A example has no semicolon here, and some files have no quotes: both are taken.
    fn channel_name(&mut self) -> Parse<Text> {
        self.assignment()?;
        let text = if self.peek().kind == Kind::Identifier {
            let name = self.name("a string in quotes")?;
            self.faults.push(Fault::warning(name.span, "channel name without quotes"));
            Text { value: name.text.to_owned(), span: name.span }
        } else {
            self.string("a string in quotes")?
        };
        if !self.eat(Kind::Semicolon) {
            let fault = Fault::warning(self.previous().after(), "missing semicolon after the channel name");
            self.faults.push(fault.expected("\";\""));
        }
        Ok(text)
    }

    /// An extension of some tool is skipped, if it is shaped like a section or a statement.
    fn unknown_section(&mut self, word: &str) -> Parse<()> {
        let level = self.depth;
        let token = self.bump();
        if !matches!(self.peek().kind, Kind::OpenBrace | Kind::Equals | Kind::Semicolon) {
            return Err(self.unexpected("a section or a statement"));
        }
        let fault = Fault::warning(token.span, format!("unknown section \"{word}\" is skipped"));
        self.faults.push(fault.nearest(nearest(word, SECTIONS)));
        self.skip_statement(level);
        Ok(())
    }
}
