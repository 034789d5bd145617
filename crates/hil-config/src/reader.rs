//! The state of one walk of the rules over a tree: problems, and where each key was found.

use std::collections::HashMap;

use crate::error::{ConfigError, Problem};
use crate::key_path::KeyPath;
use crate::place::{Layer, Place};
use crate::scalar::shorten;
use crate::tree::{Node, Value};

/// Collects what a walk finds.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) problems: Vec<Problem>,
    places: HashMap<KeyPath, Place>,
}

impl Reader {
    /// Remembers where the value of `path` was written.
    pub(crate) fn found(&mut self, path: &KeyPath, place: &Place) {
        self.places.insert(path.clone(), place.clone());
    }

    /// Where the value of `path` was written, or nothing when its default applies.
    pub(crate) fn place(&self, path: &KeyPath) -> Option<&Place> {
        self.places.get(path)
    }

    /// The layer that decided the value of `path`.
    pub(crate) fn layer(&self, path: &KeyPath) -> Layer {
        self.place(path).map_or(Layer::BuiltIn, Place::layer)
    }

    pub(crate) fn reject(&mut self, place: &Place, error: ConfigError) {
        self.problems.push(Problem::new(place.clone(), error));
    }

    pub(crate) fn wrong_type(&mut self, node: &Node, path: &KeyPath, expected: String) {
        self.reject(
            &node.place,
            ConfigError::WrongType { key: path.to_string(), expected, found: node.describe() },
        );
    }

    pub(crate) fn out_of_range(&mut self, node: &Node, path: &KeyPath, expected: String) {
        self.reject(
            &node.place,
            ConfigError::OutOfRange { key: path.to_string(), expected, found: written(node) },
        );
    }

    pub(crate) fn invalid_value(
        &mut self,
        node: &Node,
        path: &KeyPath,
        expected: String,
        nearest: Option<&str>,
    ) {
        self.reject(
            &node.place,
            ConfigError::InvalidValue {
                key: path.to_string(),
                expected,
                found: written(node),
                nearest: nearest.map(str::to_owned),
            },
        );
    }
}

/// The value without a word on its type, which the message has already given.
fn written(node: &Node) -> String {
    match &node.value {
        Value::Scalar(scalar) => shorten(&scalar.text),
        Value::List(_) | Value::Section(_) => node.describe(),
    }
}
