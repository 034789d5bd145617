//! The queues of the benches, and the threads that take one job after the other from them.

mod interrupted;
mod perform;

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hil_model::RunId;
use hil_model::run::RunOutcome;
use hil_realtime::{Hub, Message, Percent, Progress, Seq};
use hil_store::{Job, JobEnd, JobFilter, JobId, JobStatus, NewJob, Store, StoreError};
use prometheus_client::metrics::counter::Counter;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::SIM;
use super::control::{Control, Why};
use super::folders::Folders;
use super::launcher::JobLauncher;
use super::published::Notes;
use super::request::Order;
use super::view::View;

/// How many jobs may wait for a bench.
const MOST: u32 = 256;
/// How long the jobs may take to end when the server does.
const STOP: Duration = Duration::from_secs(60);

/// What jobs are run with.
#[derive(Clone, Debug)]
pub(crate) struct JobsOptions {
    /// Where the folders of jobs are.
    pub(crate) folder: Option<PathBuf>,
    /// How tests are run. Without it there is the simulated kind only.
    pub(crate) launcher: Option<Arc<dyn JobLauncher>>,
}

/// The jobs of a server. A handle; clones are the same jobs.
#[derive(Clone)]
pub(crate) struct Jobs(Arc<Shared>);

struct Shared {
    store: Arc<Store>,
    hub: Hub,
    launcher: Option<Arc<dyn JobLauncher>>,
    folders: Folders,
    /// The name by which this server knows its jobs again.
    server: String,
    runtime: Handle,
    benches: Vec<Queue>,
    stopping: AtomicBool,
    saved: Counter,
}

struct Queue {
    bench: String,
    wake: Sender<Wake>,
    wakes: Mutex<Option<Receiver<Wake>>>,
    running: Mutex<Option<(JobId, Control)>>,
    /// Where it is noted what stations say of the job at work.
    notes: Mutex<Option<(hil_realtime::JobId, Notes)>>,
    /// Ends when the bench's thread does.
    thread: Mutex<Option<oneshot::Receiver<()>>>,
    /// Runs of jobs that this server found when it started: their processes may still be ending.
    left: Mutex<Vec<PathBuf>>,
}

/// Why a bench's thread should look around.
#[derive(Clone, Copy, Debug)]
enum Wake {
    Look,
    Stop,
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs").field("server", &self.0.server).finish_non_exhaustive()
    }
}

/// What becomes of a job that is to be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cancelled {
    /// It ends.
    Begun,
    /// It had ended before.
    Over,
    /// Another server runs it.
    Elsewhere,
}

impl Jobs {
    /// The jobs that the store has. What was at work when its server ended is interrupted now; nothing else is begun
    /// before [`Jobs::begin`].
    ///
    /// # Errors
    ///
    /// The store does not answer, or the folder of the jobs cannot be made.
    pub(crate) async fn open(
        store: Arc<Store>,
        hub: Hub,
        options: JobsOptions,
        saved: Counter,
    ) -> Result<Self, StoreError> {
        let mut folders = Folders::new(options.folder);
        let server = folders.server().map_err(|source| {
            let path = folders.root().unwrap_or_default();
            StoreError::File { action: "take", path, source }
        })?;
        // What a test leaves has to lie somewhere.
        let launcher = options.launcher.filter(|_| folders.root().is_some());
        let names = launcher.iter().map(|launcher| launcher.bench().name.clone()).chain([SIM.to_owned()]);
        let benches = names.map(Queue::new).collect();
        let stopping = AtomicBool::new(false);
        let runtime = Handle::current();
        let shared = Shared { store, hub, launcher, folders, server, runtime, benches, stopping, saved };
        let jobs = Self(Arc::new(shared));
        jobs.interrupt().await?;
        Ok(jobs)
    }

    /// Takes up the queues.
    pub(crate) fn begin(&self) {
        for at in 0..self.0.benches.len() {
            let jobs = self.clone();
            let Some(wakes) = lock(&self.0.benches[at].wakes).take() else { continue };
            let (end, ended) = oneshot::channel::<()>();
            let work = move || {
                jobs.work(&jobs.0.benches[at], &wakes);
                drop(end);
            };
            match std::thread::Builder::new().name("jobs".to_owned()).spawn(work) {
                Ok(_) => *lock(&self.0.benches[at].thread) = Some(ended),
                Err(error) => {
                    tracing::error!(target: "hil_server", %error, "a bench has no thread for its jobs")
                }
            }
        }
    }

    /// Ends what is at work, in order, and begins nothing more. What waits stays in its queue.
    pub(crate) async fn stop(&self) {
        self.0.stopping.store(true, Ordering::SeqCst);
        let mut threads = Vec::new();
        for queue in &self.0.benches {
            if let Some((_, control)) = &*lock(&queue.running) {
                control.ask(Why::ServerEnds);
            }
            // A thread that is gone needs no telling.
            let _ = queue.wake.send(Wake::Stop);
            threads.extend(lock(&queue.thread).take());
        }
        let ended = async {
            for thread in threads {
                // It says nothing; that it is gone is what counts.
                let _ = thread.await;
            }
        };
        if tokio::time::timeout(STOP, ended).await.is_err() {
            tracing::error!(target: "hil_server", "a job does not end; its process is on its own");
        }
    }

    /// How tests are run, if they can be.
    pub(super) fn launcher(&self) -> Option<&dyn JobLauncher> {
        self.0.launcher.as_deref()
    }

    /// Puts a job into its queue, if there is room.
    pub(super) async fn queue(&self, order: &Order) -> Result<Option<Job>, StoreError> {
        let job = NewJob {
            server: self.0.server.clone(),
            bench: order.device_used.clone(),
            request: serde_json::to_value(order).unwrap_or_default(),
        };
        let (jobs, bench) = (self.clone(), order.device_used.clone());
        let queued = async move {
            let queued = jobs.0.store.queue_job(job, MOST).await;
            // Whatever the answer: it may be in the queue though that was lost.
            if let Some(queue) = jobs.0.benches.iter().find(|queue| queue.bench == bench) {
                // Once it has ended, the next server takes the job.
                let _ = queue.wake.send(Wake::Look);
            }
            queued
        };
        to_its_end(queued).await
    }

    /// A job, with what its messages say while it is running.
    pub(super) async fn job(&self, id: JobId) -> Result<(Job, Option<View>), StoreError> {
        let job = self.0.store.job(id).await?;
        if job.status != JobStatus::Running {
            return Ok((job, None));
        }
        match self.view(id) {
            Some(view) => Ok((job, Some(view))),
            // It has ended meanwhile.
            None => Ok((self.0.store.job(id).await?, None)),
        }
    }

    /// Jobs, the newest first.
    pub(super) async fn list(&self, statuses: Vec<JobStatus>, limit: u32) -> Result<Vec<Job>, StoreError> {
        self.0.store.jobs(JobFilter { statuses, ..JobFilter::default() }, limit).await
    }

    /// Notes what a station said of a job that is at work, as what the job says itself is noted.
    pub(crate) fn note(&self, seq: Seq, message: &Message) {
        for queue in &self.0.benches {
            if let Some((job, notes)) = &*lock(&queue.notes)
                && message.job.as_ref() == Some(job)
            {
                notes.add(seq, message.payload.clone());
            }
        }
    }

    /// Whether the job is one of ours that has not ended.
    pub(crate) async fn is_open(&self, id: &hil_realtime::JobId) -> Result<bool, StoreError> {
        let Ok(ours) = id.to_string().parse::<JobId>() else { return Ok(false) };
        match self.0.store.job(ours).await {
            Ok(job) => Ok(!job.status.is_final()),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn view(&self, id: JobId) -> Option<View> {
        self.0.hub.view(&live_id(id)).map(View::from)
    }

    /// Ends a job early.
    pub(super) async fn cancel(&self, id: JobId) -> Result<Cancelled, StoreError> {
        let end = JobEnd {
            status: JobStatus::Aborted,
            result: Some(result(RunOutcome::Aborted, None)),
            view: View::default().done().to_json(),
        };
        let jobs = self.clone();
        let ended = async move {
            let ended = jobs.0.store.end_job(id, JobStatus::Queued, end).await?;
            if ended {
                jobs.say_end(id, JobStatus::Aborted);
            }
            Ok(ended)
        };
        if to_its_end(ended).await? {
            return Ok(Cancelled::Begun);
        }
        let job = self.0.store.job(id).await?;
        if job.status.is_final() {
            return Ok(Cancelled::Over);
        }
        for queue in &self.0.benches {
            if let Some((_, control)) = lock(&queue.running).as_ref().filter(|(running, _)| *running == id) {
                control.ask(Why::Cancelled);
                return Ok(Cancelled::Begun);
            }
        }
        // It ended just now, or it is not ours.
        let job = self.0.store.job(id).await?;
        Ok(if job.status.is_final() { Cancelled::Over } else { Cancelled::Elsewhere })
    }

    /// The benches: name, the job at work, and how many wait.
    pub(super) async fn benches(&self) -> Result<Vec<(String, Option<JobId>, u64)>, StoreError> {
        let mut benches = Vec::new();
        for queue in &self.0.benches {
            let running = lock(&queue.running).as_ref().map(|(id, _)| *id);
            let waiting = self.0.store.count_queued_jobs(&self.0.server, &queue.bench).await?;
            benches.push((queue.bench.clone(), running, waiting));
        }
        Ok(benches)
    }

    /// Says that a job is over that never began.
    fn say_end(&self, id: JobId, status: JobStatus) {
        let job_id = live_id(id);
        let progress = Progress {
            job_id: job_id.clone(),
            progress: Percent::DONE,
            stage: Some(status.to_string()),
            plugin: None,
        };
        self.0.hub.publish(&Message::of(&job_id, progress));
    }

    fn wait_for<T>(&self, future: impl Future<Output = T>) -> T {
        self.0.runtime.block_on(future)
    }
}

impl Queue {
    fn new(bench: String) -> Self {
        let (wake, wakes) = mpsc::channel();
        Self {
            bench,
            wake,
            wakes: Mutex::new(Some(wakes)),
            running: Mutex::default(),
            notes: Mutex::default(),
            thread: Mutex::default(),
            left: Mutex::default(),
        }
    }
}

/// Does it all, also if whoever asked for it is gone meanwhile.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(work).await.unwrap_or_else(|error| Err(StoreError::Busy { source: Some(error.into()) }))
}

/// The job's id as its messages say it.
fn live_id(id: JobId) -> hil_realtime::JobId {
    id.to_string().parse().unwrap_or_else(|_| unreachable!("an id is not empty"))
}

fn result(outcome: RunOutcome, run: Option<&RunId>) -> Value {
    json!({ "outcome": outcome.word(), "run_id": run })
}

/// What somebody who panicked left is as good as it gets.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
