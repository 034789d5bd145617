//! How a client comes in, and what it is told first.

use hil_realtime::Seq;
use hyper::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use super::watcher::{Watcher, statistics};
use super::{frame, job, lab, plugin, progress, warning};

fn types(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_first_messages_have_an_order() {
    let lab = lab(|_| {}).await;
    lab.hub.open(&job("a"));
    for message in
        [plugin("a", "sim2"), progress("a", 0), frame("a", 5), warning("a", "w"), progress("a", 42)]
    {
        lab.hub.publish(&message);
    }
    let mut watcher = Watcher::open(&lab, "").await;
    let prelude = watcher.prelude().await;
    assert_eq!(types(&prelude), ["metadata", "metadata", "sync", "metadata", "progress", "warning", "ping"]);
    assert_eq!(prelude[0]["payload"], lab.get("/v1/plugins/sim").await.json());
    assert_eq!(prelude[0]["job_id"], Value::Null);
    assert_eq!(
        prelude[2]["payload"],
        json!({ "recovered": false, "seq": 5, "jobs": ["a"], "reason": "fresh" })
    );
    assert!(prelude[3..6].iter().all(|message| message["snapshot"] == true && message["job_id"] == "a"));
    assert_eq!(prelude[3]["payload"], json!({ "plugin": "sim2", "metadata": { "version": "1" } }));
    assert_eq!(prelude[4]["payload"]["progress"], 42);
    assert_eq!(prelude[6]["payload"], json!({ "interval_seconds": 30.0 }));
    assert!(
        prelude.iter().all(|message| message.get("seq").is_none() && message["epoch"] == lab.hub.epoch())
    );
    lab.hub.publish(&frame("b", 5));
    let first = watcher.message().await;
    assert_eq!((&first["seq"], &first["job_id"]), (&json!(6), &json!("b")));
}

#[tokio::test]
async fn who_comes_back_is_told_what_it_missed() {
    let lab = lab(|_| {}).await;
    let epoch = lab.hub.epoch().to_owned();
    for _ in 0..5 {
        lab.hub.publish(&frame("a", 5));
    }
    let mut watcher = Watcher::open(&lab, &format!("?since={epoch}:2")).await;
    let prelude = watcher.prelude().await;
    assert_eq!(types(&prelude), ["metadata", "metadata", "sync", "frame", "frame", "frame", "ping"]);
    assert_eq!(prelude[2]["payload"], json!({ "recovered": true, "seq": 5, "jobs": [] }));
    assert_eq!([&prelude[3]["seq"], &prelude[5]["seq"]], [&json!(3), &json!(5)]);
    for (since, reason) in [("other:2", "epoch"), ("nonsense", "malformed")] {
        let prelude = Watcher::open(&lab, &format!("?since={since}")).await.prelude().await;
        assert_eq!(prelude[2]["payload"]["reason"], reason);
    }
}

#[tokio::test]
async fn a_filter_is_kept_to() {
    let lab = lab(|_| {}).await;
    let mut watcher = Watcher::open(&lab, "?job_id=a&job_id=b&types=progress,warning").await;
    assert_eq!(types(&watcher.prelude().await), ["metadata", "metadata", "sync", "ping"]);
    for message in [frame("a", 1), progress("c", 1), warning("b", "w"), progress("a", 1)] {
        lab.hub.publish(&message);
    }
    assert_eq!(watcher.message().await["seq"], 3);
    assert_eq!(watcher.message().await["seq"], 4);
}

#[rstest]
#[case::nobody("", &[], StatusCode::UNAUTHORIZED)]
#[case::somebody("", &[("authorization", "Bearer invalid-key-000")], StatusCode::UNAUTHORIZED)]
#[case::a_page_of_somebody_else("", &[("authorization", "{user}"), ("origin", "https://evil.example")], StatusCode::FORBIDDEN)]
#[case::a_page_of_nobody("", &[("authorization", "{user}"), ("origin", "null")], StatusCode::FORBIDDEN)]
#[case::no_such_type("?types=frame,what", &[("authorization", "{user}")], StatusCode::BAD_REQUEST)]
#[case::no_type("?types=", &[("authorization", "{user}")], StatusCode::BAD_REQUEST)]
#[case::a_wrong_path("/what", &[("authorization", "{user}")], StatusCode::NOT_FOUND)]
#[case::a_wrong_path_of_nobody("/what", &[], StatusCode::NOT_FOUND)]
#[tokio::test]
async fn who_may_not_come_in_is_refused_before_the_upgrade(
    #[case] query: &str,
    #[case] headers: &[(&'static str, &str)],
    #[case] status: StatusCode,
) {
    let lab = lab(|_| {}).await;
    let user = format!("Bearer {}", lab.user);
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (*name, value.replace("{user}", &user))).collect();
    let refused = Watcher::try_open(&lab, query, &headers, None).await;
    assert_eq!(refused.err(), Some(status));
}

#[tokio::test]
async fn our_own_page_may_come_in_and_any_key() {
    let lab = lab(|_| {}).await;
    let origin = ("origin", format!("http://{}", lab.address));
    for key in [&lab.user, &lab.station] {
        let headers = [("authorization", format!("Bearer {key}")), origin.clone()];
        Watcher::try_open(&lab, "", &headers, None).await.unwrap();
    }
}

#[tokio::test]
async fn refusals_have_the_form_of_error_messages() {
    let lab = lab(|_| {}).await;
    for (method, path, status, word) in [
        (Method::GET, "/v1/realtime", StatusCode::UPGRADE_REQUIRED, "UPGRADE_REQUIRED"),
        (Method::GET, "/v1/nothing", StatusCode::NOT_FOUND, "NOT_FOUND"),
        (Method::PUT, "/v1/realtime/emit", StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
    ] {
        let answer = lab.call(method, path, Some(&lab.user), "").await;
        assert_eq!(answer.status, status, "{path}");
        let body = answer.json();
        assert_eq!(body["details"]["error_code"], word);
        assert!(body["error"].is_string() && body["details"]["message"].is_string());
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    }
    assert_eq!(lab.get("/v1/realtime").await.header("sec-websocket-version"), "13");
}

#[tokio::test]
async fn a_label_is_no_key() {
    let lab = lab(|_| {}).await;
    let mut first = Watcher::open(&lab, "?session_id=wall").await;
    let second = Watcher::open(&lab, "?session_id=wall").await;
    let mut third = Watcher::open(&lab, "").await;
    first.prelude().await;
    third.prelude().await;
    let told = statistics(&lab, |told| told["connections"] == 3).await;
    assert_eq!(told["sessions"].as_array().unwrap().len(), 2);
    assert!(told["sessions"].as_array().unwrap().contains(&json!("wall")));
    drop(second);
    statistics(&lab, |told| told["connections"] == 2).await;
    assert_eq!(lab.hub.publish(&frame("a", 1)), Seq(1));
    assert_eq!(first.message().await["seq"], 1);
    assert_eq!(third.message().await["seq"], 1);
}

#[tokio::test]
async fn capacity_and_labels_are_told_after_the_upgrade() {
    let lab = lab(|options| options.realtime.max_connections = 1).await;
    let long = "x".repeat(129);
    for label in [long.as_str(), "a%00b", "a%0Ab", "a%E2%80%AEb", "a%E2%80%A8b", "%EF%BF%BE"] {
        let mut refused = Watcher::open(&lab, &format!("?session_id={label}")).await;
        assert_eq!(refused.end().await, Some(4000));
    }
    let mut first =
        Watcher::open(&lab, &format!("?session_id={}", "é".replace('é', "%C3%A9").repeat(128))).await;
    first.prelude().await;
    assert_eq!(Watcher::open(&lab, "").await.end().await, Some(4001));
    first.0.close(None).await.unwrap();
    assert_eq!(first.end().await, None);
    statistics(&lab, |told| told["connections"] == 0).await;
    Watcher::open(&lab, "").await.prelude().await;
}
