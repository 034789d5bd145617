//! Times as reports write them. All of them come from the journal.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use hil_model::WallTime;

/// The moment with its offset, which is UTC's. A time beyond what a calendar holds is the epoch.
pub(crate) fn datetime(wall: WallTime) -> DateTime<FixedOffset> {
    DateTime::<Utc>::from_timestamp_millis(wall.unix_millis()).unwrap_or_default().fixed_offset()
}

/// For people: `2026-11-21 04:30:00 UTC`.
pub(crate) fn readable(wall: WallTime) -> String {
    datetime(wall).format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// How long it took in the world; zero if the world's clock was set back meanwhile.
pub(crate) fn elapsed(from: WallTime, to: WallTime) -> Duration {
    Duration::from_millis(u64::try_from(to.unix_millis().saturating_sub(from.unix_millis())).unwrap_or(0))
}

/// A duration for people: `0.012 s`, `12.3 s`, `4 min 05 s`, `2 h 07 min`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.3} s", duration.as_secs_f64()),
        10..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3600.. => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, "0.000 s")]
    #[case(9_870, "9.870 s")]
    #[case(59_940, "59.9 s")]
    #[case(245_000, "4 min 05 s")]
    #[case(7_620_000, "2 h 07 min")]
    fn durations_are_for_people(#[case] millis: u64, #[case] expected: &str) {
        assert_eq!(duration(Duration::from_millis(millis)), expected);
    }

    #[test]
    fn timestamps_have_an_offset() {
        let wall = WallTime::from_unix_millis(1_795_235_400_250);
        assert_eq!(datetime(wall).to_rfc3339(), "2026-11-21T04:30:00.250+00:00");
    }
}
