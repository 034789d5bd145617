//! Which addresses of a unit may be programmed.

/// Addresses in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryRange {
    first: u32,
    last: u32,
}

impl MemoryRange {
    /// `length` addresses from `start` on. `None` if there is none, or if they end beyond 0xFFFFFFFF.
    pub fn new(start: u32, length: u32) -> Option<Self> {
        let last = start.checked_add(length.checked_sub(1)?)?;
        Some(Self { first: start, last })
    }
}

/// The addresses of a unit that may be programmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryMap {
    /// In ascending order; they neither overlap nor touch.
    ranges: Vec<MemoryRange>,
}

impl MemoryMap {
    /// What lies in any of `ranges`; they may overlap.
    pub fn new(ranges: impl IntoIterator<Item = MemoryRange>) -> Self {
        let mut given: Vec<MemoryRange> = ranges.into_iter().collect();
        given.sort_by_key(|range| range.first);
        let mut ranges: Vec<MemoryRange> = Vec::new();
        for range in given {
            match ranges.last_mut() {
                Some(before) if range.first <= before.last.saturating_add(1) => {
                    before.last = before.last.max(range.last);
                }
                Some(_) | None => ranges.push(range),
            }
        }
        Self { ranges }
    }

    /// The first of `length` addresses from `start` on that is not in it.
    pub(super) fn first_outside(&self, start: u32, length: u32) -> Option<u32> {
        let last = start.saturating_add(length.saturating_sub(1));
        match self.ranges.iter().find(|range| (range.first..=range.last).contains(&start)) {
            Some(range) => (last > range.last).then(|| range.last.saturating_add(1)),
            None => Some(start),
        }
    }
}

/// An image that reaches beyond the memory of its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the image sets address {address:#010x}, which is outside of the unit's memory")]
pub struct OutsideMemory {
    /// The first such address.
    pub address: u32,
}
