//! The smallest pieces: words, numbers that may be NaN, and cells of a column.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::str::FromStr;

use hil_model::run::{Cell, Scalar};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that has a text of its own: an outcome, a serial number, a digest.
#[derive(Debug)]
pub(super) struct Word<T>(pub(super) T);

impl<T: Display> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A number; what is not finite is a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(pub(super) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() { serializer.serialize_f64(self.0) } else { serializer.collect_str(&self.0) }
    }
}

/// The number that one of the three words stands for.
fn not_finite<E: Error>(word: &str) -> Result<f64, E> {
    match word {
        "NaN" => Ok(f64::NAN),
        "inf" => Ok(f64::INFINITY),
        "-inf" => Ok(f64::NEG_INFINITY),
        _ => Err(E::custom(format_args!("{word:?} is no number"))),
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;

        impl Visitor<'_> for NumberVisitor {
            type Value = f64;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, \"NaN\", \"inf\" or \"-inf\"")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
                Ok(number)
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "JSON does not tell 1 from 1.0, and a double is meant"
            )]
            fn visit_u64<E: Error>(self, number: u64) -> Result<f64, E> {
                Ok(number as f64)
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "JSON does not tell 1 from 1.0, and a double is meant"
            )]
            fn visit_i64<E: Error>(self, number: i64) -> Result<f64, E> {
                Ok(number as f64)
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<f64, E> {
                not_finite(word)
            }
        }

        deserializer.deserialize_any(NumberVisitor).map(Self)
    }
}

/// A cell as itself: a number, a text, a truth value or null. A number that is not finite is `{"number": "NaN"}`, so
/// that the text `NaN` stays a text.
#[derive(Debug)]
pub(super) struct DocumentCell<'a>(pub(super) Cow<'a, Cell>);

impl Serialize for DocumentCell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_ref() {
            Cell::Number(number) => among_texts(*number, serializer),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Bool(value) => serializer.serialize_bool(*value),
            Cell::Null => serializer.serialize_unit(),
        }
    }
}

/// A number where a text could stand as well.
fn among_texts<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.is_finite() {
        serializer.serialize_f64(number)
    } else {
        serializer.collect_map([("number", Number(number))])
    }
}

impl<'de> Deserialize<'de> for DocumentCell<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CellVisitor;

        impl<'de> Visitor<'de> for CellVisitor {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a text, a truth value or null")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Cell, E> {
                Ok(Cell::Number(number))
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "JSON does not tell 1 from 1.0, and a double is meant"
            )]
            fn visit_u64<E: Error>(self, number: u64) -> Result<Cell, E> {
                Ok(Cell::Number(number as f64))
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "JSON does not tell 1 from 1.0, and a double is meant"
            )]
            fn visit_i64<E: Error>(self, number: i64) -> Result<Cell, E> {
                Ok(Cell::Number(number as f64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Cell, E> {
                Ok(Cell::Text(text.to_owned()))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Cell, E> {
                Ok(Cell::Text(text))
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Cell, E> {
                Ok(Cell::Bool(value))
            }

            fn visit_unit<E: Error>(self) -> Result<Cell, E> {
                Ok(Cell::Null)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
                let number = match map.next_entry::<String, Number>()? {
                    Some((key, Number(number))) if key == "number" => number,
                    Some(_) | None => return Err(A::Error::custom("an object that is no number")),
                };
                match map.next_key::<String>()? {
                    None => Ok(Cell::Number(number)),
                    Some(key) => Err(A::Error::custom(format_args!("{key:?} beside a number"))),
                }
            }
        }

        deserializer.deserialize_any(CellVisitor).map(|cell| Self(Cow::Owned(cell)))
    }
}

/// A cell that is not empty.
#[derive(Debug)]
pub(super) struct DocumentScalar<'a>(pub(super) Cow<'a, Scalar>);

impl Serialize for DocumentScalar<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_ref() {
            Scalar::Number(number) => among_texts(*number, serializer),
            Scalar::Text(text) => serializer.serialize_str(text),
            Scalar::Bool(value) => serializer.serialize_bool(*value),
        }
    }
}

impl<'de> Deserialize<'de> for DocumentScalar<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scalar = match DocumentCell::deserialize(deserializer)?.0.into_owned() {
            Cell::Number(number) => Scalar::Number(number),
            Cell::Text(text) => Scalar::Text(text),
            Cell::Bool(value) => Scalar::Bool(value),
            Cell::Null => return Err(D::Error::custom("null in place of a value")),
        };
        Ok(Self(Cow::Owned(scalar)))
    }
}
