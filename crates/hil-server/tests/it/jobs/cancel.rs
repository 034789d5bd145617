//! Jobs that are ended early.

use std::time::{Duration, Instant};

use hyper::StatusCode;
use serde_json::json;

use super::{cancel, job_when, lab, over, start};

#[tokio::test]
async fn a_job_that_sleeps_ends_at_once() {
    let lab = lab().await;
    let id = start(&lab, &json!({ "suite": "sim", "sim": { "sleep_ms": 600_000 } })).await;
    job_when(&lab, &id, |job| job["status"] == "running").await;
    let began = Instant::now();
    assert_eq!(cancel(&lab, &id).await, StatusCode::ACCEPTED);
    let done = over(&lab, &id).await;
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!((&done["status"], &done["result"]["outcome"]), (&json!("aborted"), &json!("ABORTED")));
    assert_eq!(done["progress"], 100);
    let run = done["result"]["run_id"].as_str().unwrap();
    assert_eq!(lab.get(&format!("/api/hil/v1/runs/{run}")).await.json()["outcome"], "ABORTED");
    assert_eq!(cancel(&lab, &id).await, StatusCode::OK);
}

#[tokio::test]
async fn a_job_that_waits_never_begins() {
    let lab = lab().await;
    let first = start(
        &lab,
        &json!({ "suite": "sim", "unit": { "serial_number": "SN-7" }, "sim": { "sleep_ms": 600_000 } }),
    )
    .await;
    let second = start(&lab, &json!({ "suite": "sim" })).await;
    let third = start(&lab, &json!({ "suite": "sim", "sim": { "frames": 0 } })).await;
    job_when(&lab, &first, |job| job["status"] == "running").await;
    let waiting = super::extended(&lab, &second).await;
    assert_eq!(waiting["status"], "queued");
    assert!(
        ["progress", "plugin_timings", "warnings"].iter().all(|name| waiting[name].is_null()),
        "{waiting}"
    );

    let benches = lab.get("/v1/benches").await.json();
    let expected = json!({ "benches": [{ "name": "sim", "simulated": true, "state": "busy", "owner": format!("job {first}"),
        "job_id": first, "job": { "job_id": first, "suite": "sim", "unit": { "serial_number": "SN-7" } },
        "queued": 2, "suites": ["sim"] }] });
    assert_eq!(benches, expected);

    assert_eq!(cancel(&lab, &second).await, StatusCode::ACCEPTED);
    let done = over(&lab, &second).await;
    assert_eq!((&done["status"], &done["started_at"]), (&json!("aborted"), &json!(null)));
    assert_eq!(cancel(&lab, &second).await, StatusCode::OK);
    assert_eq!(cancel(&lab, &first).await, StatusCode::ACCEPTED);
    assert_eq!(over(&lab, &third).await["status"], "completed");
    let benches = lab.get("/v1/benches").await.json();
    assert_eq!(
        (&benches["benches"][0]["state"], &benches["benches"][0]["owner"], &benches["benches"][0]["job"]),
        (&json!("idle"), &json!(null), &json!(null))
    );
}
