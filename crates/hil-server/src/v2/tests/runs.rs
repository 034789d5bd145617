//! Runs, stored and read again.

use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use super::bench::{Bench, Station, User, Who};

impl Bench {
    pub(super) async fn procedure(&self) -> String {
        self.post(User, "/procedures", json!({ "name": "Final" })).await["id"].as_str().unwrap().to_owned()
    }

    /// Stores a run with what is required, and `more`; answers its id.
    pub(super) async fn run(&self, who: Who, procedure: &str, serial: &str, more: Value) -> String {
        let answer = self.post(who, "/runs", run(procedure, serial, more)).await;
        answer["id"].as_str().unwrap().to_owned()
    }
}

fn run(procedure: &str, serial: &str, more: Value) -> Value {
    let mut run = json!({ "outcome": "PASS", "procedure_id": procedure, "serial_number": serial,
                          "part_number": "ALM", "started_at": "2026-11-21T03:58:32.176431Z",
                          "ended_at": "2026-11-21T04:03:32.176Z" });
    run.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run
}

#[rstest]
#[tokio::test]
async fn a_run_comes_back_whole(#[values(User, Station)] who: Who) {
    let bench = Bench::open().await;
    let procedure = bench.procedure().await;
    bench.run(who, &procedure, "LED", json!({})).await;
    let more = json!({
        "outcome": "FAIL", "procedure_version": "v1", "operated_by": "Ada@lab.example", "revision_number": "R1",
        "batch_number": "LOT_1", "sub_units": ["led"], "docstring": "doc", "metadata": { "ambient": 23.5 },
        "execution_id": "ignored",
        "phases": [{ "name": "power", "outcome": "FAIL", "started_at": "2026-11-21T03:58:33Z",
                     "ended_at": "2026-11-21T03:58:34.500Z", "retry_count": 2, "docstring": null }],
        "logs": [{ "level": "WARNING", "timestamp": "2026-11-21T03:58:33Z", "message": "hot", "source_file": "a.py",
                   "line_number": 12.0 }],
    });
    let id = bench.run(who, &procedure, "SN-1", more).await;
    assert_eq!(id.len(), 36);
    // Any key may read any run.
    let run = bench.get(Station, &format!("/runs/{id}")).await;
    for (pointer, expected) in [
        ("/id", json!(id)),
        ("/started_at", json!("2026-11-21T03:58:32.176Z")),
        ("/ended_at", json!("2026-11-21T04:03:32.176Z")),
        ("/duration", json!("PT300S")),
        ("/outcome", json!("FAIL")),
        ("/docstring", json!("doc")),
        ("/operated_by/email", json!("ada@lab.example")),
        ("/procedure/id", json!(procedure)),
        ("/procedure/version/tag", json!("v1")),
        ("/unit/serial_number", json!("SN-1")),
        ("/unit/sample", Value::Null),
        ("/unit/part/name", json!("ALM")),
        ("/unit/part/revision/number", json!("R1")),
        ("/unit/batch/number", json!("LOT_1")),
        ("/phases/0/duration", json!("PT1.5S")),
        ("/phases/0/retry_count", json!(2)),
        ("/phases/0/sequence_path", Value::Null),
        ("/phases/0/measurements", json!([])),
        ("/logs/0/line_number", json!(12)),
        ("/logs/0/level", json!("WARNING")),
        ("/sub_units/0/serial_number", json!("LED")),
        ("/sub_units/0/part_number", json!("ALM")),
        ("/attachments", json!([])),
        ("/metadata", json!({ "ambient": "23.5" })),
        ("/config", json!([])),
        ("/secrets", json!([])),
        ("/execution_id", Value::Null),
        ("/slot_key", Value::Null),
        ("/slot_name", Value::Null),
    ] {
        assert_eq!(run.pointer(pointer), Some(&expected), "{pointer}");
    }
    let made = if matches!(who, User) { "/created_by_user/id" } else { "/created_by_station/id" };
    assert!(run.pointer(made).is_some_and(Value::is_string), "{run}");
    let ids = [&run["phases"][0]["id"], &run["logs"][0]["id"], &run["id"]];
    assert!(ids.iter().enumerate().all(|(i, id)| !ids[..i].contains(id)), "{ids:?}");

    let unit = bench.get(who, "/units/SN-1").await;
    assert_eq!(
        (&unit["created_during"]["id"], &unit["children"][0]["serial_number"]),
        (&json!(id), &json!("LED"))
    );
}

#[rstest]
#[case(json!({ "serial_number": "" }), 400, "serial number")]
#[case(json!({ "serial_number": " " }), 400, "serial number")]
#[case(json!({ "serial_number": "x".repeat(61) }), 400, "serial number")]
#[case(json!({ "batch_number": "" }), 400, "batch")]
#[case(json!({ "part_number": "" }), 400, "part")]
#[case(json!({ "part_number": null }), 400, "part number")]
#[case(json!({ "procedure_id": "FVT1" }), 400, "uuid")]
#[case(json!({ "operated_by": "somebody" }), 400, "email")]
#[case(json!({ "operated_by": "" }), 400, "email")]
#[case(json!({ "outcome": "GOOD" }), 400, "outcome")]
#[case(json!({ "started_at": "now" }), 400, "started_at")]
#[case(json!({ "phases": [{}] }), 400, "phases[0]: missing field `name`")]
#[case(json!({ "ended_at": "2026-11-21T03:00:00Z" }), 409, "ends before it starts")]
#[case(json!({ "sub_units": ["nobody"] }), 404, "sub-unit")]
#[tokio::test]
async fn a_run_that_is_wrong_is_refused(#[case] more: Value, #[case] status: u16, #[case] expected: &str) {
    let bench = Bench::open().await;
    let body = run(&bench.procedure().await, "SN-1", more);
    let (got, body) = bench.send(User, Method::POST, "/runs", &body.to_string()).await;
    assert_eq!(got.as_u16(), status, "{body}");
    assert!(body["error"]["message"].as_str().unwrap().contains(expected), "{body}");
    assert_eq!(bench.get(User, "/runs").await["data"], json!([]));
    assert_eq!(bench.get(User, "/parts").await["data"], json!([]));
}

#[rstest]
#[case("outcome")]
#[case("procedure_id")]
#[case("started_at")]
#[case("ended_at")]
#[case("serial_number")]
#[tokio::test]
async fn a_missing_field_is_named(#[case] field: &str) {
    let bench = Bench::open().await;
    let mut body = run("00000000-0000-4000-8000-000000000000", "SN-1", json!({}));
    body.as_object_mut().unwrap().remove(field);
    let (status, body) = bench.send(Station, Method::POST, "/runs", &body.to_string()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body["issues"][0]["message"].as_str().unwrap().contains(field), "{body}");
}

#[rstest]
#[case(User, 404, "procedure")]
#[case(Station, 403, "not authorized")]
#[tokio::test]
async fn an_unknown_procedure(#[case] who: Who, #[case] status: u16, #[case] expected: &str) {
    let bench = Bench::open().await;
    let body = run("00000000-0000-4000-8000-000000000000", "SN-1", json!({}));
    let (got, body) = bench.send(who, Method::POST, "/runs", &body.to_string()).await;
    assert_eq!(got.as_u16(), status);
    assert!(body["message"].as_str().unwrap().contains(expected), "{body}");
}

#[tokio::test]
async fn a_run_that_its_client_named_is_stored_once() {
    let bench = Bench::open().await;
    let procedure = bench.procedure().await;
    let named = json!({ "client_run_ref": "job 7" });
    let id = bench.run(User, &procedure, "SN-1", named.clone()).await;
    assert_eq!(bench.run(User, &procedure, "SN-1", named.clone()).await, id);
    assert_ne!(bench.run(Station, &procedure, "SN-1", named.clone()).await, id);
    assert_ne!(bench.run(User, &procedure, "SN-1", json!({})).await, id);
    let other = run(&procedure, "SN-1", json!({ "client_run_ref": "job 7", "outcome": "FAIL" }));
    let (status, _) = bench.send(User, Method::POST, "/runs", &other.to_string()).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(bench.get(User, "/runs").await["data"].as_array().unwrap().len(), 3);
}

#[rstest]
#[case("", "C B A")]
#[case("sort_order=asc", "A B C")]
#[case("sort_by=serial_number&sort_order=asc", "A B C")]
#[case("sort_by=duration", "C B A")]
#[case("limit=2&cursor=1.0", "B A")]
#[case("search_query=", "C B A")]
#[case("search_query=fin", "C B A")]
#[case("outcomes=FAIL&outcomes=ERROR", "C B")]
#[case("serial_numbers=a&serial_numbers=c", "C A")]
#[case("serial_numbers=unknown", "")]
#[case("part_numbers=alm&revision_numbers=r2", "B")]
#[case("batch_numbers=lot", "B")]
#[case("procedure_versions=V1", "B")]
#[case("duration_min=PT2M&duration_max=PT2M", "B")]
#[case("started_after=2026-11-21T02:00:00Z&started_before=2026-11-21T02:00:00.000Z", "B")]
#[case("ended_after=2026-11-21T02:02:00Z", "C B")]
#[case("ended_before=2026-11-21T02:02:00Z", "B A")]
#[case("created_after=2026-01-01T00:00:00Z&created_before=2999-01-01T00:00:00Z", "C B A")]
#[case("created_before=2026-01-01T00:00:00Z", "")]
#[case("created_by_station_ids=STATION", "C")]
#[case("created_by_user_ids=USER", "B A")]
#[case("operated_by_ids=USER", "B")]
#[case("procedure_ids=PROCEDURE", "C B A")]
#[case("procedure_ids=STATION", "")]
#[case("ids=RUN-B", "B")]
#[tokio::test]
async fn runs_are_found(#[case] query: &str, #[case] expected: &str) {
    let bench = Bench::open().await;
    let procedure = bench.procedure().await;
    let times = |hour: u8| json!({ "started_at": format!("2026-11-21T0{hour}:00:00Z"), "ended_at": format!("2026-11-21T0{hour}:0{hour}:00Z") });
    let with = |hour, more: Value| {
        let mut body = times(hour);
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    bench.run(User, &procedure, "A", times(1)).await;
    let more = json!({ "outcome": "FAIL", "revision_number": "R2", "batch_number": "LOT", "procedure_version": "v1",
                       "operated_by": "ada@lab.example" });
    let b = bench.run(User, &procedure, "B", with(2, more)).await;
    bench.run(Station, &procedure, "C", with(3, json!({ "outcome": "ERROR" }))).await;
    let users = bench.get(User, "/users").await;
    let query = query
        .replace("STATION", &bench.station_id.to_string())
        .replace("USER", users[0]["id"].as_str().unwrap())
        .replace("PROCEDURE", &procedure)
        .replace("RUN-B", &b);
    let listed = bench.get(Station, &format!("/runs?{query}")).await;
    let serials: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["unit"]["serial_number"].as_str().unwrap())
        .collect();
    assert_eq!(serials.join(" "), expected);
    assert!(listed["data"].as_array().unwrap().iter().all(|run| run.get("phases").is_none()));
}

#[tokio::test]
async fn runs_are_removed_together_or_not_at_all() {
    let bench = Bench::open().await;
    let procedure = bench.procedure().await;
    let (a, b) = (
        bench.run(User, &procedure, "A", json!({})).await,
        bench.run(User, &procedure, "B", json!({})).await,
    );
    let path = format!("/runs?ids={a}&ids=00000000-0000-4000-8000-000000000000");
    assert_eq!(bench.send(User, Method::DELETE, &path, "").await.0, StatusCode::NOT_FOUND);
    let removed = bench.ok(User, Method::DELETE, &format!("/runs?ids={a}&ids={b}"), Value::Null).await;
    assert_eq!(removed, json!({ "id": [a, b] }));
    assert_eq!(bench.send(User, Method::GET, &format!("/runs/{a}"), "").await.0, StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test]
async fn files_are_linked_to_runs_and_units(#[values(User, Station)] who: Who) {
    let bench = Bench::open().await;
    let procedure = bench.procedure().await;
    let id = bench.run(who, &procedure, "SN-1", json!({})).await;
    let upload = bench.post(who, "/attachments", json!({ "name": "../ü x.txt" })).await;
    assert!(upload["upload_url"].as_str().unwrap().starts_with("http://hil.example/files/"), "{upload}");
    let upload_id: hil_store::UploadId = upload["id"].as_str().unwrap().parse().unwrap();
    let finalize = format!("/attachments/{upload_id}/finalize");
    assert_eq!(bench.send(who, Method::POST, &finalize, "").await.0, StatusCode::NOT_FOUND);

    // An upload need not be finalised, nor even stored, to be linked.
    let linked = bench
        .ok(who, Method::PATCH, &format!("/runs/{id}"), json!({ "attachments": [upload_id.to_string()] }))
        .await;
    assert_eq!(linked["id"], id.as_str());
    let path = format!("/runs/{id}");
    let mut expected = json!([{ "id": upload_id.to_string(), "name": "../ü x.txt", "size": null, "content_type": null,
                                "is_report": false, "download_url": null }]);
    assert_eq!(bench.get(who, &path).await["attachments"], expected);

    let mut content = bench.store.begin_content().await.unwrap();
    content.write(b"hello").await.unwrap();
    bench.store.store_upload(upload_id, content, Some("text/plain".into())).await.unwrap();
    let url = bench.post(who, &finalize, Value::Null).await["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("http://hil.example/files/"), "{url}");
    let attachments = bench.get(who, &path).await["attachments"].clone();
    expected[0]["size"] = json!(5);
    expected[0]["content_type"] = json!("text/plain");
    expected[0]["download_url"] = attachments[0]["download_url"].clone();
    assert_eq!(attachments, expected);
    assert!(attachments[0]["download_url"].is_string());

    let second = bench.post(who, &format!("{path}/attachments"), json!({ "name": "b" })).await["id"].clone();
    assert_eq!(bench.get(who, &path).await["attachments"][1]["id"], second);
    let of_unit = bench.post(who, "/units/SN-1/attachments", json!({ "name": "c" })).await["id"].clone();
    assert_eq!(bench.get(who, "/units/SN-1").await["attachments"][0]["id"], of_unit);
    // The run's file is not the unit's to remove.
    let foreign = format!("/units/SN-1/attachments?ids={upload_id}");
    assert_eq!(bench.send(who, Method::DELETE, &foreign, "").await.0, StatusCode::NOT_FOUND);
    let own = format!("/units/SN-1/attachments?ids={}", of_unit.as_str().unwrap());
    assert_eq!(bench.ok(who, Method::DELETE, &own, Value::Null).await, json!({ "ids": [of_unit] }));
    let removed = bench.ok(who, Method::DELETE, &format!("/attachments?ids={upload_id}"), Value::Null).await;
    assert_eq!(removed, json!({ "id": [upload_id.to_string()] }));
}

/// Far more than the 2 MiB that a body may have if nobody says otherwise.
#[tokio::test]
async fn a_run_may_be_large() {
    let bench = Bench::open().await;
    let procedure = bench.procedure().await;
    let line =
        json!({ "level": "INFO", "timestamp": "2026-11-21T00:00:00Z", "message": "x".repeat(1 << 20) });
    let id = bench.run(User, &procedure, "SN-1", json!({ "logs": vec![line; 5] })).await;
    assert_eq!(bench.get(User, &format!("/runs/{id}")).await["logs"].as_array().unwrap().len(), 5);
}
