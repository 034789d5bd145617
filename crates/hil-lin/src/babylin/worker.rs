//! The thread on which the library lives.

use std::fmt;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::device::Device;
use super::master::{BabyLinSettings, NAME};
use crate::LinError;

/// How long the thread may take to close the device.
const CLOSE: Duration = Duration::from_secs(3);

type Job = Box<dyn FnOnce(&mut Device) + Send>;

/// A thread with an open device. Dropping it closes the device, or leaves a thread that hangs behind.
pub(super) struct Worker {
    /// `None` once it is to end, or hangs.
    jobs: Option<Sender<Job>>,
    /// Hangs up when the thread has ended.
    ended: Receiver<()>,
}

impl Worker {
    /// Starts a thread and opens the device on it.
    pub(super) fn start(settings: BabyLinSettings, within: Duration) -> Result<Self, LinError> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (opened, answer) = mpsc::sync_channel(1);
        let (end, ended) = mpsc::channel();
        let serve = move || {
            let _end: Sender<()> = end;
            match Device::open(&settings) {
                Err(error) => {
                    // Whoever asked may have given up.
                    let _ = opened.send(Err(error));
                }
                Ok(mut device) => {
                    if opened.send(Ok(())).is_ok() {
                        queue.iter().for_each(|job| job(&mut device));
                    }
                }
            }
        };
        std::thread::Builder::new().name("babylin".to_owned()).spawn(serve).map_err(|error| {
            LinError::Unavailable { adapter: NAME, reason: format!("no thread: {error}") }
        })?;
        let mut worker = Self { jobs: Some(jobs), ended };
        worker.answer(&answer, "open its device", within)?;
        Ok(worker)
    }

    /// Has the thread do `work`, which takes at most `within` unless the library hangs.
    pub(super) fn call<T: Send + 'static>(
        &mut self,
        operation: &'static str,
        within: Duration,
        work: impl FnOnce(&mut Device) -> Result<T, LinError> + Send + 'static,
    ) -> Result<T, LinError> {
        let (done, answer) = mpsc::sync_channel(1);
        let job: Job = Box::new(move |device| {
            // Whoever asked may have given up.
            let _ = done.send(work(device));
        });
        if let Some(jobs) = &self.jobs {
            // A thread that has ended drops the job, and with it the answer's sender.
            let _ = jobs.send(job);
        }
        self.answer(&answer, operation, within)
    }

    fn answer<T>(
        &mut self,
        answer: &Receiver<Result<T, LinError>>,
        operation: &'static str,
        within: Duration,
    ) -> Result<T, LinError> {
        match answer.recv_timeout(within) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                self.jobs = None;
                Err(LinError::Timeout { adapter: NAME, operation, timeout: within })
            }
            Err(RecvTimeoutError::Disconnected) => {
                self.jobs = None;
                Err(LinError::AdapterLost { adapter: NAME, reason: "its thread has ended".to_owned() })
            }
        }
    }

    /// Whether the library does not return from a call, or its thread has ended.
    pub(super) const fn is_lost(&self) -> bool {
        self.jobs.is_none()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.jobs.take().is_some() && self.ended.recv_timeout(CLOSE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the BabyLIN library does not close its device; its thread is left behind");
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("is_lost", &self.is_lost()).finish_non_exhaustive()
    }
}
