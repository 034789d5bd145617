//! The threads that own the connections.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};

use super::SqliteLink;
use super::task::{Asker, Company, Job, Task, Worth};
use crate::engine::migrate::migrate;
use crate::engine::{Lane, Link, Work};
use crate::{Result, StoreError};

/// How many pieces of work may wait; whoever brings one more waits outside.
const QUEUE: usize = 256;
/// How many pieces of work share one transaction at most.
const GROUP: usize = 64;
/// How many read at the same time what looks at a few runs.
const USUAL: usize = 3;
/// How many read at the same time what looks at many.
const AT_LENGTH: usize = 2;

type Queue = mpsc::Sender<Box<dyn Job>>;
type Jobs = mpsc::Receiver<Box<dyn Job>>;

/// Where work waits for a thread.
#[derive(Clone, Debug)]
struct Queues {
    write: Queue,
    at_once: Queue,
    usual: Queue,
    at_length: Queue,
}

/// A SQLite file and the threads that work on it.
#[derive(Debug)]
pub(crate) struct Sqlite {
    queues: Mutex<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// How long a question may take.
    patience: Option<Duration>,
}

impl Sqlite {
    /// Opens the file, or makes it, and brings it to this program's version.
    pub(crate) async fn open(path: PathBuf, patience: Option<Duration>) -> Result<Self> {
        let (opened, open) = oneshot::channel();
        let (write, writes) = mpsc::channel(QUEUE);
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
        let mut readers = |count| {
            let (queue, reads) = mpsc::channel(QUEUE);
            let reads = Arc::new(Mutex::new(reads));
            for _ in 0..count {
                let link = SqliteLink::open(&path, false)?;
                let reads = Arc::clone(&reads);
                threads.push(spawn("hil-store-read", move || read_all(Link::Sqlite(link), &reads))?);
            }
            Ok::<_, StoreError>(queue)
        };
        let (at_once, usual, at_length) = (readers(1)?, readers(USUAL)?, readers(AT_LENGTH)?);
        let queues = Queues { write, at_once, usual, at_length };
        Ok(Self { queues: Mutex::new(Some(queues)), threads: Mutex::new(threads), patience })
    }

    pub(crate) async fn write<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        let queue = self.queues()?.write;
        ask(&queue, args, work, (None, Company::Shared)).await
    }

    pub(crate) async fn write_alone<T, A>(&self, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        let queue = self.queues()?.write;
        ask(&queue, args, work, (None, Company::Alone)).await
    }

    pub(crate) async fn read<T, A>(&self, lane: Lane, args: A, work: impl Work<T, A>) -> Result<T>
    where
        T: Send + 'static,
        A: Send + Sync + 'static,
    {
        let queues = self.queues()?;
        let queue = match lane {
            Lane::AtOnce => queues.at_once,
            Lane::Usual => queues.usual,
            Lane::AtLength => queues.at_length,
        };
        ask(&queue, args, work, (self.patience, Company::Alone)).await
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

    fn queues(&self) -> Result<Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(StoreError::Closed)
    }
}

async fn ask<T, A>(
    queue: &Queue,
    args: A,
    work: impl Work<T, A>,
    (patience, company): (Option<Duration>, Company),
) -> Result<T>
where
    T: Send + 'static,
    A: Send + Sync + 'static,
{
    let worth = Worth::new(patience);
    // Until this ends, or whoever waits for it goes away.
    let _asker = Asker::of(&worth);
    let (task, answer) = Task::new(args, work, worth, company);
    let asked = async {
        queue.send(task).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    };
    match patience {
        None => asked.await,
        Some(patience) => {
            tokio::time::timeout(patience, asked).await.unwrap_or(Err(StoreError::TooSlow { patience }))
        }
    }
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
        // What nobody waits for any more was never acknowledged.
        group.retain(|job| job.worth().is_over().is_none());
        let (mut shared, lone): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|job| job.company() == Company::Shared);
        if shared.len() == 1 || (shared.len() > 1 && together(&mut link, &mut shared).is_err()) {
            roll_back(&mut link);
            shared.iter_mut().for_each(|job| alone(&mut link, job.as_mut()));
        }
        shared.into_iter().for_each(Job::finish);
        for mut job in lone {
            alone(&mut link, job.as_mut());
            job.finish();
        }
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
        if let Some(error) = job.worth().is_over() {
            job.fail(error);
        } else {
            answer(&mut link, job.as_mut());
        }
        job.finish();
    }
}

/// Does one piece of work that reads, as long as it is worth doing.
fn answer(link: &mut Link, job: &mut dyn Job) {
    let worth = job.worth().clone();
    match script(link, "BEGIN") {
        Ok(()) => {
            interrupt_after(link, Some(worth.clone()));
            job.run(link);
            interrupt_after(link, None);
            // An interrupted statement does not know why it was.
            if let Some(error) = worth.is_over() {
                job.fail(error);
            }
        }
        Err(error) => job.fail(error),
    }
    roll_back(link);
}

fn interrupt_after(link: &mut Link, worth: Option<Worth>) {
    match link {
        Link::Sqlite(link) => link.interrupt_after(worth),
        Link::Postgres(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_costs_its_own_work_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let sqlite = Sqlite::open(directory.path().join("runs.db"), None).await.unwrap();
        let count = async || {
            let counted = sqlite.read(Lane::Usual, (), |link, ()| {
                Box::pin(async move { link.rows("SELECT 1 FROM counters", &[]).await.map(|rows| rows.len()) })
            });
            counted.await.unwrap()
        };
        let before = count().await;
        let insert = |link: &mut Link, name: &str| {
            let sql = format!("INSERT INTO counters (name, value) VALUES ('{name}', 0)");
            script(link, &sql)
        };
        let broken = sqlite.write(insert, |link, insert| {
            Box::pin(async move {
                insert(link, "broken")?;
                panic!("oh no");
            })
        });
        let whole = sqlite.write(insert, |link, insert| Box::pin(async move { insert(link, "whole") }));
        let (broken, whole): (Result<()>, _) = tokio::join!(broken, whole);
        assert!(matches!(broken, Err(StoreError::Broken { panic }) if panic == "oh no"));
        whole.unwrap();
        let reading = sqlite.read(Lane::AtOnce, (), |_, ()| Box::pin(async { panic!("oh no") }));
        let reading: Result<()> = reading.await;
        assert!(matches!(reading, Err(StoreError::Broken { .. })));
        assert_eq!(count().await, before + 1);
        sqlite.close().await;
    }
}
