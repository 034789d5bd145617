//! Text from tests and devices, made fit for XML, for one line, for a bounded size.
//!
//! quick-junit removes control characters, tabs included, without a trace, and lets U+FFFE and U+FFFF
//! through, which makes the whole file unreadable. Both happen to be evidence: a device's raw answer is
//! where they come from. So they are made visible before any report sees them.

/// The text with everything outside XML 1.0 made visible; line feeds stay.
///
/// A control character becomes its picture (ESC is `␛`), a tab four blanks, a C1 control its number
/// (`\x85`), a noncharacter U+FFFD. CRLF becomes LF.
pub(crate) fn visible(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        push_visible(&mut result, char);
    }
    result
}

/// Like [`visible`], and every line feed inside becomes ` ⏎ `: XML readers turn one in an attribute into a
/// blank, which would glue lines together.
pub(crate) fn one_line(text: &str) -> String {
    let text = text.trim_end_matches(['\n', '\r']);
    if text.contains('\n') {
        let lines: Vec<_> = text.lines().map(visible).collect();
        lines.join(" ⏎ ")
    } else {
        visible(text)
    }
}

fn push_visible(result: &mut String, char: char) {
    let code = u32::from(char);
    match char {
        '\n' => result.push('\n'),
        '\t' => result.push_str("    "),
        '\0'..='\x1f' => result.push(char::from_u32(0x2400 + code).unwrap_or('\u{fffd}')),
        '\x7f' => result.push('\u{2421}'),
        '\u{80}'..='\u{9f}' => {
            result.push_str("\\x");
            result
                .extend([code >> 4, code & 0xf].into_iter().filter_map(|digit| char::from_digit(digit, 16)));
        }
        '\u{fffe}' | '\u{ffff}' => result.push('\u{fffd}'),
        _ => result.push(char),
    }
}

/// Keeps the first `head` and the last `tail` characters and says how many were cut between them.
pub(crate) fn clip(text: &str, head: usize, tail: usize) -> String {
    // Bytes are at least as many as characters, so the count is needed for long texts only.
    if text.len() <= head + tail {
        return text.to_owned();
    }
    let count = text.chars().count();
    if count <= head + tail {
        return text.to_owned();
    }
    let at = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    let (front, back) = (&text[..at(head)], &text[at(count - tail)..]);
    format!("{front}\n[… {} characters cut …]\n{back}", count - head - tail)
}

/// Bytes as an engineer writes them: `01 FF`; `--` for none.
pub(crate) fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "--".to_owned();
    }
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::plain("a < b & \"c\"", "a < b & \"c\"")]
    #[case::colours("\x1b[31mred\x1b[0m", "␛[31mred␛[0m")]
    #[case::nul("a\0b", "a␀b")]
    #[case::tab("a\tb", "a    b")]
    #[case::crlf("a\r\nb\rc", "a\nb␍c")]
    #[case::delete_and_c1("\x7f\u{85}\u{9b}", "␡\\x85\\x9b")]
    #[case::noncharacters("\u{fffe}\u{ffff}", "\u{fffd}\u{fffd}")]
    #[case::astral("\u{1f600}", "\u{1f600}")]
    fn what_xml_forbids_becomes_visible(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(visible(text), expected);
    }

    #[rstest]
    #[case("one", "one")]
    #[case("one\ntwo\n", "one ⏎ two")]
    #[case("one\r\ntwo", "one ⏎ two")]
    fn attributes_have_one_line(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(one_line(text), expected);
    }

    #[rstest]
    #[case::fits("äöü", 2, 1, "äöü")]
    #[case::long("aäbcdöü", 2, 2, "aä\n[… 3 characters cut …]\nöü")]
    fn clipping_counts_characters(
        #[case] text: &str,
        #[case] head: usize,
        #[case] tail: usize,
        #[case] expected: &str,
    ) {
        assert_eq!(clip(text, head, tail), expected);
    }
}
