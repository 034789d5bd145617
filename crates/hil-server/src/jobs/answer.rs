//! A job as it is answered.

use std::collections::BTreeMap;

use hil_model::{Subject, WallTime};
use hil_store::{Job, JobStatus};
use serde::{Deserialize as _, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::SIM;
use super::request::{Order, What};
use super::view::View;
use crate::iso;

/// A job: what it is, and where it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Base {
    job_id: String,
    /// The bench that was asked for.
    device_requested: Option<String>,
    /// The bench that it runs on.
    device_used: Option<String>,
    /// Whether that is another one.
    fallback: bool,
    /// The newest frames, without their data.
    frames: Vec<Value>,
    /// `queued`, `running`, `completed`, `failed`, `aborted` or `interrupted`.
    status: String,
    /// `{"outcome", "run_id"}` once it is over.
    result: Option<Value>,
    created_at: String,
    started_at: Option<String>,
    finished_at: Option<String>,
}

/// A job, with what its messages said.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Extended {
    #[serde(flatten)]
    base: Base,
    /// 0 to 100; null while it waits.
    progress: Option<u64>,
    /// Milliseconds, by plugin; null while it waits.
    plugin_timings: Option<BTreeMap<String, f64>>,
    /// What it was warned of, in order; null while it waits.
    warnings: Option<Vec<String>>,
}

/// The answers about a job, of which `live` is what its messages say so far.
pub(super) fn answers(job: Job, live: Option<View>) -> Extended {
    let order = serde_json::from_value::<Order>(job.request).ok();
    let view = match job.status {
        JobStatus::Queued => None,
        JobStatus::Running => Some(live.unwrap_or_default()),
        JobStatus::Completed | JobStatus::Failed | JobStatus::Aborted | JobStatus::Interrupted => {
            Some(View::stored(job.view).unwrap_or_default())
        }
    };
    let (frames, rest) = match view {
        Some(View { progress, plugin_timings, warnings, frames }) => {
            (frames, Some((progress, plugin_timings, warnings)))
        }
        None => (Vec::new(), None),
    };
    let (progress, plugin_timings, warnings) = match rest {
        Some((progress, timings, warnings)) => (Some(progress), Some(timings), Some(warnings)),
        None => (None, None, None),
    };
    let time = |at: Option<WallTime>| at.map(iso::time);
    let base = Base {
        job_id: job.id.to_string(),
        device_requested: order.as_ref().and_then(|order| order.device_requested.clone()),
        device_used: Some(job.bench),
        fallback: order.is_some_and(|order| order.fallback),
        frames,
        status: job.status.to_string(),
        result: job.result,
        created_at: iso::time(job.created_at),
        started_at: time(job.started_at),
        finished_at: time(job.finished_at),
    };
    Extended { base, progress, plugin_timings, warnings }
}

/// A job at work as its bench shows it: what is run, and on what.
pub(super) fn current(job: &Job) -> Value {
    let what = Order::deserialize(&job.request).ok().map(|order| order.what);
    let (suite, unit) = match what {
        Some(What::Sim { unit, .. }) => (Some(SIM.to_owned()), unit),
        Some(What::Run(run)) => (run.suite, run.unit),
        None => (None, Subject::default()),
    };
    let unit = (unit != Subject::default()).then_some(unit);
    json!({ "job_id": job.id.to_string(), "suite": suite, "unit": unit })
}

impl Extended {
    /// The same without what its messages said.
    pub(super) fn base(self) -> Base {
        self.base
    }
}
