//! The timers of the transport layer.

use std::time::Duration;

/// The longest that a node may take until it can answer (LIN 2.1, U).
const P2_MAX: Duration = Duration::from_millis(500);

/// The timers of one node, as its entry in the LDF has them (hardware reference 1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportTiming {
    /// P2_min: how long the node may need before it has an answer. It may be asked earlier, and keeps
    /// silent then.
    pub p2_min: Duration,
    /// ST_min: the pause that the node needs between two frames of one message, in either direction.
    pub st_min: Duration,
    /// N_As: the longest that sending one frame may take.
    pub n_as: Duration,
    /// N_Cr: the longest wait for the next frame of a message.
    pub n_cr: Duration,
}

impl TransportTiming {
    /// How long to wait for the beginning of an answer before the node counts as silent: 500 ms (U), or
    /// twice P2_min where that is longer.
    pub fn answer_timeout(&self) -> Duration {
        P2_MAX.max(self.p2_min.saturating_mul(2))
    }
}

impl Default for TransportTiming {
    /// What the standard has for a node that does not say: 50 ms, 0 ms, 1 s, 1 s.
    fn default() -> Self {
        Self {
            p2_min: Duration::from_millis(50),
            st_min: Duration::ZERO,
            n_as: Duration::from_secs(1),
            n_cr: Duration::from_secs(1),
        }
    }
}
