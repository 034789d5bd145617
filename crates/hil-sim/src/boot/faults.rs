//! The faults planted in a boot loader, and the chance that decides about them.

use hil_model::BenchTime;

use super::BootFault;
use crate::{FaultWindow, Seeded};

/// What goes wrong, and when.
#[derive(Debug)]
pub(super) struct Faults {
    planted: Vec<(BootFault, FaultWindow)>,
    seeded: Seeded,
}

impl Default for Faults {
    fn default() -> Self {
        Self { planted: Vec::new(), seeded: Seeded::new(0xB007, 2) }
    }
}

impl Faults {
    pub(super) fn plant(&mut self, fault: BootFault, window: FaultWindow) {
        self.planted.push((fault, window));
    }

    pub(super) fn clear(&mut self) {
        self.planted.clear();
    }

    /// What the first fault does that `concerns` this occasion and strikes now.
    pub(super) fn strike<T>(
        &mut self,
        now: BenchTime,
        concerns: impl Fn(BootFault) -> Option<T>,
    ) -> Option<T> {
        let Self { planted, seeded } = self;
        planted.iter_mut().find_map(|(fault, window)| {
            let effect = concerns(*fault)?;
            window.strikes(now, seeded).then_some(effect)
        })
    }

    /// Whether exactly this one strikes now.
    pub(super) fn is_struck(&mut self, now: BenchTime, by: BootFault) -> bool {
        self.strike(now, |fault| (fault == by).then_some(())).is_some()
    }
}
