//! Text to tokens. Every byte of the text belongs to exactly one token, comments and blanks included, so that
//! a lossless tree can be built on the same tokens.

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, tag_no_case, take_until, take_while, take_while1};
use nom::character::complete::{anychar, char, digit0, digit1, hex_digit1, none_of, one_of};
use nom::combinator::{opt, rest, value};
use nom::multi::many0_count;
use nom::{IResult, Parser};

use super::span::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Identifier,
    Integer,
    Real,
    String,
    OpenBrace,
    CloseBrace,
    Semicolon,
    Colon,
    Comma,
    Equals,
    Percent,
    Blank,
    Comment,
    /// `/*` without an end.
    OpenComment,
    /// `"` without an end on its line.
    OpenString,
    /// A character that has no meaning in the language.
    Unknown,
    /// The place behind the last token; never produced by [`lex`].
    End,
}

impl Kind {
    pub(crate) fn is_trivia(self) -> bool {
        matches!(self, Self::Blank | Self::Comment)
    }
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// Cuts a text into tokens. Total: any text has tokens.
pub(crate) fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 3);
    let mut remaining = text;
    while let Ok((behind, kind)) = token(remaining) {
        let start = text.len() - remaining.len();
        let end = text.len() - behind.len();
        if end == start {
            break;
        }
        tokens.push(Token { kind, span: Span { start, end } });
        remaining = behind;
    }
    tokens
}

fn token(input: &str) -> IResult<&str, Kind> {
    alt((blank, punctuation, number, identifier, string, comment, value(Kind::Unknown, anychar))).parse(input)
}

fn blank(input: &str) -> IResult<&str, Kind> {
    value(Kind::Blank, take_while1(char::is_whitespace)).parse(input)
}

fn punctuation(input: &str) -> IResult<&str, Kind> {
    let (behind, found) = one_of("{};:,=%")(input)?;
    let kind = match found {
        '{' => Kind::OpenBrace,
        '}' => Kind::CloseBrace,
        ';' => Kind::Semicolon,
        ':' => Kind::Colon,
        ',' => Kind::Comma,
        '=' => Kind::Equals,
        _ => Kind::Percent,
    };
    Ok((behind, kind))
}

/// Letters beyond ASCII are let through here and get a warning from the parser.
fn identifier(input: &str) -> IResult<&str, Kind> {
    let first = |c: char| c.is_alphabetic() || c == '_';
    let next = |c: char| c.is_alphanumeric() || c == '_';
    value(Kind::Identifier, (take_while1(first), take_while(next))).parse(input)
}

/// The unit may touch the number (`19.2kbps`), so a number ends where its own characters end.
fn number(input: &str) -> IResult<&str, Kind> {
    let (input, _) = opt(one_of("+-")).parse(input)?;
    alt((hexadecimal, decimal)).parse(input)
}

fn hexadecimal(input: &str) -> IResult<&str, Kind> {
    value(Kind::Integer, (tag_no_case("0x"), hex_digit1)).parse(input)
}

fn decimal(input: &str) -> IResult<&str, Kind> {
    let whole = (digit1, opt((char('.'), digit0))).map(|(_, fraction): (&str, _)| fraction.is_some());
    let fraction = (char('.'), digit1).map(|_| true);
    let (input, has_point) = alt((whole, fraction)).parse(input)?;
    let (input, exponent) = opt((one_of("eE"), opt(one_of("+-")), digit1)).parse(input)?;
    Ok((input, if has_point || exponent.is_some() { Kind::Real } else { Kind::Integer }))
}

fn string(input: &str) -> IResult<&str, Kind> {
    let (input, _) = char('"')(input)?;
    let plain = value((), is_not("\"\\\r\n"));
    let escaped = value((), (char('\\'), none_of("\r\n")));
    let (input, _) = many0_count(alt((plain, escaped))).parse(input)?;
    let (input, end) = opt(char('"')).parse(input)?;
    Ok((input, if end.is_some() { Kind::String } else { Kind::OpenString }))
}

fn comment(input: &str) -> IResult<&str, Kind> {
    let line = value(Kind::Comment, (tag("//"), take_while(|c| c != '\r' && c != '\n')));
    let block = value(Kind::Comment, (tag("/*"), take_until("*/"), tag("*/")));
    let open = value(Kind::OpenComment, (tag("/*"), rest));
    alt((line, block, open)).parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        lex(text)
            .into_iter()
            .filter(|token| !token.kind.is_trivia())
            .map(|token| (token.kind, &text[token.span.start..token.span.end]))
            .collect()
    }

    #[rstest]
    #[case("19.2kbps", &[(Kind::Real, "19.2"), (Kind::Identifier, "kbps")])]
    #[case("10ms", &[(Kind::Integer, "10"), (Kind::Identifier, "ms")])]
    #[case("0X1F", &[(Kind::Integer, "0X1F")])]
    #[case("-1.5E+2", &[(Kind::Real, "-1.5E+2")])]
    #[case("1e-005", &[(Kind::Real, "1e-005")])]
    #[case(".1", &[(Kind::Real, ".1")])]
    #[case("19.", &[(Kind::Real, "19.")])]
    #[case("5e", &[(Kind::Integer, "5"), (Kind::Identifier, "e")])]
    #[case(r#""a\"b" x"#, &[(Kind::String, r#""a\"b""#), (Kind::Identifier, "x")])]
    #[case("\"// no /* comment */\"", &[(Kind::String, "\"// no /* comment */\"")])]
    #[case("\"open\nx", &[(Kind::OpenString, "\"open"), (Kind::Identifier, "x")])]
    #[case("a//b\rc", &[(Kind::Identifier, "a"), (Kind::Identifier, "c")])]
    #[case("a/* b", &[(Kind::Identifier, "a"), (Kind::OpenComment, "/* b")])]
    #[case("§", &[(Kind::Unknown, "§")])]
    fn tokens(#[case] text: &str, #[case] expected: &[(Kind, &str)]) {
        assert_eq!(kinds(text), expected);
    }

    proptest! {
        #[test]
        fn every_byte_is_in_exactly_one_token(text in ".*") {
            let rebuilt: String = lex(&text).iter().map(|t| &text[t.span.start..t.span.end]).collect();
            prop_assert_eq!(rebuilt, text);
        }
    }
}
