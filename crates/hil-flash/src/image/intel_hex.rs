//! Intel HEX: `:` length address type data checksum. The sum of all bytes of a record is 0.

use std::fmt::Write as _;

use super::assembler::Assembler;
use super::record::{buffer, bytes, lines, number, sum};
use super::{Image, ImageError};

/// Bytes of a data record around its data: length, address, type, checksum.
const FRAMING: usize = 5;
/// Data bytes per record that is written.
const ROW: usize = 16;

/// What the address of a data record is relative to.
enum Base {
    /// A segment of 64 KiB (record 02, and the state at the start): offsets do not carry out of it.
    Segment(u32),
    /// The upper half of the address (record 04): offsets carry into it.
    Linear(u32),
}

pub(super) fn parse(text: &[u8]) -> Result<Image, ImageError> {
    let mut buffer = buffer();
    let mut base = Base::Segment(0);
    let mut data = Assembler::default();
    let mut end = None;
    let mut last = 0;
    for (line, text) in lines(text) {
        if let Some(end) = end {
            return Err(ImageError::AfterEnd { line, end });
        }
        last = line;
        let [b':', digits @ ..] = text else {
            let found = text.first().copied().unwrap_or_default();
            return Err(ImageError::Mark { line, found, expected: ':' });
        };
        let bytes = bytes(line, 2, FRAMING, digits, &mut buffer)?;
        let (offset, kind, payload) = fields(line, bytes)?;
        let address = number(payload);
        match (kind, payload) {
            (0x00, payload) => place(&mut data, &base, line, offset, payload)?,
            (0x01, []) => end = Some(line),
            (0x02, [_, _]) => base = Base::Segment(address << 4),
            (0x04, [_, _]) => base = Base::Linear(address << 16),
            // Where the program starts.
            (0x03 | 0x05, [_, _, _, _]) => {}
            (0x01..=0x05, _) => {
                let record = ["00", "01", "02", "03", "04", "05"][usize::from(kind)];
                return Err(ImageError::Payload { line, record, found: payload.len() });
            }
            (0x06.., _) => return Err(ImageError::UnknownRecord { line, found: format!("{kind:02X}") }),
        }
    }
    if end.is_none() {
        return Err(ImageError::MissingEnd { line: last });
    }
    data.finish()
}

/// Address, type and data of a record whose length and checksum are right.
fn fields(line: usize, bytes: &[u8]) -> Result<(u16, u8, &[u8]), ImageError> {
    let claimed = bytes.first().map_or(FRAMING, |length| usize::from(*length) + FRAMING);
    let [_, high, low, kind, payload @ .., got] = bytes else {
        return Err(ImageError::Length { line, claimed, found: bytes.len() });
    };
    if bytes.len() != claimed {
        return Err(ImageError::Length { line, claimed, found: bytes.len() });
    }
    let sum = sum(bytes);
    if sum != 0 {
        return Err(ImageError::Checksum { line, got: *got, expected: got.wrapping_sub(sum) });
    }
    Ok((u16::from_be_bytes([*high, *low]), *kind, payload))
}

fn place(
    data: &mut Assembler,
    base: &Base,
    line: usize,
    offset: u16,
    payload: &[u8],
) -> Result<(), ImageError> {
    match *base {
        Base::Segment(_) if usize::from(offset) + payload.len() > 0x1_0000 => {
            Err(ImageError::BeyondSegment { line, offset, length: payload.len() })
        }
        // At most 0xFFFF0 + 0xFFFF, or two halves that do not share a bit.
        Base::Segment(base) | Base::Linear(base) => data.add(line, base + u32::from(offset), payload),
    }
}

/// Rows of 16 bytes that stay in their 64 KiB, and an 04 record wherever the upper half of the address changes.
pub(super) fn write(image: &Image) -> String {
    let mut text = String::new();
    let mut upper = 0;
    for segment in image.segments() {
        let mut address = segment.address();
        let mut rest = segment.data();
        while !rest.is_empty() {
            if address >> 16 != upper {
                upper = address >> 16;
                let [_, _, high, low] = upper.to_be_bytes();
                write_record(&mut text, 0, 0x04, &[high, low]);
            }
            let to_boundary = 0x1_0000 - (address as usize & 0xFFFF);
            let (row, behind) = rest.split_at(ROW.min(rest.len()).min(to_boundary));
            write_record(&mut text, address as u16, 0x00, row);
            address = address.wrapping_add(row.len() as u32);
            rest = behind;
        }
    }
    write_record(&mut text, 0, 0x01, &[]);
    text
}

fn write_record(text: &mut String, offset: u16, kind: u8, payload: &[u8]) {
    let [high, low] = offset.to_be_bytes();
    let head = [payload.len() as u8, high, low, kind];
    let checksum = sum(&head).wrapping_add(sum(payload)).wrapping_neg();
    text.push(':');
    for byte in head.iter().chain(payload).chain([&checksum]) {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02X}");
    }
    text.push('\n');
}
