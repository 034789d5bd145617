//! The tree that every configuration text becomes, with the place of each key and value.

use crate::place::Place;
use crate::scalar::Scalar;

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

/// What stands at a node.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Section(Vec<Entry>),
}

/// One `key: value` of a section, in the order of the text.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_place: Place,
    pub(crate) value: Node,
}

impl Node {
    /// The section `{ key: value }` whose place is that of its key.
    pub(crate) fn section_of(key: String, key_place: Place, value: Self) -> Self {
        Self { place: key_place.clone(), value: Value::Section(vec![Entry { key, key_place, value }]) }
    }

    /// Whether nothing was written: an absent value, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        match &self.value {
            Value::Scalar(scalar) => scalar.is_null(),
            Value::List(_) | Value::Section(_) => false,
        }
    }

    /// What was written, as error messages say it.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Scalar(scalar) => scalar.describe(),
            Value::List(_) => "a list".to_owned(),
            Value::Section(_) => "a section".to_owned(),
        }
    }
}

/// Puts `higher` on top of `lower`: sections are merged key by key and deep, anything else is
/// replaced. A section that was left empty (`flash:` with nothing below it) changes nothing.
pub(crate) fn merge(lower: Node, higher: Node) -> Node {
    match (lower.value, higher.value) {
        (Value::Section(mut entries), Value::Section(additions)) => {
            for addition in additions {
                // What is set last stands last: two spellings of one frame id are told apart by it.
                let lower = entries
                    .iter()
                    .position(|entry| entry.key == addition.key)
                    .map(|index| entries.remove(index));
                let value = match lower {
                    Some(lower) => merge(lower.value, addition.value),
                    None => addition.value,
                };
                entries.push(Entry { value, ..addition });
            }
            Node { value: Value::Section(entries), place: higher.place }
        }
        (Value::Section(entries), Value::Scalar(scalar)) if scalar.is_null() => {
            Node { value: Value::Section(entries), place: lower.place }
        }
        (_, value) => Node { value, place: higher.place },
    }
}
