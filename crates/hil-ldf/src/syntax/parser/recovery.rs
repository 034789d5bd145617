//! Complaining, and finding the way back after a fault.

use super::super::fault::Fault;
use super::super::lexer::Kind;
use super::super::span::Span;
use super::cursor::{Cursor, Parse, Reported};
use crate::code::Code;

/// The words that open a section, for the hint at unknown ones and to notice a missing brace.
pub(super) const SECTIONS: [&str; 14] = [
    "Nodes",
    "composite",
    "Signals",
    "Diagnostic_signals",
    "Frames",
    "Sporadic_frames",
    "Event_triggered_frames",
    "Diagnostic_frames",
    "Diagnostic_addresses",
    "Node_attributes",
    "Schedule_tables",
    "Signal_groups",
    "Signal_encoding_types",
    "Signal_representation",
];

impl Cursor<'_, '_> {
    /// Reports the current token, or the end of the line before it where something is missing there.
    pub(super) fn unexpected(&mut self, expected: &str) -> Reported {
        let token = self.peek();
        let fault = match token.kind {
            Kind::End => {
                Fault::error(Code::UnexpectedEnd, self.previous().after(), "the file ends too early")
            }
            // What is wrong with these has been said when they were read.
            Kind::OpenComment | Kind::OpenString => return Reported,
            _ if self.is_inside_statement()
                && self.at_new_line()
                && matches!(token.kind, Kind::Identifier | Kind::CloseBrace) =>
            {
                let place = self.previous().after();
                Fault::error(Code::IncompleteStatement, place, "the statement is incomplete")
            }
            _ => {
                let message = format!("unexpected \"{}\"", abbreviated(self.text(token.span)));
                Fault::error(Code::UnexpectedToken, token.span, message)
            }
        };
        self.faults.push(fault.expected(expected));
        Reported
    }

    /// `{ item* }`. A faulty item is skipped and the next one tried.
    pub(super) fn block(&mut self, item: impl FnMut(&mut Self) -> Parse<()>) -> Parse<()> {
        self.inner_block(|_| false, item)
    }

    /// A block within another one. `is_outer` tells what can only be an item of the block around it, so that a missing
    /// brace is noticed there.
    pub(super) fn inner_block(
        &mut self,
        is_outer: impl Fn(&Self) -> bool,
        mut item: impl FnMut(&mut Self) -> Parse<()>,
    ) -> Parse<()> {
        let open = self.open_block()?;
        loop {
            if self.eat(Kind::CloseBrace) || self.in_open_comment() {
                return Ok(());
            }
            if self.at_end() || (self.missing_braces > 0 && (self.at_section() || is_outer(self))) {
                if !self.has_open_string {
                    let place = self.previous().after();
                    let fault = Fault::error(Code::MissingBrace, place, "missing closing brace");
                    self.faults.push(fault.expected("\"}\"").note(open, "opened here"));
                }
                self.has_holes = true;
                // One brace has been accounted for: what follows is read as usual.
                self.missing_braces = self.missing_braces.saturating_sub(1);
                self.depth = self.depth.saturating_sub(1);
                return Ok(());
            }
            let (before, level) = (self.at, self.depth);
            if item(self).is_err() {
                self.has_holes = true;
                self.skip_statement(level);
                if self.at == before {
                    self.bump();
                }
            }
        }
    }

    /// Something is declared here that has a block of its own.
    pub(super) fn at_named_block(&self) -> bool {
        self.peek().kind == Kind::Identifier && self.peek_at(1).kind == Kind::OpenBrace
    }

    /// Where only the brace is missing, what follows is read as if it were there.
    fn open_block(&mut self) -> Parse<Span> {
        if self.peek().kind == Kind::Identifier && self.at_new_line() {
            let place = self.previous().after();
            let fault = Fault::error(Code::MissingBrace, place, "missing opening brace");
            self.faults.push(fault.expected("\"{\""));
            self.depth += 1;
            return Ok(place);
        }
        Ok(self.expect(Kind::OpenBrace, "\"{\"")?.span)
    }

    /// An unterminated comment hides the rest of the file; what is missing there is unknown.
    fn in_open_comment(&self) -> bool {
        self.tokens.last().is_some_and(|last| last.kind == Kind::OpenComment)
            && self.at + 1 >= self.tokens.len()
    }

    pub(super) fn at_section(&self) -> bool {
        self.peek_at(1).kind == Kind::OpenBrace && SECTIONS.iter().any(|section| self.at_word(section))
    }

    /// Skips the rest of a statement that began at brace depth `level`: to behind its semicolon or its last
    /// braced group, or to a brace that closes an outer group.
    pub(super) fn skip_statement(&mut self, level: usize) {
        loop {
            if self.at_end() || (self.missing_braces > 0 && self.at_section()) {
                return;
            }
            if self.peek().kind == Kind::CloseBrace && self.depth <= level {
                return;
            }
            let skipped = self.bump().kind;
            // In some statements more follows behind the brace: `{ 1, 2 }, publisher;`, `{ node } delay 10 ms;`.
            let goes_on = matches!(self.peek().kind, Kind::Comma | Kind::Semicolon) || self.at_word("delay");
            let complete = skipped == Kind::Semicolon || (skipped == Kind::CloseBrace && !goes_on);
            if complete && self.depth <= level {
                return;
            }
        }
    }
}

/// A token may be as long as the file.
fn abbreviated(token: &str) -> String {
    match token.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", token.get(..end).unwrap_or("")),
        None => token.to_owned(),
    }
}
