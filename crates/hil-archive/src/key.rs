//! The key that a server knows somebody by.

use std::fmt;

/// An API key. It appears in no message, no log line and no debug output.
#[derive(Clone)]
pub struct ApiKey(String);

/// A text that is no key. The text itself is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the API key is empty, or has characters that no key has")]
pub struct ApiKeyError;

impl std::str::FromStr for ApiKey {
    type Err = ApiKeyError;

    /// Takes a key with blanks and line breaks around it, as it stands in a file.
    fn from_str(text: &str) -> Result<Self, ApiKeyError> {
        let key = text.trim();
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_graphic()) {
            return Err(ApiKeyError);
        }
        Ok(Self(key.to_owned()))
    }
}

impl ApiKey {
    /// `text` without the key, should somebody have put it there.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        text.replace(&self.0, "…")
    }

    /// The header that shows it to a server.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_shown() {
        let key: ApiKey = " hil_0123\n".parse().unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(…)");
        assert_eq!(key.bearer(), "Bearer hil_0123");
        for bad in ["", " \n", "a b", "a\u{7f}", "ä"] {
            assert_eq!(bad.parse::<ApiKey>().unwrap_err(), ApiKeyError, "{bad:?}");
        }
    }
}
