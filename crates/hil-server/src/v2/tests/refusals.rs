//! What is refused, to whom, and in which order.

use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use super::bench::{Bench, Station, User, Who};

/// An id that nothing has.
const NOTHING: &str = "00000000-0000-4000-8000-000000000000";

fn words(body: &Value) -> String {
    body.to_string()
}

/// What a station may not do, whether or not the thing exists, and whatever the body says.
#[rstest]
#[tokio::test]
async fn stations_are_told_what_they_cannot_do(
    #[values(
        ("POST", "/procedures"), ("PATCH", "/procedures/ID"), ("DELETE", "/procedures/ID"),
        ("POST", "/procedures/ID/versions"), ("DELETE", "/procedures/ID/versions/1"),
        ("PATCH", "/parts/X"), ("DELETE", "/parts/X"), ("PATCH", "/parts/X/revisions/A"),
        ("DELETE", "/parts/X/revisions/A"), ("PATCH", "/batches/X"), ("DELETE", "/batches/X"),
        ("DELETE", "/runs?ids=ID"), ("DELETE", "/units?serial_numbers=X"), ("POST", "/stations"),
        ("GET", "/stations?limit=x"), ("PATCH", "/stations/ID"), ("DELETE", "/stations/ID")
    )]
    (method, path): (&str, &str),
) {
    let bench = Bench::open().await;
    let method: Method = method.parse().unwrap();
    let (status, body) = bench.send(Station, method, &path.replace("ID", NOTHING), "nonsense").await;
    assert_eq!((status, &body["code"]), (StatusCode::FORBIDDEN, &json!("FORBIDDEN")));
    assert!(words(&body).contains("Stations cannot "), "{body}");
}

#[tokio::test]
async fn a_person_is_no_station() {
    let bench = Bench::open().await;
    let (status, _) = bench.send(User, Method::GET, "/stations/current", "").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

/// An id or a number that cannot be one is refused before anything else is said, to both.
#[rstest]
#[case("POST", "/procedures/no-uuid/versions", "uuid")]
#[case("DELETE", "/procedures/no-uuid", "uuid")]
#[case("GET", "/stations/no-uuid", "uuid")]
#[case("GET", "/runs/a%20b", "run id")]
#[case("GET", "/parts/%20", "part number must not be empty")]
#[case("PATCH", "/parts/", "must not be empty")]
#[case("GET", "/parts/%00", "part number must not contain")]
#[case("GET", "/parts/%ff", "UTF-8")]
#[case("GET", "/units/XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX", "60 characters")]
#[case("GET", "/batches/a.b", "batch number must not contain '.'")]
#[tokio::test]
async fn a_path_is_looked_at_first(
    #[case] method: &str,
    #[case] path: &str,
    #[case] expected: &str,
    #[values(User, Station)] who: Who,
) {
    let bench = Bench::open().await;
    let (status, body) = bench.send(who, method.parse().unwrap(), path, "nonsense").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    assert!(body["issues"][0]["message"].as_str().unwrap().contains(expected), "{body}");
    assert_eq!((&body["message"], &body["code"]), (&json!("Input validation failed"), &json!("BAD_REQUEST")));
}

#[rstest]
#[case("GET", "/procedures/ID", "")]
#[case("PATCH", "/procedures/ID", r#"{"name":"x"}"#)]
#[case("DELETE", "/procedures/ID", "")]
#[case("POST", "/procedures/ID/versions", r#"{"tag":"1"}"#)]
#[case("GET", "/procedures/ID/versions/1", "")]
#[case("GET", "/parts/X", "")]
#[case("PATCH", "/parts/X", r#"{"name":"x"}"#)]
#[case("DELETE", "/parts/X", "")]
#[case("POST", "/parts/X/revisions", r#"{"number":"1"}"#)]
#[case("GET", "/parts/X/revisions/1", "")]
#[case("PATCH", "/parts/X/revisions/1", r#"{"number":"2"}"#)]
#[case("DELETE", "/parts/X/revisions/1", "")]
#[case("GET", "/units/X", "")]
#[case("PATCH", "/units/X", r#"{"new_serial_number":"2"}"#)]
#[case("DELETE", "/units?serial_numbers=X", "")]
#[case("PUT", "/units/X/children", r#"{"child_serial_number":"2"}"#)]
#[case("DELETE", "/units/X/children?child_serial_number=2", "")]
#[case("POST", "/units/X/attachments", r#"{"name":"a.txt"}"#)]
#[case("DELETE", "/units/X/attachments?ids=ID", "")]
#[case("GET", "/batches/X", "")]
#[case("PATCH", "/batches/X", r#"{"new_number":"2"}"#)]
#[case("DELETE", "/batches/X", "")]
#[case("GET", "/runs/ID", "")]
#[case("PATCH", "/runs/ID", r#"{"attachments":[]}"#)]
#[case("POST", "/runs/ID/attachments", r#"{"name":"a.txt"}"#)]
#[case("DELETE", "/runs?ids=ID", "")]
#[case("GET", "/stations/ID", "")]
#[case("PATCH", "/stations/ID", r#"{"name":"x"}"#)]
#[case("DELETE", "/stations/ID", "")]
#[case("POST", "/stations", r#"{"name":"x","procedure_id":"ID"}"#)]
#[case("POST", "/attachments/ID/finalize", "")]
#[case("DELETE", "/attachments?ids=ID", "")]
#[tokio::test]
async fn what_is_not_there_is_not_found(#[case] method: &str, #[case] path: &str, #[case] body: &str) {
    let bench = Bench::open().await;
    let (path, body) = (path.replace("ID", NOTHING), body.replace("ID", NOTHING));
    let (status, body) = bench.send(User, method.parse().unwrap(), &path, &body).await;
    assert_eq!((status, &body["code"]), (StatusCode::NOT_FOUND, &json!("NOT_FOUND")), "{body}");
    assert!(body["message"].as_str().unwrap().contains("not found"), "{body}");
}

#[rstest]
#[case("/procedures", r#"{"name": "  "}"#, "name: procedure name must not be empty")]
#[case("/procedures", r#"{"title": "x"}"#, "missing field `name`")]
#[case("/procedures", r#"{"name": 7}"#, "name: invalid type: integer `7`, expected a string")]
#[case("/procedures", r#"{"name": "x"} y"#, "trailing characters")]
#[case("/parts", r#"{"number": ""}"#, "number: part number must not be empty")]
#[case("/parts", r#"{"number": "a\u0000b"}"#, "part number must not contain")]
#[case("/batches", r#"{"number": "a b"}"#, "number: batch number must not contain ' '")]
#[case("/units", r#"{"serial_number": "1", "part_number": "2"}"#, "missing field `revision_number`")]
#[case("/stations", r#"{"name": "x", "procedure_id": "y"}"#, "uuid")]
#[case("/attachments", r#"{"name": ""}"#, "file name")]
#[tokio::test]
async fn a_body_that_is_wrong_says_which_field(
    #[case] path: &str,
    #[case] body: &str,
    #[case] expected: &str,
) {
    let bench = Bench::open().await;
    let (status, body) = bench.send(User, Method::POST, path, body).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    assert!(body["issues"][0]["message"].as_str().unwrap().contains(expected), "{body}");
}

#[rstest]
#[case("/runs?limit=-1")]
#[case("/runs?limit=many")]
#[case("/runs?cursor=0.5")]
#[case("/runs?cursor=NaN")]
#[case("/runs?cursor=-1")]
#[case("/runs?sort_by=weather")]
#[case("/runs?sort_order=up")]
#[case("/runs?outcomes=GOOD")]
#[case("/runs?started_after=yesterday")]
#[case("/runs?duration_min=5m")]
#[case("/runs?serial_numbers=")]
#[case("/runs?procedure_ids=FVT1")]
#[case("/units?latest_only=perhaps")]
#[case("/units?run_count_min=-1")]
#[case("/batches?numbers=a%20b")]
#[tokio::test]
async fn a_query_that_is_wrong_is_refused(#[case] path: &str) {
    let bench = Bench::open().await;
    let (status, body) = bench.send(User, Method::GET, path, "").await;
    assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("BAD_REQUEST")), "{body}");
}
