//! The dashboard: one page for all its addresses, and the files that it is made of, compiled in.
//!
//! They are open to everybody, as they hold nothing but the program; what it shows it asks for with a key.

use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;

use crate::about;
use crate::error::{ApiError, ApiResult};
use crate::extract::Path;
use crate::state::AppState;

// What the build script found in `web/dist`.
include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// The addresses of its pages, beside `/`. Which page it is the program in the browser finds out.
const PAGES: [&str; 7] =
    ["/runs", "/runs/{id}", "/compare", "/jobs/{id}", "/statistics", "/requirements", "/login"];

/// What the page may load: nothing from elsewhere, and no program that does not lie in a file of ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// The name of a built file changes with what is in it.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Its routes. The description of the API does not have them: they are for browsers.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    let pages = OpenApiRouter::new().route("/", get(home)).route("/assets/{name}", get(asset));
    PAGES.into_iter().fold(pages, |pages, page| pages.route(page, get(shell)))
}

/// The page, or a few words for who wants anything but that.
async fn home(headers: HeaderMap) -> Response {
    let accepted: Vec<&str> =
        headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok()).collect();
    let takes_html = accepted.is_empty()
        || accepted.iter().flat_map(|value| value.split(',')).any(|range| {
            let media = range.split(';').next().unwrap_or_default().trim();
            ["text/html", "text/*", "*/*"].iter().any(|html| media.eq_ignore_ascii_case(html))
        });
    let answer = if takes_html { shell().await.into_response() } else { about::greeting().into_response() };
    ([(VARY, "accept")], answer).into_response()
}

/// The page. It names the newest files, so nobody may keep it: the server's usual `no-store` holds for it.
async fn shell() -> ([(HeaderName, &'static str); 4], &'static [u8]) {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
    ];
    (headers, SHELL)
}

/// A file of the page.
async fn asset(Path(name): Path<String>) -> ApiResult<([(HeaderName, &'static str); 2], &'static [u8])> {
    let found = ASSETS.iter().find(|(known, _)| *known == name);
    let (known, bytes) = found.ok_or_else(|| ApiError::not_found("the dashboard has no such file"))?;
    Ok(([(CONTENT_TYPE, media_type(known)), (CACHE_CONTROL, FOR_EVER)], bytes))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_finds_its_files_and_each_has_a_type() {
        let shell = std::str::from_utf8(SHELL).unwrap();
        let named: Vec<&str> = shell.split('"').filter_map(|text| text.strip_prefix("/assets/")).collect();
        assert!(!named.is_empty());
        for name in named {
            assert!(ASSETS.iter().any(|(known, _)| *known == name), "{name} is not there");
        }
        for (name, _) in ASSETS {
            assert_ne!(media_type(name), "application/octet-stream", "{name}");
        }
    }

    #[test]
    fn the_page_has_nothing_that_its_policy_forbids() {
        let shell = std::str::from_utf8(SHELL).unwrap();
        assert!(!shell.contains("style=") && !shell.contains("<style") && !shell.contains("://"));
        assert!(shell.split("<script").skip(1).all(|script| script.contains("src=\"/assets/")));
    }
}
