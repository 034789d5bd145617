//! Where runs are kept, as the user says it: a store, a server, and the key for that.

mod keep;
mod kept;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use clap::Args;
use hil_archive::{ApiKey, Archive, Client, Patience, Spool};
use hil_config::Config;
use hil_model::shown_url;
use hil_store::{BlockingStore, SerialPattern, StoreError, StoreOptions};

pub(crate) use keep::Keeper;
pub(crate) use kept::Kept;

use super::{Wrong, configuration};
use crate::args::BenchArgs;
use crate::console;

/// The environment variable with the key for a server.
pub(crate) const KEY: &str = "HIL_API_KEY";
/// What stands for no store.
pub(crate) const NO_STORE: &str = "none";

/// The URL of a store. It may hold a password, so it is not shown.
#[derive(Clone)]
pub(crate) struct StoreUrl(String);

impl FromStr for StoreUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({})", self.shown())
    }
}

impl StoreUrl {
    /// The URL without user, password and options.
    fn shown(&self) -> String {
        shown_url(&self.0)
    }
}

/// Where a finished run is kept.
#[derive(Args, Debug)]
#[command(next_help_heading = "Record")]
pub(crate) struct KeepArgs {
    /// Where the run is kept: a path, `postgres://USER@HOST/DATABASE`, or `none`; in place of `record.store`.
    /// Without either, the store in the user's data directory.
    // An id of its own: commands have a global `--store`, whose value clap hands up to here.
    #[arg(id = "keep", long = "store", value_name = "URL", env = "HIL_STORE", hide_env_values = true)]
    store: Option<StoreUrl>,
}

impl KeepArgs {
    /// The store with that URL.
    pub(crate) fn of(url: String) -> Self {
        Self { store: Some(StoreUrl(url)) }
    }

    /// The store that a finished run is kept in; nothing if there is to be none.
    pub(crate) fn place(&self, config: &Config) -> anyhow::Result<Option<StorePlace>> {
        StorePlace::new(self.store.as_ref(), None, config)
    }

    /// Why there is no such store.
    pub(crate) fn no_place(&self, config: &Config) -> &'static str {
        if self.store.is_some() || config.record.store.is_some() {
            return "record.store is none";
        }
        "there is no data directory, because neither HOME nor XDG_DATA_HOME is set: set record.store or HIL_STORE"
    }
}

/// Which runs are meant: those of a store, or those of a server.
#[derive(Args, Debug)]
#[command(next_help_heading = "Archive")]
pub(crate) struct ArchiveArgs {
    /// The store: a path, or `postgres://USER@HOST/DATABASE`; in place of `record.store`.
    #[arg(long, value_name = "URL", env = "HIL_STORE", hide_env_values = true, global = true)]
    store: Option<StoreUrl>,
    /// Where the contents of attachments lie, in place of `record.files`; beside a SQLite file by default.
    #[arg(long, value_name = "DIR", global = true)]
    files: Option<PathBuf>,
    /// Ask this server, and not a store. Its key is in HIL_API_KEY or in a file.
    #[arg(long, value_name = "URL", global = true)]
    server: Option<String>,
    /// A file that holds the key for the server and nothing else, in place of `record.key_file`.
    #[arg(long, value_name = "FILE", global = true)]
    key_file: Option<PathBuf>,
}

impl ArchiveArgs {
    /// Opens the store or the server.
    pub(crate) fn open(&self, bench: &BenchArgs) -> anyhow::Result<Archive> {
        match &self.server {
            Some(url) => self.client(url, bench).map(Archive::Server),
            None => self.open_store(bench).map(Archive::Store),
        }
    }

    /// Opens the store.
    pub(crate) fn open_store(&self, bench: &BenchArgs) -> anyhow::Result<BlockingStore> {
        let config = configuration(bench)?.config;
        let place = StorePlace::new(self.store.as_ref(), self.files.as_deref(), &config)?;
        place.ok_or_else(|| Wrong::usage("no store: say --store URL"))?.open()
    }

    /// The server that is named, or the configured one.
    pub(crate) fn open_server(
        &self,
        environment: Option<&str>,
        bench: &BenchArgs,
    ) -> anyhow::Result<Archive> {
        let record = configuration(bench)?.config.record;
        let url = self.server.as_deref().or(environment).or(record.server.as_deref());
        let url =
            url.ok_or_else(|| Wrong::usage("no server: say --server URL, HIL_SERVER_URL or record.server"))?;
        self.client(url, bench).map(Archive::Server)
    }

    fn client(&self, url: &str, bench: &BenchArgs) -> anyhow::Result<Client> {
        let resolved = configuration(bench)?;
        let configured = resolved.config.record.key_file.as_ref().map(|file| resolved.in_root(file));
        let key = key(self.key_file.as_deref().or(configured.as_deref()))?;
        Client::new(url, key, Patience::default()).map_err(|error| Wrong::usage(error.to_string()))
    }
}

/// The key for a server: that of the file, else that of the environment.
pub(crate) fn key(file: Option<&Path>) -> anyhow::Result<ApiKey> {
    let (text, place) = match file {
        Some(file) => {
            let text = std::fs::read_to_string(file);
            let text = text.with_context(|| format!("cannot read the key in {}", file.display()));
            (text.map_err(|error| Wrong::usage(console::chain(error.as_ref())))?, file.display().to_string())
        }
        None => {
            let text = std::env::var(KEY);
            (
                text.map_err(|_| {
                    Wrong::usage(format!("no key for the server: set {KEY}, or say --key-file FILE"))
                })?,
                KEY.to_owned(),
            )
        }
    };
    text.parse().map_err(|error| Wrong::usage(format!("{place}: {error}")))
}

/// A store that can be opened.
#[derive(Debug)]
pub(crate) struct StorePlace {
    url: StoreUrl,
    options: StoreOptions,
}

impl StorePlace {
    /// Where it is, without secrets.
    pub(crate) fn shown(&self) -> String {
        self.url.shown()
    }

    /// What is said, else what is configured, else the store in the user's data directory; nothing if there is to be
    /// none, or the user has no home.
    ///
    /// # Errors
    ///
    /// A serial-number pattern that is none.
    fn new(said: Option<&StoreUrl>, files: Option<&Path>, config: &Config) -> anyhow::Result<Option<Self>> {
        let record = &config.record;
        let said = said.cloned().or_else(|| record.store.clone().map(StoreUrl));
        let default = || {
            let path = hil_store::default_store()?;
            Some(StoreUrl(path.into_os_string().into_string().ok()?))
        };
        let Some(url) = said.or_else(default).filter(|url| url.0 != NO_STORE) else { return Ok(None) };
        // One organisation has one rule, whoever applies it.
        let pattern = config.server.serial_pattern.as_deref().map(SerialPattern::new).transpose();
        let serial_pattern = pattern
            .map_err(|error| Wrong::usage(format!("server.serial_pattern: {}", console::chain(&error))))?;
        let contents = files.map(Path::to_owned).or_else(|| record.files.clone());
        let max_content = Some(record.max_attachment_bytes);
        let options = StoreOptions { serial_pattern, contents, max_content, ..StoreOptions::default() };
        Ok(Some(Self { url, options }))
    }

    pub(crate) fn open(&self) -> anyhow::Result<BlockingStore> {
        BlockingStore::open(&self.url.0, self.options.clone()).map_err(|error| match error {
            StoreError::UnknownUrl { .. } => Wrong::usage(error.to_string()),
            other => other.into(),
        })
    }
}

/// The runs that wait for a store; nothing if the user has no home.
fn store_spool() -> Option<Spool> {
    spools().map(|folder| Spool::new(folder.join("store")))
}

/// The runs that wait for a server; nothing if the user has no home.
pub(crate) fn server_spool() -> Option<Spool> {
    spools().map(|folder| Spool::new(folder.join("server")))
}

/// Where runs wait.
fn spools() -> Option<PathBuf> {
    hil_store::default_location().map(|folder| folder.join("spool"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/data/runs.sqlite", "/data/runs.sqlite")]
    #[case("postgres://hil:secret@db/lab?password=secret", "postgres://db/lab")]
    #[case("postgres://a@b:secret@db:5433", "postgres://db:5433")]
    fn a_url_is_shown_without_its_password(#[case] url: &str, #[case] shown: &str) {
        let url: StoreUrl = url.parse().unwrap();
        assert_eq!(url.shown(), shown);
        assert!(!format!("{url:?}").contains("secret"));
    }
}
