//! Text that others wrote, made fit to be looked at.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::text::{one_line, visible};

/// What a name, a unit or a value may have where it stands in a line.
pub(super) const IN_A_LINE: usize = 200;

/// What a message or a docstring may have.
pub(super) const IN_A_BLOCK: usize = 4000;

/// The text on one line, with at most `most` characters of it and a note of how many more there are.
pub(super) fn line(text: &str, most: usize) -> String {
    let (front, more) = cut(text, most);
    unmasked(&one_line(front)) + &note(more)
}

/// The text with its line feeds, otherwise like [`line`].
pub(super) fn block(text: &str, most: usize) -> String {
    let (front, more) = cut(text.trim_end(), most);
    unmasked(&visible(front)) + &note(more)
}

/// As much of a line as fits into so many columns of a terminal; what is cut leaves a `…`.
pub(super) fn fit(line: &str, columns: usize) -> String {
    if line.width() <= columns {
        return line.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let mut fitting = String::new();
    for char in line.chars() {
        let wide = char.width().unwrap_or(0);
        if wide > left {
            break;
        }
        left -= wide;
        fitting.push(char);
    }
    fitting.push('…');
    fitting
}

fn cut(text: &str, most: usize) -> (&str, usize) {
    match text.char_indices().nth(most) {
        None => (text, 0),
        Some((at, _)) => (&text[..at], text[at..].chars().count()),
    }
}

fn note(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" [… {more} more characters]") }
}

/// The text with everything visible that changes how other text is shown and has no shape of its own.
fn unmasked(text: &str) -> String {
    if !text.contains(is_mask) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len()), |mut result, char| {
        if is_mask(char) {
            result.extend(char.escape_unicode());
        } else {
            result.push(char);
        }
        result
    })
}

/// Marks, embeddings, overrides and isolates of direction, line and paragraph separators, blanks without width, and
/// tags. The joiners stay: scripts and emoji need them.
const fn is_mask(char: char) -> bool {
    matches!(char,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::plain("a <b> & \"c\"", "a <b> & \"c\"")]
    #[case::colours("\x1b[31mred", "␛[31mred")]
    #[case::override_("SN\u{202e}1000", "SN\\u{202e}1000")]
    #[case::isolate("\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}")]
    #[case::separator("a\u{2028}b", "a\\u{2028}b")]
    #[case::byte_order_mark("\u{feff}a", "\\u{feff}a")]
    #[case::lines("a\r\nb\n", "a ⏎ b")]
    #[case::emoji("👩\u{200d}🔬", "👩\u{200d}🔬")]
    #[case::long("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrst [… 6 more characters]")]
    fn a_line_shows_what_is_there(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(line(text, 20), expected);
    }

    #[test]
    fn a_block_keeps_its_lines() {
        assert_eq!(block("a\n\tb\u{202e}\n\n", 20), "a\n    b\\u{202e}");
    }

    #[test]
    fn ten_megabytes_become_a_line() {
        let text = "ä".repeat(5 << 20);
        assert_eq!(line(&text, 3), format!("äää [… {} more characters]", (5 << 20) - 3));
    }

    #[rstest]
    #[case("voltage", 7, "voltage")]
    #[case("voltage", 6, "volta…")]
    #[case("電圧計", 5, "電圧…")]
    #[case("電圧計", 4, "電…")]
    #[case("a", 0, "…")]
    fn fitting_counts_columns(#[case] text: &str, #[case] columns: usize, #[case] expected: &str) {
        assert_eq!(fit(text, columns), expected);
    }
}
