//! A directory with configuration files, and ways to load them.

use std::fs;
use std::path::PathBuf;

use hil_config::{ConfigErrors, Effective, Resolved, Sources, load};
use tempfile::TempDir;

pub(crate) const DEFAULT_FILE: &str = "config/test_config.yaml";
pub(crate) const PSU_FILE: &str = "config/owon_psu.yaml";

/// A bench in a directory of its own, removed at the end.
pub(crate) struct Bench {
    dir: TempDir,
    pub(crate) sources: Sources,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let sources = Sources { root: dir.path().to_owned(), ..Sources::default() };
        Self { dir, sources }
    }

    /// A bench whose only file is the default one.
    pub(crate) fn with(text: impl AsRef<[u8]>) -> Self {
        Self::new().file(DEFAULT_FILE, text)
    }

    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn set(mut self, argument: &str) -> Self {
        self.sources.overrides.push(argument.to_owned());
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn load(&self) -> Result<Resolved, ConfigErrors> {
        load(&self.sources)
    }

    /// Loads what must load.
    #[track_caller]
    pub(crate) fn resolved(&self) -> Resolved {
        self.load().unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// Loads what must not load, and returns the messages.
    #[track_caller]
    pub(crate) fn errors(&self) -> String {
        self.load().unwrap_err().to_string()
    }
}

/// The line of `hil config show` for a key.
#[track_caller]
pub(crate) fn show(resolved: &Resolved, key: &str) -> String {
    let Effective { value, layer, .. } = resolved
        .effective()
        .iter()
        .find(|effective| effective.key == key)
        .unwrap_or_else(|| panic!("no key {key}"));
    format!("{value} from {layer}")
}
