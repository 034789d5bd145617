//! Python's JSON has three tokens that JSON does not: `NaN`, `Infinity`, `-Infinity`.
//!
//! They are replaced by the texts that OpenHTF itself uses for these numbers, before the parser sees them.

use std::borrow::Cow;

const TOKENS: [(&[u8], &[u8]); 3] =
    [(b"NaN", b"\"nan\""), (b"Infinity", b"\"inf\"   "), (b"-Infinity", b"\"-inf\"   ")];

/// The tokens that stand outside strings: where each begins, and its place in [`TOKENS`].
struct Tokens<'a> {
    json: &'a [u8],
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(&byte) = self.json.get(self.at) {
            match byte {
                b'"' => self.skip_string(),
                b'N' | b'I' | b'-' => {
                    let rest = &self.json[self.at..];
                    if let Some(token) = TOKENS.iter().position(|(token, _)| rest.starts_with(token)) {
                        let at = self.at;
                        self.at += TOKENS[token].0.len();
                        return Some((at, token));
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        None
    }
}

impl Tokens<'_> {
    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(&byte) = self.json.get(self.at) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return;
            }
        }
    }
}

/// The text with every such token in quotes: `"nan"`, `"inf"`, `"-inf"`. Strings stay as they are.
pub fn quoted(json: &[u8]) -> Cow<'_, [u8]> {
    let mut tokens = Tokens { json, at: 0 }.peekable();
    if tokens.peek().is_none() {
        return Cow::Borrowed(json);
    }
    let mut quoted = Vec::with_capacity(json.len() + json.len() / 8);
    let mut copied = 0;
    for (at, token) in tokens {
        let (bare, text) = TOKENS[token];
        quoted.extend_from_slice(&json[copied..at]);
        quoted.extend_from_slice(text);
        copied = at + bare.len();
    }
    quoted.extend_from_slice(&json[copied..]);
    Cow::Owned(quoted)
}

/// The column of the text itself that became `column` of the quoted one. Lines stay what they are.
pub(crate) fn original_column(json: &[u8], line: usize, column: usize) -> usize {
    let before = json.split_inclusive(|&byte| byte == b'\n').take(line.saturating_sub(1));
    let start: usize = before.map(<[u8]>::len).sum();
    let mut grown = 0;
    for (at, token) in (Tokens { json, at: 0 }).skip_while(|(at, _)| *at < start) {
        if at - start + grown >= column {
            break;
        }
        let (bare, text) = TOKENS[token];
        grown += text.len() - bare.len();
    }
    column.saturating_sub(grown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("[NaN,1]", r#"["nan",1]"#)]
    #[case("[Infinity,-Infinity]", r#"["inf"   ,"-inf"   ]"#)]
    #[case(r#"{"NaN": -1}"#, r#"{"NaN": -1}"#)]
    #[case(r#"["a\"NaN\\", NaN]"#, r#"["a\"NaN\\", "nan"]"#)]
    #[case(r#"["é NaN"#, r#"["é NaN"#)]
    #[case("\"\\", "\"\\")]
    fn tokens_are_quoted_outside_strings_only(#[case] json: &str, #[case] expected: &str) {
        assert_eq!(std::str::from_utf8(&quoted(json.as_bytes())).unwrap(), expected);
    }

    #[rstest]
    #[case("[NaN, NaN, x]", 1, 16, 12)]
    #[case("[NaN,\n NaN, x]", 2, 9, 7)]
    #[case("[x, NaN]", 1, 2, 2)]
    fn columns_are_those_of_the_file(
        #[case] json: &str,
        #[case] line: usize,
        #[case] column: usize,
        #[case] expected: usize,
    ) {
        assert_eq!(original_column(json.as_bytes(), line, column), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn json_stays_what_it_is(texts in proptest::collection::vec(r#"(NaN|-?Infinity|["\\,]|.){0,6}"#, 0..4)) {
            let json = serde_json::to_vec(&(texts, -1, "")).unwrap();
            prop_assert_eq!(quoted(&json), &json[..]);
        }
    }
}
