//! Times and durations as text: ISO 8601, as clients write and read them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDateTime, SecondsFormat};
use hil_model::WallTime;

/// The time of day. A clock before 1970 counts as 1970.
pub(crate) fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime::from_unix_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A moment, in UTC and to the millisecond: `2026-11-21T03:58:32.176Z`.
pub(crate) fn time(at: WallTime) -> String {
    DateTime::from_timestamp_millis(at.unix_millis())
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Whether there is a date for that moment. Clients send numbers for which no calendar has one.
pub(crate) fn has_date(at: WallTime) -> bool {
    DateTime::from_timestamp_millis(at.unix_millis()).is_some()
}

/// The moment that `text` says. One without an offset is taken for UTC.
pub(crate) fn parse_time(text: &str) -> Option<WallTime> {
    let text = text.trim();
    let moment = DateTime::parse_from_rfc3339(text).map(|moment| moment.timestamp_millis());
    let naive = || text.parse::<NaiveDateTime>().map(|naive| naive.and_utc().timestamp_millis());
    moment.or_else(|_| naive()).ok().map(WallTime::from_unix_millis)
}

/// A duration: `PT150.5S`.
pub(crate) fn duration(duration: Duration) -> String {
    let (seconds, micros) = (duration.as_secs(), duration.subsec_micros());
    if micros == 0 {
        return format!("PT{seconds}S");
    }
    let fraction = format!("{micros:06}");
    format!("PT{seconds}.{}S", fraction.trim_end_matches('0'))
}

/// The duration that `text` says in weeks, days, hours, minutes and seconds, to the microsecond. Years and months have
/// no length of their own and are refused.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let rest = text.trim().strip_prefix('P')?;
    let (date, clock) = rest.split_once('T').map_or((rest, None), |(date, clock)| (date, Some(clock)));
    if date.is_empty() && clock.is_none_or(str::is_empty) {
        return None;
    }
    let mut total = Duration::ZERO;
    for (part, units) in
        [(date, &[('W', 604_800.0), ('D', 86_400.0)][..]), (clock.unwrap_or_default(), &CLOCK)]
    {
        let mut units = units.iter();
        let mut rest = part;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
            let amount: f64 = rest[..end].replace(',', ".").parse().ok()?;
            let letter = rest[end..].chars().next()?;
            let &(_, seconds) = units.find(|(unit, _)| *unit == letter)?;
            let micros = (amount * seconds * 1e6).round();
            total = total.checked_add(Duration::try_from_secs_f64(micros / 1e6).ok()?)?;
            rest = &rest[end + letter.len_utf8()..];
        }
    }
    Some(total)
}

const CLOCK: [(char, f64); 3] = [('H', 3600.0), ('M', 60.0), ('S', 1.0)];

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("PT0S", 0)]
    #[case("PT2M30S", 150_000_000)]
    #[case("P1DT2H", 93_600_000_000)]
    #[case("P2D", 172_800_000_000)]
    #[case("P1W", 604_800_000_000)]
    #[case("PT0.500000S", 500_000)]
    #[case("PT1.000005S", 1_000_005)]
    fn durations_are_read(#[case] text: &str, #[case] micros: u64) {
        let read = parse_duration(text).unwrap();
        assert_eq!(read, Duration::from_micros(micros));
        assert_eq!(parse_duration(&duration(read)), Some(read));
    }

    #[rstest]
    #[case("")]
    #[case("P")]
    #[case("PT")]
    #[case("PT1")]
    #[case("P1Y")]
    #[case("PT1S2M")]
    #[case("PT-1S")]
    #[case("PT1e400S")]
    #[case("PTéS")]
    #[case("PT99999999999999999999S")]
    fn nonsense_is_no_duration(#[case] text: &str) {
        assert_eq!(parse_duration(text), None);
    }

    #[rstest]
    #[case("2026-11-21T03:58:32.176431Z", 1_795_233_512_176)]
    #[case("2026-11-21T04:58:32+01:00", 1_795_233_512_000)]
    #[case("2026-11-21T03:58:32", 1_795_233_512_000)]
    fn times_are_read(#[case] text: &str, #[case] millis: i64) {
        assert_eq!(parse_time(text), Some(WallTime::from_unix_millis(millis)));
        assert_eq!(parse_time(&time(WallTime::from_unix_millis(millis))), parse_time(text));
    }
}
