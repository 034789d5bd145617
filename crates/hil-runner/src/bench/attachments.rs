//! The files that tests attach to a run (REC-08).

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use hil_config::Record;
use hil_model::run::{AttachmentError, AttachmentLimits};
use hil_model::{Attachment, TestMeta, chain};

use crate::error::{TestError, TestResult};

/// What tests have attached so far, and how much they may.
#[derive(Debug)]
pub(crate) struct Attachments {
    reports: PathBuf,
    limits: AttachmentLimits,
    taken: AtomicUsize,
}

impl Attachments {
    /// For a run whose reports go to this folder.
    pub(crate) fn new(reports: PathBuf, config: &Record) -> Self {
        let count = usize::try_from(config.max_attachments).unwrap_or(usize::MAX);
        let limits = AttachmentLimits { count, bytes: config.max_attachment_bytes };
        Self { reports, limits, taken: AtomicUsize::new(0) }
    }

    /// Copies the file at `path` to the attachments of `test`.
    pub(super) fn take_file(&self, test: &TestMeta, path: &Path, media_type: &str) -> TestResult<Attachment> {
        let unread = |why: &dyn std::fmt::Display| {
            TestError::misuse(format!("cannot attach {}: {why}", path.display()))
        };
        let file = File::open(path).map_err(|error| unread(&error))?;
        let metadata = file.metadata().map_err(|error| unread(&error))?;
        if !metadata.is_file() {
            return Err(unread(&"it is no file"));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.take(test, &name, media_type, metadata.len(), file)
    }

    /// Writes `content`, which claims to have `size` bytes, to the attachments of `test`.
    pub(super) fn take(
        &self,
        test: &TestMeta,
        name: &str,
        media_type: &str,
        size: u64,
        content: impl Read,
    ) -> TestResult<Attachment> {
        let number = self.number(name, size).map_err(|error| TestError::misuse(error.to_string()))?;
        let relative = Path::new("attachments")
            .join(file_name(&test.class))
            .join(file_name(&test.short))
            .join(format!("{number:02}-{}", file_name(name)));
        let path = self.reports.join(&relative);
        let unwritten = |error: io::Error| {
            TestError::bench(format!("cannot write the attachment {}: {}", path.display(), chain(&error)))
        };
        let bytes = match copy(content, &path, self.limits.bytes) {
            Ok(bytes) => bytes,
            Err(error) => return Err(unwritten(error)),
        };
        if bytes > self.limits.bytes {
            // It has grown since somebody looked.
            fs::remove_file(&path).map_err(unwritten)?;
            let error =
                AttachmentError::TooLarge { name: name.to_owned(), size: bytes, max: self.limits.bytes };
            return Err(TestError::misuse(error.to_string()));
        }
        Ok(Attachment {
            name: name.to_owned(),
            path: relative.to_string_lossy().into_owned(),
            media_type: media_type.to_owned(),
            bytes,
        })
    }

    /// The number of the next attachment in the run, from 1. Each has one of its own, so that the files of an
    /// attempt outlive the next one.
    fn number(&self, name: &str, size: u64) -> Result<usize, AttachmentError> {
        let AttachmentLimits { count: max, bytes } = self.limits;
        if size > bytes {
            return Err(AttachmentError::TooLarge { name: name.to_owned(), size, max: bytes });
        }
        let next = |taken: usize| (taken < max).then_some(taken + 1);
        let before = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        before.map(|taken| taken + 1).map_err(|taken| AttachmentError::TooMany { count: taken + 1, max })
    }
}

/// Writes at most one byte more than `max`.
fn copy(content: impl Read, path: &Path, max: u64) -> io::Result<u64> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    io::copy(&mut content.take(max.saturating_add(1)), &mut File::create(path)?)
}

/// `name` with everything replaced that could mean something to a file system.
fn file_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = name.chars().map(safe).take(80).collect();
    if name.trim_start_matches('.').is_empty() { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("trace.csv", "trace.csv")]
    #[case("../../etc/passwd", ".._.._etc_passwd")]
    #[case("..", "_")]
    #[case("", "_")]
    #[case("a\0b/ü", "a_b__")]
    fn a_name_is_never_a_path(#[case] name: &str, #[case] file: &str) {
        assert_eq!(file_name(name), file);
    }

    fn meta() -> TestMeta {
        TestMeta {
            name: "unit::attaches".parse().unwrap(),
            short: "attaches".to_owned(),
            class: "unit".to_owned(),
            description: hil_model::Description::default(),
            markers: vec![],
            needs: vec![],
            mutates: Vec::new(),
            covers: Vec::new(),
            file: String::new(),
            line: 1,
            timeout_ms: 1,
        }
    }

    /// A folder for reports, and attachments of at most two files of four bytes.
    fn attachments() -> (tempfile::TempDir, Attachments) {
        let folder = tempfile::tempdir().unwrap();
        let config = Record { max_attachments: 2, max_attachment_bytes: 4, ..Record::default() };
        let attachments = Attachments::new(folder.path().to_owned(), &config);
        (folder, attachments)
    }

    #[test]
    fn attempts_do_not_overwrite_each_other() {
        let (folder, attachments) = attachments();
        let paths = ["one", "two"].map(|content| {
            attachments.take(&meta(), "a.txt", "text/plain", 3, content.as_bytes()).unwrap().path
        });
        assert_eq!(paths, ["attachments/unit/attaches/01-a.txt", "attachments/unit/attaches/02-a.txt"]);
        assert_eq!(fs::read_to_string(folder.path().join(&paths[0])).unwrap(), "one");
        let error = attachments.take(&meta(), "a.txt", "text/plain", 0, &b""[..]).unwrap_err();
        assert_eq!(error.to_string(), "3 attachments, at most 2 are allowed");
    }

    #[test]
    fn what_is_too_large_leaves_nothing() {
        let (folder, attachments) = attachments();
        let told = attachments.take(&meta(), "a", "text/plain", 5, &b"12345"[..]).unwrap_err();
        assert_eq!(told.to_string(), "attachment \"a\" has 5 bytes, at most 4 are allowed");
        assert!(!folder.path().join("attachments").exists(), "nothing was written");
        let grown = attachments.take(&meta(), "a", "text/plain", 4, &b"123456789"[..]).unwrap_err();
        assert_eq!(grown.to_string(), "attachment \"a\" has 5 bytes, at most 4 are allowed");
        assert!(!folder.path().join("attachments/unit/attaches/01-a").exists());
    }

    #[test]
    fn files_are_copied_and_missing_ones_named() {
        let (folder, attachments) = attachments();
        let path = folder.path().join("trace.csv");
        let missing = attachments.take_file(&meta(), &path, "text/csv").unwrap_err();
        assert!(missing.to_string().starts_with(&format!("cannot attach {}: ", path.display())), "{missing}");
        let no_file = attachments.take_file(&meta(), folder.path(), "text/csv").unwrap_err();
        assert!(no_file.to_string().ends_with(": it is no file"), "{no_file}");
        fs::write(&path, "1,2").unwrap();
        let attached = attachments.take_file(&meta(), &path, "text/csv").unwrap();
        assert_eq!((attached.name.as_str(), attached.bytes), ("trace.csv", 3));
        assert_eq!(fs::read_to_string(folder.path().join(attached.path)).unwrap(), "1,2");
    }
}
