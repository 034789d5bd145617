//! Text to tokens. Every byte of the text belongs to exactly one token, comments and blanks included, so that the
//! concrete tree stands on the same tokens as the parser.
//!
//! The first byte decides what a token is, so there is nothing to try twice: that is what makes this fast.

use memchr::memchr2;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_until, take_while};
use nom::character::complete::{char, digit0, digit1, hex_digit1, one_of};
use nom::combinator::{opt, rest, value};
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

/// Whether the word is a unit of the language: a number that it touches is a word of its own.
pub(super) fn is_unit(word: &str) -> bool {
    matches!(word, "kbps" | "ms" | "bits" | "%")
}

/// Cuts a text into tokens. Total: any text has tokens.
pub(crate) fn lex(text: &str) -> impl Iterator<Item = Token> {
    let whole = text.as_bytes();
    let mut remaining = whole;
    std::iter::from_fn(move || {
        let (behind, kind) = token(remaining).ok()?;
        let place = |left: &[u8]| u32::try_from(whole.len() - left.len()).unwrap_or(u32::MAX);
        let span = Span { start: place(remaining), end: place(behind) };
        remaining = behind;
        Some(Token { kind, span })
    })
}

type Lexed<'a> = IResult<&'a [u8], Kind>;

/// Takes one token; the only error is the end of the text. `input` begins at a character.
#[inline]
fn token(input: &[u8]) -> Lexed<'_> {
    let Some(first) = input.first() else { return end(input) };
    // Blanks and names are two thirds of all tokens, and a branch is foreseen better than a jump.
    if is_blank(*first) {
        return blank(input);
    }
    let class = CLASSES[usize::from(*first)];
    if matches!(class, Class::Name) {
        return identifier(input);
    }
    match class {
        Class::Blank => blank(input),
        Class::Name => identifier(input),
        Class::Digit => number(input),
        Class::Point | Class::Sign => alt((number, unknown)).parse(input),
        Class::Quote => string(input),
        Class::Slash => alt((comment, unknown)).parse(input),
        Class::Punctuation(kind) => Ok((input.get(1..).unwrap_or_default(), kind)),
        Class::Wide => wide(input),
        Class::Other => unknown(input),
    }
}

fn end(input: &[u8]) -> Lexed<'_> {
    Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Eof)))
}

/// What the first byte of a token says about it.
#[derive(Clone, Copy)]
enum Class {
    Blank,
    Name,
    Digit,
    Point,
    Sign,
    Quote,
    Slash,
    Punctuation(Kind),
    /// Beyond ASCII.
    Wide,
    Other,
}

static CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            byte if is_blank(byte) => Class::Blank,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Class::Name,
            b'0'..=b'9' => Class::Digit,
            b'.' => Class::Point,
            b'+' | b'-' => Class::Sign,
            b'"' => Class::Quote,
            b'/' => Class::Slash,
            b'{' => Class::Punctuation(Kind::OpenBrace),
            b'}' => Class::Punctuation(Kind::CloseBrace),
            b';' => Class::Punctuation(Kind::Semicolon),
            b':' => Class::Punctuation(Kind::Colon),
            b',' => Class::Punctuation(Kind::Comma),
            b'=' => Class::Punctuation(Kind::Equals),
            b'%' => Class::Punctuation(Kind::Percent),
            0x80..=0xFF => Class::Wide,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

/// Old programs end a text with 0x1A and fill their last block of 128 bytes with it.
fn is_end_mark(input: &[u8]) -> bool {
    input.first() == Some(&0x1A)
        && input.len() <= 128
        && input.iter().all(|byte| *byte == 0x1A || is_blank(*byte))
}

/// Which bytes go on with a name.
static NAMES: [bool; 256] = {
    let mut names = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        names[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    names
};

fn blank(input: &[u8]) -> Lexed<'_> {
    value(Kind::Blank, take_while(is_blank)).parse(input)
}

/// Letters beyond ASCII are let through here and get a warning from the parser.
fn identifier(input: &[u8]) -> Lexed<'_> {
    let mut remaining = behind_name(input);
    if remaining.first().is_none_or(u8::is_ascii) {
        return Ok((remaining, Kind::Identifier));
    }
    while let Some((behind, _)) = character(remaining).filter(|(_, c)| c.is_alphanumeric()) {
        remaining = behind_name(behind);
    }
    Ok((remaining, Kind::Identifier))
}

#[inline]
fn behind_name(input: &[u8]) -> &[u8] {
    let end = input.iter().position(|byte| !NAMES[usize::from(*byte)]).unwrap_or(input.len());
    input.get(end..).unwrap_or_default()
}

/// A token that begins beyond ASCII.
fn wide(input: &[u8]) -> Lexed<'_> {
    match character(input) {
        Some((_, c)) if c.is_alphabetic() => identifier(input),
        Some((behind, c)) if c.is_whitespace() => Ok((behind, Kind::Blank)),
        Some((behind, _)) => Ok((behind, Kind::Unknown)),
        None => value(Kind::Unknown, rest).parse(input),
    }
}

/// The first character if it is beyond ASCII, and what is behind it.
fn character(input: &[u8]) -> Option<(&[u8], char)> {
    let length = match input.first()? {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xFF => 4,
        _ => return None,
    };
    let (character, behind) = input.split_at_checked(length)?;
    Some((behind, std::str::from_utf8(character).ok()?.chars().next()?))
}

fn unknown(input: &[u8]) -> Lexed<'_> {
    if is_end_mark(input) {
        return value(Kind::Blank, rest).parse(input);
    }
    Ok((input.get(1..).unwrap_or_default(), Kind::Unknown))
}

/// The unit may touch the number (`19.2kbps`), so a number ends where its own characters end.
fn number(input: &[u8]) -> Lexed<'_> {
    let input = match input {
        [b'+' | b'-', behind @ ..] => behind,
        _ => input,
    };
    match input {
        [b'0', b'x' | b'X', digits @ ..] => match hex_digit1::<_, nom::error::Error<_>>(digits) {
            Ok((behind, _)) => Ok((behind, Kind::Integer)),
            Err(_) => decimal(input),
        },
        _ => decimal(input),
    }
}

fn decimal(input: &[u8]) -> Lexed<'_> {
    let (input, whole) = digit0(input)?;
    let (input, fraction) = match input {
        [b'.', behind @ ..] if !whole.is_empty() => digit0(behind).map(|(behind, _)| (behind, true))?,
        [b'.', behind @ ..] => digit1(behind).map(|(behind, _)| (behind, true))?,
        _ if whole.is_empty() => return end(input),
        _ => (input, false),
    };
    let (input, exponent) = match input {
        [b'e' | b'E', ..] => opt((one_of("eE"), opt(one_of("+-")), digit1)).parse(input)?,
        _ => (input, None),
    };
    Ok((input, if fraction || exponent.is_some() { Kind::Real } else { Kind::Integer }))
}

fn string(input: &[u8]) -> Lexed<'_> {
    let (mut remaining, _) = char('"')(input)?;
    loop {
        (remaining, _) = take_while(|byte| !matches!(byte, b'"' | b'\\' | b'\r' | b'\n')).parse(remaining)?;
        match remaining {
            [b'"', behind @ ..] => return Ok((behind, Kind::String)),
            // The escaped character may be the first byte of several: the others are taken as text.
            [b'\\', escaped, behind @ ..] if !matches!(escaped, b'\r' | b'\n') => remaining = behind,
            [b'\\', behind @ ..] => return Ok((behind, Kind::OpenString)),
            _ => return Ok((remaining, Kind::OpenString)),
        }
    }
}

fn comment(input: &[u8]) -> Lexed<'_> {
    let block = value(Kind::Comment, (tag("/*"), take_until("*/"), tag("*/")));
    let open = value(Kind::OpenComment, (tag("/*"), rest));
    alt((line_comment, block, open)).parse(input)
}

fn line_comment(input: &[u8]) -> Lexed<'_> {
    let (text, _) = tag("//")(input)?;
    let end = memchr2(b'\r', b'\n', text).unwrap_or(text.len());
    Ok((text.get(end..).unwrap_or_default(), Kind::Comment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        lex(text)
            .filter(|token| !token.kind.is_trivia())
            .map(|token| (token.kind, token.span.of(text)))
            .collect()
    }

    #[rstest]
    #[case("19.2kbps", &[(Kind::Real, "19.2"), (Kind::Identifier, "kbps")])]
    #[case("10ms", &[(Kind::Integer, "10"), (Kind::Identifier, "ms")])]
    #[case("0X1F", &[(Kind::Integer, "0X1F")])]
    #[case("0xg", &[(Kind::Integer, "0"), (Kind::Identifier, "xg")])]
    #[case("-1.5E+2", &[(Kind::Real, "-1.5E+2")])]
    #[case("1e-005", &[(Kind::Real, "1e-005")])]
    #[case(".1", &[(Kind::Real, ".1")])]
    #[case("19.", &[(Kind::Real, "19.")])]
    #[case(". -", &[(Kind::Unknown, "."), (Kind::Unknown, "-")])]
    #[case("5e", &[(Kind::Integer, "5"), (Kind::Identifier, "e")])]
    #[case(r#""a\"b" x"#, &[(Kind::String, r#""a\"b""#), (Kind::Identifier, "x")])]
    #[case("\"// no /* comment */\"", &[(Kind::String, "\"// no /* comment */\"")])]
    #[case("\"open\nx", &[(Kind::OpenString, "\"open"), (Kind::Identifier, "x")])]
    #[case("\"open\\", &[(Kind::OpenString, "\"open\\")])]
    #[case("a//b\rc", &[(Kind::Identifier, "a"), (Kind::Identifier, "c")])]
    #[case("a/* b", &[(Kind::Identifier, "a"), (Kind::OpenComment, "/* b")])]
    #[case("§", &[(Kind::Unknown, "§")])]
    #[case("Größe_1 ß", &[(Kind::Identifier, "Größe_1"), (Kind::Identifier, "ß")])]
    #[case("a;\r\n\x1A", &[(Kind::Identifier, "a"), (Kind::Semicolon, ";")])]
    #[case("a\u{a0}b", &[(Kind::Identifier, "a"), (Kind::Identifier, "b")])]
    fn tokens(#[case] text: &str, #[case] expected: &[(Kind, &str)]) {
        assert_eq!(kinds(text), expected);
    }

    proptest! {
        #[test]
        fn every_byte_is_in_exactly_one_token(text in "(.|[\r\n\"\\\\/*0-9xe.+-])*") {
            let rebuilt: String = lex(&text).map(|token| token.span.of(&text)).collect();
            prop_assert_eq!(rebuilt, text);
        }
    }
}
