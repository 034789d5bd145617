//! A bench's thread: one job after the other, each from its beginning to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use hil_model::RunId;
use hil_model::run::{Run, RunOutcome};
use hil_realtime::Percent;
use hil_store::{Job, JobEnd, JobId, JobStatus, StoreError};

use super::{Jobs, Queue, Wake, live_id, lock, result};
use crate::jobs::control::{Control, Why};
use crate::jobs::live::{Live, details};
use crate::jobs::request::{By, Order, What};
use crate::jobs::sim::{self, End};
use crate::jobs::view::View;
use crate::jobs::{SIM, child};

/// How long to wait when the store does not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// How a job ended, before it is noted.
struct Ended {
    status: JobStatus,
    outcome: RunOutcome,
    run: Option<RunId>,
}

impl Jobs {
    /// A bench's thread.
    pub(super) fn work(&self, queue: &Queue, wakes: &Receiver<Wake>) {
        if let Some(launcher) = self.0.launcher.as_deref().filter(|_| queue.bench != SIM) {
            for reports in std::mem::take(&mut *lock(&queue.left)) {
                // A queue must not stand still because of what an older run left.
                if catch_unwind(AssertUnwindSafe(|| launcher.keep(&reports))).is_err() {
                    let folder = reports.display();
                    tracing::error!(target: "hil_server", %folder, "keeping an interrupted run panicked");
                }
            }
        }
        while !self.0.stopping.load(Ordering::SeqCst) {
            let next = self.wait_for(self.0.store.next_job(&self.0.server, &queue.bench));
            let woken = match next {
                Ok(Some(job)) => {
                    self.perform(queue, &job);
                    continue;
                }
                Ok(None) => wakes.recv().ok(),
                Err(error) => {
                    tracing::warn!(target: "hil_server", %error, "the queue of a bench cannot be read");
                    wakes.recv_timeout(AGAIN).ok().or(Some(Wake::Look))
                }
            };
            match woken {
                Some(Wake::Look) => {}
                Some(Wake::Stop) | None => return,
            }
        }
    }

    /// Runs a job to its end.
    fn perform(&self, queue: &Queue, job: &Job) {
        let control = Control::default();
        *lock(&queue.running) = Some((job.id, control.clone()));
        if self.0.stopping.load(Ordering::SeqCst) {
            *lock(&queue.running) = None;
            return;
        }
        let folder = self.0.folders.make(job.id).unwrap_or_else(|error| {
            tracing::warn!(target: "hil_server", job = %job.id, %error, "a job has no folder");
            None
        });
        let live = Live::open(live_id(job.id), self.0.hub.clone(), folder.as_deref());
        *lock(&queue.notes) = live.notes().map(|notes| (live.job().clone(), notes));
        let began = self.start(job.id);
        if matches!(began, Ok(true)) {
            let run = || self.carry_out(job, folder.as_deref(), &live, &control);
            let ended = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
                tracing::error!(target: "hil_server", job = %job.id, "a job panicked");
                fatal(&live, "the server has a fault; its log says more")
            });
            self.end(job.id, &ended, &live);
        } else if let Err(error) = began {
            tracing::warn!(target: "hil_server", job = %job.id, %error, "a job cannot be begun");
            // It is tried again, but not at once.
            control.wait_until(Instant::now() + AGAIN);
        }
        *lock(&queue.notes) = None;
        self.0.hub.close(live.job());
        *lock(&queue.running) = None;
        drop(live);
        self.0.folders.tidy(|job| self.is_over(job));
    }

    /// Notes that the job has begun, and whether it did.
    fn start(&self, id: JobId) -> Result<bool, StoreError> {
        let started = self.wait_for(self.0.store.start_job(id));
        begun(started, || {
            Control::default().wait_until(Instant::now() + AGAIN);
            if self.0.stopping.load(Ordering::SeqCst) {
                return None;
            }
            Some(self.wait_for(self.0.store.job(id)).map(|job| job.status))
        })
    }

    fn is_over(&self, id: JobId) -> bool {
        // A folder of a job that the store does not know is nobody's.
        self.wait_for(self.0.store.job(id))
            .map_or_else(|error| matches!(error, StoreError::NotFound { .. }), |job| job.status.is_final())
    }

    fn carry_out(&self, job: &Job, folder: Option<&Path>, live: &Live, control: &Control) -> Ended {
        let order: Order = match serde_json::from_value(job.request.clone()) {
            Ok(order) => order,
            Err(error) => return fatal(live, &format!("its order cannot be read: {error}")),
        };
        match &order.what {
            What::Sim { plugins, unit, config } => {
                let simulated = sim::run(plugins, live, control);
                let subject = sim::Subject { unit, operator: order.by.operator(), config };
                let record = sim::record(&simulated, &subject, job.id, live.elapsed());
                let outcome = record.as_ref().map_or(RunOutcome::Error, |run| run.outcome);
                let run = record.and_then(|run| self.wait_for(self.save(run, &order.by)));
                let status = match simulated.end {
                    End::Complete => JobStatus::Completed,
                    End::Fatal => JobStatus::Failed,
                    End::Asked(Why::Cancelled) => JobStatus::Aborted,
                    End::Asked(Why::ServerEnds) => JobStatus::Interrupted,
                };
                Ended { status, outcome, run }
            }
            What::Run(run) => {
                let (Some(launcher), Some(folder)) = (self.0.launcher.as_deref(), folder) else {
                    return fatal(live, "this server runs no tests, or has no folder for them");
                };
                let bench = child::Bench { launcher, folder, live, control };
                let child::Finished { status, outcome, run } = child::run(run, order.by.operator(), &bench);
                self.recorded(status, outcome, run)
            }
        }
    }

    /// The verdict is that of the record, if there is one.
    fn recorded(&self, status: JobStatus, outcome: RunOutcome, run: Option<RunId>) -> Ended {
        let stored = run.map(|id| self.wait_for(self.0.store.run(id)));
        match stored {
            Some(Ok(stored)) => {
                self.0.saved.inc();
                Ended { status, outcome: stored.run.outcome, run: Some(stored.run.id) }
            }
            // It waits to be stored, or was not to be.
            Some(Err(_)) | None => Ended { status, outcome, run: None },
        }
    }

    /// Keeps the record of a simulated job. A job whose record cannot be kept is none the worse for it.
    pub(super) async fn save(&self, run: Run, by: &By) -> Option<RunId> {
        let id = run.id.clone();
        let store = &self.0.store;
        let saved = match store.place_run(run.clone(), by.actor()).await {
            Err(StoreError::PartNumberMissing { .. }) => {
                store.place_run(sim::of_unknown_part(&run), by.actor()).await
            }
            saved => saved,
        };
        match saved {
            Ok(_) => {
                self.0.saved.inc();
                Some(id)
            }
            Err(error) => {
                let error = hil_model::chain(&error);
                tracing::error!(target: "hil_server", run = %id, error, "the record of a job cannot be kept");
                None
            }
        }
    }

    /// Notes how the job ended, and then says so.
    fn end(&self, id: JobId, ended: &Ended, live: &Live) {
        // A job that its server's end interrupts says no more, and stays where it was.
        let is_said = ended.status != JobStatus::Interrupted;
        let note = || {
            // What stations say of it counts until its end is noted.
            let view = live.hub().view(live.job()).map(View::from).unwrap_or_default();
            let end = JobEnd {
                status: ended.status,
                result: Some(result(ended.outcome, ended.run.as_ref())),
                view: if is_said { view.done() } else { view }.to_json(),
            };
            let noted = self.wait_for(self.0.store.end_job(id, JobStatus::Running, end));
            if let Err(error) = &noted {
                tracing::error!(target: "hil_server", job = %id, %error, "the end of a job cannot be noted");
            }
            noted
        };
        let waits = || {
            let stops = self.0.stopping.load(Ordering::SeqCst);
            if !stops {
                Control::default().wait_until(Instant::now() + AGAIN);
            }
            !stops
        };
        if is_noted(note, waits) && is_said {
            live.progress(Percent::DONE, Some(ended.status.to_string()), None);
        }
    }
}

/// Whether a job has begun. Its beginning may be noted though the answer was lost: where it is then decides, as soon as
/// `look` can tell. It looks until then, or until it answers nothing because the server ends.
fn begun(
    started: Result<bool, StoreError>,
    look: impl FnMut() -> Option<Result<JobStatus, StoreError>>,
) -> Result<bool, StoreError> {
    let Err(error) = started else { return started };
    match std::iter::from_fn(look).find_map(Result::ok) {
        // Nobody else begins jobs of this queue.
        Some(JobStatus::Running) => Ok(true),
        // It is tried again.
        Some(JobStatus::Queued) | None => Err(error),
        Some(JobStatus::Completed | JobStatus::Failed | JobStatus::Aborted | JobStatus::Interrupted) => {
            Ok(false)
        }
    }
}

/// Whether the end of a job is noted, which is tried as long as it `waits`. Nobody is told of an end that cannot be read:
/// of a job that stays at work the next server notes that it was interrupted.
fn is_noted(mut note: impl FnMut() -> Result<bool, StoreError>, mut waits: impl FnMut() -> bool) -> bool {
    loop {
        if note().is_ok() {
            return true;
        }
        if !waits() {
            return false;
        }
    }
}

/// The end of a job that cannot go on.
fn fatal(live: &Live, why: &str) -> Ended {
    live.say(hil_realtime::Trouble {
        error: "The job cannot go on".to_owned(),
        plugin: None,
        details: Some(details("JOB_FAILED", why)),
        frame_id: None,
    });
    Ended { status: JobStatus::Failed, outcome: RunOutcome::Error, run: None }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn lost() -> StoreError {
        StoreError::Invalid { field: "answer", problem: "lost".to_owned() }
    }

    #[rstest]
    #[case::answered(Ok(true), &[], Some(true))]
    #[case::not_queued_any_more(Ok(false), &[], Some(false))]
    #[case::answer_lost(Err(lost()), &[Some(JobStatus::Running)], Some(true))]
    #[case::answer_lost_and_store_away(Err(lost()), &[None, None, Some(JobStatus::Running)], Some(true))]
    #[case::not_noted(Err(lost()), &[Some(JobStatus::Queued)], None)]
    #[case::cancelled_meanwhile(Err(lost()), &[Some(JobStatus::Aborted)], Some(false))]
    #[case::server_ends(Err(lost()), &[None], None)]
    fn a_beginning_whose_answer_is_lost_counts(
        #[case] started: Result<bool, StoreError>,
        #[case] looks: &[Option<JobStatus>],
        #[case] expected: Option<bool>,
    ) {
        let mut looks = looks.iter();
        let begun = begun(started, || looks.next().map(|status| status.ok_or_else(lost)));
        assert_eq!((begun.ok(), looks.len()), (expected, 0));
    }

    #[rstest]
    #[case::at_once(0, 0, true)]
    #[case::store_away_for_long(100, 100, true)]
    #[case::server_ends(100, 3, false)]
    fn an_end_is_noted_as_soon_as_the_store_takes_it(
        #[case] failures: u32,
        #[case] patience: u32,
        #[case] noted: bool,
    ) {
        let (mut tries, mut waits) = (0, 0);
        let note = || {
            tries += 1;
            if tries > failures { Ok(true) } else { Err(lost()) }
        };
        let wait = || {
            waits += 1;
            waits <= patience
        };
        assert_eq!(is_noted(note, wait), noted);
        assert_eq!(tries, failures.min(patience) + 1);
    }
}
