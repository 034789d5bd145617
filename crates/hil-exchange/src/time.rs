//! Moments as foreign formats write them.

use chrono::{DateTime, SecondsFormat, Utc};
use hil_model::WallTime;

/// The first and the last millisecond of the years 1 to 9999: what every format and database can say.
const CALENDAR: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// The moment, if it lies in a year of four digits.
pub(crate) fn checked(millis: i64) -> Option<WallTime> {
    CALENDAR.contains(&millis).then(|| WallTime::from_unix_millis(millis))
}

/// The moment that a number of milliseconds stands for.
pub(crate) fn from_millis(millis: f64) -> Option<WallTime> {
    let rounded = millis.round();
    let known = *CALENDAR.start() as f64..=*CALENDAR.end() as f64;
    if known.contains(&rounded) { checked(rounded as i64) } else { None }
}

/// The moment in UTC. One beyond the calendar becomes the nearest one in it.
pub(crate) fn utc(wall: WallTime) -> DateTime<Utc> {
    let millis = wall.unix_millis().clamp(*CALENDAR.start(), *CALENDAR.end());
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

/// `2026-11-21T04:30:00.000Z`.
pub(crate) fn rfc3339(wall: WallTime) -> String {
    utc(wall).to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, "1970-01-01T00:00:00.000Z")]
    #[case(1_795_277_929_943, "2026-11-21T16:18:49.943Z")]
    #[case(i64::MIN, "0001-01-01T00:00:00.000Z")]
    #[case(i64::MAX, "9999-12-31T23:59:59.999Z")]
    fn moments_have_a_date(#[case] millis: i64, #[case] text: &str) {
        assert_eq!(rfc3339(WallTime::from_unix_millis(millis)), text);
    }

    #[rstest]
    #[case(1.6, Some(2))]
    #[case(f64::NAN, None)]
    #[case(1e300, None)]
    fn milliseconds_may_have_fractions(#[case] millis: f64, #[case] expected: Option<i64>) {
        assert_eq!(from_millis(millis), expected.map(WallTime::from_unix_millis));
    }
}
