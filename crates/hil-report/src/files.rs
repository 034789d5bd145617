//! Files that are there whole or not at all, and names from outside that become names of files.

use std::fs;
use std::path::Path;

use crate::ReportError;

/// The most characters of a name from outside that a file's name keeps.
const SLUG_LENGTH: usize = 80;

/// Writes a file under a temporary name and renames it: a reader sees the old or the new content, never
/// a part, whenever the process is killed.
pub(crate) fn write_atomically(path: &Path, content: impl AsRef<[u8]>) -> Result<(), ReportError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    fs::write(&temporary, content)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|source| ReportError::Write { path: path.to_owned(), source })
}

/// Creates a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Result<(), ReportError> {
    fs::create_dir_all(path).map_err(|source| ReportError::CreateFolder { path: path.to_owned(), source })
}

/// A name from outside as the name of a file or a folder: letters, digits, `.`, `_` and `-`, not starting
/// with a dot, at most 80 characters.
///
/// A name that had to be changed gets a hash of the original, so that two names never meet in one file.
pub(crate) fn slug(name: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let slug: String = name.chars().take(SLUG_LENGTH).map(|c| if safe(c) { c } else { '_' }).collect();
    let slug = if slug.starts_with('.') { format!("_{slug}") } else { slug };
    if slug == name && !slug.is_empty() { slug } else { format!("{slug}-{:08x}", fnv1a(name)) }
}

/// FNV-1a with 32 bits: tells names apart, protects nothing.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::plain("hardware.mum.animation", "hardware.mum.animation")]
    #[case::climbs("../../etc/passwd", "_.._.._etc_passwd-")]
    #[case::absolute("/etc", "_etc-")]
    #[case::windows(r"C:\x", "C__x-")]
    #[case::empty("", "-")]
    #[case::case("fade::mode_1", "fade__mode_1-")]
    fn names_stay_in_their_folder(#[case] name: &str, #[case] start: &str) {
        let slug = slug(name);
        assert!(slug.starts_with(start), "{slug}");
        assert!(!slug.starts_with('.') && !slug.contains(['/', '\\', ':']), "{slug}");
    }

    #[test]
    fn names_that_look_alike_stay_apart() {
        assert_ne!(slug("a::b"), slug("a__b"));
        assert_ne!(slug(&"x".repeat(200)), slug(&"x".repeat(201)));
    }

    #[test]
    fn no_temporary_file_stays_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomically(&path, "one").unwrap();
        write_atomically(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
