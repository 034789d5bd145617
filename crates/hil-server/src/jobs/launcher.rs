//! How tests are run on the configured bench. Who knows how is outside: the server knows neither tests nor buses.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use hil_model::RunId;

use super::request::RunOrder;
use crate::error::ApiError;

/// The bench that is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealBench {
    /// Its name.
    pub name: String,
    /// Whether nothing of it is real.
    pub simulated: bool,
    /// The suites that can be run on it.
    pub suites: Vec<String>,
    /// The tests of all of them, by their full names.
    pub tests: Vec<String>,
    /// Where relative paths of its configuration begin.
    pub root: PathBuf,
}

/// A key of a job's configuration that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadConfig {
    /// The key.
    pub key: String,
    /// What is wrong with it.
    pub message: String,
}

impl From<BadConfig> for ApiError {
    fn from(bad: BadConfig) -> Self {
        Self::bad_value(&format!("config.{}", bad.key), bad.message)
    }
}

/// Runs tests on the configured bench, each time in a process of its own.
pub trait JobLauncher: fmt::Debug + Send + Sync {
    /// The bench.
    fn bench(&self) -> &RealBench;

    /// Looks at overrides of the configuration: key, and value as JSON.
    ///
    /// # Errors
    ///
    /// The first one that cannot be taken.
    fn check_config(&self, config: &[(String, String)]) -> Result<(), BadConfig>;

    /// The tests that the order selects, in the order in which they will run.
    fn plan(&self, order: &RunOrder) -> Vec<String>;

    /// The process that carries the order out, with its reports in `folder`. Its standard input is a socket: there it
    /// writes [`ChildLine`](super::ChildLine)s, and the end of that input asks it to end as SIGTERM does.
    ///
    /// # Errors
    ///
    /// The program cannot be found.
    fn command(&self, order: &RunOrder, operator: Option<&str>, folder: &Path) -> io::Result<Command>;

    /// The id of the run whose reports are in `folder`, if it was begun.
    fn run_id(&self, folder: &Path) -> Option<RunId>;

    /// Keeps the run whose reports are in `folder`, once the process that made them is gone, unless it was kept. May
    /// block for as long as that process takes to end in order.
    fn keep(&self, folder: &Path);

    /// Who holds the bench now.
    fn owner(&self) -> Option<String>;
}
