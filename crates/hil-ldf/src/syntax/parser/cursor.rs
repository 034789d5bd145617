//! The parser's place in the tokens: looking, taking, complaining, and finding the way back after a fault.

use super::super::ast::{Integer, Name, Number, Text};
use super::super::fault::{Fault, Faults};
use super::super::lexer::{Kind, Token, lex};
use super::super::span::Span;

/// A fault has been recorded; the caller only has to get out of the way.
#[derive(Debug)]
pub(super) struct Reported;

pub(super) type Parse<T> = Result<T, Reported>;

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

pub(super) struct Cursor<'a, 'f> {
    pub(super) source: &'a str,
    pub(super) faults: &'f mut Faults,
    tokens: Vec<Token>,
    at: usize,
    /// Braces that are open at this place.
    pub(super) depth: usize,
    /// The text has more opening than closing braces, so one of them is missing somewhere.
    lacks_brace: bool,
}

impl<'a, 'f> Cursor<'a, 'f> {
    pub(super) fn new(source: &'a str, faults: &'f mut Faults) -> Self {
        let tokens: Vec<Token> = lex(source).into_iter().filter(|token| !token.kind.is_trivia()).collect();
        let count = |kind| tokens.iter().filter(|token| token.kind == kind).count();
        let lacks_brace = count(Kind::OpenBrace) > count(Kind::CloseBrace);
        for token in &tokens {
            match token.kind {
                Kind::OpenComment => {
                    let opening = Span { start: token.span.start, end: token.span.start + 2 };
                    faults.push(Fault::error(opening, "unterminated block comment").expected("\"*/\""));
                }
                Kind::OpenString => {
                    faults.push(
                        Fault::error(token.span, "unterminated string").expected("'\"' on the same line"),
                    );
                }
                _ => {}
            }
        }
        Self { source, faults, tokens, at: 0, depth: 0, lacks_brace }
    }

    // Looking.

    pub(super) fn peek(&self) -> Token {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Token {
        let end = Span { start: self.source.len(), end: self.source.len() };
        self.tokens.get(self.at + ahead).copied().unwrap_or(Token { kind: Kind::End, span: end })
    }

    /// The token before the current one, or the start of the text.
    pub(super) fn previous(&self) -> Span {
        self.at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map_or(Span { start: 0, end: 0 }, |t| t.span)
    }

    pub(super) fn text(&self, span: Span) -> &'a str {
        self.source.get(span.start..span.end).unwrap_or("")
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        self.peek().kind == Kind::Identifier && self.text(self.peek().span) == word
    }

    pub(super) fn at_end(&self) -> bool {
        self.peek().kind == Kind::End
    }

    /// Whether the current token is on a later line than the one before.
    fn at_new_line(&self) -> bool {
        self.text(Span { start: self.previous().end, end: self.peek().span.start }).contains(['\r', '\n'])
    }

    // Taking.

    pub(super) fn bump(&mut self) -> Token {
        let token = self.peek();
        match token.kind {
            Kind::End => return token,
            Kind::OpenBrace => self.depth += 1,
            Kind::CloseBrace => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.at += 1;
        token
    }

    pub(super) fn eat(&mut self, kind: Kind) -> bool {
        let found = self.peek().kind == kind;
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn expect(&mut self, kind: Kind, expected: &str) -> Parse<Token> {
        if self.peek().kind == kind { Ok(self.bump()) } else { Err(self.unexpected(expected)) }
    }

    pub(super) fn word(&mut self, word: &str) -> Parse<()> {
        if self.at_word(word) {
            self.bump();
            Ok(())
        } else {
            Err(self.unexpected(&format!("\"{word}\"")))
        }
    }

    /// A missing semicolon is reported behind the token before it. If the next token starts a new line, the
    /// statement counts as complete.
    pub(super) fn semicolon(&mut self) -> Parse<()> {
        if self.eat(Kind::Semicolon) {
            return Ok(());
        }
        self.faults.push(Fault::error(self.previous().after(), "missing semicolon").expected("\";\""));
        if self.at_new_line() { Ok(()) } else { Err(Reported) }
    }

    pub(super) fn name(&mut self, expected: &str) -> Parse<Name<'a>> {
        let span = self.expect(Kind::Identifier, expected)?.span;
        let text = self.text(span);
        if !text.is_ascii() {
            let message = format!("\"{text}\" has letters beyond ASCII, other tools will refuse it");
            self.faults.push(Fault::warning(span, message));
        }
        Ok(Name { text, span })
    }

    /// `name [, name]*`, possibly empty.
    pub(super) fn names(&mut self, expected: &str) -> Parse<Vec<Name<'a>>> {
        let mut names = Vec::new();
        if self.peek().kind != Kind::Identifier {
            return Ok(names);
        }
        loop {
            names.push(self.name(expected)?);
            if !self.eat(Kind::Comma) {
                return Ok(names);
            }
        }
    }

    pub(super) fn integer(&mut self, expected: &str) -> Parse<Integer> {
        let span = self.expect(Kind::Integer, expected)?.span;
        let text = self.text(span);
        self.warn_about_sign(text, span);
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(digits) => i128::from_str_radix(digits, 16),
            None => digits.parse(),
        };
        match value {
            Ok(value) => Ok(Integer { value: if negative { -value } else { value }, span }),
            Err(_) => {
                self.faults.push(Fault::error(span, "number too large").expected(expected));
                Err(Reported)
            }
        }
    }

    pub(super) fn integers<const N: usize>(&mut self, expected: &str) -> Parse<[Integer; N]> {
        let mut numbers = [Integer { value: 0, span: self.peek().span }; N];
        for (index, number) in numbers.iter_mut().enumerate() {
            if index > 0 {
                self.expect(Kind::Comma, "\",\"")?;
            }
            *number = self.integer(expected)?;
        }
        Ok(numbers)
    }

    pub(super) fn number(&mut self, expected: &str) -> Parse<Number> {
        if self.peek().kind == Kind::Integer {
            let integer = self.integer(expected)?;
            // A real of the file has the same 53 bits.
            return Ok(Number { value: integer.value as f64, span: integer.span });
        }
        let span = self.expect(Kind::Real, expected)?.span;
        let text = self.text(span);
        self.warn_about_sign(text, span);
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        let unsigned = mantissa.trim_start_matches(['+', '-']);
        if unsigned.starts_with('.') || unsigned.ends_with('.') {
            let message = format!("\"{text}\" lacks a digit beside the decimal point");
            self.faults.push(Fault::warning(span, message));
        }
        match text.parse() {
            Ok(value) => Ok(Number { value, span }),
            Err(_) => Err(self.unexpected(expected)),
        }
    }

    fn warn_about_sign(&mut self, text: &str, span: Span) {
        if text.starts_with('+') {
            self.faults.push(Fault::warning(span, format!("explicit plus sign in \"{text}\"")));
        }
    }

    /// A number followed by a unit. A decimal comma is the usual slip here.
    pub(super) fn quantity(&mut self, unit: &str, expected: &str) -> Parse<Number> {
        let number = self.number(expected)?;
        if self.peek().kind == Kind::Comma && self.peek_at(1).kind == Kind::Integer {
            let span = number.span.to(self.peek_at(1).span);
            let hint = self.text(span).replace(',', ".").replace(' ', "");
            self.faults.push(
                Fault::error(span, "decimal comma")
                    .expected("a decimal point")
                    .hint(format!("write {hint} {unit}")),
            );
            return Err(Reported);
        }
        if unit == "%" {
            self.expect(Kind::Percent, "\"%\"")?;
        } else {
            self.word(unit)?;
        }
        Ok(number)
    }

    pub(super) fn string(&mut self, expected: &str) -> Parse<Text> {
        let span = self.expect(Kind::String, expected)?.span;
        let quoted = self.text(span);
        Ok(Text { value: unescape(quoted.get(1..quoted.len() - 1).unwrap_or("")), span })
    }

    // Complaining.

    /// Reports the current token, or the end of the line before it where something is missing there.
    pub(super) fn unexpected(&mut self, expected: &str) -> Reported {
        let token = self.peek();
        let fault = match token.kind {
            Kind::End => Fault::error(self.previous().after(), "the file ends too early"),
            // What is wrong with these has been said when they were read.
            Kind::OpenComment | Kind::OpenString => return Reported,
            _ if self.at_new_line() && matches!(token.kind, Kind::Identifier | Kind::CloseBrace) => {
                Fault::error(self.previous().after(), "the statement is incomplete")
            }
            _ => Fault::error(token.span, format!("unexpected \"{}\"", self.text(token.span))),
        };
        self.faults.push(fault.expected(expected));
        Reported
    }

    // Going on.

    /// `{ item* }`. A faulty item is skipped and the next one tried.
    pub(super) fn block(&mut self, mut item: impl FnMut(&mut Self) -> Parse<()>) -> Parse<()> {
        let open = self.expect(Kind::OpenBrace, "\"{\"")?.span;
        loop {
            if self.eat(Kind::CloseBrace) || self.in_open_comment() {
                return Ok(());
            }
            if self.at_end() || (self.lacks_brace && self.at_section()) {
                let fault = Fault::error(self.previous().after(), "missing closing brace").expected("\"}\"");
                self.faults.push(fault.note(open, "opened here"));
                // One brace has been accounted for: the section that follows is read as usual.
                return Ok(());
            }
            let (before, level) = (self.at, self.depth);
            if item(self).is_err() {
                self.skip_statement(level);
                if self.at == before {
                    self.bump();
                }
            }
        }
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
            if self.at_end() || (self.lacks_brace && self.at_section()) {
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

/// `\"` and `\\` are the escapes of the language; any other backslash is text.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&escaped @ ('"' | '\\'))) => {
                plain.push(escaped);
                chars.next();
            }
            _ => plain.push(c),
        }
    }
    plain
}
