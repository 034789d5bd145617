//! Clients that are slow, greedy or broken.

use std::time::{Duration, Instant};

use hil_server::ServerOptions;
use hil_store::StoreOptions;
use http_body_util::Full;
use hyper::{Method, Request, StatusCode};
use rstest::rstest;
use tokio::io::AsyncWriteExt as _;

use crate::database::{Backend, Postgres, Sqlite};
use crate::lab::Lab;

const PAUSE: Duration = Duration::from_millis(300);

async fn impatient() -> Lab {
    let change = |options: &mut ServerOptions| {
        options.patience.head = PAUSE;
        options.patience.piece = PAUSE;
        options.patience.body = 4 * PAUSE;
    };
    Lab::start(Sqlite, StoreOptions::default(), change).await.unwrap()
}

fn post(lab: &Lab, length: usize) -> String {
    format!(
        "POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {length}\r\n\r\n",
        lab.user
    )
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut() {
    let lab = impatient().await;
    let answer = lab.raw(&[b"GET / HTTP/1.1\r\n", b"Host: x\r\n", b"A: b\r\n", b"A: b\r\n"], PAUSE / 2).await;
    assert_eq!(answer, "");
}

#[tokio::test]
async fn a_body_that_stops_is_answered() {
    let lab = impatient().await;
    let answer = lab.raw(&[post(&lab, 100).as_bytes(), b"{"], Duration::ZERO).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_trickles_is_answered() {
    let lab = impatient().await;
    let (_, path) = lab.announce("a").await;
    let put = format!("PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
    for head in [post(&lab, 100), put] {
        let mut pieces = vec![head.as_bytes()];
        pieces.extend([b" ".as_slice(); 20]);
        let started = Instant::now();
        let answer = lab.raw(&pieces, PAUSE / 2).await;
        assert!(answer.starts_with("HTTP/1.1 408 ") || answer.is_empty(), "{answer}");
        assert!(started.elapsed() < 30 * PAUSE);
    }
    assert_eq!(lab.files(), 0);
}

#[rstest]
#[case::one_long("A: ", 200_000)]
#[case::long_path("", 200_000)]
#[tokio::test]
async fn a_head_that_is_too_long_is_refused(#[case] name: &str, #[case] length: usize) {
    let lab = Lab::sqlite().await;
    let long = "x".repeat(length);
    let request = if name.is_empty() {
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n")
    } else {
        format!("GET / HTTP/1.1\r\nHost: x\r\n{name}{long}\r\n\r\n")
    };
    let answer = lab.raw(&[request.as_bytes()], Duration::ZERO).await;
    // The server may cut the connection before the client has read why.
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(lab.get("/healthz").await.status, StatusCode::OK);
}

#[rstest]
#[case::lists("[", "]")]
#[case::objects("{\"a\":", "}")]
#[case::unclosed("[", "")]
#[tokio::test]
async fn json_may_not_be_deep(#[case] open: &str, #[case] close: &str) {
    let lab = Lab::sqlite().await;
    let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let measurement = format!(r#"{{"name":"m","measured_value":{deep}}}"#);
    let phase =
        format!(r#"{{"name":"a","outcome":"PASS","start_time_millis":0,"measurements":[{measurement}]}}"#);
    let body = lab.submission("SN-1").to_string();
    let body = format!(r#"{},"phases":[{phase}]}}"#, body.strip_suffix('}').unwrap());
    let answer = lab.call(Method::POST, "/api/v1/runs", Some(&lab.user), body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.message());
}

#[rstest]
#[case::no_json(b"x")]
#[case::empty(b"")]
#[case::more_than_one(b"{} {}")]
#[case::a_control_character(b"{\"a\": \"\0\"}")]
#[case::no_utf8(b"{\"a\": \"\xff\xfe\"}")]
#[case::half_a_character(b"{\"a\": \"\xc3\"}")]
#[case::half_a_surrogate(b"{\"a\": \"\xed\xa0\x80\"}")]
#[case::twice(br#"{"run_passed": true, "run_passed": false}"#)]
#[tokio::test]
async fn a_body_that_is_no_json_is_refused(#[case] body: &'static [u8]) {
    let lab = Lab::sqlite().await;
    let answer = lab.call(Method::POST, "/api/v1/runs", Some(&lab.user), body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn ten_megabytes_of_text_are_a_run() {
    let lab = Lab::sqlite().await;
    let mut sent = lab.submission("SN-1");
    sent["logs"] = serde_json::json!([
        { "level": "INFO", "timestamp": "2025-01-01T00:00:00Z", "message": "Ω".repeat(5_000_000) },
    ]);
    let run = lab.store.run(lab.create(&sent).await.parse().unwrap()).await.unwrap();
    assert_eq!(run.run.logs[0].message.len(), 10_000_000);
}

#[rstest]
#[case::nobody(None, "/api/v1/runs", 401)]
#[case::somebody_else(Some("invalid-key-000"), "/api/v1/runs", 401)]
#[case::too_large(Some(""), "/api/v1/runs", 413)]
#[case::too_large_elsewhere(Some(""), "/api/v1/uploads/initialize", 413)]
#[case::nowhere(Some(""), "/api/v1/nothing", 404)]
#[tokio::test]
async fn a_client_that_sends_too_much_still_hears_why(
    #[case] key: Option<&str>,
    #[case] path: &str,
    #[case] status: u16,
) {
    let lab = Lab::sqlite().await;
    let key = key.map(|key| if key.is_empty() { lab.user.as_str() } else { key });
    let answer = lab.call(Method::POST, path, key, vec![b' '; 40_000_000]).await;
    assert_eq!(answer.status, status);
    assert!(!answer.message().is_empty());
}

#[tokio::test]
async fn a_client_that_waits_for_leave_gets_it_or_the_answer() {
    let lab = Lab::sqlite().await;
    let body = lab.submission("SN-1").to_string();
    let head = |key: &str| {
        format!(
            "POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
    };
    let answer = lab.raw(&[head(&lab.user).as_bytes(), body.as_bytes()], PAUSE).await;
    assert!(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), "{answer}");
    let answer = lab.raw(&[head("invalid-key-000").as_bytes()], PAUSE).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn bodies_wait_for_room() {
    let change = |options: &mut ServerOptions| options.memory = 0;
    let lab = Lab::start(Sqlite, StoreOptions::default(), change).await.unwrap();
    // There is always room for one run. Each of these takes half of it.
    let sent = |serial: usize| {
        let mut body = lab.submission(&format!("SN-{serial}")).to_string().into_bytes();
        body.resize(16 << 20, b' ');
        body
    };
    let calls = (0..4).map(|serial| lab.call(Method::POST, "/api/v1/runs", Some(&lab.user), sent(serial)));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn connections_wait_for_room() {
    let change = |options: &mut ServerOptions| {
        options.connections = 1;
        options.patience.head = PAUSE;
    };
    let lab = Lab::start(Sqlite, StoreOptions::default(), change).await.unwrap();
    let idle = tokio::net::TcpStream::connect(lab.address).await.unwrap();
    assert_eq!(lab.get("/healthz").await.status, StatusCode::OK, "whoever says nothing is cut");
    drop(idle);
}

#[rstest]
#[case("evil.example/../x")]
#[case("a b")]
#[case("user@evil.example")]
#[tokio::test]
async fn a_host_that_is_none_makes_no_link(#[case] host: &str) {
    let lab = Lab::sqlite().await;
    let request = Request::post("/api/v1/uploads/initialize")
        .header("authorization", format!("Bearer {}", lab.user))
        .header("host", host)
        .body(Full::from(r#"{"name":"a"}"#))
        .unwrap();
    assert_eq!(lab.send(request).await.status, StatusCode::BAD_REQUEST);
}

fn chunked(lab: &Lab, path: &str, body: &str) -> String {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n\r\n",
        lab.user
    );
    if body.is_empty() { head } else { format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len()) }
}

#[tokio::test]
async fn bodies_of_unknown_length_take_no_more_room_than_they_may() {
    let change = |options: &mut ServerOptions| options.memory = 0;
    let lab = Lab::start(Sqlite, StoreOptions::default(), change).await.unwrap();
    // Those that do not go on, on a route that takes a megabyte of the 32 that there are.
    let mut stuck = Vec::new();
    for _ in 0..10 {
        let mut stream = tokio::net::TcpStream::connect(lab.address).await.unwrap();
        stream.write_all(chunked(&lab, "/api/v1/uploads/initialize", "").as_bytes()).await.unwrap();
        stuck.push(stream);
    }
    tokio::time::sleep(PAUSE).await;
    let mut body = lab.submission("SN-1").to_string().into_bytes();
    body.resize(16 << 20, b' ');
    let sent = lab.call(Method::POST, "/api/v1/runs", Some(&lab.user), body);
    let answer = tokio::time::timeout(Duration::from_secs(15), sent).await.expect("others have all the room");
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_report_waits_for_nobody_but_others() {
    let change = |options: &mut ServerOptions| options.memory = 0;
    let options = StoreOptions { max_content: Some(32 << 20), ..StoreOptions::default() };
    let lab = Lab::start(Sqlite, options, change).await.unwrap();
    let (id, path) = lab.announce("report").await;
    let put = lab.call(Method::PUT, &path, None, vec![b' '; 32 << 20]).await;
    assert_eq!(put.status, StatusCode::OK);
    // The report alone takes all the room that there is.
    let body = format!(r#"{{"upload_id":"{id}","importer":"OPENHTF"}}"#);
    let answer = lab.raw(&[chunked(&lab, "/api/v1/import", &body).as_bytes()], Duration::ZERO).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[rstest]
#[case("duration", serde_json::json!("P99999999D"))]
#[case("started_at", serde_json::json!("999999-01-01T00:00:00Z"))]
#[case("phases", serde_json::json!([{"name": "a", "outcome": "PASS", "start_time_millis": 8.64e15}]))]
#[case("phases", serde_json::json!([{"name": "a", "outcome": "PASS", "start_time_millis": 0, "end_time_millis": -8.64e15}]))]
#[case("steps", serde_json::json!([{"name": "a", "started_at": "2025-01-01T00:00:00Z", "duration": "P99999999D", "step_passed": true}]))]
#[tokio::test]
async fn a_time_without_a_date_is_refused(#[case] field: &str, #[case] value: serde_json::Value) {
    let lab = Lab::sqlite().await;
    let mut sent = lab.submission("SN-1");
    sent[field] = value;
    let answer = lab.post("/api/v1/runs", &sent).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.message());
}

#[rstest]
#[case("/api/v2/runs?search_query=")]
#[case("/api/v2/units?search_query=")]
#[case("/api/v2/parts?search_query=")]
#[case("/api/v2/procedures?search_query=")]
#[case("/api/hil/v1/runs?search=")]
#[tokio::test]
async fn a_search_may_be_so_long(#[values(Sqlite, Postgres)] backend: Backend, #[case] path: &str) {
    let Some(lab) = Lab::open(backend).await else { return };
    for (length, status) in [(1000, StatusCode::OK), (60_000, StatusCode::BAD_REQUEST)] {
        let answer = lab.get(&format!("{path}{}", "x".repeat(length))).await;
        assert_eq!(answer.status, status, "{length}");
    }
}
