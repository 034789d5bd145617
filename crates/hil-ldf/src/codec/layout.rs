//! What a frame's codec needs to know, worked out once when the database is built.

use super::payload::Fill;
use super::value::Raw;
use crate::model::{SignalDef, SignalSlot};

/// The compiled frame. A payload is one little-endian number, in which each signal, array or not, is a field:
/// byte 0 of the payload is its least significant byte.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// Slot indices, by the name of their signal.
    by_name: Vec<u8>,
    /// All signals at their initial value, unused bits 0.
    init: u64,
    /// Bits of the payload that belong to no signal.
    unused: u64,
    /// The file says big endian.
    big_endian: bool,
}

impl Layout {
    pub(crate) fn new(slots: &[SignalSlot], length: u8, big_endian: bool) -> Self {
        // A checked frame has at most 64 slots, as each takes a bit.
        let mut by_name: Vec<u8> = (0..=u8::MAX).take(slots.len()).collect();
        by_name.sort_by_key(|index| slots.get(usize::from(*index)).map(SignalSlot::name));
        let mut init = 0;
        let mut used = 0;
        for slot in slots {
            init = insert(init, slot, init_bits(slot.signal()));
            used = insert(used, slot, slot.signal().mask());
        }
        let all = u64::MAX.checked_shr(64 - 8 * u32::from(length)).unwrap_or(0);
        Self { by_name, init, unused: all & !used, big_endian }
    }

    /// The slot of the signal called `name`.
    pub(crate) fn find<'s>(&self, slots: &'s [SignalSlot], name: &str) -> Option<&'s SignalSlot> {
        let slot = |index: &u8| slots.get(usize::from(*index));
        let found = self.by_name.binary_search_by(|index| slot(index).map(SignalSlot::name).cmp(&Some(name)));
        found.ok().and_then(|position| self.by_name.get(position)).and_then(slot)
    }

    /// The payload before any signal is set.
    pub(super) fn initial(&self, fill: Fill) -> u64 {
        match fill {
            Fill::Zeros => self.init,
            Fill::Ones => self.init | self.unused,
        }
    }

    /// Whether nobody knows how the bytes of this signal lie (LDF reference 5).
    pub(super) fn is_uncertain(&self, signal: &SignalDef) -> bool {
        self.big_endian && !signal.is_array() && signal.width() > 8
    }
}

/// The payload with the slot's field replaced.
pub(super) fn insert(payload: u64, slot: &SignalSlot, field: u64) -> u64 {
    let mask = slot.signal().mask();
    (payload & !(mask << slot.offset())) | ((field & mask) << slot.offset())
}

/// The slot's field.
pub(super) fn extract(payload: u64, slot: &SignalSlot) -> u64 {
    (payload >> slot.offset()) & slot.signal().mask()
}

/// Bytes as a field: the first byte is the least significant.
pub(super) fn bytes_to_bits(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |bits, byte| (bits << 8) | u64::from(*byte))
}

fn init_bits(signal: &SignalDef) -> u64 {
    match signal.init() {
        Raw::Scalar(value) => *value,
        Raw::Array(bytes) => bytes_to_bits(bytes),
    }
}
