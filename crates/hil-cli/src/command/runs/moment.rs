//! Moments: as the user says them, and as a list shows them.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hil_model::WallTime;

/// A moment that the user means: a date, a date and a time, or how long ago. All of it is UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since(WallTime);

impl Since {
    pub(crate) fn time(&self) -> WallTime {
        self.0
    }
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let date = || humantime::parse_rfc3339_weak(&format!("{text}T00:00:00Z")).ok();
        let moment = humantime::parse_rfc3339_weak(text).ok().or_else(date);
        let ago = || SystemTime::now().checked_sub(humantime::parse_duration(text).ok()?);
        let time = moment.or_else(ago).and_then(wall);
        time.map(Self).ok_or_else(|| {
            "expected a date (2026-11-21), a moment (2026-11-21T10:00:00Z), or how long ago (7d)".to_owned()
        })
    }
}

fn wall(time: SystemTime) -> Option<WallTime> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(WallTime::from_unix_millis)
}

/// The last second of the year 9999, in milliseconds.
const LAST: u64 = 253_402_300_799_000;

/// A moment to the second, in UTC; as a number where it is before 1970 or after the year 9999.
pub(super) fn moment(millis: i64) -> String {
    match u64::try_from(millis) {
        Ok(since) if since <= LAST => {
            let time = UNIX_EPOCH + Duration::from_millis(since);
            humantime::format_rfc3339_seconds(time).to_string().replace('T', " ").replace('Z', "")
        }
        Ok(_) | Err(_) => format!("{millis} ms"),
    }
}

/// A duration as lists show it.
pub(super) fn duration(micros: u64) -> String {
    let duration = Duration::from_micros(micros);
    if duration < Duration::from_secs(60) {
        format!("{:.3} s", duration.as_secs_f64())
    } else {
        humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-11-21", 1_795_219_200_000)]
    #[case("2026-11-21T10:00:00Z", 1_795_255_200_000)]
    #[case("2026-11-21 10:00:00", 1_795_255_200_000)]
    fn moments_are_read(#[case] text: &str, #[case] millis: i64) {
        assert_eq!(text.parse::<Since>().unwrap().time().unix_millis(), millis);
    }

    #[rstest]
    #[case("")]
    #[case("yesterday")]
    #[case("2026-13-01")]
    #[case("99999999999y")]
    fn nonsense_is_no_moment(#[case] text: &str) {
        assert!(text.parse::<Since>().is_err());
    }

    #[rstest]
    #[case(1_795_255_200_999, "2026-11-21 10:00:00")]
    #[case(-1, "-1 ms")]
    #[case(i64::MAX, "9223372036854775807 ms")]
    fn any_moment_is_shown(#[case] millis: i64, #[case] text: &str) {
        assert_eq!(moment(millis), text);
    }
}
