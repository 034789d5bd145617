//! The contents of attachments that a document only names.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hil_archive::Archive;
use hil_model::run::{Attachment, Digest, Log, LogLevel};

use crate::command::archive::Kept;

/// Files, each under the digest of its content. What they are called does not matter.
#[derive(Debug, Default)]
pub(super) struct Contents(HashMap<Digest, PathBuf>);

impl Contents {
    /// All files in `folder` and below it.
    pub(super) fn below(folder: &Path) -> anyhow::Result<Self> {
        let mut files = HashMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let failed = || format!("cannot read the contents in {}", folder.display());
            for entry in fs::read_dir(&folder).with_context(failed)? {
                let entry = entry.with_context(failed)?;
                let path = entry.path();
                let kind = entry.file_type().with_context(failed)?;
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() {
                    let digest = hil_archive::digest(&path);
                    files.insert(digest.with_context(|| format!("cannot read {}", path.display()))?, path);
                }
            }
        }
        Ok(Self(files))
    }

    /// Adds to the run's files what is here; the attachments whose contents are neither here, nor with the run, nor in
    /// the archive.
    pub(super) fn complete(&self, kept: &mut Kept, archive: &Archive) -> anyhow::Result<Vec<Attachment>> {
        let mut missing = Vec::new();
        for attachment in &kept.run.attachments {
            let digest = attachment.digest;
            if kept.files.iter().any(|(there, _)| *there == digest) {
                continue;
            }
            match self.0.get(&digest) {
                Some(path) => kept.files.push((digest, path.clone())),
                None if archive.has_content(&digest)? => {}
                None => missing.push(attachment.clone()),
            }
        }
        Ok(missing)
    }
}

/// Takes the attachments out of the run, and says so in its log.
pub(super) fn leave_out(kept: &mut Kept, missing: &[Attachment]) {
    let run = &mut kept.run;
    run.attachments.retain(|attachment| !missing.contains(attachment));
    run.logs.extend(missing.iter().map(|attachment| Log {
        level: LogLevel::Error,
        at: run.ended_at,
        message: format!(
            "attachment {:?} is not kept: its content ({}) was missing when the run was imported",
            attachment.name, attachment.digest
        ),
        source_file: String::new(),
        line_number: 0,
    }));
}
