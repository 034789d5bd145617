//! The bench thread: everything that touches the bench runs on it, one job after the other.

use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread;

use super::panics;

type Job = Box<dyn FnOnce() + Send>;

/// A thread that runs jobs in order.
///
/// One that hangs is left behind with its job; another takes its place.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: Sender<Job>,
}

impl Worker {
    /// Starts a bench thread.
    pub(super) fn start() -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let serve = move || {
            panics::watch_this_thread();
            for job in queue {
                job();
            }
        };
        // A test may build big things on its stack: the main thread's usual size is what people expect.
        thread::Builder::new().name("bench".to_owned()).stack_size(8 << 20).spawn(serve)?;
        Ok(Self { jobs })
    }

    /// Runs `job` on the bench thread.
    pub(super) fn submit(&self, job: impl FnOnce() + Send + 'static) {
        // The thread ends only with this handle, so there is somebody to take it.
        let _ = self.jobs.send(Box::new(job));
    }
}
