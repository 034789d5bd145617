//! The words of `ldf.dict`, so that an edit can put them anywhere.

use std::sync::LazyLock;

static WORDS: LazyLock<Vec<String>> =
    LazyLock::new(|| include_str!("../ldf.dict").lines().filter_map(entry).collect());

/// One of the words; the number wraps around.
pub(crate) fn word(number: u8) -> &'static str {
    &WORDS[usize::from(number) % WORDS.len()]
}

/// The text of a line `"…"`, with the escapes of libFuzzer. None for comments, and for bytes that are not UTF-8.
fn entry(line: &str) -> Option<String> {
    let mut rest = line.strip_prefix('"')?.strip_suffix('"')?.bytes();
    let mut bytes = Vec::new();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b'x' => u8::try_from(digit(rest.next()?)? << 4 | digit(rest.next()?)?).ok()?,
                escaped => escaped,
            },
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(16)
}
