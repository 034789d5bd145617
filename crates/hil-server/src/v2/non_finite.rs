//! Numbers that JSON does not have. Python writes NaN and the infinities as bare words; answers have them as texts,
//! which Python reads back as numbers wherever it expects one.

use std::fmt;

use axum::extract::{FromRequest, Request};
use hil_exchange::python_json;
use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract;

/// A number as an answer has it.
pub(crate) fn json(number: f64) -> Value {
    Number::from_f64(number).map_or_else(|| Value::from(word(number)), Value::Number)
}

fn word(number: f64) -> &'static str {
    if number.is_nan() {
        "nan"
    } else if number > 0.0 {
        "inf"
    } else {
        "-inf"
    }
}

/// The number that such a text stands for.
pub(crate) fn from_word(text: &str) -> Option<f64> {
    match text {
        "nan" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A number, or one of the texts that stand for NaN and the infinities. Null is NaN: the client writes it for all three.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = f64)]
pub(crate) struct Numeric(pub(crate) f64);

impl<'de> Deserialize<'de> for Numeric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumericVisitor;

        impl Visitor<'_> for NumericVisitor {
            type Value = Numeric;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E>(self, number: f64) -> Result<Numeric, E> {
                Ok(Numeric(number))
            }

            #[expect(clippy::cast_precision_loss, reason = "JSON's numbers are doubles to the client")]
            fn visit_u64<E>(self, number: u64) -> Result<Numeric, E> {
                Ok(Numeric(number as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "JSON's numbers are doubles to the client")]
            fn visit_i64<E>(self, number: i64) -> Result<Numeric, E> {
                Ok(Numeric(number as f64))
            }

            fn visit_unit<E>(self) -> Result<Numeric, E> {
                Ok(Numeric(f64::NAN))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Numeric, E> {
                from_word(text).map(Numeric).ok_or_else(|| E::custom(format!("{text:?} is no number")))
            }
        }

        deserializer.deserialize_any(NumericVisitor).map_err(D::Error::custom)
    }
}

/// A JSON body in which numbers may be Python's `NaN`, `Infinity` and `-Infinity`.
#[derive(Debug)]
pub(crate) struct PythonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for PythonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        extract::parse(&python_json::quoted(&extract::whole(request, state).await?)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(f64::NAN)]
    #[case(f64::INFINITY)]
    #[case(f64::NEG_INFINITY)]
    #[case(-0.5)]
    fn numbers_come_back(#[case] number: f64) {
        let Numeric(read) = serde_json::from_value(json(number)).unwrap();
        assert!(read == number || (read.is_nan() && number.is_nan()));
    }
}
