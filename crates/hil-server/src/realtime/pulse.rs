//! Whether a client is alive.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hil_realtime::Moment;
use tokio::time::Instant;

/// Whether a client is alive.
#[derive(Debug)]
pub(super) struct Pulse(Mutex<Beat>);

#[derive(Clone, Copy, Debug)]
struct Beat {
    /// The last pong, or the beginning.
    heard: Instant,
    heard_at: Option<Moment>,
    /// The first ping that is not answered.
    asked: Option<Instant>,
    round_trip: Option<Duration>,
}

impl Pulse {
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new(Beat { heard: now, heard_at: None, asked: None, round_trip: None }))
    }

    /// A ping goes out.
    pub(super) fn ask(&self, now: Instant) {
        self.beat().asked.get_or_insert(now);
    }

    /// A pong has come.
    pub(super) fn hear(&self, now: Instant) {
        let mut beat = self.beat();
        (beat.heard, beat.heard_at) = (now, Some(Moment::now()));
        if let Some(asked) = beat.asked.take() {
            beat.round_trip = Some(now.duration_since(asked));
        }
    }

    /// When it was last heard, or when it came.
    pub(super) fn heard(&self) -> Instant {
        self.beat().heard
    }

    /// When the last pong came, and how long it took.
    pub(super) fn last(&self) -> (Option<Moment>, Option<Duration>) {
        let beat = self.beat();
        (beat.heard_at, beat.round_trip)
    }

    fn beat(&self) -> MutexGuard<'_, Beat> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The most that a ping comes early or late.
const STRAY: Duration = Duration::from_secs(5);

/// A tenth more or less, so that those who came together do not answer together.
pub(super) fn jittered(interval: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    let stray = (interval / 10).min(STRAY);
    let parts = u32::try_from(random % 2001).unwrap_or_default();
    interval - stray + stray * parts / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_differ_by_a_tenth_and_by_no_more_than_allowed() {
        for (interval, stray) in [(0.5, 0.05), (30.0, 3.0), (120.0, 5.0)] {
            let drawn: Vec<f64> =
                (0..500).map(|_| jittered(Duration::from_secs_f64(interval)).as_secs_f64()).collect();
            let (least, most) = drawn.iter().fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(*x), b.max(*x)));
            assert!(least >= interval - stray - 1e-6 && most <= interval + stray + 1e-6, "{least} {most}");
            assert!(most - least > stray, "{least} {most}");
        }
    }

    #[test]
    fn a_round_trip_is_measured_from_the_first_ping_without_an_answer() {
        let start = Instant::now();
        let pulse = Pulse::new(start);
        pulse.hear(start);
        assert_eq!(pulse.last().1, None);
        pulse.ask(start);
        pulse.ask(start + Duration::from_secs(1));
        pulse.hear(start + Duration::from_secs(3));
        assert_eq!(pulse.last().1, Some(Duration::from_secs(3)));
        assert_eq!(pulse.heard(), start + Duration::from_secs(3));
    }
}
