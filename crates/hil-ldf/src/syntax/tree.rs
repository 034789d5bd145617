//! The concrete tree: statements, blocks and every byte between them, for tools that rewrite a file without losing
//! anything of it.
//!
//! It knows braces and semicolons, not the language: any text has a tree, and the tree's tokens put together are the
//! text. Nodes lie in one list, so that no nesting is too deep for it.

use std::fmt;

use super::lexer::{Kind, Token, lex};
use super::span::Span;

/// What a token of the concrete tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name, a keyword, a number, or a string.
    Word,
    /// One of `{ } ; : , = %`.
    Punctuation,
    /// Spaces, tabs, line ends.
    Blank,
    /// A comment, without the line end of a line comment.
    Comment,
    /// What the language has no use for, such as a string or comment without an end.
    Unknown,
}

impl From<Kind> for TokenKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Identifier | Kind::Integer | Kind::Real | Kind::String => Self::Word,
            Kind::OpenBrace
            | Kind::CloseBrace
            | Kind::Semicolon
            | Kind::Colon
            | Kind::Comma
            | Kind::Equals
            | Kind::Percent => Self::Punctuation,
            Kind::Blank => Self::Blank,
            Kind::Comment => Self::Comment,
            Kind::OpenComment | Kind::OpenString | Kind::Unknown | Kind::End => Self::Unknown,
        }
    }
}

/// A part of the concrete tree, in the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element<'t> {
    /// A statement begins; at the top level that is a header line or a whole section.
    StatementStart,
    /// The statement ends.
    StatementEnd,
    /// `{` has opened a block.
    BlockStart,
    /// The block ends, before its `}`.
    BlockEnd,
    /// A piece of the text.
    Token {
        /// What it is.
        kind: TokenKind,
        /// Its characters.
        text: &'t str,
    },
}

/// The concrete tree of a text. `Display` gives the text, byte for byte.
#[derive(Clone, Debug)]
pub struct SyntaxTree<'t> {
    text: &'t str,
    parts: Vec<Part>,
}

/// [`Element`], with the kind that the lexer has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    StatementStart,
    StatementEnd,
    BlockStart,
    BlockEnd,
    Token(Token),
}

impl<'t> SyntaxTree<'t> {
    /// The tree of any text, valid or not.
    pub fn of(text: &'t str) -> Self {
        Self { text, parts: Builder::new(text).build() }
    }

    /// The tree from its root down, children between the start and the end of their parent.
    pub fn elements(&self) -> impl Iterator<Item = Element<'t>> {
        let text = self.text;
        self.parts.iter().map(move |part| match part {
            Part::StatementStart => Element::StatementStart,
            Part::StatementEnd => Element::StatementEnd,
            Part::BlockStart => Element::BlockStart,
            Part::BlockEnd => Element::BlockEnd,
            Part::Token(token) => Element::Token { kind: token.kind.into(), text: token.span.of(text) },
        })
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }
}

impl fmt::Display for SyntaxTree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.elements().try_for_each(|element| match element {
            Element::Token { text, .. } => f.write_str(text),
            Element::StatementStart | Element::StatementEnd | Element::BlockStart | Element::BlockEnd => {
                Ok(())
            }
        })
    }
}

struct Builder<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    parts: Vec<Part>,
    /// For each open block: whether a statement is under way around it. The last entry is that of the innermost level.
    in_statement: Vec<bool>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        let tokens: Vec<Token> = lex(text).collect();
        let parts = Vec::with_capacity(tokens.len() + tokens.len() / 4);
        Self { text, tokens, parts, in_statement: vec![false] }
    }

    fn build(mut self) -> Vec<Part> {
        for at in 0..self.tokens.len() {
            let token = self.tokens[at];
            match token.kind {
                Kind::Blank | Kind::Comment => self.parts.push(Part::Token(token)),
                Kind::OpenBrace => {
                    self.in_a_statement(token);
                    self.parts.push(Part::BlockStart);
                    self.in_statement.push(false);
                }
                Kind::CloseBrace => self.close(token, at),
                Kind::Semicolon => {
                    self.in_a_statement(token);
                    self.end_statement();
                }
                _ => self.in_a_statement(token),
            }
        }
        while self.in_statement.len() > 1 {
            self.end_statement();
            self.parts.push(Part::BlockEnd);
            self.in_statement.pop();
        }
        self.end_statement();
        self.parts
    }

    fn in_a_statement(&mut self, token: Token) {
        if let Some(under_way) = self.in_statement.last_mut()
            && !*under_way
        {
            *under_way = true;
            self.parts.push(Part::StatementStart);
        }
        self.parts.push(Part::Token(token));
    }

    /// Trivia behind the last token of the statement stays outside of it.
    fn end_statement(&mut self) {
        let Some(under_way) = self.in_statement.last_mut() else { return };
        if std::mem::take(under_way) {
            let trivia = |part: &Part| matches!(part, Part::Token(token) if token.kind.is_trivia());
            let behind = self.parts.iter().rposition(|part| !trivia(part)).map_or(0, |last| last + 1);
            self.parts.insert(behind, Part::StatementEnd);
        }
    }

    fn close(&mut self, token: Token, at: usize) {
        if self.in_statement.len() == 1 {
            // It closes nothing: a statement of its own.
            self.in_a_statement(token);
            self.end_statement();
            return;
        }
        self.end_statement();
        self.parts.push(Part::BlockEnd);
        self.in_statement.pop();
        self.parts.push(Part::Token(token));
        if !self.goes_on(at) {
            self.end_statement();
        }
    }

    /// In some statements more follows behind the brace: `{ 1, 2 }, publisher;`, `{ node } delay 10 ms;`.
    fn goes_on(&self, close: usize) -> bool {
        let mut next = self.tokens.iter().skip(close + 1).filter(|token| !token.kind.is_trivia());
        match next.next() {
            Some(token) if matches!(token.kind, Kind::Comma | Kind::Semicolon) => true,
            // A frame may be called like the keyword, but is not followed by a number.
            Some(Token { kind: Kind::Identifier, span }) if self.word(*span) == "delay" => {
                next.next().is_some_and(|token| matches!(token.kind, Kind::Integer | Kind::Real))
            }
            _ => false,
        }
    }

    fn word(&self, span: Span) -> &'t str {
        span.of(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    /// Statements in angle brackets, blocks in square ones; blanks are left out.
    fn shape(text: &str) -> String {
        SyntaxTree::of(text)
            .elements()
            .map(|element| match element {
                Element::StatementStart => "<",
                Element::StatementEnd => ">",
                Element::BlockStart => "[",
                Element::BlockEnd => "]",
                Element::Token { kind: TokenKind::Blank, .. } => "",
                Element::Token { text, .. } => text,
            })
            .collect()
    }

    #[rstest]
    #[case("a; b = 1;", "<a;><b=1;>")]
    #[case("A { b: 1; /*c*/ d; }", "<A{[<b:1;>/*c*/<d;>]}>")]
    #[case("S: 16, {1, 2}, M; T", "<S:16,{[<1,2>]},M;><T>")]
    #[case("X { N } delay 10 ms; Y", "<X{[<N>]}delay10ms;><Y>")]
    #[case("F: 1, M { } delay: 2, M { }", "<F:1,M{[]}><delay:2,M{[]}>")]
    #[case("A { b // c", "<A{[<b>// c]>")]
    #[case("} a", "<}><a>")]
    #[case("configurable_frames { A; };", "<configurable_frames{[<A;>]};>")]
    fn shapes(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(shape(text), expected);
    }

    proptest! {
        #[test]
        fn the_tokens_are_the_text(text in "([{};:,=a-c0-9\" \r\n/*]|//|delay|.){0,60}") {
            prop_assert_eq!(SyntaxTree::of(&text).to_string(), text);
        }

        #[test]
        fn starts_and_ends_are_balanced(text in "[{};:,a1 \n]{0,60}") {
            let mut open = Vec::new();
            for element in SyntaxTree::of(&text).elements() {
                match element {
                    Element::StatementStart | Element::BlockStart => open.push(element),
                    Element::StatementEnd => prop_assert_eq!(open.pop(), Some(Element::StatementStart)),
                    Element::BlockEnd => prop_assert_eq!(open.pop(), Some(Element::BlockStart)),
                    Element::Token { .. } => {}
                }
            }
            prop_assert!(open.is_empty());
        }
    }
}
