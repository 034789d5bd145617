//! Faults of the supply and of its line.

use hil_model::BenchTime;

use crate::{FaultWindow, Seeded};

/// What goes wrong with the supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupplyFaultKind {
    /// It does not answer.
    Silent,
    /// Its answers are garbled.
    Garbled,
    /// Its port closes.
    Vanish,
    /// Its voltage moves ten times slower.
    SlowRail,
    /// It answers `ERR` to a good query.
    ErrorReply,
    /// It ignores setters without a word.
    IgnoreSetters,
}

/// A fault planted in the supply.
#[derive(Clone, Debug)]
pub struct SupplyFault {
    /// What goes wrong.
    pub kind: SupplyFaultKind,
    /// When, and how often.
    pub window: FaultWindow,
}

/// The faults of a supply, and the chance that decides about them.
#[derive(Debug)]
pub(super) struct Faults {
    planted: Vec<SupplyFault>,
    pub(super) seeded: Seeded,
}

impl Faults {
    /// The stream of chance that belongs to the supply.
    const STREAM: u64 = 2;

    pub(super) fn new(planted: Vec<SupplyFault>, seed: u64) -> Self {
        Self { planted, seeded: Seeded::new(seed, Self::STREAM) }
    }

    /// Whether a fault of this kind strikes now.
    pub(super) fn strikes(&mut self, kind: SupplyFaultKind, now: BenchTime) -> bool {
        self.planted
            .iter_mut()
            .filter(|fault| fault.kind == kind)
            .any(|fault| fault.window.strikes(now, &mut self.seeded))
    }
}
