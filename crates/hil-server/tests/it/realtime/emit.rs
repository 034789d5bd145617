//! Messages that stations publish.

use std::time::Duration;

use hil_store::KeyOwner;
use hil_store::Role;
use hyper::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use super::lab;
use super::watcher::Watcher;
use super::{job, progress};
use crate::jobs::{extended, start};

fn envelope(kind: &str, payload: Value) -> Value {
    json!({ "type": kind, "payload": payload, "timestamp": "2026-11-21T10:00:00+01:00", "job_id": "a" })
}

#[tokio::test]
async fn what_is_emitted_is_seen_by_all() {
    let lab = lab(|_| {}).await;
    lab.hub.open(&job("a"));
    let mut watcher = Watcher::open(&lab, "").await;
    watcher.prelude().await;
    let said = envelope("warning", json!({ "plugin": "p", "message": "hot", "celsius": 81.25 }));
    let answer = lab.call(Method::POST, "/v1/realtime/emit", Some(&lab.station), said.to_string()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.json(), json!({ "epoch": lab.hub.epoch(), "seq": 1 }));
    let heard = watcher.message().await;
    assert_eq!((&heard["payload"], &heard["job_id"]), (&said["payload"], &json!("a")));
    assert_eq!((&heard["timestamp"], &heard["seq"]), (&json!("2026-11-21T09:00:00.000Z"), &json!(1)));
    assert_eq!(lab.hub.view(&job("a")).unwrap().warnings.len(), 1);
}

#[rstest]
#[case::no_json("{".to_owned(), StatusCode::BAD_REQUEST, "MSG_INVALID_JSON", None)]
#[case::no_object("5".to_owned(), StatusCode::BAD_REQUEST, "MSG_INVALID_JSON", None)]
#[case::no_type("{}".to_owned(), StatusCode::UNPROCESSABLE_ENTITY, "MSG_MISSING_FIELD", Some("type"))]
#[case::pong(envelope("pong", json!({})).to_string(), StatusCode::UNPROCESSABLE_ENTITY, "MSG_UNKNOWN_TYPE", Some("type"))]
#[case::too_much(
    envelope("progress", json!({ "job_id": "a", "progress": 150 })).to_string(),
    StatusCode::UNPROCESSABLE_ENTITY,
    "MSG_BAD_VALUE",
    Some("progress")
)]
#[tokio::test]
async fn what_is_refused_takes_no_number(
    #[case] body: String,
    #[case] status: StatusCode,
    #[case] word: &str,
    #[case] field: Option<&str>,
) {
    let lab = lab(|_| {}).await;
    let answer = lab.call(Method::POST, "/v1/realtime/emit", Some(&lab.user), body).await;
    assert_eq!(answer.status, status);
    let details = &answer.json()["details"];
    assert_eq!((&details["error_code"], details["field"].as_str()), (&json!(word), field));
    assert_eq!(lab.hub.publish(&progress("a", 1)).0, 1);
}

#[rstest]
#[case::all_of_it(json!({ "progress": 100, "stage": "completed" }))]
#[case::its_last_stage(json!({ "progress": 50, "stage": "failed" }))]
#[tokio::test]
async fn only_the_server_says_that_its_job_is_over(#[case] said: Value) {
    let lab = lab(|_| {}).await;
    let order = json!({ "suite": "sim", "sim": { "sleep_ms": 600_000 } });
    let id = start(&lab, &order).await;
    // What it says first is out.
    while extended(&lab, &id).await["plugin_timings"]["sim"].is_null() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let emit = async |job: &str, mut payload: Value| {
        payload["job_id"] = job.into();
        let at = "2026-11-21T10:00:00+01:00";
        let said = json!({ "type": "progress", "payload": payload, "timestamp": at });
        lab.call(Method::POST, "/v1/realtime/emit", Some(&lab.station), said.to_string()).await
    };
    let refused = emit(&id, said.clone()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let details = &refused.json()["details"];
    assert_eq!((&details["error_code"], &details["field"]), (&json!("MSG_BAD_VALUE"), &json!("stage")));
    // A stage of its own, and another's job, are nobody else's business.
    for stage in [json!({ "progress": 100 }), json!({ "progress": 50, "stage": "soldering" })] {
        assert_eq!(emit(&id, stage.clone()).await.status, StatusCode::ACCEPTED);
        assert_eq!(extended(&lab, &id).await["progress"], stage["progress"]);
    }
    assert_eq!(emit("another", said).await.status, StatusCode::ACCEPTED);
    // What was said of the job is noted with what it said itself.
    let path = lab.jobs.join(&id).join("published.jsonl");
    let noted = || std::fs::read_to_string(&path).unwrap().contains(r#""emitted":true,"type":"progress""#);
    while !noted() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_message_has_at_most_a_mebibyte() {
    let lab = lab(|_| {}).await;
    let said = envelope("warning", json!({ "plugin": "p", "message": "x".repeat(1 << 20) }));
    let answer = lab.post("/v1/realtime/emit", &said).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.json()["details"]["error_code"], "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_read_only_key_looks_and_does_nothing_else() {
    let lab = lab(|_| {}).await;
    let user = lab.store.ensure_user("wall@example.com".parse().unwrap(), None, Role::Admin).await.unwrap();
    let (_, key) = lab.store.create_read_only_key(KeyOwner::User(user.id), None).await.unwrap();
    let key = key.reveal();
    let said = envelope("warning", json!({ "plugin": "p", "message": "hot" })).to_string();
    let emitted = lab.call(Method::POST, "/v1/realtime/emit", Some(key), said).await;
    assert_eq!(
        (emitted.status, emitted.json()["details"]["error_code"].as_str()),
        (StatusCode::FORBIDDEN, Some("FORBIDDEN"))
    );
    let stored = lab.call(Method::POST, "/api/v1/runs", Some(key), lab.submission("SN-1").to_string()).await;
    assert_eq!(stored.status, StatusCode::FORBIDDEN);
    let read = lab.call(Method::GET, "/api/v1/runs?serial_number=SN-1", Some(key), "").await;
    assert_eq!(read.status, StatusCode::OK);
    let session = lab.call(Method::GET, "/v1/session", Some(key), "").await.json();
    assert_eq!(session["may"], json!(["watch"]));
    let headers = [("authorization", format!("Bearer {key}"))];
    Watcher::try_open(&lab, "", &headers, None).await.unwrap().prelude().await;
}
