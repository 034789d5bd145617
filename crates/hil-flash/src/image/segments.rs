//! The image itself: what stands where.

use super::{ImageError, MemoryMap, OutsideMemory, intel_hex, record, s_record};
use crate::crc::crc32;

/// The longest text that is read. The largest unit on a LIN bus has less than a hundredth of it.
const LONGEST_TEXT: usize = 64 << 20;

/// Bytes that stand next to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    address: u32,
    data: Vec<u8>,
}

impl Segment {
    pub(super) const fn new(address: u32, data: Vec<u8>) -> Self {
        Self { address, data }
    }

    pub(super) fn extend(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
    }

    /// The address of its first byte.
    pub const fn address(&self) -> u32 {
        self.address
    }

    /// Its bytes, at least one.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// How many bytes it has, as UDS writes it. A text of bounded length cannot spell more.
    pub fn length(&self) -> u32 {
        u32::try_from(self.data.len()).unwrap_or(u32::MAX)
    }
}

/// What is to be in a unit's memory: segments in ascending order that neither overlap nor touch.
///
/// Where a program starts is not kept: a unit starts where its reset vector points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    segments: Vec<Segment>,
}

impl Image {
    pub(super) const fn new(segments: Vec<Segment>) -> Self {
        Self { segments }
    }

    /// Reads Intel HEX (records 00–05) or S-records (S0–S3, S5–S9), whichever the text begins like. Lines end in
    /// LF or CR LF, digits have either case.
    ///
    /// # Errors
    ///
    /// Everything that [`ImageError`] lists. Time and memory are bounded by the length of the text.
    pub fn parse(text: &[u8]) -> Result<Self, ImageError> {
        if text.len() > LONGEST_TEXT {
            return Err(ImageError::TooLong { length: text.len(), max: LONGEST_TEXT });
        }
        let Some((line, first)) = record::lines(text).next() else {
            return Err(ImageError::Empty);
        };
        match first.first().copied().unwrap_or_default() {
            b':' => intel_hex::parse(text),
            b'S' | b's' => s_record::parse(text),
            found => Err(ImageError::Unrecognised { line, found }),
        }
    }

    /// Its segments, in ascending order of their addresses; at least one.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.length())).sum()
    }

    /// The CRC-32 (IEEE 802.3) of its bytes in ascending order of their addresses, gaps left out.
    pub fn crc32(&self) -> u32 {
        crc32(self.segments.iter().map(Segment::data))
    }

    /// Checks that every byte lies in `map`.
    ///
    /// # Errors
    ///
    /// [`OutsideMemory`] with the first address that does not.
    pub fn check(&self, map: &MemoryMap) -> Result<(), OutsideMemory> {
        self.segments
            .iter()
            .find_map(|segment| map.first_outside(segment.address, segment.length()))
            .map_or(Ok(()), |address| Err(OutsideMemory { address }))
    }

    /// The image as Intel HEX text, which is what boot loaders take.
    pub fn to_hex(&self) -> String {
        intel_hex::write(self)
    }
}
