//! When a planted fault strikes.

use hil_model::BenchTime;

use crate::Seeded;

/// The window in which a fault strikes, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultWindow {
    /// Not before this moment.
    pub from: BenchTime,
    /// Not from this moment on.
    pub until: Option<BenchTime>,
    /// At most this often.
    pub count: Option<u32>,
    /// Each opportunity is taken with this probability, 0…1.
    pub probability: f64,
}

impl FaultWindow {
    /// Always.
    pub const ALWAYS: Self = Self { from: BenchTime::ZERO, until: None, count: None, probability: 1.0 };

    /// Whether `now` lies in the window, leaving its count alone. For faults that are a state.
    pub fn is_open(&self, now: BenchTime) -> bool {
        now >= self.from && self.until.is_none_or(|until| now < until) && self.count != Some(0)
    }

    /// Whether the fault strikes at this opportunity; uses one of its count if it does.
    pub fn strikes(&mut self, now: BenchTime, seeded: &mut Seeded) -> bool {
        let strikes = self.is_open(now) && seeded.chance(self.probability);
        if strikes && let Some(count) = &mut self.count {
            *count -= 1;
        }
        strikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_opens_closes_and_runs_out() {
        let at = BenchTime::from_micros;
        let mut window = FaultWindow { from: at(10), until: Some(at(20)), count: Some(2), probability: 1.0 };
        let mut seeded = Seeded::new(1, 1);
        let struck: Vec<u64> = (5..25).filter(|t| window.strikes(at(*t), &mut seeded)).collect();
        assert_eq!(struck, [10, 11]);
    }
}
