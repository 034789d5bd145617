//! The file as a whole: header statements and sections in any order.

use super::super::ast::{File, Header, Text};
use super::super::fault::{Fault, Faults};
use super::super::lexer::Kind;
use super::super::span::Span;
use super::cursor::{Cursor, Parse, Reported};
use super::recovery::SECTIONS;
use crate::code::Code;
use crate::nearest::nearest;

/// Parses a text. Faults are recorded; what could be read is in the tree.
pub(crate) fn parse(source: &str, faults: &mut Faults) -> File {
    let mut cursor = Cursor::new(source, faults);
    let mut file = File::with_room(cursor.count());
    if !cursor.opening(&mut file) {
        return file;
    }
    while !cursor.at_end() {
        let level = cursor.depth;
        if cursor.statement(&mut file).is_err() {
            cursor.has_holes = true;
            cursor.skip_statement(level);
            // A brace that closes nothing must not stop the way to the end.
            cursor.eat(Kind::CloseBrace);
        }
    }
    file.has_holes = cursor.has_holes;
    file.symbols = cursor.symbols;
    file
}

impl Cursor<'_, '_> {
    /// `LIN_description_file;`, or what the file seems to be instead. Without it nothing else is read.
    fn opening(&mut self, file: &mut File) -> bool {
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
        // What the lexer has found in a file of another kind says nothing.
        *self.faults = Faults::default();
        self.faults
            .push(Fault::error(Code::NotAnLdf, token.span, message).expected("\"LIN_description_file;\""));
        false
    }

    fn statement(&mut self, file: &mut File) -> Parse<()> {
        let token = self.peek();
        if token.kind != Kind::Identifier {
            return Err(self.unexpected("a section"));
        }
        let word = self.text(token.span);
        let word = self.meant(word, token.span);
        self.warn_about_second(word, token.span, &file.header);
        let header = &mut file.header;
        match word {
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
            "Signals" => self.signals(file)?,
            "Diagnostic_signals" => self.diagnostic_signals(file)?,
            "Signal_groups" => self.signal_groups(file)?,
            "Frames" => self.frames(file)?,
            "Diagnostic_frames" => self.diagnostic_frames(file)?,
            "Sporadic_frames" => self.sporadic_frames(file)?,
            "Event_triggered_frames" => self.event_triggered_frames(file)?,
            "Diagnostic_addresses" => self.diagnostic_addresses(file)?,
            "Node_attributes" => self.node_attributes(file)?,
            "Schedule_tables" => self.schedule_tables(file)?,
            "Signal_encoding_types" => self.encoding_types(file)?,
            "Signal_representation" => self.representations(file)?,
            unknown => self.unknown_section(unknown)?,
        }
        Ok(())
    }

    /// The word, or the section of which it is the singular, the plural, or another case. Skipping such a section would
    /// make everything that it declares unknown.
    fn meant<'w>(&mut self, word: &'w str, span: Span) -> &'w str {
        let is_meant = |section: &&&str| {
            let (long, short) =
                if section.len() > word.len() { (**section, word) } else { (word, **section) };
            long.strip_suffix('s')
                .unwrap_or(long)
                .eq_ignore_ascii_case(short.strip_suffix('s').unwrap_or(short))
        };
        if SECTIONS.contains(&word) || self.peek_at(1).kind != Kind::OpenBrace {
            return word;
        }
        let Some(section) = SECTIONS.iter().find(is_meant) else { return word };
        let message = format!("section \"{word}\" is read as \"{section}\"");
        let fault = Fault::warning(Code::UnknownSection, span, message);
        self.faults.push(fault.expected(format!("\"{section}\"")));
        section
    }

    /// The last of several header statements counts.
    fn warn_about_second(&mut self, word: &str, span: Span, header: &Header) {
        let is_second = match word {
            "LIN_protocol_version" => header.protocol_version.is_some(),
            "LIN_language_version" => header.language_version.is_some(),
            "LDF_file_revision" => header.file_revision.is_some(),
            "Channel_name" => header.channel_name.is_some(),
            "LIN_speed" => header.speed.is_some(),
            "LIN_sig_byte_order_big_endian" | "LIN_sig_byte_order_little_endian" => {
                header.big_endian.is_some()
            }
            _ => false,
        };
        if is_second {
            let message = format!("a second \"{word}\" replaces the first");
            self.faults.push(Fault::warning(Code::SecondStatement, span, message));
        }
    }

    /// The keyword and its `=`.
    pub(super) fn assignment(&mut self) -> Parse<()> {
        self.bump();
        self.expect(Kind::Equals, "\"=\"")?;
        Ok(())
    }

    fn header_string(&mut self) -> Parse<Text> {
        let text = self.loose_string("a string in quotes")?;
        self.semicolon()?;
        Ok(text)
    }

    /// The LIN 2.2A example has no semicolon here.
    fn channel_name(&mut self) -> Parse<Text> {
        let text = self.loose_string("a string in quotes")?;
        if !self.eat(Kind::Semicolon) {
            let message = "missing semicolon after the channel name";
            let fault = Fault::warning(Code::MissingSemicolon, self.previous().after(), message);
            self.faults.push(fault.expected("\";\""));
        }
        Ok(text)
    }

    /// Some files have no quotes around a name or a version.
    fn loose_string(&mut self, expected: &str) -> Parse<Text> {
        self.assignment()?;
        let token = self.peek();
        if !matches!(token.kind, Kind::Identifier | Kind::Integer | Kind::Real) {
            return self.string(expected);
        }
        let word = self.bare_word(expected)?;
        let message = format!("\"{}\" has no quotes", self.text(word.span));
        self.faults.push(Fault::warning(Code::UnquotedString, word.span, message).expected(expected));
        Ok(word)
    }

    /// An extension of some tool is skipped, if it is shaped like a section or a statement.
    fn unknown_section(&mut self, word: &str) -> Parse<()> {
        if self.has_surplus_brace && self.is_behind_brace() {
            return Err(self.surplus_brace());
        }
        let level = self.depth;
        let token = self.bump();
        if !matches!(self.peek().kind, Kind::OpenBrace | Kind::Equals | Kind::Semicolon) {
            return Err(self.unexpected("a section or a statement"));
        }
        let message = format!("unknown section \"{word}\" is skipped");
        let fault = Fault::warning(Code::UnknownSection, token.span, message);
        self.faults.push(fault.nearest(nearest(word, SECTIONS)));
        self.skip_statement(level);
        Ok(())
    }

    /// A section was closed too early: what is left of it is passed over.
    fn surplus_brace(&mut self) -> Reported {
        let message = "one closing brace too many up to here";
        let fault = Fault::error(Code::SurplusBrace, self.previous(), message);
        let next = self.text(self.peek().span);
        self.faults.push(fault.expected(format!("\"{next}\" within the section that this brace closes")));
        self.has_surplus_brace = false;
        while !self.at_end() && !self.at_section() {
            self.bump();
        }
        Reported
    }
}
