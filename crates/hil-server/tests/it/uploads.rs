//! Files in and out.

use std::time::Duration;

use hil_store::StoreOptions;
use http_body_util::Full;
use hyper::{Method, Request, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::database::{Backend, Postgres, Sqlite};
use crate::lab::Lab;

#[rstest]
#[tokio::test]
async fn a_file_goes_up_and_comes_down(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(lab) = Lab::open(backend).await else { return };
    let run = lab.create(&lab.submission("SN-1")).await;
    let name = "../../etc/\"pass\" wd Ω\r\nSet-Cookie: x";
    let (id, path) = lab.announce(name).await;
    let content = vec![7; 3_000_000];
    let put =
        Request::put(&path).header("content-type", "text/html").body(Full::from(content.clone())).unwrap();
    assert_eq!(lab.send(put).await.status, StatusCode::OK);
    for _ in 0..2 {
        let linked = lab.post("/api/v1/uploads/sync", &json!({ "upload_id": id, "run_id": run })).await;
        assert_eq!(linked.status, StatusCode::OK);
    }

    let listed = lab.get("/api/v1/runs?serial_number=SN-1").await.json();
    let [attachment] = &listed["result"][0]["attachments"].as_array().unwrap()[..] else {
        panic!("{listed}")
    };
    assert_eq!((&attachment["name"], &attachment["filename"]), (&json!(name), &json!(name)));
    assert_eq!((&attachment["size"], &attachment["id"]), (&json!(3_000_000), &json!(id)));
    let link = lab.path(attachment["url"].as_str().unwrap());
    let read = lab.call(Method::GET, &link, None, "").await;
    assert_eq!((read.status, read.body.to_vec()), (StatusCode::OK, content));
    assert_eq!(read.header("content-type"), "application/octet-stream");
    assert_eq!(read.header("x-content-type-options"), "nosniff");
    assert_eq!(read.header("content-security-policy"), "default-src 'none'; sandbox");
    assert!(
        read.header("content-disposition")
            .starts_with("attachment; filename=\".._.._etc__pass_ wd ___Set-Cookie_ x\"")
    );
    assert!(read.header("set-cookie").is_empty());
    let head = lab.call(Method::HEAD, &link, None, "").await;
    assert_eq!((head.header("content-length"), head.body.len()), ("3000000", 0));

    let answer = lab.call(Method::DELETE, &format!("/api/v1/runs/{run}"), Some(&lab.user), "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(lab.files(), 0, "a run takes its files with it");
    assert_eq!(lab.call(Method::GET, &link, None, "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_content_is_sent_once() {
    let lab = Lab::sqlite().await;
    let (_, path) = lab.announce("a").await;
    for (content, status) in [("one", 200), ("one", 200), ("two", 409)] {
        assert_eq!(lab.call(Method::PUT, &path, None, content).await.status, status);
    }
    assert_eq!(lab.files(), 1);
    let text = String::from_utf8(lab.get("/metrics").await.body.to_vec()).unwrap();
    assert!(
        text.contains("\nhil_uploads_total 1\n") && text.contains("\nhil_stored_bytes_total 3\n"),
        "{text}"
    );
}

#[rstest]
#[case::another_file(|path: &str, other: &str| path.replacen(path.split(['/', '?']).nth(2).unwrap(), other, 1))]
#[case::later(|path: &str, _: &str| path.replacen("expires=1", "expires=2", 1))]
#[case::another_token(|path: &str, _: &str| format!("{}0", &path[..path.len() - 1]).replacen("00", "0f", 1))]
#[case::half_a_token(|path: &str, _: &str| path[..path.len() - 1].to_owned())]
#[case::no_token(|path: &str, _: &str| path.split('&').next().unwrap().to_owned())]
#[case::no_query(|path: &str, _: &str| path.split('?').next().unwrap().to_owned())]
#[case::no_id(|path: &str, _: &str| path.replacen(path.split(['/', '?']).nth(2).unwrap(), "..%2F..%2Fetc%2Fpasswd", 1))]
#[tokio::test]
async fn a_link_that_was_changed_is_none(#[case] change: fn(&str, &str) -> String) {
    let lab = Lab::sqlite().await;
    let (other, _) = lab.announce("other").await;
    let (_, path) = lab.announce("a").await;
    let changed = change(&path, &other);
    assert_ne!(changed, path);
    let refused = lab.call(Method::PUT, &changed, None, "x").await.status;
    assert!([400, 403].contains(&refused.as_u16()), "{refused}");
    assert_eq!(
        lab.call(Method::GET, &path, None, "").await.status,
        StatusCode::FORBIDDEN,
        "it is for storing"
    );
    assert_eq!(lab.files(), 0);
}

#[rstest]
#[case::less_than_announced("Content-Length: 10\r\n\r\nabc")]
#[case::half_a_chunk("Transfer-Encoding: chunked\r\n\r\n5\r\nabc")]
#[case::no_last_chunk("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
#[case::no_chunk("Transfer-Encoding: chunked\r\n\r\nzzz\r\n")]
#[case::two_lengths("Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")]
#[tokio::test]
async fn a_content_is_stored_whole_or_not_at_all(#[case] rest: &str) {
    let lab = Lab::sqlite().await;
    let (id, path) = lab.announce("a").await;
    let mut stream = tokio::net::TcpStream::connect(lab.address).await.unwrap();
    let request = format!("PUT {path} HTTP/1.1\r\nHost: x\r\n{rest}");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    tokio::io::AsyncWriteExt::shutdown(&mut stream).await.unwrap();
    let mut answer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    // The writer may still be on its way out.
    for _ in 0..100 {
        if lab.files() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(lab.files(), 0);
    assert_eq!(lab.store.upload(id.parse().unwrap()).await.unwrap().size, None);
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let lab = Lab::sqlite().await;
    let (id, path) = lab.announce("empty").await;
    let request = format!(
        "PUT {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    );
    let answer = lab.raw(&[request.as_bytes()], Duration::ZERO).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(lab.store.upload(id.parse().unwrap()).await.unwrap().size, Some(0));
}

#[tokio::test]
async fn too_large_is_refused_and_leaves_nothing() {
    let store = StoreOptions { max_content: Some(1_000_000), ..StoreOptions::default() };
    let lab = Lab::start(Sqlite, store, |_| {}).await.unwrap();
    let (_, path) = lab.announce("a").await;
    let refused = lab.call(Method::PUT, &path, None, vec![0; 20_000_000]).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(lab.files(), 0);
    assert_eq!(lab.call(Method::PUT, &path, None, vec![0; 1_000_000]).await.status, StatusCode::OK);
}

#[rstest]
#[case("/api/v1/uploads/initialize", json!({}), 400)]
#[case("/api/v1/uploads/initialize", json!({ "name": "" }), 400)]
#[case("/api/v1/uploads/initialize", json!({ "name": "x".repeat(2000) }), 400)]
#[case("/api/v1/uploads/initialize", json!({ "name": "x", "mimeType": 7 }), 400)]
#[case("/api/v1/uploads/initialize", json!({ "name": "x", "mimeType": null, "sizeBytes": 10 }), 200)]
#[case("/api/v1/uploads/sync", json!({ "upload_id": "x", "run_id": "y" }), 400)]
#[case("/api/v1/uploads/sync", json!({ "upload_id": "0193a5c0-0000-7000-8000-000000000001", "run_id": "0193a5c0-0000-7000-8000-000000000001" }), 404)]
#[tokio::test]
async fn files_are_announced_properly(
    #[case] path: &str,
    #[case] body: serde_json::Value,
    #[case] status: u16,
) {
    let lab = Lab::sqlite().await;
    let answer = lab.post(path, &body).await;
    assert_eq!(answer.status, status, "{}", answer.message());
}

#[rstest]
#[case::as_the_client_sees_it(None, false, &[("host", "bench.lab:99")], "http://bench.lab:99/")]
#[case::as_it_was_told(Some("https://hil.lab/"), true, &[("host", "x"), ("x-forwarded-host", "y")], "https://hil.lab/")]
#[case::as_the_proxy_says(None, true, &[("host", "x"), ("x-forwarded-host", "hil.lab, inner"), ("x-forwarded-proto", "https")], "https://hil.lab/")]
#[case::unless_nobody_trusts_it(None, false, &[("host", "x"), ("x-forwarded-host", "hil.lab"), ("x-forwarded-proto", "https")], "http://x/")]
#[tokio::test]
async fn links_lead_to_where_the_server_is(
    #[case] public_url: Option<&str>,
    #[case] trust_proxy: bool,
    #[case] headers: &[(&str, &str)],
    #[case] expected: &str,
) {
    let lab = Lab::start(Sqlite, StoreOptions::default(), |options| {
        options.public_url = public_url.map(|url| url.parse().unwrap());
        options.trust_proxy = trust_proxy;
    })
    .await
    .unwrap();
    let mut request =
        Request::post("/api/v1/uploads/initialize").header("authorization", format!("Bearer {}", lab.user));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = lab.send(request.body(Full::from(r#"{"name":"a"}"#)).unwrap()).await.json();
    let url = answer["uploadUrl"].as_str().unwrap();
    assert!(url.starts_with(&format!("{expected}files/")), "{url}");
}
