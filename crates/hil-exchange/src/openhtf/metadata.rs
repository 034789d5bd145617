//! The metadata of a report: what is known of the unit and the procedure, and whatever else the station's author wrote.

use hil_model::run::{FieldError, FieldProblem};
use serde_json::Value;

use super::FORMAT;
use super::wire::Entries;
use crate::error::excerpt;
use crate::property::Properties;
use crate::{ExchangeError, Result};

/// The longest id of a procedure, in characters.
const MAX_PROCEDURE: usize = 255;

/// The metadata, less what was taken from it.
#[derive(Debug)]
pub(super) struct Metadata(Vec<(String, Value)>);

impl From<Entries<Value>> for Metadata {
    fn from(entries: Entries<Value>) -> Self {
        Self(entries.0)
    }
}

impl Metadata {
    /// Takes a value out, if it is there and says something.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        let place = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(place).1).filter(|value| !value.is_null())
    }

    /// Takes a text out, if it is there and says something; a number is a text, too.
    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>> {
        let text = self.take(key).map(|value| text(value, &format!("metadata.{key}"))).transpose()?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    /// Takes out a text that is parsed: a number or a name.
    pub(super) fn parsed<T: TryFrom<String, Error = FieldError>>(&mut self, key: &str) -> Result<Option<T>> {
        let text = self.text(key)?;
        text.map(|text| parsed(text, &format!("metadata.{key}"))).transpose()
    }

    /// Takes out the id of the procedure, without which there is no run; else it is what was `given`.
    pub(super) fn procedure(&mut self, given: Option<String>) -> Result<String> {
        let path = "metadata.procedure_id";
        let missing = ExchangeError::Missing { format: FORMAT, what: "procedure id", path };
        let id = self.text("procedure_id")?.or(given).ok_or(missing)?;
        let length = id.chars().count();
        let problem = if length > MAX_PROCEDURE {
            FieldProblem::TooLong { length, max: MAX_PROCEDURE }
        } else if let Some(control) = id.chars().find(|c| c.is_control()) {
            FieldProblem::Character(control)
        } else {
            return Ok(id);
        };
        let problem = FieldError { field: "procedure id", problem };
        Err(ExchangeError::Field { format: FORMAT, path: path.to_owned(), problem })
    }

    /// Whether the station allows measurements that were never set.
    pub(super) fn allows_unset(&self) -> bool {
        let config = self.0.iter().find(|(key, _)| key == "config").map(|(_, config)| config);
        config.and_then(|config| config.get("allow_unset_measurements")) == Some(&Value::Bool(true))
    }

    /// The rest: one property for each value that is no object, with its path as its key.
    pub(super) fn properties(self, properties: &mut Properties) {
        for (key, value) in self.0 {
            flatten(properties, key, value);
        }
    }
}

fn flatten(properties: &mut Properties, key: String, value: Value) {
    match value {
        Value::Null => {}
        Value::String(text) => properties.push(&key, &text),
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(properties, format!("{key}.{name}"), value);
            }
        }
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
            properties.push(&key, &other.to_string());
        }
    }
}

/// The text that a value is; a number is one too.
pub(super) fn text(value: Value, path: &str) -> Result<String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        other @ (Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            let problem = format!("is {}, where a text is expected", excerpt(&other.to_string()));
            Err(ExchangeError::Invalid { format: FORMAT, path: path.to_owned(), problem })
        }
    }
}

/// The number or name that a text is.
pub(super) fn parsed<T: TryFrom<String, Error = FieldError>>(text: String, path: &str) -> Result<T> {
    text.try_into().map_err(|problem| ExchangeError::Field { format: FORMAT, path: path.to_owned(), problem })
}
