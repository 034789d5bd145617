//! Bytes to text: files in the wild are ASCII, UTF-8, latin-1, or UTF-16 with a mark.

use std::fmt;

/// How the bytes of a file were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8 or plain ASCII, with or without byte order mark.
    Utf8,
    /// Each byte is one character; what a file that is not UTF-8 is taken for.
    Latin1,
    /// UTF-16, little endian, with byte order mark.
    Utf16Le,
    /// UTF-16, big endian, with byte order mark.
    Utf16Be,
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Latin1 => "latin-1",
            Self::Utf16Le => "UTF-16 LE",
            Self::Utf16Be => "UTF-16 BE",
        })
    }
}

/// Text and where it came from.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) encoding: TextEncoding,
    /// The file began with a byte order mark, which is not part of the text.
    has_mark: bool,
}

const MARK: char = '\u{feff}';

/// Decodes any bytes; what is not text at all is found later, by its first token.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        return utf16(rest, u16::from_le_bytes, TextEncoding::Utf16Le);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        return utf16(rest, u16::from_be_bytes, TextEncoding::Utf16Be);
    }
    let marked = bytes.strip_prefix("\u{feff}".as_bytes());
    let rest = marked.unwrap_or(bytes);
    let (text, encoding) = match std::str::from_utf8(rest) {
        Ok(text) => (text.to_owned(), TextEncoding::Utf8),
        Err(_) => (latin1(rest), TextEncoding::Latin1),
    };
    Decoded { text, encoding, has_mark: marked.is_some() }
}

/// Nearly all of such a file is ASCII, which is the same in both.
fn latin1(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for run in bytes.chunk_by(|left, right| left.is_ascii() == right.is_ascii()) {
        match std::str::from_utf8(run) {
            Ok(ascii) if run.is_ascii() => text.push_str(ascii),
            Ok(_) | Err(_) => text.extend(run.iter().copied().map(char::from)),
        }
    }
    text
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, encoding: TextEncoding) -> Decoded {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Decoded { text, encoding, has_mark: true }
}

impl Decoded {
    /// `text` as a file that is encoded like this one. None if the encoding lacks a character of it.
    pub(crate) fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let mark = if self.has_mark { Some(MARK) } else { None };
        match self.encoding {
            TextEncoding::Utf8 => Some(mark.into_iter().chain(text.chars()).collect::<String>().into_bytes()),
            // The mark of a file that is no UTF-8 behind it is three characters of latin-1.
            TextEncoding::Latin1 => {
                let mark = if self.has_mark { "\u{feff}".as_bytes() } else { &[] };
                let bytes = text.chars().map(|c| u8::try_from(u32::from(c)));
                mark.iter().copied().map(Ok).chain(bytes).collect::<Result<_, _>>().ok()
            }
            TextEncoding::Utf16Le => Some(utf16_units(mark, text).flat_map(u16::to_le_bytes).collect()),
            TextEncoding::Utf16Be => Some(utf16_units(mark, text).flat_map(u16::to_be_bytes).collect()),
        }
    }
}

fn utf16_units(mark: Option<char>, text: &str) -> impl Iterator<Item = u16> {
    let mut buffer = [0; 2];
    let mark = mark.map(|mark| mark.encode_utf16(&mut buffer)[0]);
    mark.into_iter().chain(text.encode_utf16())
}
