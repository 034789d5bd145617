//! Writes images, in ways of its own: what the parsers read must not come from the code that they are part of.

/// An Intel HEX record.
pub(crate) fn hex(kind: u8, offset: u16, data: &[u8]) -> String {
    let mut bytes = vec![data.len() as u8, (offset >> 8) as u8, offset as u8, kind];
    bytes.extend(data);
    let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
    bytes.push((256 - sum % 256) as u8);
    format!(":{}", digits(&bytes))
}

/// An S-record with an address of `width` bytes.
pub(crate) fn s(kind: char, width: usize, address: u32, data: &[u8]) -> String {
    let mut bytes = vec![(width + data.len() + 1) as u8];
    bytes.extend(&address.to_be_bytes()[4 - width..]);
    bytes.extend(data);
    let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
    bytes.push((255 - sum % 256) as u8);
    format!("S{kind}{}", digits(&bytes))
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// A format that can spell any address.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Format {
    HexLinear,
    S3,
}

/// A whole file with one record per piece, in the given order.
pub(crate) fn file(format: Format, pieces: &[(u32, Vec<u8>)]) -> Vec<String> {
    let mut lines = Vec::new();
    match format {
        Format::HexLinear => {
            for (address, data) in pieces {
                lines.push(hex(0x04, 0, &((address >> 16) as u16).to_be_bytes()));
                lines.push(hex(0x00, *address as u16, data));
            }
            lines.push(hex(0x05, 0, &[0, 0, 0x58, 0]));
            lines.push(hex(0x01, 0, &[]));
        }
        Format::S3 => {
            lines.push(s('0', 2, 0, b"alm"));
            lines.extend(pieces.iter().map(|(address, data)| s('3', 4, *address, data)));
            lines.push(s('5', 2, pieces.len() as u32, &[]));
            lines.push(s('7', 4, 0x5800, &[]));
        }
    }
    lines
}
