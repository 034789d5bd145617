//! Who may do what.

use hil_model::WallTime;
use hil_store::{KeyOwner, Role};
use hyper::{Method, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::database::{Backend, Postgres, Sqlite};
use crate::lab::Lab;

/// The routes that need no key, or carry their permission themselves.
const OPEN: [&str; 4] = ["/healthz", "/metrics", "/files/{id}", "/v1/session"];

#[tokio::test]
async fn every_route_of_the_api_needs_a_key() {
    let lab = Lab::sqlite().await;
    let api = lab.call(Method::GET, "/api/openapi.json", None, "").await.json();
    let mut seen = 0;
    for (path, operations) in api["paths"].as_object().unwrap() {
        if OPEN.contains(&path.as_str()) {
            continue;
        }
        let path: String = path
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        for method in operations.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            for key in [None, Some("invalid-key-000")] {
                let answer = lab.call(method.clone(), &path, key, "{}").await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path} with {key:?}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen} routes are too few to be all");
}

#[rstest]
#[tokio::test]
async fn keys_end(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(lab) = Lab::open(backend).await else { return };
    let user = lab.store.ensure_user("eve@example.com".parse().unwrap(), None, Role::Member).await.unwrap();
    let owner = KeyOwner::User(user.id);
    let ask = |key: String| {
        let lab = &lab;
        async move { lab.call(Method::GET, "/api/v1/runs?serial_number=x", Some(&key), "").await.status }
    };
    let (_, expired) = lab.store.create_key(owner, Some(WallTime::from_unix_millis(1))).await.unwrap();
    assert_eq!(ask(expired.reveal().to_owned()).await, StatusCode::UNAUTHORIZED);
    let (key, secret) = lab.store.create_key(owner, None).await.unwrap();
    assert_eq!(ask(secret.reveal().to_owned()).await, StatusCode::OK);
    lab.store.ban_user(user.id, true).await.unwrap();
    assert_eq!(ask(secret.reveal().to_owned()).await, StatusCode::UNAUTHORIZED);
    lab.store.ban_user(user.id, false).await.unwrap();
    assert_eq!(ask(secret.reveal().to_owned()).await, StatusCode::OK);
    lab.store.revoke_key(key.id).await.unwrap();
    assert_eq!(ask(secret.reveal().to_owned()).await, StatusCode::UNAUTHORIZED);
}

#[rstest]
#[case("Basic dXNlcjpwYXNz")]
#[case("Bearer")]
#[case("Bearer ")]
#[case("Bearer\tx")]
#[case("\u{ff}\u{fe}")]
#[tokio::test]
async fn what_is_no_key_is_refused(#[case] header: &str) {
    let lab = Lab::sqlite().await;
    let request = hyper::Request::get("/api/v1/streaming")
        .header("authorization", hyper::header::HeaderValue::from_bytes(header.as_bytes()).unwrap())
        .body(http_body_util::Full::default())
        .unwrap();
    assert_eq!(lab.send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[rstest]
#[tokio::test]
async fn stations_make_runs_and_delete_none(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(lab) = Lab::open(backend).await else { return };
    let station = Some(lab.station.as_str());
    let made =
        lab.call(Method::POST, "/api/v1/runs", station, lab.submission("SN-1").to_string()).await.json();
    let run = &lab.get("/api/v1/runs?serial_number=SN-1").await.json()["result"][0];
    assert_eq!((&run["id"], &run["created_by_station"]["name"]), (&made["id"], &json!("bench-3")));
    assert!(run["created_by_user"].is_null());

    let path = format!("/api/v1/runs/{}", made["id"].as_str().unwrap());
    let procedure = json!({ "json": {
        "id": run["created_by_station"]["id"], "procedure_id": lab.procedure.id.to_string(),
    } });
    for (method, path, body) in [
        (Method::DELETE, path.as_str(), String::new()),
        (Method::DELETE, "/api/v1/units/SN-1", String::new()),
        (Method::POST, "/api/trpc/station.linkProcedure", procedure.to_string()),
    ] {
        let refused = lab.call(method.clone(), path, station, body.clone()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.message().starts_with("Stations cannot "), "{}", refused.message());
        assert_eq!(lab.call(method, path, Some(&lab.user), body).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(lab.get("/api/v1/runs?serial_number=SN-1").await.json()["result"], json!([]));
}

/// What a station asks of another one's things, and what of its own. `{…}` stands for what there is.
#[rstest]
#[case::delete_a_file(Method::DELETE, "/api/v2/attachments?ids={file}", "", StatusCode::OK)]
#[case::delete_a_file_of_a_run(Method::DELETE, "/api/v2/attachments?ids={attached}", "", StatusCode::OK)]
#[case::delete_a_file_of_a_unit(
    Method::DELETE,
    "/api/v2/units/{serial}/attachments?ids={photo}",
    "",
    StatusCode::OK
)]
#[case::finish_a_file(Method::POST, "/api/v2/attachments/{file}/finalize", "", StatusCode::OK)]
#[case::attach_to_a_run(
    Method::PATCH,
    "/api/v2/runs/{run}",
    r#"{"attachments": ["{mine}"]}"#,
    StatusCode::OK
)]
#[case::attach_anothers_file(
    Method::PATCH,
    "/api/v2/runs/{my_run}",
    r#"{"attachments": ["{file}"]}"#,
    StatusCode::OK
)]
#[case::announce_for_a_run(
    Method::POST,
    "/api/v2/runs/{run}/attachments",
    r#"{"name": "x"}"#,
    StatusCode::OK
)]
#[case::sync(
    Method::POST,
    "/api/v1/uploads/sync",
    r#"{"upload_id": "{mine}", "run_id": "{run}"}"#,
    StatusCode::OK
)]
#[case::sync_anothers_file(
    Method::POST,
    "/api/v1/uploads/sync",
    r#"{"upload_id": "{file}", "run_id": "{my_run}"}"#,
    StatusCode::OK
)]
#[case::give_a_unit_anothers_file(
    Method::PATCH,
    "/api/v2/units/{serial}",
    r#"{"attachments": ["{file}"]}"#,
    StatusCode::OK
)]
#[case::rename_a_unit(
    Method::PATCH,
    "/api/v2/units/{serial}",
    r#"{"new_serial_number": "NEW"}"#,
    StatusCode::OK
)]
#[case::import_anothers_file(
    Method::POST,
    "/api/v1/import",
    r#"{"upload_id": "{file}", "importer": "OPENHTF"}"#,
    StatusCode::OK
)]
#[tokio::test]
async fn a_station_changes_what_it_made_and_nothing_else(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] method: Method,
    #[case] path: &str,
    #[case] body: &str,
    #[case] own: StatusCode,
) {
    let Some(lab) = Lab::open(backend).await else { return };
    let other = lab.store.create_station("bench-4".parse().unwrap(), None).await.unwrap();
    let (_, other) = lab.store.create_key(KeyOwner::Station(other.id), None).await.unwrap();
    let report = json!({
        "dut_id": "SN-3", "start_time_millis": 0, "end_time_millis": 0, "outcome": "PASS", "phases": [],
        "metadata": { "procedure_id": lab.procedure.identifier, "part_number": "ALM" },
    });
    let made = async |key: &str, path: &str, body: &serde_json::Value| {
        let answer = lab.call(Method::POST, path, Some(key), body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        answer.json()
    };
    let id = |answer: serde_json::Value| answer["id"].as_str().unwrap().to_owned();
    let name = json!({ "name": "report.json" });
    // What the station `key` made, under these names.
    let things = async |key: &str, names: [&'static str; 3], serial: &str| {
        let run = id(made(key, "/api/v1/runs", &lab.submission(serial)).await);
        let file = made(key, "/api/v2/attachments", &name).await;
        let url = lab.path(file["upload_url"].as_str().unwrap());
        assert_eq!(lab.call(Method::PUT, &url, None, report.to_string()).await.status, StatusCode::OK);
        let attached = id(made(key, &format!("/api/v2/runs/{run}/attachments"), &name).await);
        names.into_iter().zip([run, id(file), attached]).collect::<Vec<_>>()
    };
    let ask = async |mut known: Vec<(&'static str, String)>, key: &str, mine: Vec<(&'static str, String)>| {
        known.extend(mine);
        let filled = |text: &str| {
            known
                .iter()
                .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
        };
        let answer = lab.call(method.clone(), &filled(path), Some(key), filled(body)).await;
        (answer.status, answer.message())
    };
    let station = lab.station.clone();
    let other = other.reveal();
    let mut theirs = things(&station, ["run", "file", "attached"], "SN-1").await;
    let photo = id(made(&station, "/api/v2/units/SN-1/attachments", &name).await);
    theirs.extend([("serial", "SN-1".to_owned()), ("photo", photo)]);
    let mine = things(other, ["my_run", "mine", "my_attached"], "SN-2").await;
    let before = lab.get(&format!("/api/v2/runs/{}", theirs[0].1)).await.json();

    let (status, message) = ask(theirs.clone(), other, mine).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{message}");
    assert!(message.starts_with("Stations cannot "), "{message}");
    let strip = |mut run: serde_json::Value| {
        for file in run["attachments"].as_array_mut().unwrap() {
            file["download_url"].take();
        }
        run
    };
    let after = lab.get(&format!("/api/v2/runs/{}", theirs[0].1)).await.json();
    assert_eq!(strip(before), strip(after), "what is refused changes nothing");
    let again = things(&station, ["my_run", "mine", "my_attached"], "SN-4").await;
    assert_eq!(ask(theirs.clone(), &station, again).await.0, own);
}

#[rstest]
#[tokio::test]
async fn a_station_renames_a_unit_that_others_tested_never(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(lab) = Lab::open(backend).await else { return };
    for key in [&lab.station, &lab.user] {
        let sent = lab.submission("SN-1").to_string();
        assert_eq!(lab.call(Method::POST, "/api/v1/runs", Some(key), sent).await.status, StatusCode::OK);
    }
    let rename = async |key: &str| {
        let body = r#"{"new_serial_number": "NEW"}"#;
        lab.call(Method::PATCH, "/api/v2/units/SN-1", Some(key), body).await.status
    };
    assert_eq!(rename(&lab.station).await, StatusCode::FORBIDDEN);
    let found = lab.get("/api/v1/runs?serial_number=SN-1").await.json();
    assert_eq!(found["result"].as_array().unwrap().len(), 2);
    assert_eq!(rename(&lab.user).await, StatusCode::OK);
}

#[rstest]
#[tokio::test]
async fn a_station_speaks_for_itself(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(lab) = Lab::open(backend).await else { return };
    // A document that says it is another station's.
    let id = lab.create(&lab.submission("SN-1")).await;
    let mut document = lab.get(&format!("/api/hil/v1/runs/{id}")).await.json();
    document["id"] = json!("of-another");
    document["station"] = json!("bench-4");
    for _ in 0..2 {
        let path = "/api/hil/v1/runs/of-another";
        let put = lab.call(Method::PUT, path, Some(&lab.station), document.to_string()).await;
        assert_eq!(put.status, StatusCode::OK, "{put:?}");
    }
    for (station, count) in [("bench-4", 0), ("bench-3", 1)] {
        let listed = lab.get(&format!("/api/hil/v1/runs?station={station}")).await.json();
        assert_eq!(listed["runs"].as_array().unwrap().len(), count, "{station}");
    }
}

#[tokio::test]
async fn a_station_was_seen_once_it_asked() {
    let lab = Lab::sqlite().await;
    let stations = || async {
        lab.store.stations(Default::default(), Default::default(), Default::default()).await.unwrap().items
    };
    assert_eq!(stations().await[0].seen_at, None);
    let answer = lab.call(Method::GET, "/api/v1/streaming", Some(&lab.station), "").await;
    assert_eq!(answer.json(), json!({ "success": false, "status_code": 404 }));
    for _ in 0..200 {
        if stations().await[0].seen_at.is_some() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nobody noted that the station asked");
}
