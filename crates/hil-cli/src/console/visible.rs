//! Text from files on the terminal: what could steer it or hide something is written out.

/// `text` on one line, without a character that a terminal would obey. `\` stays as it is: the result is for
/// eyes, and names of files on Windows are full of it.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// JSON text in which such characters are escaped; within JSON they can only stand in strings.
pub(crate) fn visible_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) {
            // All of them lie in the basic plane.
            let digits = format!("{:04x}", u32::from(c));
            shown.extend(["\\u", &digits]);
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A line of an excerpt: each such character gives way to one of the same width, so that the marks below it
/// stay where they are.
pub(crate) fn visible_excerpt(line: &str) -> String {
    line.chars().map(|c| if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Control characters, line ends, and the marks that turn the direction of a text around.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("25.2 °C \"x\" \\", "25.2 °C \"x\" \\")]
    #[case("a\nb\tc", r"a\nb\tc")]
    #[case("\u{1b}[31m", r"\u{1b}[31m")]
    #[case("\u{9b}2J", r"\u{9b}2J")]
    #[case("\u{202e}eman", r"\u{202e}eman")]
    fn for_eyes(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(visible(text), shown);
    }

    #[test]
    fn json_keeps_its_value() {
        let text = "a\u{7f}\u{9b}\u{202e}\n\u{1b}°";
        let json = visible_json(&serde_json::to_string(text).unwrap());
        assert!(json.chars().all(|c| !is_hidden(c)), "{json:?}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
