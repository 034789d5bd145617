//! When a rail has settled (PSU-11).

use std::time::Duration;

use hil_model::{BenchTime, Volts};

/// The device refreshes what it measures about three times a second (hardware reference 5.1): an equal
/// reading within this time may be the same one, read again.
const REFRESH: Duration = Duration::from_millis(350);

/// How many refreshed readings in a row must lie in the band.
const IN_A_ROW: u32 = 2;

/// A reading on the way to a voltage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SettleReading {
    /// When.
    pub at: BenchTime,
    /// How much.
    pub volts: Volts,
}

/// Judges from readings whether a rail has settled.
///
/// Settled means two consecutive readings in the band that the instrument really refreshed. Every reading is
/// kept.
#[derive(Clone, Debug)]
pub struct SettleDetector {
    target: Volts,
    tolerance: Volts,
    fresh: Option<SettleReading>,
    in_band: u32,
    trace: Vec<SettleReading>,
}

impl SettleDetector {
    /// A detector for `target` ± `tolerance`.
    pub const fn new(target: Volts, tolerance: Volts) -> Self {
        Self { target, tolerance, fresh: None, in_band: 0, trace: Vec::new() }
    }

    /// Takes a reading and says whether the rail has settled.
    pub fn observe(&mut self, at: BenchTime, volts: Volts) -> bool {
        let reading = SettleReading { at, volts };
        self.trace.push(reading);
        let refreshed = self.fresh.is_none_or(|fresh| fresh.volts != volts || at.since(fresh.at) >= REFRESH);
        if refreshed {
            self.fresh = Some(reading);
            let inside = volts.is_within(self.tolerance, self.target);
            self.in_band = if inside { self.in_band + 1 } else { 0 };
        }
        self.in_band >= IN_A_ROW
    }

    /// Every reading so far.
    pub fn trace(&self) -> &[SettleReading] {
        &self.trace
    }

    /// Every reading, at the end.
    pub fn into_trace(self) -> Vec<SettleReading> {
        self.trace
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// Readings as (ms, volts), and at which of them the rail counts as settled at 12.0 ± 0.1 V.
    #[rstest]
    #[case::two_in_the_band(&[(0, 11.0), (50, 11.95), (100, 12.0)], Some(2))]
    #[case::the_same_reading_again_does_not_count(&[(0, 12.0), (50, 12.0), (100, 12.0)], None)]
    #[case::an_equal_one_counts_after_a_refresh(&[(0, 12.0), (200, 12.0), (350, 12.0)], Some(2))]
    #[case::one_outside_starts_anew(&[(0, 12.0), (400, 12.2), (800, 12.0), (1200, 12.0)], Some(3))]
    #[case::passing_through_is_not_settling(&[(0, 11.95), (400, 12.5), (800, 13.0)], None)]
    fn a_rail_settles(#[case] readings: &[(u64, f64)], #[case] settled: Option<usize>) {
        let mut detector = SettleDetector::new(Volts::new(12.0), Volts::new(0.1));
        let at = readings
            .iter()
            .position(|(ms, volts)| detector.observe(BenchTime::from_micros(ms * 1000), Volts::new(*volts)));
        assert_eq!(at, settled);
        assert_eq!(detector.trace().len(), settled.map_or(readings.len(), |at| at + 1));
    }
}
