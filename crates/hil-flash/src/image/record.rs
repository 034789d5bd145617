//! What the lines of both formats have in common: a mark, digits in pairs, a length, a checksum.

use super::ImageError;

/// The longest record of either format: Intel HEX with 255 data bytes around which stand 5.
const LONGEST: usize = 260;

/// The lines that are not blank, with their numbers, without the blanks around them.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    text.split(|byte| *byte == b'\n')
        .enumerate()
        .map(|(index, line)| (index + 1, trim(line)))
        .filter(|(_, line)| !line.is_empty())
}

fn trim(mut line: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r', rest @ ..] | [rest @ .., b' ' | b'\t' | b'\r'] = line {
        line = rest;
    }
    line
}

/// The bytes that `digits` spell. They start at `column` of their line, and `framing` of them are not counted
/// by the record's length, which is the first one.
pub(super) fn bytes<'b>(
    line: usize,
    column: usize,
    framing: usize,
    digits: &[u8],
    buffer: &'b mut [u8; LONGEST],
) -> Result<&'b [u8], ImageError> {
    if let Some(at) = digits.iter().position(|byte| !byte.is_ascii_hexdigit()) {
        return Err(ImageError::Character { line, column: column + at, found: digits[at] });
    }
    if digits.len() % 2 == 1 {
        return Err(ImageError::HalfByte { line });
    }
    let found = digits.len() / 2;
    let Some(bytes) = buffer.get_mut(..found) else {
        let claimed = framing + digits.get(..2).map_or(0, |pair| usize::from(value(pair)));
        return Err(ImageError::Length { line, claimed, found });
    };
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair);
    }
    Ok(bytes)
}

/// Room for the bytes of any record.
pub(super) const fn buffer() -> [u8; LONGEST] {
    [0; LONGEST]
}

fn value(pair: &[u8]) -> u8 {
    pair.iter().fold(0, |value, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10),
        };
        (value << 4) | (digit & 0x0F)
    })
}

/// A big-endian number of up to four bytes.
pub(super) fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// The sum of all bytes, of which the formats keep the low eight bits.
pub(super) fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
}
