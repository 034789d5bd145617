//! What each command does.

pub(crate) mod archive;
mod attached;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod key;
mod launcher;
pub(crate) mod ldf;
pub(crate) mod lin;
pub(crate) mod psu;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod serve;
mod served;
pub(crate) mod sim;
pub(crate) mod smoke;
pub(crate) mod upload;
pub(crate) mod user;
pub(crate) mod watch;
pub(crate) mod why;

use std::path::PathBuf;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;
use hil_config::{Resolved, Sources};
use hil_model::ExitStatus;
use hil_runner::{LiveOptions, RunError};

use crate::args::{BenchArgs, Cli};

/// The folder in which `config/` is looked for: this one, or the nearest one above that has it, so that
/// `hil` works from anywhere in a checkout.
fn root() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let found = here.ancestors().find(|folder| folder.join("config/test_config.yaml").is_file());
    Ok(found.map_or_else(|| here.clone(), PathBuf::from))
}

/// The effective configuration.
fn configuration(bench: &BenchArgs) -> anyhow::Result<Resolved> {
    let sources = Sources::from_env(root()?, bench.config.clone(), bench.set.clone());
    Ok(hil_config::load(&sources).map_err(RunError::Config)?)
}

/// What the environment says about live running.
fn live_options() -> anyhow::Result<LiveOptions> {
    Ok(LiveOptions::from_env(|name| std::env::var(name).ok()).map_err(RunError::Switch)?)
}

/// The argument that makes this program a guardian.
const GUARDIAN: &str = "guardian";

/// Stands guard over a supply. Whoever started it is gone when it ends, so nobody hears what comes of it.
pub(crate) fn guardian() -> anyhow::Result<ExitStatus> {
    hil_psu::guardian::serve().context("cannot stand guard")?;
    Ok(ExitStatus::Passed)
}

/// The exit code of a command that did not come to its end.
pub(crate) fn exit_status(error: &anyhow::Error) -> ExitStatus {
    error.downcast_ref::<RunError>().map_or_else(
        || error.downcast_ref::<Wrong>().map_or(ExitStatus::Internal, |wrong| wrong.status),
        RunError::exit_status,
    )
}

/// An error with the exit code that belongs to it.
#[derive(Debug)]
pub(crate) struct Wrong {
    status: ExitStatus,
    what: String,
}

impl Wrong {
    /// What the user asked for cannot be meant.
    pub(crate) fn usage(what: impl Into<String>) -> anyhow::Error {
        Self { status: ExitStatus::Usage, what: what.into() }.into()
    }

    /// The bench does not do what it should.
    pub(crate) fn bench(what: impl Into<String>) -> anyhow::Error {
        Self { status: ExitStatus::BenchFault, what: what.into() }.into()
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Wrong {}

/// Prints the completion script of a shell.
pub(crate) fn completions(shell: Shell) {
    clap_complete::generate(shell, &mut Cli::command(), "hil", &mut std::io::stdout());
}
