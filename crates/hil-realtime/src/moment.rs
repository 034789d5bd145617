//! Times of day, as messages carry them.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike as _, FixedOffset, SecondsFormat, Utc};

/// A time of day in UTC, to the millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

/// What ISO 8601 allows beside RFC 3339: offsets without a colon or minutes, times without seconds, the basic form.
const OTHER_FORMS: [&str; 3] = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y%m%dT%H%M%S%.f%#z"];

impl Moment {
    /// How long its text is.
    #[cfg(test)]
    pub(crate) const TEXT: usize = "2026-11-21T09:14:03.118Z".len();

    /// Now. A clock before 1970 counts as 1970.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// The moment that an ISO 8601 text with a zone says, in the years 0 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let other = || {
            let text = text.replacen(',', ".", 1);
            OTHER_FORMS.iter().find_map(|form| DateTime::<FixedOffset>::parse_from_str(&text, form).ok())
        };
        let read = DateTime::parse_from_rfc3339(text).ok().or_else(other)?.with_timezone(&Utc);
        (0..=9999).contains(&read.year()).then(|| Self(read.timestamp_millis()))
    }
}

/// `2026-11-21T09:14:03.118Z`.
impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let moment = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        f.pad(&moment.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// The text of the last moment that was asked for: messages come many to a millisecond.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    last: Moment,
    text: String,
}

impl Clock {
    pub(crate) fn text(&mut self, moment: Moment) -> &str {
        if self.text.is_empty() || self.last != moment {
            (self.last, self.text) = (moment, moment.to_string());
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-11-21T09:14:03.118Z", "2026-11-21T09:14:03.118Z")]
    #[case("2026-11-21T09:14:03Z", "2026-11-21T09:14:03.000Z")]
    #[case("2026-11-21T09:14:03.118999+01:00", "2026-11-21T08:14:03.118Z")]
    #[case("2026-11-21T09:14:03.5+0530", "2026-11-21T03:44:03.500Z")]
    #[case("2026-11-21T10:14:03+01", "2026-11-21T09:14:03.000Z")]
    #[case("2026-11-21T09:14:03,118Z", "2026-11-21T09:14:03.118Z")]
    #[case("2026-11-21T09:14Z", "2026-11-21T09:14:00.000Z")]
    #[case("20261121T091403Z", "2026-11-21T09:14:03.000Z")]
    #[case("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z")]
    #[case("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z")]
    fn moments_are_read_and_written_in_utc(#[case] text: &str, #[case] written: &str) {
        let moment = Moment::parse(text).unwrap();
        assert_eq!(moment.to_string(), written);
        assert_eq!((written.len(), Clock::default().text(moment)), (Moment::TEXT, written));
    }

    #[rstest]
    #[case("")]
    #[case("2026-11-21")]
    #[case("2026-11-21T09:14:03")]
    #[case("2026-11-21T25:14:03Z")]
    #[case("9999-12-31T23:59:59-01:00")]
    #[case("1795233512")]
    #[case("yesterday")]
    fn what_says_no_moment_or_no_zone_is_refused(#[case] text: &str) {
        assert_eq!(Moment::parse(text), None);
    }
}
