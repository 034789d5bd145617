//! The server of runs and jobs: where it is, and who asks.

use std::fmt;

use hil_config::Resolved;
use hil_model::shown_url;

use super::{LiveOptions, Missing};
use crate::run::RunError;

/// A key. It is given to whoever talks to the server, and shown to nobody.
#[derive(Clone)]
pub struct ServerKey(String);

impl ServerKey {
    /// The key itself, to be sent to the server and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

/// A server, and the key for it.
#[derive(Clone, Debug)]
pub struct ServerAt {
    /// Its URL, without a slash at its end.
    pub url: String,
    /// The key.
    pub key: ServerKey,
}

/// The server's URL, and who said it: the variable, which wins, or `record.server`.
pub(super) fn url(resolved: &Resolved, live: &LiveOptions) -> Option<(String, String)> {
    if let Some(url) = &live.server_url {
        return Some((url.clone(), "HIL_SERVER_URL".to_owned()));
    }
    let url = resolved.config.record.server.clone()?;
    let by = resolved.said_by("record.server").map_or_else(|| "built-in".to_owned(), ToString::to_string);
    Some((url, by))
}

impl ServerAt {
    /// The server that tests talk to, or what is missing.
    ///
    /// # Errors
    ///
    /// [`RunError::KeyFile`]: the file with the key cannot be read.
    pub fn find(resolved: &Resolved, live: &LiveOptions) -> Result<Result<Self, Missing>, RunError> {
        let Some((url, _)) = url(resolved, live) else { return Ok(Err(Missing::Server)) };
        let key = match &resolved.config.record.key_file {
            Some(file) => {
                let path = resolved.in_root(file);
                let read = std::fs::read_to_string(&path);
                Some(read.map_err(|source| RunError::KeyFile { path, source })?)
            }
            None => live.api_key.clone(),
        };
        let Some(key) = key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()) else {
            return Ok(Err(Missing::ServerKey));
        };
        Ok(Ok(Self { url: url.trim().trim_end_matches('/').to_owned(), key: ServerKey(key) }))
    }

    /// Whether it can be meant, so that no test need find that out on a powered bench.
    ///
    /// # Errors
    ///
    /// [`RunError::ServerUrl`], [`RunError::ServerKey`].
    pub(crate) fn check(&self) -> Result<(), RunError> {
        let rest = self.url.strip_prefix("http://").or_else(|| self.url.strip_prefix("https://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        // A password has no place in a URL, and neither has a key.
        if host.is_empty() || host.contains('@') || self.url.contains(['?', '#', ' ']) {
            return Err(RunError::ServerUrl);
        }
        if !self.key.reveal().chars().all(|c| c.is_ascii_graphic()) {
            return Err(RunError::ServerKey);
        }
        Ok(())
    }
}

/// A URL without user, password, query and fragment.
pub(super) fn shown(url: &str) -> String {
    if !url.contains("://") {
        return "a URL without scheme".to_owned();
    }
    shown_url(url).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://hil.example.com", "https://hil.example.com")]
    #[case(
        "https://ada:secret@hil.example.com:8443/base/?key=secret#secret",
        "https://hil.example.com:8443/base"
    )]
    #[case("https://hil.example.com?key=secret", "https://hil.example.com")]
    #[case("https://ada:se/cret@hil.example.com", "https://hil.example.com")]
    #[case("secret", "a URL without scheme")]
    fn a_url_is_shown_without_its_secrets(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(shown(url), expected);
    }
}
