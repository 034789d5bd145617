//! The parser's place in the tokens: looking, taking, complaining, and finding the way back after a fault.

use super::super::ast::{Integer, Name, Number, Text};
use super::super::fault::{Fault, Faults};
use super::super::lexer::{Kind, Token, lex};
use super::super::span::Span;
use super::super::symbol::Symbols;
use crate::code::Code;
use crate::pool::List;

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
    pub(super) symbols: Symbols,
    tokens: Vec<Token>,
    at: usize,
    /// Braces that are open at this place.
    pub(super) depth: usize,
    /// The text has more opening than closing braces, so one of them is missing somewhere.
    lacks_brace: bool,
    /// Some string has no end: what it has swallowed, braces and semicolons, is not missing.
    has_open_string: bool,
}

impl<'a, 'f> Cursor<'a, 'f> {
    pub(super) fn new(source: &'a str, faults: &'f mut Faults) -> Self {
        // A token with the blanks around it has five bytes or more in files that people read.
        let mut tokens: Vec<Token> = Vec::with_capacity(source.len() / 5);
        let mut open = 0_usize;
        let mut closed = 0_usize;
        let mut has_open_string = false;
        for token in lex(source) {
            match token.kind {
                Kind::Blank | Kind::Comment => continue,
                Kind::OpenBrace => open += 1,
                Kind::CloseBrace => closed += 1,
                Kind::OpenComment => {
                    let opening = Span { start: token.span.start, end: token.span.start + 2 };
                    let message = "unterminated block comment";
                    let fault = Fault::error(Code::UnterminatedComment, opening, message);
                    faults.push(fault.expected("\"*/\""));
                }
                Kind::OpenString => {
                    has_open_string = true;
                    let fault = Fault::error(Code::UnterminatedString, token.span, "unterminated string");
                    faults.push(fault.expected("'\"' on the same line"));
                }
                _ => {}
            }
            tokens.push(token);
        }
        let symbols = Symbols::with_capacity(tokens.len() / 16);
        Self { source, faults, symbols, tokens, at: 0, depth: 0, lacks_brace: open > closed, has_open_string }
    }

    /// How many tokens there are.
    pub(super) fn count(&self) -> usize {
        self.tokens.len()
    }

    // Looking.

    pub(super) fn peek(&self) -> Token {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Token {
        self.tokens.get(self.at + ahead).copied().unwrap_or_else(|| self.end())
    }

    #[cold]
    fn end(&self) -> Token {
        let end = u32::try_from(self.source.len()).unwrap_or(u32::MAX);
        Token { kind: Kind::End, span: Span { start: end, end } }
    }

    /// The token before the current one, or the start of the text.
    pub(super) fn previous(&self) -> Span {
        self.at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map_or(Span { start: 0, end: 0 }, |t| t.span)
    }

    pub(super) fn text(&self, span: Span) -> &'a str {
        span.of(self.source)
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
        if self.eat(Kind::Semicolon) || self.is_behind_open_string() {
            return Ok(());
        }
        let fault = Fault::error(Code::MissingSemicolon, self.previous().after(), "missing semicolon");
        self.faults.push(fault.expected("\";\""));
        if self.at_new_line() { Ok(()) } else { Err(Reported) }
    }

    pub(super) fn name(&mut self, expected: &str) -> Parse<Name> {
        let span = self.expect(Kind::Identifier, expected)?.span;
        let text = self.text(span);
        if !text.is_ascii() {
            let message = format!("\"{text}\" has letters beyond ASCII, other tools will refuse it");
            self.faults.push(Fault::warning(Code::NonAsciiName, span, message));
        }
        Ok(Name { symbol: self.symbols.intern(self.source, span), span })
    }

    /// `name [, name]*`, possibly empty.
    pub(super) fn names(&mut self, pool: &mut Vec<Name>, expected: &str) -> Parse<List<Name>> {
        let start = pool.len();
        if self.peek().kind == Kind::Identifier {
            pool.push(self.name(expected)?);
            while self.eat(Kind::Comma) {
                pool.push(self.name(expected)?);
            }
        }
        Ok(List::since(start, pool))
    }

    pub(super) fn integer(&mut self, expected: &str) -> Parse<Integer> {
        let span = self.expect(Kind::Integer, expected)?.span;
        let text = self.text(span);
        let (is_negative, digits) = match text.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] => {
                self.warn_about_sign(span);
                (false, digits)
            }
            digits => (false, digits),
        };
        let magnitude = match digits {
            [b'0', b'x' | b'X', digits @ ..] => magnitude(digits, 16),
            digits => magnitude(digits, 10),
        };
        let Some(magnitude) = magnitude else {
            let fault = Fault::error(Code::NumberTooLarge, span, "number too large");
            self.faults.push(fault.expected(expected));
            return Err(Reported);
        };
        Ok(Integer { magnitude, is_negative, span })
    }

    /// `count` integers with commas between them.
    pub(super) fn integers(
        &mut self,
        pool: &mut Vec<Integer>,
        count: usize,
        expected: &str,
    ) -> Parse<List<Integer>> {
        let start = pool.len();
        for index in 0..count {
            if index > 0 {
                self.expect(Kind::Comma, "\",\"")?;
            }
            pool.push(self.integer(expected)?);
        }
        Ok(List::since(start, pool))
    }

    pub(super) fn number(&mut self, expected: &str) -> Parse<Number> {
        if self.peek().kind == Kind::Integer {
            let integer = self.integer(expected)?;
            // A real of the file has the same 53 bits.
            let value = integer.magnitude as f64;
            return Ok(Number {
                value: if integer.is_negative { -value } else { value },
                span: integer.span,
            });
        }
        let span = self.expect(Kind::Real, expected)?.span;
        let text = self.text(span);
        if text.starts_with('+') {
            self.warn_about_sign(span);
        }
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        let unsigned = mantissa.trim_start_matches(['+', '-']);
        if unsigned.starts_with('.') || unsigned.ends_with('.') {
            let message = format!("\"{text}\" lacks a digit beside the decimal point");
            self.faults.push(Fault::warning(Code::BareDecimalPoint, span, message));
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Number { value, span }),
            Ok(_) | Err(_) => {
                let fault = Fault::error(Code::NumberTooLarge, span, "number too large");
                self.faults.push(fault.expected(expected));
                Err(Reported)
            }
        }
    }

    fn warn_about_sign(&mut self, span: Span) {
        let message = format!("explicit plus sign in \"{}\"", self.text(span));
        self.faults.push(Fault::warning(Code::PlusSign, span, message));
    }

    /// A number followed by a unit. A decimal comma is the usual slip here.
    pub(super) fn quantity(&mut self, unit: &str, expected: &str) -> Parse<Number> {
        let number = self.number(expected)?;
        if self.peek().kind == Kind::Comma && self.peek_at(1).kind == Kind::Integer {
            let span = number.span.to(self.peek_at(1).span);
            let hint = self.text(span).replace(',', ".").replace(' ', "");
            self.faults.push(
                Fault::error(Code::DecimalComma, span, "decimal comma")
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
        let quoted = self.peek().span;
        // The missing end has been reported.
        let end = if self.eat(Kind::OpenString) { quoted.end } else { quoted.end.saturating_sub(1) };
        if !self.is_behind_open_string() {
            self.expect(Kind::String, expected)?;
        }
        let span = Span { start: quoted.start + 1, end };
        Ok(Text { span, is_escaped: self.text(span).as_bytes().contains(&b'\\') })
    }

    fn is_behind_open_string(&self) -> bool {
        self.has_open_string
            && self
                .at
                .checked_sub(1)
                .and_then(|at| self.tokens.get(at))
                .is_some_and(|t| t.kind == Kind::OpenString)
    }

    // Complaining.

    /// Reports the current token, or the end of the line before it where something is missing there.
    pub(super) fn unexpected(&mut self, expected: &str) -> Reported {
        let token = self.peek();
        let fault = match token.kind {
            Kind::End => {
                Fault::error(Code::UnexpectedEnd, self.previous().after(), "the file ends too early")
            }
            // What is wrong with these has been said when they were read.
            Kind::OpenComment | Kind::OpenString => return Reported,
            _ if self.at_new_line() && matches!(token.kind, Kind::Identifier | Kind::CloseBrace) => {
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

    // Going on.

    /// `{ item* }`. A faulty item is skipped and the next one tried.
    pub(super) fn block(&mut self, mut item: impl FnMut(&mut Self) -> Parse<()>) -> Parse<()> {
        let open = self.open_block()?;
        loop {
            if self.eat(Kind::CloseBrace) || self.in_open_comment() {
                return Ok(());
            }
            if self.at_end() || (self.lacks_brace && self.at_section()) {
                if !self.has_open_string {
                    let place = self.previous().after();
                    let fault = Fault::error(Code::MissingBrace, place, "missing closing brace");
                    self.faults.push(fault.expected("\"}\"").note(open, "opened here"));
                }
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

/// The number that `digits` are, if it has no more than 64 bits.
fn magnitude(digits: &[u8], base: u64) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            _ => (digit | 0x20) - b'a' + 10,
        };
        number.checked_mul(base)?.checked_add(u64::from(digit))
    })
}

/// A token may be as long as the file.
fn abbreviated(token: &str) -> String {
    match token.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", token.get(..end).unwrap_or("")),
        None => token.to_owned(),
    }
}
