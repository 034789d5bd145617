//! What the server says of itself, and what holds for every route.

use std::collections::HashSet;

use hyper::{Method, StatusCode};
use rstest::rstest;

use crate::database::{Backend, Postgres, Sqlite};
use crate::lab::Lab;

#[rstest]
#[tokio::test]
async fn it_is_well_while_its_database_is(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(lab) = Lab::open(backend).await else { return };
    let answer = lab.call(Method::GET, "/healthz", None, "").await;
    assert_eq!((answer.status, answer.json()["status"].as_str()), (StatusCode::OK, Some("ok")));
    lab.store.close().await;
    let answer = lab.call(Method::GET, "/healthz", None, "").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[rstest]
#[case(Method::GET, "/", StatusCode::OK)]
#[case(Method::HEAD, "/healthz", StatusCode::OK)]
#[case(Method::GET, "//api//openapi.json", StatusCode::OK)]
#[case(Method::GET, "/api/v3/runs", StatusCode::NOT_FOUND)]
#[case(Method::GET, "/api/v1/runs/", StatusCode::NOT_FOUND)]
#[case(Method::GET, "/api/../etc/passwd", StatusCode::NOT_FOUND)]
#[case(Method::PUT, "/api/v1/runs", StatusCode::METHOD_NOT_ALLOWED)]
#[case(Method::TRACE, "/healthz", StatusCode::METHOD_NOT_ALLOWED)]
#[case(Method::DELETE, "/api/v1/runs/%FF", StatusCode::BAD_REQUEST)]
#[tokio::test]
async fn answers_are_alike(#[case] method: Method, #[case] path: &str, #[case] status: StatusCode) {
    let lab = Lab::sqlite().await;
    let answer = lab.call(method.clone(), path, Some(&lab.user), "").await;
    assert_eq!(answer.status, status);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "no-store");
    if status.is_client_error() {
        // The client drops errors of any other type.
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(!answer.message().is_empty());
    }
}

#[tokio::test]
async fn the_description_names_every_operation_once() {
    let lab = Lab::sqlite().await;
    let api = lab.call(Method::GET, "/api/openapi.json", None, "").await.json();
    assert_eq!(api["components"]["securitySchemes"]["key"]["scheme"], "bearer");
    let mut ids = HashSet::new();
    for operations in api["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
        }
    }
    for id in ["post_api_v1_runs", "put_files_id", "get_healthz", "post_api_trpc_station_linkProcedure"] {
        assert!(ids.contains(id), "{id} is not there");
    }
}

#[tokio::test]
async fn counts_have_no_labels_from_outside() {
    let lab = Lab::sqlite().await;
    lab.create(&lab.submission("SN-1")).await;
    for path in ["/nothing/here", "/api/v1/runs/SECRET", "/files/SECRET?expires=1&token=SECRET"] {
        lab.get(path).await;
    }
    lab.call(Method::from_bytes(b"SECRET").unwrap(), "/", None, "").await;
    let text = String::from_utf8(lab.get("/metrics").await.body.to_vec()).unwrap();
    for line in [
        r#"hil_http_requests_total{method="POST",route="/api/v1/runs",status="200"} 1"#,
        r#"hil_http_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"hil_http_requests_total{method="other",route="/",status="405"} 1"#,
        "hil_http_requests_in_flight 1",
        "hil_runs_saved_total 1",
        "hil_realtime_connections 0",
        "hil_realtime_published_total 0",
        r#"hil_realtime_dropped_total{class="droppable"} 0"#,
        r#"hil_realtime_closes_total{reason="too_slow"} 0"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("SECRET"));
}
