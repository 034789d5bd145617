//! Which store the server and the commands around it work on.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use hil_config::Config;
use hil_store::{BlockingStore, StoreOptions};

use super::archive::NO_STORE;
use super::{Wrong, configuration};
use crate::args::BenchArgs;
use crate::console;

/// Where runs are kept.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Store")]
pub(crate) struct StoreArgs {
    /// A path, or `postgres://USER@HOST/DATABASE`, in place of `record.store`.
    #[arg(long, value_name = "URL", env = "HIL_STORE", hide_env_values = true, global = true)]
    store: Option<String>,
    /// Where the contents of attachments lie, in place of `record.files`.
    #[arg(long, value_name = "DIR", global = true)]
    files: Option<PathBuf>,
}

impl StoreArgs {
    /// The store's URL, and how it is opened.
    pub(super) fn place(&self, config: &Config) -> anyhow::Result<(String, StoreOptions)> {
        let said = self.store.clone().or_else(|| config.record.store.clone());
        let url = match said {
            Some(url) if url == NO_STORE => return Err(Wrong::usage("no store: say --store URL")),
            Some(url) => url,
            None => {
                let path = hil_store::default_store();
                let path =
                    path.ok_or_else(|| Wrong::usage("no store: this user has no home; say --store URL"))?;
                path.into_os_string()
                    .into_string()
                    .map_err(|path| Wrong::usage(format!("--store: {} is no UTF-8", path.display())))?
            }
        };
        let contents = self.files.clone().or_else(|| config.record.files.clone());
        let max_content = Some(config.server.max_upload);
        Ok((url, StoreOptions { contents, max_content, ..StoreOptions::default() }))
    }

    /// Opens the store.
    pub(super) fn open(&self, bench: &BenchArgs) -> anyhow::Result<BlockingStore> {
        let (url, options) = self.place(&configuration(bench)?.config)?;
        BlockingStore::open(&url, options).map_err(|error| Wrong::usage(console::chain(&error)))
    }
}

/// Prints what a command is for.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    console::print(text).context("cannot write to standard output")
}
