//! Jobs: in line, begun once, ended once.

use hil_store::{Entity, Job, JobEnd, JobFilter, JobStatus, NewJob, StoreError};
use rstest::rstest;
use serde_json::json;

use crate::backend::{Backend, Bench, Postgres, Sqlite};

fn job(bench: &str, number: u32) -> NewJob {
    NewJob {
        server: "here".into(), bench: bench.into(), request: json!({ "number": number, "text": "\0é" })
    }
}

fn ended(status: JobStatus) -> JobEnd {
    JobEnd { status, result: Some(json!({ "outcome": "PASS" })), view: Some(json!({ "progress": 100 })) }
}

#[rstest]
#[tokio::test]
async fn a_queue_keeps_its_order_and_its_bound(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    for number in 0..3 {
        let queued = store.queue_job(job("sim", number), 3).await.unwrap().unwrap();
        assert_eq!((queued.status, queued.request), (JobStatus::Queued, job("sim", number).request));
        assert_eq!((queued.started_at, queued.finished_at, queued.result), (None, None, None));
    }
    assert_eq!(store.queue_job(job("sim", 3), 3).await.unwrap(), None);
    // Another bench, and another server, have queues of their own.
    store.queue_job(job("bench-1", 4), 3).await.unwrap().unwrap();
    let elsewhere = NewJob { server: "there".into(), ..job("sim", 5) };
    store.queue_job(elsewhere, 3).await.unwrap().unwrap();
    assert_eq!(store.count_queued_jobs("here", "sim").await.unwrap(), 3);
    for number in 0..3 {
        let next = store.next_job("here", "sim").await.unwrap().unwrap();
        assert_eq!(next.request["number"], number);
        assert!(store.start_job(next.id).await.unwrap());
    }
    assert_eq!(store.next_job("here", "sim").await.unwrap(), None);

    let all = store.jobs(JobFilter::default(), 100).await.unwrap();
    let numbers: Vec<i64> = all.iter().map(|job| job.request["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [5, 4, 2, 1, 0]);
    let running = JobFilter { statuses: vec![JobStatus::Running], ..JobFilter::default() };
    assert_eq!(store.jobs(running, 2).await.unwrap().len(), 2);
}

#[rstest]
#[tokio::test]
async fn a_job_begins_once_and_ends_once(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let id = store.queue_job(job("sim", 0), 256).await.unwrap().unwrap().id;
    assert!(!store.end_job(id, JobStatus::Running, ended(JobStatus::Completed)).await.unwrap());
    assert!(store.start_job(id).await.unwrap() && !store.start_job(id).await.unwrap());
    assert!(!store.end_job(id, JobStatus::Queued, ended(JobStatus::Aborted)).await.unwrap());
    assert!(store.end_job(id, JobStatus::Running, ended(JobStatus::Completed)).await.unwrap());
    assert!(!store.end_job(id, JobStatus::Running, ended(JobStatus::Failed)).await.unwrap());
    let job = store.job(id).await.unwrap();
    assert_eq!((job.status, job.result.clone(), job.view.clone()), {
        let end = ended(JobStatus::Completed);
        (end.status, end.result, end.view)
    });
    // It can be large, so that a list leaves it out.
    let listed = store.jobs(JobFilter::default(), 10).await.unwrap();
    assert_eq!(listed, [Job { view: None, ..job.clone() }]);
    assert!(job.created_at <= job.started_at.unwrap() && job.started_at <= job.finished_at);
    let unknown = "01a1ff13-8728-7111-a8e9-c6f48db3576f".parse().unwrap();
    let error = store.job(unknown).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { what: Entity::Job, .. }), "{error}");
}

#[rstest]
fn a_status_is_its_word(
    #[values("queued", "running", "completed", "failed", "aborted", "interrupted")] word: &str,
) {
    let status: JobStatus = word.parse().unwrap();
    assert_eq!(status.to_string(), word);
    assert_eq!(status.is_final(), !["queued", "running"].contains(&word));
    assert!(word.to_uppercase().parse::<JobStatus>().is_err());
}
