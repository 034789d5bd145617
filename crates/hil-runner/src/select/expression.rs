//! Marker expressions: `hardware and not (slow or babylin)`.

use std::fmt;
use std::str::FromStr;

use hil_model::Marker;
use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::character::complete::{char, multispace0};
use nom::combinator::{cut, map, verify};
use nom::error::ErrorKind;
use nom::multi::many0;
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

/// How deep parentheses and negations may nest. Nobody writes more by hand, and the parser recurses.
const MAX_DEPTH: u32 = 32;

/// A condition on the markers of a test.
///
/// `not` binds tighter than `and`, `and` tighter than `or`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkerExpression {
    /// The test carries the marker.
    Has(Marker),
    /// The condition does not hold.
    Not(Box<Self>),
    /// All conditions hold.
    All(Vec<Self>),
    /// At least one condition holds.
    Any(Vec<Self>),
}

/// A text that is no marker expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the marker expression {text:?} at {rest:?}: expected {expected}")]
pub struct ExpressionError {
    /// The whole text.
    pub text: String,
    /// What could not be read.
    pub rest: String,
    /// What could have stood there.
    pub expected: &'static str,
}

impl MarkerExpression {
    /// Whether the condition holds for a test with these markers.
    pub fn matches(&self, markers: &[Marker]) -> bool {
        match self {
            Self::Has(marker) => markers.contains(marker),
            Self::Not(inner) => !inner.matches(markers),
            Self::All(parts) => parts.iter().all(|part| part.matches(markers)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(markers)),
        }
    }

    /// Every marker that the expression names.
    pub fn markers(&self) -> Vec<&Marker> {
        match self {
            Self::Has(marker) => vec![marker],
            Self::Not(inner) => inner.markers(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::markers).collect(),
        }
    }
}

impl FromStr for MarkerExpression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let error =
            |rest: &str, expected| ExpressionError { text: text.to_owned(), rest: rest.to_owned(), expected };
        match any(text.trim(), MAX_DEPTH) {
            Ok(("", expression)) => Ok(expression),
            Ok((rest, _)) => Err(error(rest, "`and`, `or` or the end")),
            Err(nom::Err::Error(stopped) | nom::Err::Failure(stopped)) => Err(error(
                stopped.input,
                if stopped.code == ErrorKind::Char { "`)`" } else { "a marker, `not` or `(`" },
            )),
            Err(nom::Err::Incomplete(_)) => Err(error("", "a marker, `not` or `(`")),
        }
    }
}

fn any(input: &str, depth: u32) -> IResult<&str, MarkerExpression> {
    joined(input, "or", MarkerExpression::Any, |input| all(input, depth))
}

fn all(input: &str, depth: u32) -> IResult<&str, MarkerExpression> {
    joined(input, "and", MarkerExpression::All, |input| unary(input, depth))
}

/// One operand, or several joined by `keyword`, which must be followed by another one.
fn joined<'a>(
    input: &'a str,
    keyword: &'static str,
    many: fn(Vec<MarkerExpression>) -> MarkerExpression,
    operand: impl Fn(&'a str) -> IResult<&'a str, MarkerExpression>,
) -> IResult<&'a str, MarkerExpression> {
    let (rest, first) = operand(input)?;
    let (rest, others) = many0(preceded(word(keyword), cut(&operand))).parse(rest)?;
    if others.is_empty() {
        return Ok((rest, first));
    }
    Ok((rest, many([first].into_iter().chain(others).collect())))
}

fn unary(input: &str, depth: u32) -> IResult<&str, MarkerExpression> {
    let Some(deeper) = depth.checked_sub(1) else {
        return Err(nom::Err::Failure(nom::error::Error::new(input, ErrorKind::TooLarge)));
    };
    let negated = preceded(word("not"), |input| unary(input, deeper));
    let group = terminated(|input| any(input, deeper), char(')'));
    let grouped = preceded(terminated(char('('), multispace0), cut(group));
    terminated(
        alt((
            map(negated, |inner| MarkerExpression::Not(Box::new(inner))),
            grouped,
            map(marker, MarkerExpression::Has),
        )),
        multispace0,
    )
    .parse(input)
}

fn identifier(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| c.is_ascii_alphanumeric() || c == '_').parse(input)
}

/// A keyword, with the blanks behind it.
fn word<'a>(
    keyword: &'static str,
) -> impl Parser<&'a str, Output = &'a str, Error = nom::error::Error<&'a str>> {
    terminated(verify(identifier, move |word: &str| word == keyword), multispace0)
}

fn marker(input: &str) -> IResult<&str, Marker> {
    let (rest, word) = verify(identifier, |word: &str| !["and", "or", "not"].contains(&word)).parse(input)?;
    match word.parse() {
        Ok(marker) => Ok((rest, marker)),
        Err(_) => Err(nom::Err::Error(nom::error::Error::new(input, ErrorKind::Verify))),
    }
}

impl fmt::Display for MarkerExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            f.write_str("(")?;
            for (at, part) in parts.iter().enumerate() {
                let word = if at == 0 { "" } else { word };
                write!(f, "{word}{part}")?;
            }
            f.write_str(")")
        };
        match self {
            Self::Has(marker) => write!(f, "{marker}"),
            Self::Not(inner) => write!(f, "not {inner}"),
            Self::All(parts) => joined(f, parts, " and "),
            Self::Any(parts) => joined(f, parts, " or "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("hardware", "hardware")]
    #[case(" hardware and not slow ", "(hardware and not slow)")]
    #[case("a or b and c", "(a or (b and c))")]
    #[case("(a or b) and c", "((a or b) and c)")]
    #[case("not not a", "not not a")]
    #[case("not(a)", "not a")]
    #[case("android and nothing", "(android and nothing)")]
    fn expressions_bind_as_expected(#[case] text: &str, #[case] shape: &str) {
        let expression: MarkerExpression = text.parse().unwrap();
        assert_eq!(expression.to_string(), shape);
        assert_eq!(shape.parse::<MarkerExpression>().unwrap().to_string(), shape);
    }

    #[rstest]
    #[case("", "", "a marker, `not` or `(`")]
    #[case("a b", "b", "`and`, `or` or the end")]
    #[case("a and", "", "a marker, `not` or `(`")]
    #[case("(a", "", "`)`")]
    #[case("(a and )", ")", "a marker, `not` or `(`")]
    #[case("Slow", "Slow", "a marker, `not` or `(`")]
    fn what_is_no_expression_is_refused(#[case] text: &str, #[case] rest: &str, #[case] expected: &str) {
        let error = text.parse::<MarkerExpression>().unwrap_err();
        assert_eq!((error.rest.as_str(), error.expected), (rest, expected));
    }

    #[test]
    fn deep_nesting_is_refused_without_overflowing_the_stack() {
        assert!(format!("{}a", "not ".repeat(100_000)).parse::<MarkerExpression>().is_err());
        assert!(format!("{}a", "(".repeat(100_000)).parse::<MarkerExpression>().is_err());
    }

    #[rstest]
    #[case("hardware and not slow", &["hardware"], true)]
    #[case("hardware and not slow", &["hardware", "slow"], false)]
    #[case("smoke or slow", &["hardware"], false)]
    #[case("smoke or slow", &["slow"], true)]
    fn expressions_select(#[case] text: &str, #[case] markers: &[&str], #[case] matches: bool) {
        let markers: Vec<Marker> = markers.iter().map(|marker| marker.parse().unwrap()).collect();
        assert_eq!(text.parse::<MarkerExpression>().unwrap().matches(&markers), matches);
    }
}
