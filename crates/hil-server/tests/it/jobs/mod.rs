//! Jobs over HTTP, with the simulated kind.

mod bench;
mod cancel;
mod queue;
mod requests;
mod restart;
mod simulated;

use std::time::{Duration, Instant};

use hyper::{Method, StatusCode};
use serde_json::Value;

use crate::lab::Lab;

/// A server whose jobs have folders.
async fn lab() -> Lab {
    Lab::sqlite().await
}

/// Starts a job; its id.
pub(crate) async fn start(lab: &Lab, body: &Value) -> String {
    let answer = lab.post("/v1/jobs", body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let id = answer.json()["job_id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("/v1/jobs/{id}"));
    id
}

pub(crate) async fn extended(lab: &Lab, id: &str) -> Value {
    let answer = lab.get(&format!("/v1/jobs/{id}/extended")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

async fn cancel(lab: &Lab, id: &str) -> StatusCode {
    lab.call(Method::DELETE, &format!("/v1/jobs/{id}"), Some(&lab.user), "").await.status
}

/// The job, once it is as `ready` wants it.
pub(crate) async fn job_when(lab: &Lab, id: &str, ready: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let job = extended(lab, id).await;
        if ready(&job) {
            return job;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "not within a minute: {job}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The job, once it is over.
async fn over(lab: &Lab, id: &str) -> Value {
    job_when(lab, id, |job| !["queued", "running"].contains(&job["status"].as_str().unwrap())).await
}
