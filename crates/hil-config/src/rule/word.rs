//! Booleans, texts, names, paths, and words from a fixed set.

use std::marker::PhantomData;
use std::path::PathBuf;

use hil_model::shown_url;
use serde_json::{Value as Json, json};

use super::Rule;
use crate::key_path::KeyPath;
use crate::nearest::nearest;
use crate::reader::Reader;
use crate::scalar::Meaning;
use crate::tree::{Node, Value};

/// `true` or `false`, nothing else: `yes`, `no`, `on` and `off` are refused.
pub(crate) struct Flag;

impl Rule for Flag {
    type Value = bool;

    fn expected(&self) -> String {
        "`true` or `false`".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<bool> {
        if let Value::Scalar(scalar) = &node.value
            && let Meaning::Bool(value) = scalar.meaning()
        {
            return Some(value);
        }
        reader.wrong_type(node, path, self.expected());
        None
    }

    fn show(&self, value: &bool) -> Json {
        json!(value)
    }

    fn schema(&self) -> Json {
        json!({ "type": "boolean" })
    }
}

/// Any text but the empty one. What looks like a number or boolean must be quoted.
pub(crate) struct Text;

impl Rule for Text {
    type Value = String;

    fn expected(&self) -> String {
        "text".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<String> {
        let text = text(node, path, reader, self.expected())?;
        if text.is_empty() {
            reader.invalid_value(node, path, "text that is not empty".to_owned(), None);
            return None;
        }
        Some(text.to_owned())
    }

    fn show(&self, value: &String) -> Json {
        json!(value)
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// The URL of a store or a server, or a path. It may hold a password, so it is shown without.
pub(crate) struct Address;

impl Rule for Address {
    type Value = String;

    fn expected(&self) -> String {
        Text.expected()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<String> {
        Text.read(node, path, reader)
    }

    fn show(&self, value: &String) -> Json {
        json!(shown_url(value))
    }

    fn schema(&self) -> Json {
        Text.schema()
    }
}

/// Text that is safe in file names and reports: letters, digits, `_`, `-`, `.`, starting with a
/// letter or digit, at most 64 characters.
pub(crate) struct Name;

impl Name {
    fn accepts(name: &str) -> bool {
        name.len() <= 64
            && name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    }
}

impl Rule for Name {
    type Value = String;

    fn expected(&self) -> String {
        "a name of letters, digits, `_`, `-` and `.`".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<String> {
        let name = text(node, path, reader, self.expected())?;
        if !Self::accepts(name) {
            reader.invalid_value(node, path, self.expected(), None);
            return None;
        }
        Some(name.to_owned())
    }

    fn show(&self, value: &String) -> Json {
        json!(value)
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$" })
    }
}

/// A SHA-256 fingerprint: 64 hexadecimal digits, with or without colons between the bytes.
pub(crate) struct Fingerprint;

impl Fingerprint {
    const PATTERN: &'static str = "^([0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31})$";

    fn accepts(text: &str) -> bool {
        let is_byte = |byte: &str| byte.len() == 2 && byte.bytes().all(|digit| digit.is_ascii_hexdigit());
        match text.len() {
            64 => text.bytes().all(|digit| digit.is_ascii_hexdigit()),
            95 => text.split(':').count() == 32 && text.split(':').all(is_byte),
            _ => false,
        }
    }
}

impl Rule for Fingerprint {
    type Value = String;

    fn expected(&self) -> String {
        "a SHA-256 fingerprint of 64 hexadecimal digits".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<String> {
        let digits = text(node, path, reader, self.expected())?;
        if !Self::accepts(digits) {
            reader.invalid_value(node, path, self.expected(), None);
            return None;
        }
        Some(digits.to_owned())
    }

    fn show(&self, value: &String) -> Json {
        json!(value)
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "pattern": Self::PATTERN })
    }
}

/// The path of a file or directory. It is not looked up here: what is missing is reported by the
/// step of the run that needs it.
pub(crate) struct FilePath;

impl Rule for FilePath {
    type Value = PathBuf;

    fn expected(&self) -> String {
        "a path".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<PathBuf> {
        let file = text(node, path, reader, self.expected())?;
        if file.is_empty() {
            reader.invalid_value(node, path, self.expected(), None);
            return None;
        }
        Some(PathBuf::from(file))
    }

    fn show(&self, value: &PathBuf) -> Json {
        json!(value.to_string_lossy())
    }

    fn schema(&self) -> Json {
        Text.schema()
    }
}

/// A type whose values are words.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    /// Each value with its word.
    const WORDS: &'static [(&'static str, Self)];
}

/// One of the words of `T`.
pub(crate) struct OneOf<T>(PhantomData<T>);

impl<T> OneOf<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Choice> Rule for OneOf<T> {
    type Value = T;

    fn expected(&self) -> String {
        let words: Vec<String> =
            T::WORDS.iter().map(|(word, _)| format!("`{}`", word.escape_debug())).collect();
        format!("one of {}", words.join(", "))
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<T> {
        let text = text(node, path, reader, self.expected())?;
        // A word with control characters may also be written as its escape, because that is what
        // is left of "\n" after single quotes or a shell.
        let found = T::WORDS.iter().find(|(word, _)| text == *word || word.escape_debug().eq(text.chars()));
        if let Some((_, value)) = found {
            return Some(*value);
        }
        let nearest = nearest(text, T::WORDS.iter().map(|(word, _)| *word));
        reader.invalid_value(node, path, self.expected(), nearest);
        None
    }

    fn show(&self, value: &T) -> Json {
        let word = T::WORDS.iter().find(|(_, other)| other == value);
        json!(word.map(|(word, _)| word))
    }

    fn schema(&self) -> Json {
        let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
        json!({ "type": "string", "enum": words })
    }
}

fn text<'node>(
    node: &'node Node,
    path: &KeyPath,
    reader: &mut Reader,
    expected: String,
) -> Option<&'node str> {
    if let Value::Scalar(scalar) = &node.value
        && scalar.meaning() == Meaning::Text
    {
        return Some(&scalar.text);
    }
    reader.wrong_type(node, path, expected);
    None
}

/// Declares an enum whose values are words of the configuration.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])+
        $name:ident { $( $(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal, )+ }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $(#[doc = $variant_doc])+ $variant, )+
        }

        impl $crate::rule::Choice for $name {
            const WORDS: &'static [(&'static str, Self)] = &[$( ($word, Self::$variant), )+];
        }

        impl $name {
            /// The word that stands for the value in a configuration file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }
    };
}
pub(crate) use choice;
