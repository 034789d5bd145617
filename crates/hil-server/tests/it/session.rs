//! Sessions of browsers, and who sits at the machine itself.

use std::net::SocketAddr;
use std::sync::Arc;

use hil_server::{Server, ServerOptions};
use hil_store::StoreOptions;
use http_body_util::Full;
use hyper::{Method, Request, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::database::Sqlite;
use crate::lab::{Answer, Lab};

async fn ask(lab: &Lab, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", lab.address.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    lab.send(request.body(Full::new(body.to_owned().into())).unwrap()).await
}

/// The cookie of a new session.
async fn log_in(lab: &Lab, key: &str) -> String {
    let answer = ask(lab, "POST", "/v1/session", &[], &json!({ "key": key }).to_string()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let cookie = answer.header("set-cookie");
    let (pair, rest) = cookie.split_once("; ").unwrap();
    assert_eq!(rest, "HttpOnly; SameSite=Strict; Path=/; Max-Age=34560000");
    assert!(!cookie.contains(key));
    pair.to_owned()
}

#[tokio::test]
async fn a_cookie_stands_for_a_key_until_either_ends() {
    let lab = Lab::sqlite().await;
    assert_eq!(ask(&lab, "GET", "/v1/session", &[], "").await.status, StatusCode::UNAUTHORIZED);
    let cookie = log_in(&lab, &lab.user).await;
    let with = [("cookie", cookie.as_str())];
    let session = ask(&lab, "GET", "/v1/session", &with, "").await;
    assert_eq!(
        session.json(),
        json!({ "who": { "kind": "user", "name": "ada@example.com" }, "may": ["watch", "emit", "start"] })
    );
    let stored = lab.submission("SN-1").to_string();
    assert_eq!(ask(&lab, "POST", "/api/v1/runs", &with, &stored).await.status, StatusCode::OK);
    let over = ask(&lab, "DELETE", "/v1/session", &with, "").await;
    assert_eq!(over.status, StatusCode::NO_CONTENT);
    assert!(
        over.header("set-cookie").starts_with("hil_session=; ")
            && over.header("set-cookie").contains("Max-Age=0")
    );
    assert_eq!(ask(&lab, "GET", "/v1/session", &with, "").await.status, StatusCode::UNAUTHORIZED);

    let cookie = log_in(&lab, &lab.station).await;
    let with = [("cookie", cookie.as_str())];
    let session = ask(&lab, "GET", "/v1/session", &with, "").await.json();
    assert_eq!(session, json!({ "who": { "kind": "station", "name": "bench-3" }, "may": ["watch", "emit"] }));
    for key in lab.store.keys().await.unwrap() {
        lab.store.revoke_key(key.id).await.unwrap();
    }
    assert_eq!(ask(&lab, "GET", "/v1/session", &with, "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_outlives_its_server() {
    let mut lab = Lab::sqlite().await;
    let cookie = log_in(&lab, &lab.user).await;
    lab.stop().await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let options = ServerOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = Server::bind(Arc::clone(&lab.store), options).await.unwrap();
    lab.address = server.local_addr();
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    let session = ask(&lab, "GET", "/v1/session", &[("cookie", cookie.as_str())], "").await;
    assert_eq!(session.json()["who"]["name"], "ada@example.com");
    stop.send(()).unwrap();
    running.await.unwrap();
}

#[rstest]
#[case("{", StatusCode::BAD_REQUEST)]
#[case("{}", StatusCode::UNPROCESSABLE_ENTITY)]
#[case(r#"{"key":5}"#, StatusCode::UNPROCESSABLE_ENTITY)]
#[case(r#"{"key":"invalid-key-000"}"#, StatusCode::UNAUTHORIZED)]
#[tokio::test]
async fn what_is_no_key_begins_no_session(#[case] body: &str, #[case] status: StatusCode) {
    let lab = Lab::sqlite().await;
    let answer = ask(&lab, "POST", "/v1/session", &[], body).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (status, ""));
}

#[rstest]
#[case::ours("http://{address}", StatusCode::OK)]
#[case::behind_a_proxy_with_tls("https://{address}", StatusCode::OK)]
#[case::named("https://hil.example", StatusCode::OK)]
#[case::named_with_its_port("https://hil.example:443", StatusCode::OK)]
#[case::without_tls("http://hil.example", StatusCode::FORBIDDEN)]
#[case::of_somebody_else("https://hil.example.evil.example", StatusCode::FORBIDDEN)]
#[case::of_another_port("http://127.0.0.1:1", StatusCode::FORBIDDEN)]
#[case::of_a_file("null", StatusCode::FORBIDDEN)]
#[tokio::test]
async fn pages_of_others_change_nothing(#[case] origin: &str, #[case] status: StatusCode) {
    let lab = Lab::start(Sqlite, StoreOptions::default(), |options| {
        options.public_url = Some("https://hil.example".parse().unwrap());
    })
    .await
    .unwrap();
    let answer = ask(&lab, "POST", "/v1/session", &[], &json!({ "key": lab.user }).to_string()).await;
    assert!(answer.header("set-cookie").ends_with("; Secure"));
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let origin = origin.replace("{address}", &lab.address.to_string());
    let with = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    let changed = ask(&lab, "POST", "/api/v1/runs", &with, &lab.submission("SN-1").to_string()).await;
    assert_eq!(changed.status, status);
    let read = ask(&lab, "GET", "/api/v1/runs?serial_number=x", &with, "").await;
    assert_eq!(read.status, StatusCode::OK, "reading is safe: a browser keeps it from the page");
}

#[rstest]
#[case::at_the_machine(true, &[], StatusCode::OK)]
#[case::by_name(true, &[("host", "localhost:8080")], StatusCode::OK)]
#[case::not_asked_for(false, &[], StatusCode::UNAUTHORIZED)]
#[case::with_a_wrong_key(true, &[("authorization", "Bearer x")], StatusCode::UNAUTHORIZED)]
#[case::behind_a_proxy(true, &[("x-forwarded-for", "10.0.0.9")], StatusCode::UNAUTHORIZED)]
#[case::by_a_name_that_was_made_to_lead_here(true, &[("host", "evil.example")], StatusCode::UNAUTHORIZED)]
#[tokio::test]
async fn who_sits_at_the_machine_may_need_no_key(
    #[case] insecure: bool,
    #[case] headers: &[(&str, &str)],
    #[case] status: StatusCode,
) {
    let lab = Lab::start(Sqlite, StoreOptions::default(), |options| options.insecure_local = insecure).await;
    let lab = lab.unwrap();
    let session = ask(&lab, "GET", "/v1/session", headers, "").await;
    assert_eq!(session.status, status);
    if status == StatusCode::OK {
        let expected =
            json!({ "who": { "kind": "local", "name": "local" }, "may": ["watch", "emit", "start"] });
        assert_eq!(session.json(), expected);
        assert_eq!(
            ask(&lab, "GET", "/api/v1/runs?serial_number=x", headers, "").await.status,
            StatusCode::OK
        );
        let stored = lab.submission("SN-1").to_string();
        let refused = ask(&lab, "POST", "/api/v1/runs", headers, &stored).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    } else {
        assert_eq!(session.json()["details"]["error_code"], Value::from("UNAUTHORIZED"));
    }
}

#[tokio::test]
async fn methods_that_are_not_offered_are_refused_in_the_same_form() {
    let lab = Lab::sqlite().await;
    let answer = lab.call(Method::PATCH, "/v1/session", Some(&lab.user), "").await;
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, Some("Method Not Allowed"))
    );
}
