//! What becomes of jobs when their server ends.

use std::net::SocketAddr;
use std::sync::Arc;

use hil_server::{Server, ServerOptions};
use hil_store::{JobEnd, JobStatus};
use serde_json::json;
use tokio::sync::oneshot;

use super::{job_when, lab, start};

#[tokio::test]
async fn what_was_at_work_is_interrupted_and_what_waits_goes_on() {
    let mut lab = lab().await;
    let sleeper = json!({ "suite": "sim", "sim": { "frames": 2, "interval_ms": 60_000, "warnings": ["w"] } });
    let first = start(&lab, &sleeper).await;
    let second = start(&lab, &json!({ "suite": "sim", "sim": { "frames": 1 } })).await;
    let running = job_when(&lab, &first, |job| job["progress"] == 50).await;
    assert_eq!(running["frames"].as_array().unwrap().len(), 1);
    lab.stop().await.unwrap();

    let job = lab.store.job(first.parse().unwrap()).await.unwrap();
    assert_eq!((job.status, job.view.unwrap()["progress"].as_u64()), (JobStatus::Interrupted, Some(50)));
    assert_eq!(job.result.unwrap()["outcome"], "ABORTED");
    let job = lab.store.job(second.parse().unwrap()).await.unwrap();
    assert_eq!(job.status, JobStatus::Queued);

    // As if the server had been killed while it was at work: what it knew is in the folder.
    let third = start_dead(&lab, &second).await;
    let options = ServerOptions {
        jobs: Some(lab.jobs.clone()),
        ..ServerOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)))
    };
    let server = Server::bind(Arc::clone(&lab.store), options).await.unwrap();
    let job = lab.store.job(third.parse().unwrap()).await.unwrap();
    let view = job.view.unwrap();
    assert_eq!(job.status, JobStatus::Interrupted);
    assert_eq!(
        (&view["progress"], &view["warnings"]),
        (&json!(42), &json!(["rail sagged", "so says a station"]))
    );
    assert_eq!(
        (&view["plugin_timings"], &view["frames"][0]["frame_id"]),
        (&json!({ "scope": 0.0, "sim": 7.5 }), &json!("sim-0"))
    );

    let result = job.result.unwrap();
    let run = lab.store.run(result["run_id"].as_str().unwrap().parse().unwrap()).await.unwrap().run;
    assert_eq!((result["outcome"].as_str(), run.outcome.word()), (Some("ABORTED"), "ABORTED"));
    assert_eq!(run.phases.len(), 1, "what a station says is no phase");
    assert_eq!((run.phases[0].name.as_str(), run.phases[0].logs[0].message.as_str()), ("sim", "rail sagged"));

    lab.address = server.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    assert_eq!(super::over(&lab, &second).await["status"], "completed");
    stop.send(()).unwrap();
    running.await.unwrap();
}

/// A job of this server that is at work, with nobody to do it. It is of the same order as `like`.
async fn start_dead(lab: &crate::lab::Lab, like: &str) -> String {
    let like = lab.store.job(like.parse().unwrap()).await.unwrap();
    let new = hil_store::NewJob { server: like.server, bench: like.bench, request: like.request };
    let job = lab.store.queue_job(new, 256).await.unwrap().unwrap();
    assert!(lab.store.start_job(job.id).await.unwrap());
    let folder = lab.jobs.join(job.id.to_string());
    std::fs::create_dir_all(&folder).unwrap();
    let line = |seq: u32, kind: &str, payload: serde_json::Value| {
        json!({ "epoch": "e", "seq": seq, "event": null, "wall_ms": 1_795_290_844_910_i64 + i64::from(seq), "type": kind, "payload": payload }).to_string()
            + "\n"
    };
    let text = [
        line(1, "progress", json!({ "progress": 0 })),
        line(2, "plugin_status", json!({ "plugin": "sim", "status": "started", "timing_ms": 0 })),
        line(3, "frame", json!({ "frame_id": "sim-0", "plugin": "sim", "timing_ms": 1.5 })),
        line(4, "warning", json!({ "plugin": "sim", "message": "rail sagged" })),
        line(5, "plugin_status", json!({ "plugin": "sim", "status": "running", "timing_ms": 7.5 })),
        line(6, "progress", json!({ "progress": 42 })),
        line(7, "warning", json!({ "plugin": "scope", "message": "so says a station" }))
            .replace("\"type\"", "\"emitted\":true,\"type\""),
        line(8, "plugin_status", json!({ "plugin": "scope", "status": "started", "timing_ms": 0 }))
            .replace("\"type\"", "\"emitted\":true,\"type\""),
        r#"{"epoch":"e","seq":9,"ty"#.to_owned(),
    ];
    std::fs::write(folder.join("published.jsonl"), text.concat()).unwrap();
    let end = JobEnd { status: JobStatus::Failed, result: None, view: None };
    assert!(!lab.store.end_job(job.id, JobStatus::Queued, end).await.unwrap());
    job.id.to_string()
}
