//! Jobs that were at work when their server ended.

use hil_model::RunId;
use hil_model::run::RunOutcome;
use hil_store::{JobEnd, JobFilter, JobId, JobStatus, StoreError};

use super::{Jobs, lock, result};
use crate::jobs::control::Why;
use crate::jobs::published::Left;
use crate::jobs::request::{Order, What};
use crate::jobs::sim::{self, End};
use crate::jobs::{child, published};

impl Jobs {
    /// Notes of the jobs that were at work when their server ended that they are over.
    pub(super) async fn interrupt(&self) -> Result<(), StoreError> {
        let filter = JobFilter {
            server: Some(self.0.server.clone()),
            statuses: vec![JobStatus::Running],
            ..JobFilter::default()
        };
        for job in self.0.store.jobs(filter, 1000).await? {
            let folder = self.0.folders.of(job.id);
            let Left { view, plugins } = folder.as_deref().map(published::recover).unwrap_or_default();
            let reports = folder.as_deref().map(child::reports);
            let order = serde_json::from_value::<Order>(job.request.clone()).ok();
            let run = match &order {
                Some(Order { what: What::Sim { unit, config, .. }, by, .. }) => {
                    let simulated = sim::Simulated { plugins, end: End::Asked(Why::ServerEnds) };
                    let subject = sim::Subject { unit, operator: by.operator(), config };
                    let record = sim::record(&simulated, &subject, job.id, simulated.took());
                    match (self.kept(job.id).await, record) {
                        // It was kept, but the end of its job could not be noted.
                        (Some(run), _) => Some(run),
                        (None, Some(run)) => self.save(run, by).await,
                        (None, None) => None,
                    }
                }
                Some(Order { what: What::Run(_), .. }) | None => {
                    let run = self.0.launcher.as_ref().zip(reports.as_deref());
                    run.and_then(|(launcher, reports)| launcher.run_id(reports))
                }
            };
            let end = JobEnd {
                status: JobStatus::Interrupted,
                result: Some(result(RunOutcome::Aborted, run.as_ref())),
                view: view.to_json(),
            };
            self.0.store.end_job(job.id, JobStatus::Running, end).await?;
            tracing::warn!(target: "hil_server", job = %job.id, "a job was interrupted: its server had ended");
            let queue = self.0.benches.iter().find(|queue| queue.bench == job.bench);
            if let (Some(queue), Some(reports)) = (queue, reports) {
                lock(&queue.left).push(reports);
            }
        }
        Ok(())
    }

    /// The record of a simulated job, if there is one already.
    async fn kept(&self, job: JobId) -> Option<RunId> {
        Some(self.0.store.run(sim::run_id(job)?).await.ok()?.run.id)
    }
}
