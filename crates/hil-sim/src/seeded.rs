//! Chance that is the same on every run.

/// A stream of pseudo-random numbers: SplitMix64, which needs no more state than its counter and is
/// good enough to decide whether a fault strikes.
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// The stream `stream` of `seed`. Each simulated part uses a stream of its own, so that what one
    /// draws does not shift what another gets.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut this = Self(seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03));
        this.draw();
        this
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 where the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The high half of the product is unbiased enough for bounds far below 2⁶⁴.
        ((u128::from(self.draw()) * u128::from(bound)) >> 64) as u64
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        const SCALE: u64 = 1 << 53;
        (self.below(SCALE) as f64) < p * SCALE as f64
    }

    /// The indices of `0..len`, shuffled.
    pub fn shuffled(&mut self, len: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..len).collect();
        for last in (1..len).rev() {
            order.swap(last, self.below(last as u64 + 1) as usize);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn chance_keeps_its_promise() {
        let mut seeded = Seeded::new(1, 0);
        let hits = (0..10_000).filter(|_| seeded.chance(0.25)).count();
        assert!((2_350..2_650).contains(&hits), "{hits}");
        assert!(!seeded.chance(0.0) && seeded.chance(1.0));
    }

    proptest! {
        #[test]
        fn a_shuffle_keeps_everything(seed: u64, len in 0usize..50) {
            let mut order = Seeded::new(seed, 7).shuffled(len);
            prop_assert_eq!(&order, &Seeded::new(seed, 7).shuffled(len));
            order.sort_unstable();
            prop_assert_eq!(order, (0..len).collect::<Vec<_>>());
        }

        #[test]
        fn below_is_below(seed: u64, bound in 1u64..) {
            prop_assert!(Seeded::new(seed, 0).below(bound) < bound);
        }
    }
}
