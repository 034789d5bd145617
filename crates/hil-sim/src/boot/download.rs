//! A download on its way: which block is due, and what happens to it.

use super::memory::Memory;

/// RequestDownload to RequestTransferExit.
#[derive(Debug)]
pub(super) struct Download {
    pub(super) address: u32,
    pub(super) length: u32,
    /// How many bytes have come.
    got: u32,
    /// The number of the block that is due.
    due: u8,
    /// How long the block before it was; it may come again.
    last: Option<usize>,
}

/// What becomes of a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    Written,
    /// It is there already: the answer to it was lost.
    Repeated,
    WrongCounter,
    TooMuch,
    NotWritable,
}

impl Download {
    pub(super) const fn new(address: u32, length: u32) -> Self {
        Self { address, length, got: 0, due: 1, last: None }
    }

    pub(super) const fn is_complete(&self) -> bool {
        self.got == self.length
    }

    /// Whether `counter` is that of the block that is due, not of one that comes again.
    pub(super) const fn is_due(&self, counter: u8) -> bool {
        counter == self.due
    }

    /// Takes a block. `spoil` is an index of a byte that is written wrongly.
    pub(super) fn take(
        &mut self,
        memory: &mut Memory,
        counter: u8,
        data: &[u8],
        spoil: Option<usize>,
    ) -> Block {
        if !self.is_due(counter) {
            let is_last = self.last == Some(data.len()) && counter == self.due.wrapping_sub(1);
            return if is_last { Block::Repeated } else { Block::WrongCounter };
        }
        let room = (self.length - self.got) as usize;
        if data.len() > room {
            return Block::TooMuch;
        }
        let mut data = data.to_vec();
        if let Some(byte) = spoil.and_then(|at| data.get_mut(at)) {
            *byte ^= 0x01;
        }
        if memory.write(self.address + self.got, &data).is_none() {
            return Block::NotWritable;
        }
        // The length fits: it is at most the room, which is a `u32`.
        self.got += data.len() as u32;
        self.due = self.due.wrapping_add(1);
        self.last = Some(data.len());
        Block::Written
    }
}
