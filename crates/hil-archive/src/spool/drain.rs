//! Runs on their way out of the spool.

use std::error::Error;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::entry::{make_folder, read, sync_folder};
use super::{Result, Spool, SpoolError};
use crate::{Archive, ArchiveError, Contents};

/// A run that left the spool.
#[derive(Debug)]
pub struct Drained {
    /// Its id, or the name of its folder if it could not be read.
    pub run: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a run.
#[derive(Debug)]
pub enum Fate {
    /// The archive has it.
    Arrived,
    /// The archive would never take it. It lies in `rejected`.
    Rejected(ArchiveError),
}

impl Spool {
    /// Sends what waits to `archive`, oldest run first, and says of each what became of it.
    ///
    /// A run that the archive would never take is set aside, with its reason beside it. At the first error that is not
    /// about the run itself the rest goes on waiting.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Stopped`], [`SpoolError::Locked`], [`SpoolError::Read`], [`SpoolError::Write`].
    pub fn drain(&self, archive: &Archive, told: &mut dyn FnMut(&Drained)) -> Result<()> {
        if !self.folder.is_dir() {
            return Ok(());
        }
        let _alone = self.lock()?;
        // Whatever was leaving when somebody was killed has arrived.
        let _ = fs::remove_dir_all(self.leaving());
        let entries = self.entries()?;
        for (at, entry) in entries.iter().enumerate() {
            let (run, sent) = match read(entry) {
                Ok(run) => {
                    let sent = archive.save(&run, Contents::Folder(entry));
                    (run.id.to_string(), sent.map(|_| ()))
                }
                Err(error) => (file_name(entry), Err(error)),
            };
            let fate = match sent {
                Ok(()) => {
                    self.move_to(entry, &self.leaving())?;
                    let _ = fs::remove_dir_all(self.leaving());
                    Fate::Arrived
                }
                Err(error) if error.is_about_the_run() => {
                    self.reject(entry, &error)?;
                    Fate::Rejected(error)
                }
                Err(error) => {
                    return Err(SpoolError::Stopped { left: entries.len() - at, source: Box::new(error) });
                }
            };
            told(&Drained { run, fate });
        }
        Ok(())
    }

    /// Keeps other processes from sending the same runs. The lock dies with this process.
    fn lock(&self) -> Result<File> {
        let path = self.folder.join("lock");
        let file = File::options().create(true).append(true).open(&path);
        let file = file.map_err(|source| SpoolError::Write { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(SpoolError::Locked { path: self.folder.clone() }),
            Err(TryLockError::Error(source)) => Err(SpoolError::Write { path, source }),
        }
    }

    fn reject(&self, entry: &Path, error: &ArchiveError) -> Result<()> {
        let reason = entry.join("reason.txt");
        fs::write(&reason, chain(error) + "\n")
            .map_err(|source| SpoolError::Write { path: reason, source })?;
        self.move_to(entry, &self.rejected())
    }

    /// Moves an entry into another folder, in place of one that is there from before.
    fn move_to(&self, entry: &Path, folder: &Path) -> Result<()> {
        make_folder(folder)?;
        let place = folder.join(entry.file_name().unwrap_or_default());
        if place.exists() {
            fs::remove_dir_all(&place).map_err(|source| SpoolError::Write { path: place.clone(), source })?;
        }
        fs::rename(entry, &place).map_err(|source| SpoolError::Write { path: place, source })?;
        sync_folder(folder)?;
        sync_folder(&self.runs())
    }
}

fn file_name(entry: &Path) -> String {
    entry.file_name().map(PathBuf::from).unwrap_or_default().display().to_string()
}

/// The error and its sources, for whoever looks into the folder.
fn chain(error: &ArchiveError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
