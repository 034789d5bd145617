//! The dashboard, as a browser gets it.

use http_body_util::Full;
use hyper::{Method, Request, StatusCode};
use rstest::rstest;

use crate::lab::{Answer, Lab};

async fn browse(lab: &Lab, path: &str) -> Answer {
    let request = Request::builder().uri(path).header("host", lab.address.to_string());
    let request = request.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    lab.send(request.body(Full::default()).unwrap()).await
}

#[rstest]
#[case("/")]
#[case("/runs")]
#[case("/runs/018f2b6e-0000-7000-8000-000000000000")]
#[case("/compare?a=1&b=2")]
#[case("/jobs/0199c0de-8f10")]
#[case("/statistics")]
#[case("/requirements")]
#[case("/login")]
#[tokio::test]
async fn each_address_is_the_same_page(#[case] path: &str) {
    let lab = Lab::sqlite().await;
    let page = browse(&lab, path).await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert_eq!((page.header("cache-control"), page.header("x-frame-options")), ("no-store", "DENY"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{policy}");
    assert!(!policy.contains("unsafe") && policy.ends_with("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("referrer-policy"), "same-origin");

    let text = std::str::from_utf8(&page.body).unwrap();
    let files: Vec<&str> = text.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert!(files.iter().any(|name| name.ends_with(".js")), "{text}");
    for name in files {
        let file = browse(&lab, name).await;
        assert_eq!((file.status, file.body.is_empty()), (StatusCode::OK, false), "{name}");
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        if name.ends_with(".js") {
            assert_eq!(file.header("content-type"), "text/javascript; charset=utf-8");
        }
    }
}

#[rstest]
#[case("/assets/nothing.js", StatusCode::NOT_FOUND)]
#[case("/assets/..%2Findex.html", StatusCode::NOT_FOUND)]
#[case("/assets/", StatusCode::NOT_FOUND)]
#[case("/index.html", StatusCode::NOT_FOUND)]
#[case("/runs/a/b", StatusCode::NOT_FOUND)]
#[case("/favicon.ico", StatusCode::NOT_FOUND)]
#[case("/assets/%FF", StatusCode::BAD_REQUEST)]
#[tokio::test]
async fn what_is_no_page_is_not_there(#[case] path: &str, #[case] status: StatusCode) {
    let lab = Lab::sqlite().await;
    let answer = browse(&lab, path).await;
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/json"));
}

/// curl and the like say that they take anything.
#[tokio::test]
async fn who_takes_anything_gets_the_page() {
    let lab = Lab::sqlite().await;
    let request = Request::builder().uri("/").header("host", lab.address.to_string()).header("accept", "*/*");
    let page = lab.send(request.body(Full::default()).unwrap()).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(!page.header("content-security-policy").is_empty());
}

#[tokio::test]
async fn who_is_no_browser_is_told_where_the_rest_is() {
    let lab = Lab::sqlite().await;
    let answer = lab.call(Method::GET, "/", None, "").await;
    assert!(String::from_utf8_lossy(&answer.body).contains("/api/openapi.json"));
    assert_eq!(answer.header("vary"), "accept");
}
