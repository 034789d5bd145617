//! Runs on their way out of the spool.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use hil_model::chain;

use super::entry::{make_folder, own, read, sync_folder};
use super::{Result, Spool, SpoolError, Waiting};
use crate::{Archive, ArchiveError, Contents, Obstacle};

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
    /// It goes on waiting, as those behind it need not.
    Waits(SpoolError),
    /// The archive would never take it. It lies in `rejected`.
    Rejected(ArchiveError),
}

impl Spool {
    /// Sends what waits to `archive`, oldest run first, and says of each what became of it.
    ///
    /// A run that the archive would never take is set aside, with its reason beside it; one that it does not take now
    /// goes on waiting, and the next one is sent. When the archive takes no run at all, the rest goes on waiting.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Stopped`], [`SpoolError::Locked`], [`SpoolError::Read`], [`SpoolError::Write`].
    pub fn drain(&self, archive: &Archive, told: &mut dyn FnMut(&Drained)) -> Result<()> {
        if !self.folder.is_dir() {
            return Ok(());
        }
        let _alone = self.lock()?;
        self.clear_leaving();
        let entries = self.entries()?;
        for (at, entry) in entries.iter().enumerate() {
            let sent = match own(entry) {
                // Whoever has just made the run sends it.
                Ok(None) => continue,
                Ok(Some(_owned)) => self.pass(entry, archive),
                Err(error) => Ok(Drained { run: file_name(entry), fate: Fate::Waits(error) }),
            };
            match sent {
                Ok(drained) => told(&drained),
                Err(source) => {
                    return Err(SpoolError::Stopped { left: entries.len() - at, source: Box::new(source) });
                }
            }
        }
        Ok(())
    }

    /// Sends a run that this process let wait, whoever empties the spool meanwhile.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Stopped`].
    pub fn send(&self, waiting: &Waiting, archive: &Archive) -> Result<Drained> {
        let sent = self.pass(&waiting.place, archive);
        sent.map_err(|source| SpoolError::Stopped { left: 1, source: Box::new(source) })
    }

    /// Sends the run of an entry; an error is about the archive.
    fn pass(&self, entry: &Path, archive: &Archive) -> Result<Drained, ArchiveError> {
        let (run, sent) = match read(entry) {
            Ok(run) => {
                let sent = archive.save_finished(&run, Contents::Folder(entry));
                (run.id.to_string(), sent.map(|_| ()))
            }
            Err(error) => (file_name(entry), Err(error)),
        };
        let fate = match sent {
            Ok(()) => self.leave(entry).map_or_else(Fate::Waits, |()| Fate::Arrived),
            Err(error) => match error.obstacle() {
                Obstacle::Run => match self.reject(entry, &error) {
                    Ok(()) => Fate::Rejected(error),
                    Err(unmoved) => Fate::Waits(unmoved),
                },
                Obstacle::RunForNow => Fate::Waits(SpoolError::NotNow(Box::new(error))),
                Obstacle::Archive => return Err(error),
            },
        };
        Ok(Drained { run, fate })
    }

    /// Removes what was leaving when somebody was killed: it has arrived.
    fn clear_leaving(&self) {
        let Ok(leaving) = fs::read_dir(self.leaving()) else { return };
        for entry in leaving.flatten() {
            // What cannot be removed now does no harm.
            let _ = fs::remove_dir_all(entry.path());
        }
    }

    /// Removes a run that has arrived.
    fn leave(&self, entry: &Path) -> Result<()> {
        let place = self.move_to(entry, &self.leaving())?;
        let _ = fs::remove_dir_all(place);
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
        self.move_to(entry, &self.rejected()).map(|_| ())
    }

    /// Moves an entry into another folder, in place of one that is there from before; where it is then.
    fn move_to(&self, entry: &Path, folder: &Path) -> Result<PathBuf> {
        make_folder(folder)?;
        let place = folder.join(entry.file_name().unwrap_or_default());
        if place.exists() {
            fs::remove_dir_all(&place).map_err(|source| SpoolError::Write { path: place.clone(), source })?;
        }
        fs::rename(entry, &place).map_err(|source| SpoolError::Write { path: place.clone(), source })?;
        sync_folder(folder)?;
        sync_folder(&self.runs())?;
        Ok(place)
    }
}

fn file_name(entry: &Path) -> String {
    entry.file_name().map(PathBuf::from).unwrap_or_default().display().to_string()
}
