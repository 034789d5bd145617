//! Places in the text: byte ranges, and their translation to lines and columns.

use crate::diagnostic::Place;

/// A byte range of the source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    /// The empty range right behind this one.
    pub(crate) fn after(self) -> Self {
        Self { start: self.end, end: self.end }
    }

    /// From the start of this range to the end of `other`.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end.max(self.start) }
    }
}

/// Characters of a long line that an excerpt shows before and behind its mark.
const CONTEXT: usize = 60;

/// Start offsets of all lines of a text.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// A run of CR that ends in LF is one line end, any other CR or LF is one by itself.
    pub(crate) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        let mut at = 0;
        while let Some(offset) = bytes[at..].iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            at += offset;
            let returns = bytes[at..].iter().take_while(|byte| **byte == b'\r').count();
            if bytes.get(at + returns) == Some(&b'\n') {
                at += returns + 1;
                starts.push(at);
            } else {
                starts.extend((1..=returns).map(|count| at + count));
                at += returns;
            }
        }
        Self { text, starts }
    }

    /// The excerpt for a range. The mark stays within the line in which the range starts.
    pub(crate) fn place(&self, span: Span) -> Place {
        let line = self.starts.partition_point(|start| *start <= span.start).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let content = self.text.get(start..end).unwrap_or("").trim_end_matches(['\r', '\n']);
        let before = self.text.get(start..span.start).map_or(0, |text| text.chars().count());
        let marked = self
            .text
            .get(span.start..span.end.min(end))
            .map_or(0, |text| text.trim_end_matches(['\r', '\n']).chars().count());

        let skip = before.saturating_sub(CONTEXT);
        let take = (before - skip) + CONTEXT;
        let mut excerpt: String = content.chars().skip(skip).take(take).map(printable).collect();
        let mut indent = before - skip;
        let width = marked.clamp(1, CONTEXT);
        if skip > 0 {
            excerpt.insert(0, '…');
            indent += 1;
        }
        if content.chars().nth(skip + take).is_some() {
            excerpt.push('…');
        }
        Place { line: line + 1, column: before + 1, excerpt, indent, width }
    }
}

/// One column per character, whatever the terminal makes of the original.
fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("ab\ncd", 3, (2, 1))]
    #[case("ab\r\ncd", 5, (2, 2))]
    #[case("ab\rcd", 3, (2, 1))]
    #[case("ab\r\r\ncd", 5, (2, 1))]
    #[case("ab\r\rcd", 4, (3, 1))]
    #[case("°C x", 4, (1, 4))]
    #[case("", 0, (1, 1))]
    #[case("ab\n", 3, (2, 1))]
    fn lines_and_columns(#[case] text: &str, #[case] at: usize, #[case] expected: (usize, usize)) {
        let place = Lines::new(text).place(Span { start: at, end: at });
        assert_eq!((place.line, place.column), expected);
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let place = Lines::new(&text).place(Span { start: 500, end: 501 });
        assert_eq!(place.column, 501);
        assert_eq!(place.excerpt.chars().count(), 2 * CONTEXT + 2);
        assert_eq!(place.excerpt.chars().nth(place.indent), Some('X'));
    }
}
