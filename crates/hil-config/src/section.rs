//! Sections with known keys, declared once: the `section!` macro turns one table of keys into the
//! typed struct, its defaults, its checks, its JSON Schema and the list that `hil config show` prints.

use serde_json::{Map, Value as Json, json};

use crate::error::ConfigError;
use crate::key_path::KeyPath;
use crate::nearest::nearest;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::scalar::shorten;
use crate::tree::{Entry, Node, Value};

/// A struct that `section!` declared.
pub(crate) trait Section: Sized {
    /// The doc comment, line by line.
    const DOC: &'static [&'static str];

    /// The known keys.
    const KEYS: &'static [&'static str];

    /// Reads each key, so that every problem is reported and not only the first.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;

    /// Shows each key to `visitor`, with its value when there is a section to take it from.
    fn visit(section: Option<&Self>, visitor: &mut impl Visitor);
}

/// Sees the keys of a section in the order of their declaration.
pub(crate) trait Visitor {
    fn key<R: Rule>(
        &mut self,
        key: &'static str,
        doc: &[&str],
        rule: &R,
        default: Option<R::Value>,
        value: Option<&R::Value>,
    );
}

/// The keys of one section while it is read.
pub(crate) struct Fields<'a> {
    entries: &'a [Entry],
    node: &'a Node,
    path: &'a KeyPath,
    reader: &'a mut Reader,
}

impl Fields<'_> {
    /// Reads one key, or takes its default where it is not set.
    pub(crate) fn read<R: Rule>(
        &mut self,
        key: &str,
        rule: &R,
        default: Option<R::Value>,
    ) -> Option<R::Value> {
        let path = self.path.key(key);
        let Some(entry) = self.entries.iter().find(|entry| entry.key == key) else {
            if default.is_none() {
                self.reader.reject(
                    &self.node.place,
                    ConfigError::MissingKey { key: path.as_str().to_owned(), expected: rule.expected() },
                );
            }
            return default;
        };
        self.reader.found(&path, &entry.value.place);
        rule.read(&entry.value, &path, self.reader)
    }

    fn reject_unknown_keys<T: Section>(&mut self) {
        for entry in self.entries {
            if T::KEYS.contains(&entry.key.as_str()) {
                continue;
            }
            let is_section = self.path.is_root() && !matches!(entry.value.value, Value::Scalar(_));
            let suggestion = self.suggest::<T>(&entry.key);
            let (key, rest) = full_key(self.path, entry);
            let error = if is_section && rest.is_empty() {
                ConfigError::UnknownSection { section: key, nearest: suggestion }
            } else {
                ConfigError::UnknownKey { key, nearest: suggestion.map(|near| near + &rest) }
            };
            self.reader.reject(&entry.key_place, error);
        }
    }

    /// The sibling that resembles `key`, or else the key of that very name in another section.
    fn suggest<T: Section>(&self, key: &str) -> Option<String> {
        if let Some(sibling) = nearest(key, T::KEYS.iter().copied()) {
            return Some(self.path.key(sibling).as_str().to_owned());
        }
        let mut elsewhere = None;
        SectionOf::<crate::Config>::NEW.keys(&KeyPath::root(), &mut |path| {
            let last = path.as_str().rsplit('.').next();
            if last == Some(key) && elsewhere.is_none() {
                elsewhere = Some(path.as_str().to_owned());
            }
        });
        elsewhere
    }
}

/// The full path of an unknown key. A `--set` argument names one key in one word, so for it the
/// path goes on to the end; the second part is what follows the unknown piece.
fn full_key(path: &KeyPath, entry: &Entry) -> (String, String) {
    let mut rest = String::new();
    let mut below = &entry.value;
    while entry.key_place.is_in_assignment()
        && let Value::Section(entries) = &below.value
        && let [only] = entries.as_slice()
    {
        rest = format!("{rest}.{}", shorten(&only.key));
        below = &only.value;
    }
    (path.key(&shorten(&entry.key)).as_str().to_owned() + &rest, rest)
}

/// The rule for a key that is a section.
pub(crate) struct SectionOf<T>(std::marker::PhantomData<T>);

impl<T> SectionOf<T> {
    pub(crate) const NEW: Self = Self(std::marker::PhantomData);
}

impl<T: Section> Rule for SectionOf<T> {
    type Value = T;

    fn expected(&self) -> String {
        "a section".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<T> {
        let entries = match &node.value {
            Value::Section(entries) => entries.as_slice(),
            Value::Scalar(scalar) if scalar.is_null() => &[],
            Value::Scalar(_) | Value::List(_) => {
                reader.wrong_type(node, path, self.expected());
                return None;
            }
        };
        let mut fields = Fields { entries, node, path, reader };
        fields.reject_unknown_keys::<T>();
        T::read(&mut fields)
    }

    fn show(&self, value: &T) -> Json {
        struct Show(Map<String, Json>);
        impl Visitor for Show {
            fn key<R: Rule>(
                &mut self,
                key: &'static str,
                _doc: &[&str],
                rule: &R,
                _default: Option<R::Value>,
                value: Option<&R::Value>,
            ) {
                if let Some(value) = value {
                    self.0.insert(key.to_owned(), rule.show(value));
                }
            }
        }
        let mut show = Show(Map::new());
        T::visit(Some(value), &mut show);
        Json::Object(show.0)
    }

    fn schema(&self) -> Json {
        struct Properties(Map<String, Json>, Vec<&'static str>);
        impl Visitor for Properties {
            fn key<R: Rule>(
                &mut self,
                key: &'static str,
                doc: &[&str],
                rule: &R,
                default: Option<R::Value>,
                _value: Option<&R::Value>,
            ) {
                let mut schema = rule.schema();
                schema["description"] = json!(prose(doc));
                match default.map(|default| rule.show(&default)) {
                    // The defaults of a section stand at its keys.
                    Some(Json::Object(_)) => {}
                    Some(default) => schema["default"] = default,
                    None => self.1.push(key),
                }
                self.0.insert(key.to_owned(), schema);
            }
        }
        let mut properties = Properties(Map::new(), Vec::new());
        T::visit(None, &mut properties);
        let mut schema = json!({
            "type": ["object", "null"],
            "description": prose(T::DOC),
            "properties": properties.0,
            "additionalProperties": false,
        });
        if !properties.1.is_empty() {
            schema["type"] = json!("object");
            schema["required"] = json!(properties.1);
        }
        schema
    }

    fn leaves(&self, value: &T, path: &KeyPath, leaf: &mut dyn FnMut(&KeyPath, Json)) {
        struct Leaves<'a>(&'a KeyPath, &'a mut dyn FnMut(&KeyPath, Json));
        impl Visitor for Leaves<'_> {
            fn key<R: Rule>(
                &mut self,
                key: &'static str,
                _doc: &[&str],
                rule: &R,
                _default: Option<R::Value>,
                value: Option<&R::Value>,
            ) {
                if let Some(value) = value {
                    rule.leaves(value, &self.0.key(key), self.1);
                }
            }
        }
        T::visit(Some(value), &mut Leaves(path, leaf));
    }

    fn keys(&self, path: &KeyPath, key: &mut dyn FnMut(&KeyPath)) {
        struct Keys<'a>(&'a KeyPath, &'a mut dyn FnMut(&KeyPath));
        impl Visitor for Keys<'_> {
            fn key<R: Rule>(
                &mut self,
                key: &'static str,
                _doc: &[&str],
                rule: &R,
                _default: Option<R::Value>,
                _value: Option<&R::Value>,
            ) {
                rule.keys(&self.0.key(key), self.1);
            }
        }
        T::visit(None, &mut Keys(path, key));
    }
}

/// A doc comment as one paragraph.
fn prose(doc: &[&str]) -> String {
    let lines: Vec<&str> = doc.iter().map(|line| line.trim()).collect();
    lines.join(" ")
}

/// Declares a section: per key the doc comment, the field, its type, its default and its rule.
///
/// A key without a default has to be written. `as "word"` gives the name of the key where the
/// field cannot carry it. A section of which every key has a default implements `Default`.
macro_rules! section {
    (
        $(#[doc = $doc:literal])+
        $name:ident {
            $(
                $(#[doc = $key_doc:literal])+
                $field:ident $(as $key:literal)?: $type:ty = $default:expr, $rule:expr;
            )+
        }
    ) => {
        section! { @declare
            $(#[doc = $doc])+
            $name { $( $(#[doc = $key_doc])+ $field $(as $key)?: $type, Some($default), $rule; )+ }
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )+ }
            }
        }
    };
    (
        $(#[doc = $doc:literal])+
        $name:ident {
            required {
                $( $(#[doc = $required_doc:literal])+ $required:ident: $required_type:ty, $required_rule:expr; )+
            }
            $(
                $(#[doc = $key_doc:literal])+
                $field:ident $(as $key:literal)?: $type:ty = $default:expr, $rule:expr;
            )*
        }
    ) => {
        section! { @declare
            $(#[doc = $doc])+
            $name {
                $( $(#[doc = $required_doc])+ $required: $required_type, None, $required_rule; )+
                $( $(#[doc = $key_doc])+ $field $(as $key)?: $type, Some($default), $rule; )*
            }
        }
    };
    (@declare
        $(#[doc = $doc:literal])+
        $name:ident {
            $(
                $(#[doc = $key_doc:literal])+
                $field:ident $(as $key:literal)?: $type:ty, $default:expr, $rule:expr;
            )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $( $(#[doc = $key_doc])+ pub $field: $type, )+
        }

        impl $crate::section::Section for $name {
            const DOC: &'static [&'static str] = &[$($doc),+];
            const KEYS: &'static [&'static str] = &[$( section!(@key $field $($key)?) ),+];

            fn read(fields: &mut $crate::section::Fields<'_>) -> Option<Self> {
                $( let $field = fields.read(section!(@key $field $($key)?), &$rule, $default); )+
                Some(Self { $( $field: $field?, )+ })
            }

            fn visit(section: Option<&Self>, visitor: &mut impl $crate::section::Visitor) {
                $(
                    visitor.key(
                        section!(@key $field $($key)?),
                        &[$($key_doc),+],
                        &$rule,
                        $default,
                        section.map(|section| &section.$field),
                    );
                )+
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}
pub(crate) use section;
