//! Fields of bodies that are read as what they stand for, so that an error names the field.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

fn parse<'de, T, D>(text: &str) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    text.parse().map_err(D::Error::custom)
}

/// A text that stands for something.
pub(crate) fn one<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    parse::<T, D>(&String::deserialize(deserializer)?)
}

/// The same, or null.
pub(crate) fn maybe<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    Option::<String>::deserialize(deserializer)?.map(|text| parse::<T, D>(&text)).transpose()
}

/// The same where null means something other than leaving the field out.
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
pub(crate) fn change<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    maybe(deserializer).map(Some)
}

/// A list of such texts; null is an empty one.
pub(crate) fn list<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let texts = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
    texts.iter().map(|text| parse::<T, D>(text)).collect()
}

/// A list of anything; null is an empty one.
pub(crate) fn items<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}
