//! Jobs: what a server was asked to run, and what became of it.
//!
//! What a job asks for, and what it says of itself, is JSON that the server writes and reads; the store knows where a
//! job is, and that none is begun, cancelled or ended twice.

use std::fmt;
use std::str::FromStr;

use hil_model::WallTime;
use serde_json::Value;

use crate::engine::Link;
use crate::sql::{Cell, FromCell, Row, Select};
use crate::store::now;
use crate::{Direction, Entity, JobId, Page, Result, Store, StoreError};

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// It waits for its bench.
    Queued,
    /// It is at work.
    Running,
    /// It came to its end; its result says which.
    Completed,
    /// Something fatal ended it.
    Failed,
    /// Somebody cancelled it.
    Aborted,
    /// Its server ended under it.
    Interrupted,
}

impl JobStatus {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Completed, Self::Failed, Self::Aborted, Self::Interrupted];

    /// The status in a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether nothing can happen to the job any more.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Completed | Self::Failed | Self::Aborted | Self::Interrupted => true,
        }
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for JobStatus {
    type Err = StoreError;

    fn from_str(word: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|status| status.word() == word);
        found.ok_or_else(|| StoreError::Invalid { field: "status", problem: format!("{word:?} is none") })
    }
}

impl FromCell for JobStatus {
    fn from_cell(cell: Cell) -> Result<Self> {
        let word = String::from_cell(cell)?;
        word.parse().map_err(|_| StoreError::damaged(format!("{word:?} is no status of a job")))
    }
}

/// A job before it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// The server that will run it, by a name that it keeps.
    pub server: String,
    /// The bench whose queue it joins.
    pub bench: String,
    /// What is asked for.
    pub request: Value,
}

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id; later jobs have greater ones.
    pub id: JobId,
    /// The server that runs it.
    pub server: String,
    /// The bench in whose queue it is, or was.
    pub bench: String,
    /// Where it is.
    pub status: JobStatus,
    /// What was asked for.
    pub request: Value,
    /// When it was asked for.
    pub created_at: WallTime,
    /// When it began.
    pub started_at: Option<WallTime>,
    /// When it ended.
    pub finished_at: Option<WallTime>,
    /// What came of it.
    pub result: Option<Value>,
    /// What its messages said together. It can be large, and lists of jobs leave it out.
    pub view: Option<Value>,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq)]
pub struct JobEnd {
    /// Its status, which is final.
    pub status: JobStatus,
    /// What came of it.
    pub result: Option<Value>,
    /// What its messages said together.
    pub view: Option<Value>,
}

/// Which jobs are wanted. What is empty does not restrict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobFilter {
    /// Jobs of this server.
    pub server: Option<String>,
    /// Jobs in the queue of this bench.
    pub bench: Option<String>,
    /// Jobs that are in one of these.
    pub statuses: Vec<JobStatus>,
}

const WHOLE: &str =
    "SELECT id, server, bench, status, request, created_at, started_at, finished_at, result, view
                     FROM jobs";
const WITHOUT_VIEW: &str =
    "SELECT id, server, bench, status, request, created_at, started_at, finished_at, result
                            FROM jobs";

impl Job {
    fn whole(row: &mut Row) -> Result<Self> {
        let job = Self::without_view(row)?;
        Ok(Self { view: row.take::<Option<Json>>()?.map(|json| json.0), ..job })
    }

    fn without_view(row: &mut Row) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            server: row.take()?,
            bench: row.take()?,
            status: row.take()?,
            request: row.take::<Json>()?.0,
            created_at: row.take()?,
            started_at: row.take()?,
            finished_at: row.take()?,
            result: row.take::<Option<Json>>()?.map(|json| json.0),
            view: None,
        })
    }
}

/// A column that holds JSON.
struct Json(Value);

impl FromCell for Json {
    fn from_cell(cell: Cell) -> Result<Self> {
        let text = String::from_cell(cell)?;
        serde_json::from_str(&text).map(Self).map_err(|error| StoreError::damaged(format!("a job: {error}")))
    }
}

async fn get(link: &mut Link, id: JobId) -> Result<Job> {
    let mut select = Select::new(WHOLE);
    select.filter("id = ?", [id.into()]);
    let row = link.select(&select).await?.into_iter().next();
    Job::whole(&mut row.ok_or_else(|| StoreError::not_found(Entity::Job, id.to_string()))?)
}

/// Jobs in the order in which they were asked for, or in the opposite one.
async fn find(link: &mut Link, filter: &JobFilter, page: Page, direction: Direction) -> Result<Vec<Job>> {
    let mut select = Select::new(WITHOUT_VIEW);
    select.maybe("server = ?", filter.server.as_ref());
    select.maybe("bench = ?", filter.bench.as_ref());
    select.any_of("status", filter.statuses.iter().map(|status| status.word()), "");
    select.page(&["seq"], &page, direction);
    let mut rows = link.select(&select).await?;
    rows.truncate(usize::try_from(page.limit()).unwrap_or(usize::MAX));
    rows.into_iter().map(|mut row| Job::without_view(&mut row)).collect()
}

impl Store {
    /// Puts a job into the queue of its bench, unless `most` wait there already.
    pub async fn queue_job(&self, job: NewJob, most: u32) -> Result<Option<Job>> {
        self.write((JobId::fresh(), job, most), |link, (id, job, most)| {
            Box::pin(async move {
                let waiting =
                    "SELECT COUNT(*) FROM jobs WHERE server = $1 AND bench = $2 AND status = 'queued'";
                let count = link.row(waiting, &[(&job.server).into(), (&job.bench).into()]).await?;
                if count.map_or(Ok(0), |mut row| row.take::<i64>())? >= i64::from(*most) {
                    return Ok(None);
                }
                link.execute(
                    "INSERT INTO jobs (id, server, bench, status, request, created_at)
                     VALUES ($1, $2, $3, 'queued', $4, $5)",
                    &[
                        (*id).into(),
                        (&job.server).into(),
                        (&job.bench).into(),
                        job.request.to_string().into(),
                        now().into(),
                    ],
                )
                .await?;
                get(link, *id).await.map(Some)
            })
        })
        .await
    }

    /// Notes that a job has begun. Whether it did: one that is no longer queued does not.
    pub async fn start_job(&self, id: JobId) -> Result<bool> {
        self.write(id, |link, id| {
            Box::pin(async move {
                let update =
                    "UPDATE jobs SET status = 'running', started_at = $1 WHERE id = $2 AND status = 'queued'";
                Ok(link.execute(update, &[now().into(), (*id).into()]).await? == 1)
            })
        })
        .await
    }

    /// Notes how a job ended that was in status `from`. Whether it did: a job ends once.
    pub async fn end_job(&self, id: JobId, from: JobStatus, end: JobEnd) -> Result<bool> {
        self.write((id, from, end), |link, (id, from, end)| {
            Box::pin(async move {
                let update = "UPDATE jobs SET status = $1, finished_at = $2, result = $3, view = $4
                              WHERE id = $5 AND status = $6";
                let json = |value: &Option<Value>| value.as_ref().map(Value::to_string);
                let params = [
                    end.status.word().into(),
                    now().into(),
                    json(&end.result).into(),
                    json(&end.view).into(),
                    (*id).into(),
                    from.word().into(),
                ];
                Ok(link.execute(update, &params).await? == 1)
            })
        })
        .await
    }

    /// A job.
    pub async fn job(&self, id: JobId) -> Result<Job> {
        self.read(id, |link, id| Box::pin(get(link, *id))).await
    }

    /// Jobs, the newest first, without what their messages said.
    pub async fn jobs(&self, filter: JobFilter, limit: u32) -> Result<Vec<Job>> {
        let page = Page::new(limit, 0);
        self.read((filter, page), |link, (filter, page)| {
            Box::pin(find(link, filter, *page, Direction::Descending))
        })
        .await
    }

    /// The job whose turn it is in the queue of a bench.
    pub async fn next_job(&self, server: &str, bench: &str) -> Result<Option<Job>> {
        let filter = JobFilter {
            server: Some(server.to_owned()),
            bench: Some(bench.to_owned()),
            statuses: vec![JobStatus::Queued],
        };
        let found = self
            .read(filter, |link, filter| Box::pin(find(link, filter, Page::new(1, 0), Direction::Ascending)));
        Ok(found.await?.pop())
    }

    /// How many jobs wait in the queue of a bench.
    pub async fn count_queued_jobs(&self, server: &str, bench: &str) -> Result<u64> {
        self.read((server.to_owned(), bench.to_owned()), |link, (server, bench)| {
            Box::pin(async move {
                let select =
                    "SELECT COUNT(*) FROM jobs WHERE server = $1 AND bench = $2 AND status = 'queued'";
                link.row(select, &[server.into(), bench.into()]).await?.map_or(Ok(0), |mut row| row.take())
            })
        })
        .await
    }
}
