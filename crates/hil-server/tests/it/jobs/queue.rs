//! A queue is bounded.

use hyper::StatusCode;
use serde_json::json;

use super::{cancel, job_when, lab, start};

#[tokio::test]
async fn a_full_queue_takes_nothing_more() {
    let lab = lab().await;
    let first = start(&lab, &json!({ "suite": "sim", "sim": { "sleep_ms": 600_000 } })).await;
    job_when(&lab, &first, |job| job["status"] == "running").await;
    let body = json!({ "suite": "sim", "sim": { "frames": 0 } });
    for _ in 0..256 {
        start(&lab, &body).await;
    }
    let answer = lab.post("/v1/jobs", &body).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.json()["details"]["error_code"], "QUEUE_FULL");
    let listed = lab.get("/v1/jobs?status=queued&limit=1000").await.json();
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 256);
    let last = listed["jobs"][0]["job_id"].as_str().unwrap().to_owned();
    assert_eq!(cancel(&lab, &last).await, StatusCode::ACCEPTED);
    start(&lab, &body).await;
    assert_eq!(cancel(&lab, &first).await, StatusCode::ACCEPTED);
}
