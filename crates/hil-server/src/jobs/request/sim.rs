//! The options of the simulated kind.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fields::Fields;
use crate::error::ApiResult;

/// The plugins of the simulated kind.
pub(crate) const SIM_PLUGINS: [&str; 2] = ["sim", "sim2"];
/// How many warnings a plugin may give.
const WARNINGS: usize = 1000;

/// A plugin of the simulated kind, and what it shall do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SimPlugin {
    pub(crate) name: String,
    pub(crate) options: SimOptions,
}

/// What a plugin of the simulated kind shall do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SimOptions {
    /// How many frames it sends.
    pub(crate) frames: u64,
    /// The pause between two frames.
    pub(crate) interval: Duration,
    /// How long it works before the first frame.
    pub(crate) sleep: Duration,
    /// What it warns of, after the frames.
    pub(crate) warnings: Vec<String>,
    /// The frame instead of which it fails.
    pub(crate) fail_at: Option<u64>,
    /// How many characters pad each frame.
    pub(crate) pad: usize,
    /// Whether its failure ends the job.
    pub(crate) fatal: bool,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            frames: 3,
            interval: Duration::from_millis(5),
            sleep: Duration::ZERO,
            warnings: Vec::new(),
            fail_at: None,
            pad: 0,
            fatal: false,
        }
    }
}

impl SimOptions {
    pub(super) fn read(mut fields: Fields) -> ApiResult<Self> {
        let usual = Self::default();
        let millis = |value: f64| Duration::from_secs_f64(value / 1e3);
        let options = Self {
            frames: fields.integer("frames", 0..=1_000_000)?.map_or(usual.frames, i64::unsigned_abs),
            interval: fields.number("interval_ms", 0.0..=60_000.0)?.map_or(usual.interval, millis),
            sleep: fields.number("sleep_ms", 0.0..=600_000.0)?.map_or(usual.sleep, millis),
            warnings: fields.texts("warnings", WARNINGS)?.unwrap_or_default(),
            fail_at: fields.integer("fail_at", -1..=i64::MAX)?.and_then(|index| u64::try_from(index).ok()),
            pad: fields
                .integer("pad", 0..=1_000_000)?
                .and_then(|length| usize::try_from(length).ok())
                .unwrap_or(usual.pad),
            fatal: fields.flag("fatal")?.unwrap_or(usual.fatal),
        };
        fields.finish()?;
        Ok(options)
    }
}
