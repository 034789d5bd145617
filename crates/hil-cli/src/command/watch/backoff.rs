//! How long is waited before the connection is made again.

use std::time::Duration;

/// The first pause and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(10)];
/// A connection that lived so long was one. A server that takes clients and then cuts them off is not to be pressed.
const STEADY: Duration = Duration::from_secs(5);

/// The pause after the next cut.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(PAUSES[0])
    }
}

impl Backoff {
    /// The pause after a connection that lived for `lived`.
    pub(super) fn after(&mut self, lived: Duration) -> Duration {
        if lived >= STEADY {
            *self = Self::default();
        }
        let pause = self.0;
        self.0 = (pause * 2).min(PAUSES[1]);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::cut_at_once(&[0, 0, 0, 4_999, 0, 0, 0, 0], &[250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])]
    #[case::steady(&[0, 0, 5_000, 0, 60_000], &[250, 500, 250, 500, 250])]
    fn only_a_connection_that_lived_begins_anew(#[case] lived: &[u64], #[case] pauses: &[u128]) {
        let mut backoff = Backoff::default();
        let pause = |lived: &u64| backoff.after(Duration::from_millis(*lived)).as_millis();
        assert_eq!(lived.iter().map(pause).collect::<Vec<_>>(), pauses);
    }
}
