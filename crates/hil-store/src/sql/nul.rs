//! NUL characters in texts. PostgreSQL has none, and a log line with one in it must not cost a run.
//!
//! U+0000 is stored as U+0010 `0` and U+0010 as U+0010 `1`, in both databases alike. Every other text is stored as
//! it is.

use std::borrow::Cow;

const ESCAPE: char = '\u{10}';

pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte == 0 || byte == ESCAPE as u8) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(ESCAPE, "\u{10}1").replace('\0', "\u{10}0"))
}

pub(super) fn unescape(text: String) -> String {
    if !text.contains(ESCAPE) {
        return text;
    }
    text.replace("\u{10}0", "\0").replace("\u{10}1", "\u{10}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_text_comes_back(text in "[\\x00\\x1001a]{0,12}") {
            let stored = escape(&text).into_owned();
            prop_assert!(!stored.contains('\0'));
            prop_assert_eq!(unescape(stored), text);
        }
    }
}
