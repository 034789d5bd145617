//! Under- and over-voltage detection with hysteresis and debounce.

use std::time::Duration;

use hil::model::{BenchTime, Volts};

/// Below this the module reports under-voltage. Not public for the real module: chosen by us
/// (hardware reference 10.1).
const UNDER: Volts = Volts::new(9.0);
/// Above this it reports over-voltage; chosen by us like [`UNDER`].
const OVER: Volts = Volts::new(16.0);
/// How far back inside the rail must come before a report ends.
const HYSTERESIS: Volts = Volts::new(0.5);
/// How long the rail must stay where it is before the report changes; "within a second" is attested.
const DEBOUNCE: Duration = Duration::from_millis(300);

/// What the module reports of its supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VoltageState {
    Normal = 0,
    Under = 1,
    Over = 2,
}

/// Watches the rail.
#[derive(Debug)]
pub(super) struct VoltageMonitor {
    reported: VoltageState,
    /// What the rail says that is not reported yet, and since when.
    pending: Option<(VoltageState, BenchTime)>,
}

impl VoltageMonitor {
    pub(super) const fn new() -> Self {
        Self { reported: VoltageState::Normal, pending: None }
    }

    pub(super) const fn reported(&self) -> VoltageState {
        self.reported
    }

    pub(super) fn observe(&mut self, rail: Volts, now: BenchTime) {
        let seen = self.classify(rail);
        if seen == self.reported {
            self.pending = None;
            return;
        }
        match self.pending {
            Some((pending, since)) if pending == seen => {
                if now.since(since) >= DEBOUNCE {
                    self.reported = seen;
                    self.pending = None;
                }
            }
            Some(_) | None => self.pending = Some((seen, now)),
        }
    }

    fn classify(&self, rail: Volts) -> VoltageState {
        let (mut under, mut over) = (UNDER, OVER);
        match self.reported {
            VoltageState::Under => under = under + HYSTERESIS,
            VoltageState::Over => over = over - HYSTERESIS,
            VoltageState::Normal => {}
        }
        if rail < under {
            VoltageState::Under
        } else if rail > over {
            VoltageState::Over
        } else {
            VoltageState::Normal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds a rail of (until ms, volts) in ticks of 10 ms and returns the changes of the report.
    fn changes(rail: &[(u64, f64)]) -> Vec<(u64, VoltageState)> {
        let mut monitor = VoltageMonitor::new();
        let (mut now, mut seen) = (0, Vec::new());
        for (until, volts) in rail {
            while now < *until {
                let before = monitor.reported();
                monitor.observe(Volts::new(*volts), BenchTime::from_micros(now * 1000));
                if monitor.reported() != before {
                    seen.push((now, monitor.reported()));
                }
                now += 10;
            }
        }
        seen
    }

    #[test]
    fn a_report_comes_after_the_debounce_and_ends_past_the_hysteresis() {
        let seen =
            changes(&[(1000, 12.0), (2000, 8.9), (3000, 9.4), (4000, 9.6), (5000, 16.1), (6000, 15.4)]);
        assert_eq!(
            seen,
            [
                (1300, VoltageState::Under),
                (3300, VoltageState::Normal),
                (4300, VoltageState::Over),
                (5300, VoltageState::Normal)
            ]
        );
    }

    #[test]
    fn a_dip_shorter_than_the_debounce_is_not_reported() {
        assert_eq!(changes(&[(1000, 12.0), (1290, 7.0), (2000, 12.0)]), []);
    }
}
