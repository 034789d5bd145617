//! A run that is over, with its files, and the mark in the folder of reports that says that it is kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hil_model::RunId;
use hil_model::run::{Digest, Run};
use hil_report::{Journal, RunRecord};

/// A run that is over, and where its files lie.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) run: Run,
    pub(crate) files: Vec<(Digest, PathBuf)>,
    /// The attachments that cannot be had, each with its reason.
    pub(crate) lacking: Vec<String>,
}

impl Kept {
    /// What `record` tells; nothing if nothing was executed. `folder` is where its journal lies.
    pub(crate) fn of(record: &RunRecord, folder: &Path) -> Option<Self> {
        let (mut files, mut lacking) = (Vec::new(), Vec::new());
        let run = record.to_run(|file| {
            // The journal's own name for the file, which `hil` made.
            let path = folder.join(&file.path);
            let digest = digest(&path, file.bytes);
            match &digest {
                Ok(digest) => files.push((*digest, path)),
                Err(why) => lacking.push(format!("attachment {:?}: {why}", file.name)),
            }
            digest
        });
        run.filter(|run| !run.phases.is_empty()).map(|run| Self { run, files, lacking })
    }
}

/// The digest of a file that has so many bytes; else why it is not what the journal says that it is.
fn digest(path: &Path, expected: u64) -> Result<Digest, String> {
    let unread = |error: io::Error| format!("it cannot be read: {error}");
    let found = fs::metadata(path).map_err(unread)?.len();
    if found != expected {
        return Err(format!("it has {found} bytes now, and had {expected}"));
    }
    hil_archive::digest(path).map_err(unread)
}

/// The file in the folder of reports that has the id of the run that was last kept from there.
const MARK: &str = ".kept";

/// Says that nothing has to be kept of the run any more whose journal lies in `folder`.
pub(super) fn mark(folder: &Path, run: &RunId) {
    // Without it the run is kept once more, which changes nothing: it has one id.
    let _ = fs::write(folder.join(MARK), run.as_str());
}

/// The record of the run whose journal lies in `folder`, and its id, if it is not kept yet.
pub(super) fn unkept(folder: &Path, journal: &Journal) -> Option<(RunRecord, RunId)> {
    let record = RunRecord::fold(&journal.entries);
    let id = record.run.as_ref()?.run_id.clone();
    let marked = fs::read_to_string(folder.join(MARK)).unwrap_or_default();
    (marked != id.as_str()).then_some((record, id))
}
