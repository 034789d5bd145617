//! What a run is asked to do.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use hil_config::Resolved;
use hil_model::Subject;
use hil_psu::guardian::Launch;

use super::Format;
use crate::live::LiveOptions;
use crate::select::Selection;

/// What a run is asked to do.
#[derive(Debug)]
pub struct RunOptions {
    /// The effective configuration.
    pub config: Resolved,
    /// Which tests.
    pub selection: Selection,
    /// The time limit of each test, in place of its own.
    pub timeout: Option<Duration>,
    /// When the run must be over: what still goes on then is ended as by a signal, and who waits for the bench gives up.
    pub until: Option<Instant>,
    /// How often a red attempt is repeated, in place of the test's own number.
    pub retries: Option<u32>,
    /// Whether the first red test ends the run.
    pub fail_fast: bool,
    /// How often each test runs, from 1.
    pub repeat: u32,
    /// The seed of a random order.
    pub shuffle: Option<u64>,
    /// Whether the tests run in the order of the selection's filters.
    pub in_order: bool,
    /// What the run is about, as far as the configuration does not say it or is overruled.
    pub subject: Subject,
    /// What was said about live running.
    pub live: LiveOptions,
    /// Where the reports go, in place of `reports.dir`.
    pub reports: Option<PathBuf>,
    /// Whether to wait for a bench that is in use.
    pub wait: bool,
    /// Whether a run in which nothing ran is a success.
    pub allow_empty: bool,
    /// How the run is shown on standard output.
    pub format: Format,
    /// How the guardian of a real supply is started. Without one no real supply is switched on.
    pub guardian: Option<Launch>,
}
