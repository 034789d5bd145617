//! Times and durations on the wire.

use std::time::Duration;

use hil_model::WallTime;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::iso;

/// A moment: ISO 8601, answered in UTC and to the millisecond. One without an offset is taken for UTC.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub(crate) struct Moment(pub(crate) WallTime);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        iso::parse_time(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is no time: ISO 8601 is expected")))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&iso::time(self.0))
    }
}

/// A duration: ISO 8601, such as `PT2M30S`.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, format = "duration")]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    /// From one moment to another; nothing if the second is the earlier one.
    pub(crate) fn between(start: WallTime, end: WallTime) -> Self {
        let millis = end.unix_millis().saturating_sub(start.unix_millis());
        Self(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        iso::parse_duration(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is no duration: ISO 8601 is expected")))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&iso::duration(self.0))
    }
}
