//! Motorola S-records: `S` type length address data checksum. The sum of all bytes behind the type is 0xFF.
//!
//! The type is not part of the sum, so a damaged one must show otherwise: data and end record of one file have
//! one address length (S1 with S9, S2 with S8, S3 with S7), a header stands first and at address 0, the count
//! record counts. Only what those rules leave open goes unnoticed: in a file without a count, a first record at
//! address 0 that turned from header to data or back.

use super::assembler::Assembler;
use super::record::{buffer, bytes, lines, number, sum};
use super::{Image, ImageError};

/// The length does not count itself.
const FRAMING: usize = 1;

/// How long the addresses of a file are, and with that its record types.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Two,
    Three,
    Four,
}

impl Width {
    const fn records(self) -> &'static str {
        match self {
            Self::Two => "S1 and S9",
            Self::Three => "S2 and S8",
            Self::Four => "S3 and S7",
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
        }
    }
}

/// What a record is for.
#[derive(Clone, Copy)]
enum Kind {
    Header,
    Data(Width),
    /// How many data records there are, in two (S5) or three bytes (S6).
    Count(Width),
    End(Width),
}

impl Kind {
    const fn of(digit: u8) -> Option<(Self, &'static str)> {
        Some(match digit {
            b'0' => (Self::Header, "S0"),
            b'1' => (Self::Data(Width::Two), "S1"),
            b'2' => (Self::Data(Width::Three), "S2"),
            b'3' => (Self::Data(Width::Four), "S3"),
            b'5' => (Self::Count(Width::Two), "S5"),
            b'6' => (Self::Count(Width::Three), "S6"),
            b'7' => (Self::End(Width::Four), "S7"),
            b'8' => (Self::End(Width::Three), "S8"),
            b'9' => (Self::End(Width::Two), "S9"),
            _ => return None,
        })
    }

    const fn address_bytes(self) -> usize {
        match self {
            Self::Header => 2,
            Self::Data(width) | Self::Count(width) | Self::End(width) => width.bytes(),
        }
    }
}

pub(super) fn parse(text: &[u8]) -> Result<Image, ImageError> {
    let mut buffer = buffer();
    let mut data = Assembler::default();
    let mut counted: u32 = 0;
    let mut width = None;
    let mut end = None;
    let mut last = 0;
    for (line, text) in lines(text) {
        if let Some(end) = end {
            return Err(ImageError::AfterEnd { line, end });
        }
        let is_first = last == 0;
        last = line;
        let [b'S' | b's', digit, digits @ ..] = text else {
            let found = text.first().copied().unwrap_or_default();
            return Err(if matches!(found, b'S' | b's') {
                ImageError::UnknownRecord { line, found: String::new() }
            } else {
                ImageError::Mark { line, found, expected: 'S' }
            });
        };
        let Some((kind, record)) = Kind::of(*digit) else {
            return Err(ImageError::UnknownRecord { line, found: digit.escape_ascii().to_string() });
        };
        let bytes = bytes(line, 3, FRAMING, digits, &mut buffer)?;
        let (address, payload) = fields(line, record, kind.address_bytes(), bytes)?;
        match kind {
            Kind::Header if is_first && address == 0 => {}
            Kind::Header => return Err(ImageError::Header { line }),
            Kind::Data(found) | Kind::End(found) if *width.get_or_insert(found) != found => {
                let expected = width.unwrap_or(found).records();
                return Err(ImageError::MixedRecords { line, found: char::from(*digit), expected });
            }
            Kind::Data(_) => {
                counted = counted.saturating_add(1);
                data.add(line, address, payload)?;
            }
            Kind::Count(_) | Kind::End(_) if !payload.is_empty() => {
                return Err(ImageError::Payload { line, record, found: payload.len() });
            }
            Kind::Count(_) if address != counted => {
                return Err(ImageError::Count { line, claimed: address, counted });
            }
            Kind::Count(_) => {}
            Kind::End(_) => end = Some(line),
        }
    }
    if end.is_none() {
        return Err(ImageError::MissingEnd { line: last });
    }
    data.finish()
}

/// Address and data of a record whose length and checksum are right.
fn fields<'b>(
    line: usize,
    record: &'static str,
    address_bytes: usize,
    bytes: &'b [u8],
) -> Result<(u32, &'b [u8]), ImageError> {
    let found = bytes.len();
    let [length, rest @ .., got] = bytes else {
        let claimed = bytes.first().map_or(FRAMING, |length| usize::from(*length) + FRAMING);
        return Err(ImageError::Length { line, claimed, found });
    };
    let claimed = usize::from(*length) + FRAMING;
    if found != claimed {
        return Err(ImageError::Length { line, claimed, found });
    }
    let sum = sum(bytes);
    if sum != 0xFF {
        let expected = got.wrapping_sub(sum).wrapping_sub(1);
        return Err(ImageError::Checksum { line, got: *got, expected });
    }
    let Some((address, payload)) = rest.split_at_checked(address_bytes) else {
        return Err(ImageError::Payload { line, record, found: rest.len() });
    };
    Ok((number(address), payload))
}
