//! The thread that owns the socket, seen from the adapter.

use std::io;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::conversation::{Failure, Job, converse};
use super::dial::{DialError, Stage, dial};
use super::request::Request;
use super::{Fingerprint, McmSettings};

/// What the thread may take beyond a limit that it keeps itself, before it is given up.
const SLACK: Duration = Duration::from_secs(3);

/// A connection to the device. Dropping it closes the connection, within a second or two.
#[derive(Debug)]
pub(super) struct Link {
    /// Always there but while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    certificate: Option<Fingerprint>,
    broke: Arc<OnceLock<String>>,
}

impl Link {
    /// Connects to the device.
    pub(super) fn open(settings: &McmSettings) -> Result<Self, DialError> {
        let (jobs, to_do) = mpsc::channel(1);
        let (dialled, outcome) = sync_channel(1);
        let broke = Arc::new(OnceLock::new());
        let (settings, broken) = (settings.clone(), Arc::clone(&broke));
        let limit = settings.connect_timeout;
        let runtime =
            Builder::new_current_thread().enable_io().enable_time().build().map_err(DialError::Nothing)?;
        let work = move || {
            let socket = runtime.block_on(dial(&settings.address, settings.fingerprint, limit));
            match socket {
                Ok((socket, certificate)) => {
                    // Whoever dials waits for this; who has given up drops the jobs, too.
                    let _ = dialled.send(Ok(certificate));
                    runtime.block_on(converse(socket, to_do, settings.keep_alive, &broken));
                }
                Err(error) => {
                    let _ = dialled.send(Err(error));
                }
            }
            // A name that is still looked up must not hold the thread.
            runtime.shutdown_background();
        };
        let name = "mcm".to_owned();
        let thread = std::thread::Builder::new().name(name).spawn(work).map_err(DialError::Nothing)?;
        let certificate = match outcome.recv_timeout(limit + SLACK) {
            Ok(certificate) => certificate?,
            Err(RecvTimeoutError::Timeout) => {
                return Err(DialError::TimedOut { stage: Stage::Unknown, limit: limit + SLACK });
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(DialError::Nothing(io::Error::other("its thread ended")));
            }
        };
        Ok(Self { jobs: Some(jobs), thread: Some(thread), certificate, broke })
    }

    /// The certificate that the device showed.
    pub(super) const fn certificate(&self) -> Option<Fingerprint> {
        self.certificate
    }

    /// Whether it stands, as far as is known.
    pub(super) fn is_open(&self) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| !jobs.is_closed())
    }

    /// Why it broke, if it did.
    pub(super) fn broke(&self) -> Option<&str> {
        self.broke.get().map(String::as_str)
    }

    /// Asks the device and waits for its answer for at most `limit`, or little more.
    pub(super) fn ask(&self, request: &Request<'_>, limit: Duration) -> Result<Value, Failure> {
        let jobs = self.jobs.as_ref().ok_or(Failure::NotSent)?;
        let (reply, answer) = sync_channel(1);
        let job = Job { message: request.message(), limit, is_deaf: request.is_deaf(), reply };
        match jobs.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Closed(_)) => return Err(Failure::NotSent),
            // The thread is stuck with the request before this one, although its time is over.
            Err(TrySendError::Full(_)) => return Err(Failure::TimedOut),
        }
        match answer.recv_timeout(limit + SLACK) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(Failure::TimedOut),
            // The thread ended before it came to this request.
            Err(RecvTimeoutError::Disconnected) => Err(Failure::NotSent),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // All that it does now is bounded. A thread that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}
