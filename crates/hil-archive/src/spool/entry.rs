//! Runs on their way into the spool.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hil_exchange::document;
use hil_model::RunId;
use hil_model::run::Run;

use super::{Result, Spool, SpoolError};
use crate::{ArchiveError, Contents};

/// The run's document in its folder.
pub(super) const DOCUMENT: &str = "run.json";
/// After so long, what is still being written is left over from a process that died.
const ABANDONED: Duration = Duration::from_secs(3600);

impl Spool {
    /// Lets a run wait. When this returns, it is on the disk with all its attachments. A run that waits already goes on
    /// doing so.
    ///
    /// As long as the answer lives, and this process does, nobody else sends the run: what somebody keeps elsewhere
    /// meanwhile is not for their archive.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Write`], above all when the disk is full; nothing of the run is left behind then.
    pub fn push(&self, run: &Run, contents: Contents<'_>) -> Result<Waiting> {
        let incoming = self.incoming();
        make_folder(&incoming)?;
        make_folder(&self.runs())?;
        remove_abandoned(&incoming);
        let draft = Draft(incoming.join(uuid::Uuid::new_v4().simple().to_string()));
        make_folder(&draft.0)?;
        draft.write(run, contents)?;
        let mut owner = own(&draft.0)?;
        let place = self.runs().join(name(run));
        match fs::rename(&draft.0, &place) {
            Err(error) if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {
                owner = own(&place)?;
            }
            renamed => renamed.map_err(|source| SpoolError::Write { path: place.clone(), source })?,
        }
        sync_folder(&self.runs())?;
        Ok(Waiting { place, _owner: owner })
    }

    /// The folders of the runs that wait, oldest run first.
    pub(super) fn entries(&self) -> Result<Vec<PathBuf>> {
        let runs = self.runs();
        let failed = |source| SpoolError::Read { path: runs.clone(), source };
        let listed = match fs::read_dir(&runs) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed.map_err(failed)?,
        };
        let mut entries =
            listed.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(failed)?;
        entries.retain(|entry| is_entry(entry));
        entries.sort();
        Ok(entries)
    }

    /// How many runs wait.
    pub fn len(&self) -> Result<usize> {
        self.entries().map(|entries| entries.len())
    }

    /// Whether no run waits.
    pub fn is_empty(&self) -> Result<bool> {
        self.len().map(|len| len == 0)
    }
}

/// What a run's folder is called: names sort as the runs began, also those from before 1970.
fn name(run: &Run) -> String {
    let since = i128::from(run.started_at.unix_millis()) - i128::from(i64::MIN);
    format!("{since:0DIGITS$}-{}", run.id)
}

/// How many digits the moment has in the name of a run's folder.
const DIGITS: usize = 20;

/// Whether it is the folder of a run, and nothing that somebody else left there.
fn is_entry(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.split_once('-'));
    let is_ours = name.is_some_and(|(since, id)| {
        since.len() == DIGITS && since.bytes().all(|b| b.is_ascii_digit()) && id.parse::<RunId>().is_ok()
    });
    is_ours && path.is_dir()
}

/// A run that waits, and that nobody else sends until this is dropped.
#[derive(Debug)]
pub struct Waiting {
    pub(super) place: PathBuf,
    _owner: Option<File>,
}

/// Takes the entry for this process, which holds it as long as the file is open; nothing if another one has it, or had
/// it and sent the run.
pub(super) fn own(entry: &Path) -> Result<Option<File>> {
    let path = entry.join("owner");
    let file = match File::options().create(true).append(true).open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|source| SpoolError::Write { path: path.clone(), source })?,
    };
    match file.try_lock() {
        // Whoever had it may have sent the run since the file was opened.
        Ok(()) => Ok(Some(file).filter(|_| entry.is_dir())),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(SpoolError::Write { path, source }),
    }
}

/// A run's folder while it is written. What did not come to its place is removed.
struct Draft(PathBuf);

impl Draft {
    fn write(&self, run: &Run, contents: Contents<'_>) -> Result<()> {
        for attachment in &run.attachments {
            let path = self.0.join(attachment.digest.to_string());
            let mut from = contents.open(attachment).map_err(|error| SpoolError::Content(Box::new(error)))?;
            // A copy and no link: the next run may write its reports into the same files.
            let copied = File::create(&path).and_then(|mut to| {
                io::copy(&mut from, &mut to)?;
                to.sync_all()
            });
            copied.map_err(|source| SpoolError::Write { path, source })?;
        }
        let mut json = Vec::new();
        document::to_writer(run, &mut json)?;
        let path = self.0.join(DOCUMENT);
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(&json)?;
            file.sync_all()
        });
        written.map_err(|source| SpoolError::Write { path, source })?;
        sync_folder(&self.0)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After the renaming there is nothing left to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn remove_abandoned(incoming: &Path) {
    let Ok(entries) = fs::read_dir(incoming) else { return };
    for entry in entries.flatten() {
        let old = entry.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|modified| {
            SystemTime::now().duration_since(modified).is_ok_and(|idle| idle > ABANDONED)
        });
        if old {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Makes a folder and those above it. A new folder is on the disk once the one above it is.
pub(super) fn make_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        make_folder(above)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => made.map_err(|source| SpoolError::Write { path: path.to_owned(), source })?,
    }
    path.parent().filter(|above| !above.as_os_str().is_empty()).map_or(Ok(()), sync_folder)
}

/// Flushes the names in a folder to the disk.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(|source| SpoolError::Write { path: path.to_owned(), source })
}

/// Reads the run of an entry.
pub(super) fn read(entry: &Path) -> Result<Run, ArchiveError> {
    let json = fs::read(entry.join(DOCUMENT))
        .map_err(|source| ArchiveError::Content { name: DOCUMENT.to_owned(), source })?;
    Ok(document::from_slice(&json)?)
}
