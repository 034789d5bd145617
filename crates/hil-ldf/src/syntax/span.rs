//! Places in the text: byte ranges, and their translation to lines and columns.

use memchr::memchr2;

use crate::diagnostic::Excerpt;

/// A byte range of the source text, which is shorter than 4 GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
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

    /// The bytes as indices.
    #[inline]
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text of this range.
    #[inline]
    pub(crate) fn of(self, source: &str) -> &str {
        source.get(self.range()).unwrap_or("")
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
        while let Some(offset) = memchr2(b'\r', b'\n', &bytes[at..]) {
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
    ///
    /// A file may be one line of many megabytes, so nothing but the column looks at the whole of it.
    pub(crate) fn place(&self, span: Span) -> Excerpt {
        let at = span.start as usize;
        let line = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let before = self.text.get(start..at).unwrap_or("");
        let behind = self.text.get(at..end).unwrap_or("").trim_end_matches(['\r', '\n']);
        let marked = Span { start: span.start, end: span.end.min(u32::try_from(end).unwrap_or(u32::MAX)) };
        let marked = marked.of(self.text).trim_end_matches(['\r', '\n']).chars().take(CONTEXT).count();

        let from = before.char_indices().rev().nth(CONTEXT - 1).map_or(0, |(index, _)| index);
        let to = behind.char_indices().nth(CONTEXT).map_or(behind.len(), |(index, _)| index);
        let shown = before.get(from..).unwrap_or("");
        let mut excerpt = String::new();
        let mut indent = shown.chars().count();
        if from > 0 {
            excerpt.push('…');
            indent += 1;
        }
        excerpt.extend(shown.chars().chain(behind.get(..to).unwrap_or("").chars()).map(printable));
        if to < behind.len() {
            excerpt.push('…');
        }
        Excerpt { line: line + 1, column: before.chars().count() + 1, excerpt, indent, width: marked.max(1) }
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
    fn lines_and_columns(#[case] text: &str, #[case] at: u32, #[case] expected: (usize, usize)) {
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
