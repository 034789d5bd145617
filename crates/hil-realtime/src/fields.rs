//! The fields of a JSON object, strict by type.

use serde_json::{Map, Value};

use crate::{Percent, Refusal};

/// An object whose fields are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    /// What stands before a field's name in messages.
    place: &'static str,
}

type Read<T> = Result<T, Refusal>;

impl<'a> Fields<'a> {
    pub(crate) const fn new(object: &'a Map<String, Value>, place: &'static str) -> Self {
        Self { object, place }
    }

    pub(crate) fn bad(&self, field: &'static str, expected: &str) -> Refusal {
        Refusal::bad(self.place, field, expected)
    }

    pub(crate) fn required(&self, field: &'static str) -> Read<&'a Value> {
        self.object.get(field).ok_or_else(|| Refusal::missing(self.place, field))
    }

    /// The field, read by `read`; nothing if it is absent or null.
    fn optional<T>(
        &self,
        field: &'static str,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Read<Option<T>> {
        match self.object.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.bad(field, expected)),
        }
    }

    pub(crate) fn text(&self, field: &'static str) -> Read<&'a str> {
        self.required(field)?.as_str().ok_or_else(|| self.bad(field, "a string"))
    }

    pub(crate) fn text_if_any(&self, field: &'static str) -> Read<Option<&'a str>> {
        self.optional(field, "a string", Value::as_str)
    }

    /// A text that names something.
    pub(crate) fn name<T: std::str::FromStr>(&self, field: &'static str) -> Read<T> {
        let wrong = || self.bad(field, "a string that is not empty");
        name(self.required(field)?).ok_or_else(wrong)
    }

    pub(crate) fn name_if_any<T: std::str::FromStr>(&self, field: &'static str) -> Read<Option<T>> {
        self.optional(field, "a string that is not empty", name)
    }

    pub(crate) fn object(&self, field: &'static str) -> Read<&'a Map<String, Value>> {
        self.required(field)?.as_object().ok_or_else(|| self.bad(field, "an object"))
    }

    pub(crate) fn object_if_any(&self, field: &'static str) -> Read<Option<&'a Map<String, Value>>> {
        self.optional(field, "an object", Value::as_object)
    }

    pub(crate) fn milliseconds(&self, field: &'static str) -> Read<f64> {
        let value = self.required(field)?;
        at_least_zero(value).ok_or_else(|| self.bad(field, "a number of at least 0"))
    }

    pub(crate) fn number_if_any(&self, field: &'static str) -> Read<Option<f64>> {
        self.optional(field, "a number of at least 0", at_least_zero)
    }

    pub(crate) fn count_if_any(&self, field: &'static str) -> Read<Option<u64>> {
        self.optional(field, "an integer of at least 0", Value::as_u64)
    }

    pub(crate) fn percent(&self, field: &'static str) -> Read<Percent> {
        let value = self.required(field)?.as_u64();
        let percent = value.and_then(|value| Percent::new(u8::try_from(value).ok()?));
        percent.ok_or_else(|| self.bad(field, "an integer from 0 to 100"))
    }

    pub(crate) fn one_of<T: Copy>(&self, field: &'static str, words: &[(&str, T)]) -> Read<T> {
        choose(self.required(field)?, words).ok_or_else(|| self.bad(field, &expected(words)))
    }

    pub(crate) fn one_of_if_any<T: Copy>(&self, field: &'static str, words: &[(&str, T)]) -> Read<Option<T>> {
        self.optional(field, &expected(words), |value| choose(value, words))
    }

    pub(crate) fn yes(&self, field: &'static str) -> Read<()> {
        match self.required(field)? {
            Value::Bool(true) => Ok(()),
            _ => Err(self.bad(field, "true")),
        }
    }
}

fn name<T: std::str::FromStr>(value: &Value) -> Option<T> {
    value.as_str().filter(|text| !text.is_empty())?.parse().ok()
}

fn at_least_zero(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| *number >= 0.0)
}

fn choose<T: Copy>(value: &Value, words: &[(&str, T)]) -> Option<T> {
    let said = value.as_str()?;
    words.iter().find(|(word, _)| *word == said).map(|(_, meaning)| *meaning)
}

fn expected<T>(words: &[(&str, T)]) -> String {
    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    format!("one of {}", words.join(", "))
}
