//! Links that carry their own permission: whoever has one may store or read one file, for a while, without a key.
//!
//! The token is the file's id, what may be done with it, and when that ends, under a keyed hash. The key is made when
//! the server starts; links that were given out before end with it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use hil_store::UploadId;
use sha2::{Digest, Sha256};

use crate::error::{ApiError, ApiResult};
use crate::state::AppState;

/// What a link permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// To store the content, once.
    Store,
    /// To read it.
    Read,
}

impl Permission {
    /// How long a link is good for.
    const fn lifetime(self) -> Duration {
        match self {
            Self::Store => Duration::from_secs(15 * 60),
            Self::Read => Duration::from_secs(24 * 60 * 60),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Store => "put",
            Self::Read => "get",
        }
    }
}

/// What links are signed with.
pub(crate) struct LinkKey([u8; 64]);

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

impl LinkKey {
    /// A key that nobody knows.
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The path and query of a link, from the server's root.
    pub(crate) fn sign(&self, id: UploadId, permission: Permission) -> String {
        let expires = now() + permission.lifetime().as_secs();
        format!("/files/{id}?expires={expires}&token={}", self.token(id, permission, expires))
    }

    /// Refuses a link that is not ours, not for this, or over.
    pub(crate) fn check(
        &self,
        id: UploadId,
        permission: Permission,
        expires: u64,
        token: &str,
    ) -> ApiResult<()> {
        let good = self.token(id, permission, expires);
        let same = good.len() == token.len()
            && good.bytes().zip(token.bytes()).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0;
        if !same {
            return Err(ApiError::forbidden("this link is not valid"));
        }
        if expires < now() {
            return Err(ApiError::forbidden("this link has expired"));
        }
        Ok(())
    }

    /// HMAC-SHA-256 (RFC 2104) with a key of one block.
    fn token(&self, id: UploadId, permission: Permission, expires: u64) -> String {
        let message = format!("{}\n{id}\n{expires}", permission.word());
        let inner = Sha256::new_with_prefix(self.0.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
        let outer = Sha256::new_with_prefix(self.0.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize();
        outer.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Where clients reach the server: scheme and host, without a path at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// A text that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the URL of a server: http://HOST or https://HOST is expected")]
pub struct OriginError(pub String);

impl std::str::FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = || OriginError(text.to_owned());
        let uri: axum::http::Uri = text.parse().map_err(|_| wrong())?;
        match (uri.scheme_str(), uri.authority(), uri.query()) {
            (Some("http" | "https"), Some(_), None) => Ok(Self(text.trim_end_matches('/').to_owned())),
            _ => Err(wrong()),
        }
    }
}

impl Origin {
    /// Whether browsers reach the server over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The absolute URL of a path from the server's root.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// What a client or a proxy says. Nothing but a host and a port may stand in `host`: it goes into links.
    pub(crate) fn heard(scheme: &str, host: &str) -> Option<Self> {
        let authority: Authority = host.trim().parse().ok()?;
        let plain = !authority.host().is_empty() && !authority.as_str().contains(['@', '"', '<', '>', '\'']);
        (plain && matches!(scheme, "http" | "https")).then(|| Self(format!("{scheme}://{authority}")))
    }
}

/// The server as this request reached it: what it was told at start, else what the proxy says, if it is trusted, else
/// the `Host` of the request.
impl FromRequestParts<AppState> for Origin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let said = state.origin.as_ref().or_else(|| parts.extensions.get::<Self>());
        let heard = || host(parts).and_then(|host| Self::heard("http", host));
        said.cloned()
            .or_else(heard)
            .ok_or_else(|| ApiError::invalid("Host: the name of this server is expected"))
    }
}

/// What the request calls this server.
pub(crate) fn host(parts: &Parts) -> Option<&str> {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    host.or_else(|| parts.uri.authority().map(Authority::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("bench.lab:8080", Some("http://bench.lab:8080"))]
    #[case("[::1]:8080", Some("http://[::1]:8080"))]
    #[case("a/b", None)]
    #[case("user@host", None)]
    #[case("a b", None)]
    #[case("<b>", None)]
    #[case("", None)]
    #[case(":80", None)]
    fn a_host_is_a_host(#[case] host: &str, #[case] expected: Option<&str>) {
        assert_eq!(Origin::heard("http", host).map(|origin| origin.0).as_deref(), expected);
        assert_eq!(Origin::heard("javascript", host), None);
    }

    #[test]
    fn a_link_is_good_for_one_file_and_one_purpose() {
        let (key, id): (_, UploadId) =
            (LinkKey([7; 64]), "0193a5c0-0000-7000-8000-000000000001".parse().unwrap());
        let other: UploadId = "0193a5c0-0000-7000-8000-000000000002".parse().unwrap();
        let expires = now() + 60;
        let token = key.token(id, Permission::Store, expires);
        assert!(key.check(id, Permission::Store, expires, &token).is_ok());
        assert!(key.check(id, Permission::Read, expires, &token).is_err());
        assert!(key.check(other, Permission::Store, expires, &token).is_err());
        assert!(key.check(id, Permission::Store, expires + 1, &token).is_err());
        assert!(LinkKey([8; 64]).check(id, Permission::Store, expires, &token).is_err());
        let past = now() - 1;
        assert!(key.check(id, Permission::Store, past, &key.token(id, Permission::Store, past)).is_err());
    }
}
