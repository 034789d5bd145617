//! What a frame's codec needs to know, worked out once when the database is built.

use super::bytes::Fill;
use crate::model::SlotRecord;

/// The compiled frame. A payload is one little-endian number, in which each signal, array or not, is a field:
/// byte 0 of the payload is its least significant byte.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Layout {
    /// All signals at their initial value, unused bits 0.
    init: u64,
    /// Bits of the payload that belong to no signal.
    unused: u64,
    /// Some signal's field can hold what is not a value of it.
    pub(crate) has_digits: bool,
    /// Nobody knows how the bytes of some signal lie (LDF reference 5).
    pub(crate) is_uncertain: bool,
}

impl Layout {
    /// The layout of a frame of `length` bytes without signals.
    pub(crate) fn new(length: u8) -> Self {
        Self { unused: mask(8 * length), ..Self::default() }
    }

    /// Adds a signal, whose initial value is `init`.
    pub(crate) fn add(&mut self, slot: &SlotRecord, init: u64) {
        self.init = insert(self.init, slot, init);
        self.unused &= !(slot.mask() << slot.offset);
    }

    /// The payload before any signal is set.
    #[inline]
    pub(super) fn initial(self, fill: Fill) -> u64 {
        match fill {
            Fill::Zeros => self.init,
            Fill::Ones => self.init | self.unused,
        }
    }
}

/// The lowest `width` bits, 0 to 64.
#[inline]
pub(crate) fn mask(width: u8) -> u64 {
    u64::MAX.checked_shr(64 - u32::from(width)).unwrap_or(0)
}

/// The payload with the slot's field replaced.
#[inline]
pub(super) fn insert(payload: u64, slot: &SlotRecord, field: u64) -> u64 {
    let mask = slot.mask();
    (payload & !(mask << slot.offset)) | ((field & mask) << slot.offset)
}

/// The slot's field.
#[inline]
pub(super) fn extract(payload: u64, slot: &SlotRecord) -> u64 {
    (payload >> slot.offset) & slot.mask()
}
