//! The result of loading: typed values, and where each of them came from.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::key_path::KeyPath;
use crate::place::{Layer, Location, Place};
use crate::reader::Reader;
use crate::rule::Rule;
use crate::section::SectionOf;

/// A configuration that was loaded and checked.
#[derive(Debug)]
pub struct Resolved {
    /// The values.
    pub config: Config,
    effective: Vec<Effective>,
    root: PathBuf,
}

/// The value of one key, with the layer that decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effective {
    /// The dotted path of the key.
    pub key: String,
    /// The value on one line, as JSON; that is YAML, and may be used with `--set`.
    pub value: String,
    /// The layer.
    pub layer: Layer,
    /// Where the value is written, or nothing for a default.
    pub location: Option<Location>,
}

impl Resolved {
    pub(crate) fn new(config: Config, reader: &Reader, root: PathBuf) -> Self {
        let mut effective = Vec::new();
        let rule = SectionOf::<Config>::NEW;
        rule.leaves(&config, &KeyPath::root(), &mut |path, value| {
            effective.push(Effective {
                key: path.as_str().to_owned(),
                value: value.to_string(),
                layer: reader.layer(path),
                location: reader.place(path).map(Place::location),
            });
        });
        Self { config, effective, root }
    }

    /// Every key with its effective value, in the order of the documentation.
    ///
    /// A key that is unset shows as `null`. A list is one value; it belongs to the highest layer
    /// that sets it.
    #[must_use]
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }

    /// Who says the value of `key`; nobody, where its default applies.
    #[must_use]
    pub fn said_by(&self, key: &str) -> Option<&Layer> {
        let setting = self.effective.iter().find(|setting| setting.key == key)?;
        (setting.layer != Layer::BuiltIn && setting.value != "null").then_some(&setting.layer)
    }

    /// A path from the configuration as a path to open: relative paths are meant from the bench's
    /// root, not from the file that contains them.
    #[must_use]
    pub fn in_root(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }
}
