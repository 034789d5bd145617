//! Rules: what a key takes. A rule reads, shows and describes values of one type.

mod compound;
mod number;
mod word;

use serde_json::Value as Json;

pub(crate) use compound::{Keyed, KeyedBy, List, Optional};
pub(crate) use number::{Integer, Number, Seconds};
pub(crate) use word::{Address, Choice, FilePath, Fingerprint, Flag, Name, OneOf, Text, choice};

use crate::key_path::KeyPath;
use crate::reader::Reader;
use crate::tree::Node;

/// What a key takes.
pub(crate) trait Rule {
    /// The type that the key has in the typed configuration.
    type Value;

    /// What the key takes, in words that follow "expected".
    fn expected(&self) -> String;

    /// Reads a value, or reports what is wrong with it to `reader`.
    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<Self::Value>;

    /// The value as JSON, which is also YAML that [`Rule::read`] takes.
    fn show(&self, value: &Self::Value) -> Json;

    /// The JSON Schema of the value.
    fn schema(&self) -> Json;

    /// Passes each key at or below `path` to `leaf`, with its value as JSON.
    fn leaves(&self, value: &Self::Value, path: &KeyPath, leaf: &mut dyn FnMut(&KeyPath, Json)) {
        leaf(path, self.show(value));
    }

    /// Passes each key that the rule knows below `path` to `key`.
    fn keys(&self, path: &KeyPath, key: &mut dyn FnMut(&KeyPath)) {
        key(path);
    }
}
