//! Who may do what.

use hil_model::WallTime;
use hil_store::{KeyOwner, Role};
use hyper::{Method, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::database::{Backend, Postgres, Sqlite};
use crate::lab::Lab;

/// The routes that need no key, or carry their permission themselves.
const OPEN: [&str; 3] = ["/healthz", "/metrics", "/files/{id}"];

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
