//! How late slots start, in bounded memory.

use std::fmt;
use std::time::Duration;

/// Delays below this many microseconds are told apart one by one.
const EXACT: u64 = 64;
/// Above, each doubling is divided into this many steps, so that a step is 3 % of its value.
const STEPS: u64 = 32;
/// The longest delay that is told apart from longer ones: 71 minutes.
const LONGEST: u64 = u32::MAX as u64;
const BUCKETS: usize = (EXACT + 26 * STEPS) as usize;

/// The distribution of delays between the planned and the actual start of slots.
///
/// Memory is fixed. Quantiles are exact below 64 µs and at most 3 % too long above; the maximum is exact.
#[derive(Clone, PartialEq, Eq)]
pub struct Jitter {
    buckets: Box<[u64; BUCKETS]>,
    count: u64,
    max: Duration,
}

impl Jitter {
    /// The bucket of a delay.
    fn bucket(micros: u64) -> usize {
        if micros < EXACT {
            return micros as usize;
        }
        let doubling = u64::from(micros.min(LONGEST).ilog2());
        let step = micros.min(LONGEST) >> (doubling - 5);
        (EXACT + (doubling - 6) * STEPS + (step - STEPS)) as usize
    }

    /// The longest delay of a bucket, in microseconds.
    fn longest(bucket: usize) -> u64 {
        let bucket = bucket as u64;
        if bucket < EXACT {
            return bucket;
        }
        let (doubling, step) = ((bucket - EXACT) / STEPS, (bucket - EXACT) % STEPS + STEPS);
        ((step + 1) << (doubling + 1)) - 1
    }

    pub(super) fn record(&mut self, late: Duration) {
        let micros = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
        self.buckets[Self::bucket(micros)] += 1;
        self.count += 1;
        self.max = self.max.max(late);
    }

    /// How many slots were measured.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The delay that the share `quantile` (0–1) of the slots did not exceed; zero without slots.
    pub fn quantile(&self, quantile: f64) -> Duration {
        let rank = ((self.count as f64 * quantile).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_micros(Self::longest(bucket)).min(self.max);
            }
        }
        self.max
    }

    /// The delay that half of the slots did not exceed.
    pub fn median(&self) -> Duration {
        self.quantile(0.5)
    }

    /// The delay that 99 % of the slots did not exceed.
    pub fn p99(&self) -> Duration {
        self.quantile(0.99)
    }

    /// The longest delay.
    pub const fn max(&self) -> Duration {
        self.max
    }
}

impl Default for Jitter {
    fn default() -> Self {
        Self { buckets: Box::new([0; BUCKETS]), count: 0, max: Duration::ZERO }
    }
}

impl fmt::Debug for Jitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jitter")
            .field("count", &self.count)
            .field("median", &self.median())
            .field("p99", &self.p99())
            .field("max", &self.max)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_measured_is_no_jitter() {
        let jitter = Jitter::default();
        assert_eq!((jitter.count(), jitter.median(), jitter.max()), (0, Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn the_longest_delay_is_kept_as_it_is() {
        let mut jitter = Jitter::default();
        jitter.record(Duration::MAX);
        assert_eq!((jitter.count(), jitter.max()), (1, Duration::MAX));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Against the definition: the sorted delays.
        #[test]
        fn quantiles_are_three_per_cent_too_long_at_most(
            mut delays in proptest::collection::vec(0u64..10_000_000, 1..300),
            quantile in 0.01f64..=1.0,
        ) {
            let mut jitter = Jitter::default();
            for delay in &delays {
                jitter.record(Duration::from_micros(*delay));
            }
            delays.sort_unstable();
            let exact = delays[((delays.len() as f64 * quantile).ceil() as usize - 1).min(delays.len() - 1)];
            let got = jitter.quantile(quantile).as_micros() as u64;
            prop_assert!(got >= exact && got <= exact + exact / 31, "{got} for {exact}");
        }
    }
}
