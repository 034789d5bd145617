//! Which pages of browsers may ask, and who sits at the machine itself.

use std::net::IpAddr;

use axum::http::header::{FORWARDED, ORIGIN, VIA};
use axum::http::request::Parts;
use axum::http::uri::{Authority, Uri};

use crate::error::{ApiError, ApiResult};
use crate::link::{Origin, host};
use crate::observe::Peer;
use crate::state::AppState;

/// Refuses what a page of somebody else sends. Who is no browser says no origin.
pub(crate) fn check(parts: &Parts, state: &AppState) -> ApiResult<()> {
    let Some(said) = parts.headers.get(ORIGIN) else { return Ok(()) };
    let said = said.to_str().ok().and_then(|said| said.parse::<Uri>().ok());
    let known = [state.origin.as_ref(), parts.extensions.get::<Origin>()];
    let is_own = said.as_ref().and_then(place).is_some_and(|said| {
        // A proxy may speak TLS for a server that does not know of it: of the name that the request gives the server
        // the scheme is not known.
        let heard = host(parts).and_then(|host| host.parse::<Authority>().ok());
        let heard = heard.is_some_and(|heard| authority(&heard, said.0) == (said.1.clone(), said.2));
        let known = known.into_iter().flatten().filter_map(|origin| origin.url("").parse::<Uri>().ok());
        heard || known.filter_map(|known| place(&known)).any(|known| known == said)
    });
    if is_own { Ok(()) } else { Err(ApiError::forbidden("Origin: this page is not of this server")) }
}

/// Whether the scheme is that with TLS, the host and the port of a URL.
fn place(uri: &Uri) -> Option<(bool, String, u16)> {
    let is_secure = match uri.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let (host, port) = authority(uri.authority()?, is_secure);
    Some((is_secure, host, port))
}

fn authority(authority: &Authority, is_secure: bool) -> (String, u16) {
    let port = authority.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    (authority.host().to_ascii_lowercase(), port)
}

/// Whether the request comes from this machine, was not passed on by a proxy on it, and calls the server by a name that
/// nobody else can have: a page may make any other name lead here.
pub(crate) fn is_local(parts: &Parts) -> bool {
    let from_here =
        parts.extensions.get::<Peer>().is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    let passed_on = ["x-forwarded-for", "x-forwarded-host", "x-real-ip", FORWARDED.as_str(), VIA.as_str()];
    let passed_on = passed_on.iter().any(|name| parts.headers.contains_key(*name));
    let named = host(parts).and_then(|host| host.parse::<Authority>().ok()).is_some_and(|authority| {
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    });
    from_here && !passed_on && named
}
