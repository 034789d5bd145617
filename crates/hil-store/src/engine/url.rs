//! Where a store is.

use std::fmt;
use std::path::PathBuf;

use hil_model::shown_url;

use crate::StoreError;

/// Where a store is: a file, or a database on a server.
#[derive(Clone)]
pub(crate) enum StoreUrl {
    File(PathBuf),
    Postgres(Box<tokio_postgres::Config>),
}

impl StoreUrl {
    /// Takes a path, `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let config = text.parse::<tokio_postgres::Config>();
            return config
                .map(|config| Self::Postgres(Box::new(config)))
                .map_err(|error| StoreError::Open { url: shown_url(text), source: error.into() });
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(path) => path.strip_prefix("//").unwrap_or(path),
            None if text.contains("://") => return Err(StoreError::UnknownUrl { url: shown_url(text) }),
            None => text,
        };
        if path.is_empty() || path == ":memory:" || path.contains('\0') {
            return Err(StoreError::UnknownUrl { url: shown_url(text) });
        }
        Ok(Self::File(path.into()))
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(config) => {
                f.write_str("postgres://")?;
                for (i, host) in config.get_hosts().iter().enumerate() {
                    let comma = if i > 0 { "," } else { "" };
                    match host {
                        tokio_postgres::config::Host::Tcp(name) => write!(f, "{comma}{name}")?,
                        #[cfg(unix)]
                        tokio_postgres::config::Host::Unix(path) => write!(f, "{comma}{}", path.display())?,
                    }
                }
                write!(f, "/{}", config.get_dbname().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("runs.db", "runs.db")]
    #[case("sqlite:/var/lib/hil/runs.db", "/var/lib/hil/runs.db")]
    #[case("sqlite:///var/lib/hil/runs.db", "/var/lib/hil/runs.db")]
    #[case("postgres://hil:secret@lab/records", "postgres://lab/records")]
    fn a_store_is_named_without_its_password(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(StoreUrl::parse(text).unwrap().to_string(), shown);
    }

    #[rstest]
    #[case("mysql://root:secret@lab/records")]
    #[case("sqlite:")]
    #[case("sqlite::memory:")]
    #[case("postgres://hil:secret@lab:no-port/records")]
    #[case("postgres://lab/records?password=secret&nope=1")]
    fn what_is_no_store_is_refused(#[case] text: &str) {
        let error = StoreUrl::parse(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
