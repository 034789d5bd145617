//! Where a user's runs are kept if nobody says anything else.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// The user's directory for `hil`: `$XDG_DATA_HOME/hil`, or `~/.local/share/hil`. Relative paths do not count, as the
/// XDG specification wants it; a user without a home has none.
pub fn default_location() -> Option<PathBuf> {
    beneath(env::var_os("XDG_DATA_HOME"), env::var_os("HOME"))
}

/// The store in [`default_location`].
pub fn default_store() -> Option<PathBuf> {
    default_location().map(|directory| directory.join("runs.sqlite"))
}

fn beneath(data: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    data.and_then(absolute)
        .or_else(|| home.and_then(absolute).map(|home| home.join(".local/share")))
        .map(|data| data.join("hil"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Some("/data"), Some("/home/a"), Some("/data/hil"))]
    #[case(None, Some("/home/a"), Some("/home/a/.local/share/hil"))]
    #[case(Some(""), Some("/home/a"), Some("/home/a/.local/share/hil"))]
    #[case(Some("data"), Some("/home/a"), Some("/home/a/.local/share/hil"))]
    #[case(None, Some("home"), None)]
    #[case(None, None, None)]
    fn only_absolute_directories_count(
        #[case] data: Option<&str>,
        #[case] home: Option<&str>,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(beneath(data.map(Into::into), home.map(Into::into)), expected.map(PathBuf::from));
    }
}
