//! The threads that own the connections.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};

use super::SqliteLink;
use super::task::{Job, Task};
use crate::engine::migrate::migrate;
use crate::engine::{Link, Work};
use crate::{Result, StoreError};

/// How many pieces of work may wait; whoever brings one more waits outside.
const QUEUE: usize = 256;
/// How many pieces of work share one transaction at most.
const GROUP: usize = 64;
/// How many read at the same time.
const READERS: usize = 3;

type Queue = mpsc::Sender<Box<dyn Job>>;
type Jobs = mpsc::Receiver<Box<dyn Job>>;

/// A SQLite file and the threads that work on it.
#[derive(Debug)]
pub(crate) struct Sqlite {
    queues: Mutex<Option<(Queue, Queue)>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Sqlite {
    /// Opens the file, or makes it, and brings it to this program's version.
    pub(crate) async fn open(path: PathBuf) -> Result<Self> {
        let (opened, open) = oneshot::channel();
        let (writer, writes) = mpsc::channel(QUEUE);
        let (reader, reads) = mpsc::channel(QUEUE);
        let mut threads = vec![spawn("hil-store-write", {
            let path = path.clone();
            move || match prepare(&path) {
                Ok(link) => {
                    if opened.send(Ok(())).is_ok() {
                        write_all(link, writes);
                    }
                }
                Err(error) => {
                    let _ = opened.send(Err(error));
                }
            }
        })?];
        open.await.unwrap_or(Err(StoreError::Closed))?;
        let reads = Arc::new(Mutex::new(reads));
        for _ in 0..READERS {
            let link = SqliteLink::open(&path, false)?;
            let reads = Arc::clone(&reads);
            threads.push(spawn("hil-store-read", move || read_all(Link::Sqlite(link), &reads))?);
        }
        Ok(Self { queues: Mutex::new(Some((writer, reader))), threads: Mutex::new(threads) })
    }

    pub(crate) async fn write<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        let queue = self.queues()?.0;
        ask(&queue, args, work).await
    }

    pub(crate) async fn read<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        let queue = self.queues()?.1;
        ask(&queue, args, work).await
    }

    /// Ends the threads once they have done what waits. The last one to close the file tidies its log away.
    pub(crate) async fn close(&self) {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).take();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                let _ = thread.join();
            }
        });
        let _ = joined.await;
    }

    fn queues(&self) -> Result<(Queue, Queue)> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(StoreError::Closed)
    }
}

async fn ask<T, A>(queue: &Queue, args: A, work: impl Work<T, A>) -> Result<T>
where
    T: Send + 'static,
    A: Send + Sync + 'static,
{
    let (task, answer) = Task::new(args, work);
    queue.send(task).await.map_err(|_| StoreError::Closed)?;
    answer.await.unwrap_or(Err(StoreError::Closed))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map_err(|error| StoreError::Busy { source: Some(error.into()) })
}

fn prepare(path: &Path) -> Result<Link> {
    let mut link = Link::Sqlite(SqliteLink::open(path, true)?);
    script(&mut link, "BEGIN IMMEDIATE")?;
    let migrated = migrate(&mut link).now_or_never().unwrap_or(Err(StoreError::Closed));
    match migrated {
        Ok(()) => script(&mut link, "COMMIT")?,
        Err(error) => {
            let _ = script(&mut link, "ROLLBACK");
            return Err(error);
        }
    }
    Ok(link)
}

fn script(link: &mut Link, sql: &str) -> Result<()> {
    link.script(sql).now_or_never().unwrap_or(Err(StoreError::Closed))
}

fn is_idle(link: &Link) -> bool {
    match link {
        Link::Sqlite(link) => link.is_idle(),
        Link::Postgres(_) => true,
    }
}

fn roll_back(link: &mut Link) {
    if !is_idle(link) {
        let _ = script(link, "ROLLBACK");
    }
}

fn write_all(mut link: Link, mut jobs: Jobs) {
    while let Some(first) = jobs.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = jobs.try_recv()
        {
            group.push(next);
        }
        if group.len() == 1 || together(&mut link, &mut group).is_err() {
            roll_back(&mut link);
            group.iter_mut().for_each(|job| alone(&mut link, job.as_mut()));
        }
        group.into_iter().for_each(Job::finish);
    }
}

/// Does several pieces of work in one transaction. One that fails leaves no trace and does not disturb the others.
fn together(link: &mut Link, group: &mut [Box<dyn Job>]) -> Result<()> {
    script(link, "BEGIN IMMEDIATE")?;
    for job in group {
        script(link, "SAVEPOINT job")?;
        let keep = job.run(link);
        if is_idle(link) {
            return Err(StoreError::Closed);
        }
        script(link, if keep { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" })?;
    }
    script(link, "COMMIT")
}

/// Does one piece of work in a transaction of its own.
fn alone(link: &mut Link, job: &mut dyn Job) {
    let done = script(link, "BEGIN IMMEDIATE")
        .and_then(|()| if job.run(link) { script(link, "COMMIT") } else { Ok(()) });
    if let Err(error) = done {
        job.fail(error);
    }
    roll_back(link);
}

fn read_all(mut link: Link, jobs: &Mutex<Jobs>) {
    loop {
        // Who holds the lock waits for work, the others for the lock.
        let Some(mut job) = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv() else {
            return;
        };
        match script(&mut link, "BEGIN") {
            Ok(()) => {
                job.run(&mut link);
            }
            Err(error) => job.fail(error),
        }
        roll_back(&mut link);
        job.finish();
    }
}
