//! Rules made of rules: optional values, lists, and sections with free keys.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use serde_json::{Map, Value as Json, json};

use super::Rule;
use crate::error::{ConfigError, Problem};
use crate::key_path::KeyPath;
use crate::place::Place;
use crate::reader::Reader;
use crate::scalar::shorten;
use crate::tree::{Node, Value};

/// A value or nothing; `~` takes back what a lower layer set.
pub(crate) struct Optional<R>(pub(crate) R);

impl<R: Rule> Rule for Optional<R> {
    type Value = Option<R::Value>;

    fn expected(&self) -> String {
        self.0.expected()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<Self::Value> {
        if node.is_null() {
            return Some(None);
        }
        self.0.read(node, path, reader).map(Some)
    }

    fn show(&self, value: &Self::Value) -> Json {
        value.as_ref().map_or(Json::Null, |value| self.0.show(value))
    }

    fn schema(&self) -> Json {
        json!({ "anyOf": [self.0.schema(), { "type": "null" }] })
    }
}

/// A list. A higher layer replaces the whole of it.
pub(crate) struct List<R>(pub(crate) R);

impl<R: Rule> Rule for List<R> {
    type Value = Vec<R::Value>;

    fn expected(&self) -> String {
        "a list".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<Self::Value> {
        let Value::List(items) = &node.value else {
            if node.is_null() {
                return Some(Vec::new());
            }
            reader.wrong_type(node, path, self.expected());
            return None;
        };
        // Collecting into `Option` would stop at the first item that is wrong.
        let values: Vec<Option<R::Value>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.0.read(item, &path.index(index), reader))
            .collect();
        values.into_iter().collect()
    }

    fn show(&self, value: &Self::Value) -> Json {
        value.iter().map(|item| self.0.show(item)).collect()
    }

    fn schema(&self) -> Json {
        json!({ "type": ["array", "null"], "items": self.0.schema() })
    }
}

/// The keys of a section whose keys are free.
pub(crate) trait KeyedBy {
    type Key: Ord;

    /// What a key is, in words that follow "expected".
    const EXPECTED: &'static str;

    /// The JSON Schema pattern of a key.
    const PATTERN: &'static str;

    /// Reads a key, or nothing when it is malformed.
    fn parse(text: &str) -> Option<Self::Key>;

    /// The key in its canonical spelling.
    fn spell(key: &Self::Key) -> String;
}

/// A section whose keys are free: `K` says what a key is, the rule what a value is.
pub(crate) struct Keyed<K, R> {
    keys: std::marker::PhantomData<K>,
    values: R,
}

impl<K, R> Keyed<K, R> {
    pub(crate) const fn new(values: R) -> Self {
        let keys = std::marker::PhantomData;
        Self { keys, values }
    }
}

impl<K: KeyedBy, R: Rule> Rule for Keyed<K, R> {
    type Value = BTreeMap<K::Key, R::Value>;

    fn expected(&self) -> String {
        "a section".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<Self::Value> {
        let Value::Section(entries) = &node.value else {
            if node.is_null() {
                return Some(BTreeMap::new());
            }
            reader.wrong_type(node, path, self.expected());
            return None;
        };
        let problems_before = reader.problems.len();
        let mut found: BTreeMap<K::Key, (&Place, R::Value)> = BTreeMap::new();
        for entry in entries {
            let Some(key) = K::parse(&entry.key) else {
                reader.reject(
                    &entry.key_place,
                    ConfigError::InvalidKey {
                        section: path.to_string(),
                        expected: K::EXPECTED.to_owned(),
                        found: shorten(&entry.key),
                    },
                );
                continue;
            };
            let entry_path = path.key(&K::spell(&key));
            let Some(value) = self.values.read(&entry.value, &entry_path, reader) else {
                continue;
            };
            reader.found(&entry_path, &entry.value.place);
            match found.entry(key) {
                Slot::Vacant(slot) => {
                    slot.insert((&entry.key_place, value));
                }
                // Two spellings of one key: between layers the higher one wins, in one text it is
                // the same mistake as the same spelling twice.
                Slot::Occupied(slot) if slot.get().0.is_in_same_text(&entry.key_place) => {
                    let place = entry.key_place.clone();
                    reader.problems.push(Problem::duplicate(&entry.key, place, slot.get().0));
                }
                Slot::Occupied(mut slot) => {
                    slot.insert((&entry.key_place, value));
                }
            }
        }
        (reader.problems.len() == problems_before).then(|| {
            let without_places = found.into_iter().map(|(key, (_, value))| (key, value));
            without_places.collect()
        })
    }

    fn show(&self, value: &Self::Value) -> Json {
        let entries = value.iter().map(|(key, value)| (K::spell(key), self.values.show(value)));
        Json::Object(entries.collect::<Map<_, _>>())
    }

    fn schema(&self) -> Json {
        json!({
            "type": ["object", "null"],
            "patternProperties": { K::PATTERN: self.values.schema() },
            "additionalProperties": false,
        })
    }

    fn leaves(&self, value: &Self::Value, path: &KeyPath, leaf: &mut dyn FnMut(&KeyPath, Json)) {
        if value.is_empty() {
            leaf(path, self.show(value));
        }
        for (key, value) in value {
            self.values.leaves(value, &path.key(&K::spell(key)), leaf);
        }
    }
}
