//! `hil watch`, in front of a server that says what it is told to.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rstest::rstest;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept_hdr};

use crate::program::Program;

const JOB: &str = "01a1ff13-8728-7111-a8e9-c6f48db3576f";

/// A server: what it says on each connection, and what it heard.
struct Said {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

/// Each connection gets the messages of its turn, then a ping, and is cut once that is answered. The job is over once
/// all turns were had, and ends as `end` says.
fn serve(turns: Vec<Vec<Value>>, end: Value) -> Said {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (log, turn) = (Arc::clone(&heard), Arc::new(AtomicUsize::new(0)));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let mut head = [0; 16];
            let read = stream.peek(&mut head).unwrap();
            if !head[..read].starts_with(b"GET /v1/realtime") {
                let is_over = turn.load(Ordering::SeqCst) >= turns.len();
                answer(stream, if is_over { &end } else { &Value::Null });
                continue;
            }
            let Some(messages) = turns.get(turn.fetch_add(1, Ordering::SeqCst)) else { return };
            converse(stream, messages, &log);
        }
    });
    Said { address, heard }
}

/// Where the job is: running if nothing else is known.
fn answer(mut stream: TcpStream, end: &Value) {
    let _ = stream.read(&mut [0; 4096]).unwrap();
    let running = json!({ "status": "running", "result": null });
    let body = if end.is_null() { &running } else { end }.to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length:";
    write!(stream, "{head} {}\r\n\r\n{body}", body.len()).unwrap();
}

#[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
fn converse(stream: TcpStream, messages: &[Value], log: &Mutex<Vec<String>>) {
    let note = |request: &tokio_tungstenite::tungstenite::handshake::server::Request, response| {
        log.lock().unwrap().push(request.uri().to_string());
        let key = request.headers().get("authorization").map(|key| key.to_str().unwrap().to_owned());
        log.lock().unwrap().extend(key);
        Ok(response)
    };
    let mut socket: WebSocket<TcpStream> = accept_hdr(stream, note).unwrap();
    let ping = json!({ "type": "ping", "payload": { "interval_seconds": 30 }, "timestamp": "2026-11-21T09:14:03.118Z" });
    for message in messages.iter().chain([&ping]) {
        socket.send(Message::text(message.to_string())).unwrap();
    }
    // A client that has seen what it waited for may be gone.
    if let Ok(Message::Text(pong)) = socket.read() {
        let pong: Value = serde_json::from_str(&pong).unwrap();
        assert_eq!((&pong["type"], &pong["payload"]["timestamp"]), (&json!("pong"), &ping["timestamp"]));
        log.lock().unwrap().push("pong".to_owned());
    }
}

fn message(seq: u64, kind: &str, payload: Value) -> Value {
    json!({ "type": kind, "payload": payload, "timestamp": "2026-11-21T09:14:03.118Z", "epoch": "k3v9", "seq": seq, "job_id": JOB })
}

fn sync(recovered: bool) -> Value {
    let payload = json!({ "recovered": recovered, "seq": 7, "jobs": [JOB] });
    json!({ "type": "sync", "payload": payload, "timestamp": "2026-11-21T09:14:03.118Z", "epoch": "k3v9" })
}

fn watch(said: &Said) -> Program {
    Program::hil()
        .args(&["watch", &format!("http://{}", said.address), "--job", JOB])
        .env("HIL_API_KEY", "hil_0123")
}

#[rstest]
#[case("completed", "PASS", 0)]
#[case("completed", "FAIL", 1)]
#[case("aborted", "ABORTED", 2)]
#[case("failed", "ERROR", 3)]
fn it_shows_a_job_to_its_end_over_a_cut(#[case] status: &str, #[case] outcome: &str, #[case] code: i32) {
    let first = vec![
        sync(false),
        message(8, "progress", json!({ "job_id": JOB, "progress": 0, "stage": "starting" })),
        message(9, "warning", json!({ "plugin": "setup:psu", "message": "the rail sags\u{1b}[2J" })),
        message(
            10,
            "partial_result",
            json!({ "plugin": "t", "partial": true, "result": { "measurement": {
            "name": "rail", "value": 11.2, "unit": "V", "outcome": "FAIL", "limits": { "low": 11.5, "high": 12.5 } } } }),
        ),
        message(11, "something_new", json!({})),
    ];
    let second = vec![
        sync(true),
        message(
            12,
            "error",
            json!({ "error": "Failed", "plugin": "t", "details": { "message": "the rail is low" } }),
        ),
        message(13, "plugin_status", json!({ "plugin": "t", "status": "failed", "timing_ms": 1250.0 })),
        json!({ "type": "gap", "payload": { "dropped": { "frame": 3 }, "from_seq": 14, "to_seq": 16 }, "epoch": "k3v9" }),
        message(17, "progress", json!({ "job_id": "another", "progress": 100, "stage": "completed" })),
        message(18, "progress", json!({ "job_id": JOB, "progress": 100, "stage": status })),
    ];
    let end = json!({ "status": status, "result": { "outcome": outcome, "run_id": "r-1" } });
    let said = serve(vec![first, second], end);
    let shown = watch(&said).output().code(code).stdout();
    for text in [
        "setup:psu: the rail sags\\u{1b}[2J",
        "rail is 11.2 V",
        "not live",
        "live again, nothing was missed",
        "t: Failed: the rail is low",
        "FAILED     1.250 s  t",
        "{\"frame\":3} (numbers 14 to 16)",
        &format!("{status}: {outcome}, run r-1"),
    ] {
        assert!(shown.contains(text), "{text:?} is not in\n{shown}");
    }
    let heard = said.heard.lock().unwrap();
    let query = format!("/v1/realtime?job_id={JOB}");
    assert_eq!(heard[..3], [query.clone(), "Bearer hil_0123".to_owned(), "pong".to_owned()]);
    assert_eq!(heard[3], format!("{query}&since=k3v9:11"));
}

/// `sync` says where the replay will end, not that it has come.
#[test]
fn a_cut_before_the_replay_loses_nothing() {
    let first = vec![sync(false), message(8, "progress", json!({ "progress": 0, "stage": "starting" }))];
    let last = message(9, "progress", json!({ "job_id": JOB, "progress": 100, "stage": "completed" }));
    let end = json!({ "status": "completed", "result": { "outcome": "PASS", "run_id": null } });
    let said = serve(vec![first, vec![sync(true)], vec![sync(true), last]], end);
    watch(&said).output().code(0);
    let heard = said.heard.lock().unwrap();
    let asked: Vec<&String> = heard.iter().filter(|line| line.starts_with("/v1/realtime")).collect();
    let query = format!("/v1/realtime?job_id={JOB}");
    assert_eq!(asked, [&query, &format!("{query}&since=k3v9:8"), &format!("{query}&since=k3v9:8")]);
}

/// What says so was told before the stream was joined.
#[test]
fn a_job_that_ends_before_the_stream_is_joined_is_over() {
    let end = json!({ "status": "completed", "result": { "outcome": "PASS", "run_id": null } });
    let said = serve(vec![vec![sync(false)]], end);
    watch(&said).output().code(0);
    assert_eq!(said.heard.lock().unwrap().iter().filter(|line| line.starts_with("/v1/realtime")).count(), 1);
}

#[test]
fn a_job_that_is_over_is_told_at_once() {
    let said =
        serve(vec![], json!({ "status": "interrupted", "result": { "outcome": "ABORTED", "run_id": null } }));
    let shown = watch(&said).output().code(2).stdout();
    assert!(shown.contains("interrupted: ABORTED"), "{shown}");
    assert_eq!(said.heard.lock().unwrap().len(), 0);
}

#[rstest]
#[case(&["watch", "ftp://x"], "is not the URL of a server")]
#[case(&["watch", "http://127.0.0.1:1", "--job", "../x"], "is not the id of a job")]
fn what_cannot_be_meant_is_a_usage_error(#[case] arguments: &[&str], #[case] message: &str) {
    let said = Program::hil().args(arguments).output().code(4).stderr();
    assert!(said.contains(message), "{said}");
}
