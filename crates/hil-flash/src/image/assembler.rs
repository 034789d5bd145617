//! From records in the order of a file to segments in the order of addresses.

use super::{Image, ImageError, Segment};

/// The data records of one file. It needs memory for what the file contains, never for what it claims.
#[derive(Default)]
pub(super) struct Assembler {
    data: Vec<u8>,
    pieces: Vec<Piece>,
}

/// One data record.
struct Piece {
    line: usize,
    address: u32,
    /// Where its bytes stand in the data.
    at: usize,
    length: usize,
}

impl Piece {
    /// The address behind its last byte.
    fn end(&self) -> u64 {
        u64::from(self.address) + self.length as u64
    }
}

impl Assembler {
    /// Takes a data record.
    pub(super) fn add(&mut self, line: usize, address: u32, data: &[u8]) -> Result<(), ImageError> {
        if data.is_empty() {
            return Ok(());
        }
        let piece = Piece { line, address, at: self.data.len(), length: data.len() };
        if piece.end() > 1 << 32 {
            return Err(ImageError::BeyondAddresses { line, address, length: data.len() });
        }
        self.data.extend_from_slice(data);
        self.pieces.push(piece);
        Ok(())
    }

    /// Sorts, refuses overlaps, joins what touches.
    pub(super) fn finish(mut self) -> Result<Image, ImageError> {
        // Linkers write in ascending order, and the stable sort takes linear time for that.
        self.pieces.sort_by_key(|piece| piece.address);
        let mut segments: Vec<Segment> = Vec::new();
        let mut before: Option<&Piece> = None;
        for piece in &self.pieces {
            let data = &self.data[piece.at..piece.at + piece.length];
            match before {
                Some(before) if u64::from(piece.address) < before.end() => {
                    return Err(ImageError::Overlap {
                        line: piece.line.max(before.line),
                        other: piece.line.min(before.line),
                        address: piece.address,
                    });
                }
                Some(before) if u64::from(piece.address) == before.end() => {
                    if let Some(segment) = segments.last_mut() {
                        segment.extend(data);
                    }
                }
                Some(_) | None => segments.push(Segment::new(piece.address, data.to_vec())),
            }
            before = Some(piece);
        }
        if segments.is_empty() { Err(ImageError::Empty) } else { Ok(Image::new(segments)) }
    }
}
