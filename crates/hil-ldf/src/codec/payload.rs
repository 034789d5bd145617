//! The bytes of one frame.

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

/// Up to 8 data bytes of a frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Payload {
    bytes: [u8; 8],
    length: u8,
}

impl Payload {
    /// The lowest `length` bytes of `bits`, the least significant first.
    pub(crate) fn from_bits(bits: u64, length: u8) -> Self {
        Self { bytes: bits.to_le_bytes(), length: length.min(8) }
    }
}

impl Deref for Payload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(f, "{separator}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({self})")
    }
}
