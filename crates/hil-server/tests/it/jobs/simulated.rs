//! The simulated kind: what it says, in order, and the record that it leaves.

use std::path::PathBuf;

use hyper::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use super::{job_when, lab, over, start};
use crate::lab::Lab;

/// What was published of a job, a word each: `progress 50`, `sim started`, `sim-0`.
fn published(lab: &Lab, id: &str) -> Vec<String> {
    let path: PathBuf = lab.jobs.join(id).join("published.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let mut last = 0;
    let words = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["seq"].as_u64().unwrap() > last && line["epoch"].is_string(), "{line}");
        last = line["seq"].as_u64().unwrap();
        let payload = &line["payload"];
        let text = |name: &str| payload[name].as_str().unwrap().to_owned();
        match line["type"].as_str().unwrap() {
            "frame" => {
                assert!(payload.get("data").is_none());
                text("frame_id")
            }
            "progress" => match payload["stage"].as_str() {
                Some(stage) => format!("progress {} {stage}", payload["progress"]),
                None => format!("progress {}", payload["progress"]),
            },
            "plugin_status" => {
                let counts = (&payload["frames_processed"], &payload["warnings_count"]);
                format!("{} {} {} {}", text("plugin"), text("status"), counts.0, counts.1)
            }
            "warning" => format!("warning {} {}", text("message"), text("severity")),
            kind => format!("{kind} {}", text("plugin")),
        }
    });
    words.collect()
}

#[rstest]
#[case(
    json!({ "plugins": ["sim2", "sim"], "options": {
        "sim2": { "frames": 2, "interval_ms": 0, "warnings": ["a", "a"] }, "sim": { "frames": 2, "interval_ms": 0, "pad": 5 } } }),
    "completed", "PASS",
    &["metadata sim2", "metadata sim", "progress 0", "sim2 started 0 0", "sim2-0", "progress 25", "sim2-1", "progress 50",
      "warning a low", "warning a low", "sim2 completed 2 2", "sim started 0 0", "sim-0", "progress 75", "sim-1", "progress 99",
      "sim completed 2 0", "progress 100 completed"],
)]
#[case(
    json!({ "plugins": ["sim", "sim2"], "options": {
        "sim": { "frames": 4, "interval_ms": 0, "fail_at": 1 }, "sim2": { "frames": 0 } } }),
    "completed", "FAIL",
    &["metadata sim", "metadata sim2", "progress 0", "sim started 0 0", "sim-0", "progress 25", "error sim", "sim failed 1 0",
      "sim2 started 0 0", "sim2 completed 0 0", "progress 100 completed"],
)]
#[case(
    json!({ "plugins": ["sim", "sim2"], "options": { "sim": { "frames": 4, "fail_at": 0, "fatal": true } } }),
    "failed", "ERROR",
    &["metadata sim", "metadata sim2", "progress 0", "sim started 0 0", "error sim", "sim failed 0 0", "progress 100 failed"],
)]
#[case(
    json!({ "suite": "sim", "sim": { "frames": 1, "fail_at": 1, "fatal": true } }),
    "completed", "PASS",
    &["metadata sim", "progress 0", "sim started 0 0", "sim-0", "progress 99", "sim completed 1 0", "progress 100 completed"],
)]
#[tokio::test]
async fn a_job_says_what_it_does_in_order(
    #[case] body: Value,
    #[case] status: &str,
    #[case] outcome: &str,
    #[case] expected: &[&str],
) {
    let lab = lab().await;
    let id = start(&lab, &body).await;
    let done = over(&lab, &id).await;
    assert_eq!((&done["status"], &done["result"]["outcome"]), (&json!(status), &json!(outcome)), "{done}");
    assert_eq!(done["progress"], 100);
    // The end can be read before it is said.
    let said = || published(&lab, &id);
    for _ in 0..1000 {
        if said().len() == expected.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(said(), expected);

    let run = done["result"]["run_id"].as_str().unwrap();
    let run = lab.get(&format!("/api/hil/v1/runs/{run}")).await;
    assert_eq!(run.status, StatusCode::OK);
    let run = run.json();
    assert_eq!(
        (&run["outcome"], &run["unit"]["serial_number"]),
        (&json!(outcome), &json!("bench:sim")),
        "{run}"
    );
    assert!(run.to_string().contains("\"simulated\""), "{run}");
}

#[tokio::test]
async fn a_record_is_of_the_unit_that_was_named() {
    let lab = lab().await;
    let unit = json!({ "serial_number": "SN-77", "part_number": "ALM" });
    let id = start(&lab, &json!({ "suite": "sim", "unit": unit, "sim": { "frames": 0, "warnings": ["w"] } }))
        .await;
    let done = over(&lab, &id).await;
    let run = done["result"]["run_id"].as_str().unwrap();
    let run = lab.get(&format!("/api/hil/v1/runs/{run}")).await.json();
    assert_eq!(
        (&run["unit"]["serial_number"], &run["unit"]["part_number"]),
        (&json!("SN-77"), &json!("ALM"))
    );
    assert_eq!(run["phases"][0]["name"], "sim");
    assert!(run["phases"][0]["logs"].to_string().contains("\"w\""), "{run}");
    assert_eq!(run["operator"], "ada@example.com");
}

/// Who read progress p once never reads less, and the timing of a plugin that is over is there with its end.
#[tokio::test]
async fn what_is_read_never_goes_back() {
    let lab = lab().await;
    let id = start(&lab, &json!({ "suite": "sim", "sim": { "frames": 400, "interval_ms": 1 } })).await;
    let running = job_when(&lab, &id, |job| job["status"] != "queued").await;
    assert!(
        running["progress"].is_u64()
            && running["plugin_timings"].is_object()
            && running["warnings"].is_array()
    );
    let mut last = 0;
    loop {
        let job = super::extended(&lab, &id).await;
        let progress = job["progress"].as_u64().unwrap();
        assert!(progress >= last, "{progress} after {last}");
        last = progress;
        if job["status"] == "completed" {
            break;
        }
        assert!(progress < 100, "{job}");
    }
    assert_eq!(last, 100);
    let done = over(&lab, &id).await;
    assert_eq!(done["frames"].as_array().unwrap().len(), 400);
    let listed = lab.get("/v1/jobs").await.json();
    assert_eq!(listed["jobs"][0]["job_id"], id);
    assert_eq!(listed["jobs"][0]["frames"], done["frames"]);
}

/// However late a frame is, the next one comes little sooner for it.
#[tokio::test]
async fn there_is_a_pause_between_two_frames() {
    let lab = lab().await;
    let id = start(&lab, &json!({ "suite": "sim", "sim": { "frames": 30, "interval_ms": 3 } })).await;
    let done = over(&lab, &id).await;
    let times: Vec<f64> =
        done["frames"].as_array().unwrap().iter().map(|frame| frame["timing_ms"].as_f64().unwrap()).collect();
    assert_eq!(times.len(), 30);
    // What is told is rounded to the microsecond.
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 0.9 * 3.0 - 0.002), "{times:?}");
}

#[tokio::test]
async fn a_job_that_sleeps_takes_its_time() {
    let lab = lab().await;
    let id = start(&lab, &json!({ "suite": "sim", "sim": { "frames": 1, "sleep_ms": 50 } })).await;
    let done = over(&lab, &id).await;
    assert!(done["plugin_timings"]["sim"].as_f64().unwrap() >= 50.0, "{done}");
    assert!(done["frames"][0]["timing_ms"].as_f64().unwrap() >= 50.0, "{done}");
}
