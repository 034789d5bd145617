//! The parser's place in the tokens: looking and taking.

use super::super::ast::{Name, Text};
use super::super::fault::{Fault, Faults};
use super::super::lexer::{Kind, Token, is_unit, lex};
use super::super::span::Span;
use super::super::symbol::Symbols;
use crate::code::Code;
use crate::pool::List;

/// A fault has been recorded; the caller only has to get out of the way.
#[derive(Debug)]
pub(super) struct Reported;

pub(super) type Parse<T> = Result<T, Reported>;

pub(super) struct Cursor<'a, 'f> {
    pub(super) source: &'a str,
    pub(super) faults: &'f mut Faults,
    pub(super) symbols: Symbols,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    /// Braces that are open at this place.
    pub(super) depth: usize,
    /// So many closing braces are missing somewhere: the text has more opening ones.
    pub(super) missing_braces: usize,
    /// A closing brace is too many somewhere: the text has fewer opening ones.
    pub(super) has_surplus_brace: bool,
    /// Some string has no end: what it has swallowed, braces and semicolons, is not missing.
    pub(super) has_open_string: bool,
    /// Something that is there could not be read.
    pub(super) has_holes: bool,
}

impl<'a, 'f> Cursor<'a, 'f> {
    pub(super) fn new(source: &'a str, faults: &'f mut Faults) -> Self {
        // A token with the blanks around it has five bytes or more in files that people read.
        let mut tokens: Vec<Token> = Vec::with_capacity(source.len() / 5);
        let mut open = 0_usize;
        let mut closed = 0_usize;
        let mut has_open_string = false;
        let mut has_holes = false;
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
                    has_holes = true;
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
        Self {
            source,
            faults,
            symbols,
            tokens,
            at: 0,
            depth: 0,
            missing_braces: open.saturating_sub(closed),
            has_surplus_brace: closed > open,
            has_open_string,
            has_holes: has_holes || has_open_string,
        }
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
    pub(super) fn at_new_line(&self) -> bool {
        self.text(Span { start: self.previous().end, end: self.peek().span.start }).contains(['\r', '\n'])
    }

    /// Whether the token before the current one leaves a statement unfinished.
    pub(super) fn is_inside_statement(&self) -> bool {
        let previous = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        previous
            .is_some_and(|token| !matches!(token.kind, Kind::Semicolon | Kind::OpenBrace | Kind::CloseBrace))
    }

    pub(super) fn is_behind_brace(&self) -> bool {
        let previous = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        previous.is_some_and(|token| token.kind == Kind::CloseBrace)
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

    /// A text without quotes, as far as its characters touch: `2.1`, `ISO17987:2015`, `J2602_1_1.0`, `LIN-1`. A number
    /// with a unit is two words here as anywhere else.
    pub(super) fn bare_word(&mut self, expected: &str) -> Parse<Text> {
        let first = self.peek();
        if !matches!(first.kind, Kind::Identifier | Kind::Integer | Kind::Real) {
            return Err(self.unexpected(expected));
        }
        let mut last = self.bump();
        let mut span = last.span;
        while self.peek().span.start == span.end && self.goes_on_in(last.kind) {
            last = self.bump();
            span = span.to(last.span);
        }
        Ok(Text { span, is_escaped: false })
    }

    /// Whether the current token, which touches one of `kind`, is a part of the same bare word.
    fn goes_on_in(&self, kind: Kind) -> bool {
        let next = self.peek();
        match next.kind {
            Kind::Identifier => {
                !(matches!(kind, Kind::Integer | Kind::Real) && is_unit(self.text(next.span)))
            }
            next => matches!(next, Kind::Integer | Kind::Real | Kind::Colon | Kind::Unknown),
        }
    }

    fn is_behind_open_string(&self) -> bool {
        self.has_open_string
            && self
                .at
                .checked_sub(1)
                .and_then(|at| self.tokens.get(at))
                .is_some_and(|t| t.kind == Kind::OpenString)
    }
}
