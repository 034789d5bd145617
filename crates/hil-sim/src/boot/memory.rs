//! The program memory: bytes that can be written once, and then have to be erased.

/// What erased memory reads.
const ERASED: u8 = 0xFF;

/// Program memory from an address on.
#[derive(Debug)]
pub(super) struct Memory {
    start: u32,
    bytes: Vec<u8>,
}

impl Memory {
    /// Memory with `program` in it, as much as there is room for.
    pub(super) fn new(start: u32, length: u32, program: &[u8]) -> Self {
        let erased = std::iter::repeat(ERASED);
        let bytes = program.iter().copied().chain(erased).take(length as usize).collect();
        Self { start, bytes }
    }

    pub(super) fn read(&self, address: u32, length: u32) -> Option<&[u8]> {
        let at = address.checked_sub(self.start)? as usize;
        self.bytes.get(at..at.checked_add(length as usize)?)
    }

    fn range(&mut self, address: u32, length: usize) -> Option<&mut [u8]> {
        let at = address.checked_sub(self.start)? as usize;
        self.bytes.get_mut(at..at.checked_add(length)?)
    }

    /// Erases; `None` outside of the memory.
    pub(super) fn erase(&mut self, address: u32, length: u32) -> Option<()> {
        self.range(address, length as usize).map(|range| range.fill(ERASED))
    }

    /// Writes; `None` outside of the memory, or where it is not erased.
    pub(super) fn write(&mut self, address: u32, data: &[u8]) -> Option<()> {
        let range = self.range(address, data.len())?;
        let is_blank = range.iter().all(|byte| *byte == ERASED);
        is_blank.then(|| range.copy_from_slice(data))
    }

    pub(super) fn all(&self) -> &[u8] {
        &self.bytes
    }
}

/// The CRC-32 of IEEE 802.3, bit by bit: nobody should share a table with the one that it checks.
pub(super) fn crc32<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> u32 {
    let mut crc = u32::MAX;
    for byte in pieces.flatten() {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
