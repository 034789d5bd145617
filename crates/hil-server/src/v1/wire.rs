//! Words, moments and numbers as the client spells them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use hil_model::WallTime;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use crate::iso;

/// A text that is parsed where it stands, so that an error names its place.
pub(super) fn parsed<'de, D: Deserializer<'de>, T>(from: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// The same for what may be missing. Null and empty texts count as missing.
pub(super) fn maybe_parsed<'de, D: Deserializer<'de>, T>(from: D) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err: fmt::Display>,
{
    let text = Option::<String>::deserialize(from)?.filter(|text| !text.trim().is_empty());
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

/// ISO 8601, in UTC if it does not say.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Moment(pub(super) WallTime);

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        iso::parse_time(&text).map(Self).ok_or_else(|| format!("{text:?} is no time in ISO 8601"))
    }
}

/// An ISO 8601 duration.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Span(pub(super) Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        iso::parse_duration(&text).map(Self).ok_or_else(|| format!("{text:?} is no duration in ISO 8601"))
    }
}

/// Milliseconds since 1970, whole or not.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Millis(pub(super) WallTime);

/// What ECMAScript and so most clients can say: 100 million days around 1970. Not all of it has a date.
const MILLIS: f64 = 8.64e15;

impl TryFrom<f64> for Millis {
    type Error = String;

    fn try_from(millis: f64) -> Result<Self, String> {
        if millis.abs() <= MILLIS {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the range was checked, the fraction is rounded"
            )]
            let at = WallTime::from_unix_millis(millis.round() as i64);
            if iso::has_date(at) {
                return Ok(Self(at));
            }
        }
        Err(format!("{millis} is no time in milliseconds since 1970"))
    }
}

/// The unit of a value, or one for each column of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Units {
    One(String),
    Columns(Vec<Option<String>>),
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Units;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a unit or a list of units")
            }

            fn visit_str<E>(self, unit: &str) -> Result<Units, E> {
                Ok(Units::One(unit.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Units, A::Error> {
                let mut units = Vec::new();
                while let Some(unit) = items.next_element()? {
                    units.push(unit);
                }
                Ok(Units::Columns(units))
            }
        }
        from.deserialize_any(Either)
    }
}
