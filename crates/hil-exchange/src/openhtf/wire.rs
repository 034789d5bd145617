//! What is read of a report, as it stands there. Everything may be missing, and nothing else is looked at.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hil_model::WallTime;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use crate::time;

#[derive(Debug, Deserialize)]
pub(super) struct WireReport {
    pub(super) dut_id: Option<Word>,
    pub(super) start_time_millis: Option<Millis>,
    pub(super) end_time_millis: Option<Millis>,
    pub(super) outcome: Option<String>,
    pub(super) outcome_details: Option<Vec<WireDetail>>,
    #[serde(default)]
    pub(super) metadata: Entries<Value>,
    pub(super) phases: Option<Vec<WirePhase>>,
    pub(super) subtests: Option<Vec<WireSubtest>>,
    pub(super) diagnoses: Option<Vec<WireDiagnosis>>,
    pub(super) log_records: Option<Vec<WireLog>>,
    pub(super) station_id: Option<Word>,
    pub(super) code_info: Option<WireCode>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WireDetail {
    pub(super) code: Option<Word>,
    pub(super) description: Option<String>,
}

impl WireDetail {
    /// `TIMEOUT: Phase hanging hit its timeout.`
    pub(super) fn words(self) -> String {
        let code = self.code.map_or(String::new(), |Word(code)| code);
        format!("{code}: {}", self.description.unwrap_or_default())
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct WireSubtest {
    pub(super) name: String,
    pub(super) outcome: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WireDiagnosis {
    pub(super) result: Option<Word>,
    pub(super) description: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WireCode {
    pub(super) docstring: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WirePhase {
    pub(super) name: String,
    pub(super) outcome: Option<String>,
    pub(super) start_time_millis: Option<Millis>,
    pub(super) end_time_millis: Option<Millis>,
    pub(super) descriptor_id: Option<Word>,
    pub(super) subtest_name: Option<String>,
    pub(super) codeinfo: Option<WireCode>,
    #[serde(default)]
    pub(super) measurements: Entries<WireMeasurement>,
    #[serde(default)]
    pub(super) attachments: Entries<WireAttachment>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WireMeasurement {
    pub(super) name: Option<String>,
    pub(super) outcome: Option<String>,
    /// Absent if nothing was set; null is a value.
    #[serde(default, deserialize_with = "present")]
    pub(super) measured_value: Option<Value>,
    pub(super) validators: Option<Vec<String>>,
    pub(super) conditional_validators: Option<Vec<WireConditional>>,
    pub(super) units: Option<WireUnit>,
    pub(super) dimensions: Option<Vec<WireUnit>>,
    pub(super) docstring: Option<String>,
    pub(super) marginal: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WireConditional {
    pub(super) result: Option<Word>,
    pub(super) validator: String,
}

/// A unit of OpenHTF's list, or a dimension, which has one.
#[derive(Debug, Deserialize)]
pub(super) struct WireUnit {
    pub(super) name: Option<String>,
    pub(super) code: Option<String>,
    pub(super) suffix: Option<String>,
    pub(super) description: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WireAttachment {
    pub(super) mimetype: Option<String>,
    /// Only in files that were written with inline attachments.
    pub(super) data: Option<Content>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WireLog {
    pub(super) level: Option<f64>,
    pub(super) source: Option<String>,
    pub(super) lineno: Option<f64>,
    pub(super) timestamp_millis: Option<Millis>,
    pub(super) message: Option<String>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// An object whose entries keep their order, and may share a name.
#[derive(Debug)]
pub(super) struct Entries<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_unit<E>(self) -> Result<Entries<T>, E> {
                Ok(Entries::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_any(EntriesVisitor(std::marker::PhantomData))
    }
}

/// A text, or a number where a text belongs: part numbers and dates are often written as numbers.
#[derive(Debug, PartialEq)]
pub(super) struct Word(pub(super) String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordVisitor;

        impl<'de> Visitor<'de> for WordVisitor {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Word, E> {
                Ok(Word(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }
        }

        deserializer.deserialize_any(WordVisitor)
    }
}

/// A moment, in milliseconds with or without a fraction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Millis(pub(super) WallTime);

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let millis = f64::deserialize(deserializer)?;
        let wall = time::from_millis(millis);
        wall.map(Self)
            .ok_or_else(|| D::Error::custom(format!("{millis} is not a time in the years 1 to 9999")))
    }
}

/// The content of a file, written in base64.
pub(super) struct Content(pub(super) Vec<u8>);

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ContentVisitor;

        impl<'de> Visitor<'de> for ContentVisitor {
            type Value = Content;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a content in base64")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Content, E> {
                BASE64.decode(text).map(Content).map_err(|error| E::custom(format!("no base64: {error}")))
            }
        }

        deserializer.deserialize_any(ContentVisitor)
    }
}
