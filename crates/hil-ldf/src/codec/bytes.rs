//! Up to eight bytes: the payload of a frame, or the value of an array signal.

use std::fmt;
use std::ops::Deref;

/// What bits that belong to no signal are set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fill {
    /// All 0, as ldfparser does by default.
    Zeros,
    /// All 1, recessive on the bus, as ISO 17987-6 PT-CT 32 wants it.
    #[default]
    Ones,
}

/// Up to 8 bytes, the first on the wire first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bytes {
    bytes: [u8; 8],
    length: u8,
}

impl Bytes {
    /// The lowest `length` bytes of `bits`, the least significant first; the others of `bits` are 0.
    #[inline]
    pub(crate) fn from_bits(bits: u64, length: u8) -> Self {
        Self { bytes: bits.to_le_bytes(), length: length.min(8) }
    }

    /// The bytes as one number, the first the least significant.
    pub(crate) fn bits(self) -> u64 {
        u64::from_le_bytes(self.bytes)
    }

    /// None for more than 8 bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= 8)
            .then(|| Self { bytes: bytes_to_bits(bytes).to_le_bytes(), length: bytes.len() as u8 })
    }
}

/// Up to 8 bytes as one number: the first byte is the least significant.
#[inline]
pub(crate) fn bytes_to_bits(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => bytes.iter().rev().fold(0, |bits, byte| (bits << 8) | u64::from(*byte)),
    }
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(f, "{separator}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({self})")
    }
}
