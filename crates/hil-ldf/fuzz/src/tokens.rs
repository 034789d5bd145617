//! A file cut into pieces, for the edits only. Not the lexer of hil-ldf: the two must not share mistakes.

use std::borrow::Cow;

use libfuzzer_sys::arbitrary::{self, Arbitrary};

/// A word, a string, a comment or a single character, with the blanks behind it.
#[derive(Clone, Debug)]
pub(crate) struct Piece<'t> {
    text: Cow<'t, str>,
    blank: &'t str,
}

/// What a piece is, as far as edits care.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number,
    Other,
}

impl<'t> Piece<'t> {
    /// A piece that does not touch the next one.
    pub(crate) fn new(text: impl Into<Cow<'t, str>>) -> Self {
        Self { text: text.into(), blank: " " }
    }

    /// A word with a number behind it.
    pub(crate) fn numbered(&self, number: usize) -> Self {
        Self { text: format!("{}_{number}", self.text).into(), blank: self.blank }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.text.chars().next() {
            Some('0'..='9' | '.' | '-' | '+') => Kind::Number,
            Some(c) if is_word(c) => Kind::Word,
            Some(_) | None => Kind::Other,
        }
    }
}

/// Cuts `text` into pieces that together are the text, but for blanks at its start.
pub(crate) fn cut(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = if is_word(first) {
            rest.find(|c| !is_word(c))
        } else if first == '"' {
            rest.get(1..).and_then(|behind| behind.find('"')).map(|at| at + 2)
        } else if rest.starts_with("//") {
            rest.find('\n')
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|at| at + 2)
        } else {
            Some(first.len_utf8())
        };
        let (piece, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind.trim_start();
        let blank = behind.strip_suffix(rest).unwrap_or_default();
        pieces.push(Piece { text: piece.into(), blank });
    }
    pieces
}

/// Puts pieces together again.
pub(crate) fn join(pieces: &[Piece<'_>]) -> String {
    pieces.iter().flat_map(|piece| [&*piece.text, piece.blank]).collect()
}

/// The place behind the statement or block that begins at `at`.
pub(crate) fn block_end(pieces: &[Piece<'_>], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, piece) in pieces.iter().enumerate().skip(at) {
        match &*piece.text {
            "{" => depth += 1,
            "}" if depth <= 1 => return index + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    pieces.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+')
}
