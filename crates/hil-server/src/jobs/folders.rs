//! The folders of jobs: `<jobs>/<job id>/`, with what was published, what the tests printed, and their reports.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hil_store::JobId;

/// How many folders are kept, and beside them those of jobs that are not over.
const KEPT: usize = 200;
/// The file with the name by which this server knows its jobs again.
const SERVER: &str = "server-id";

/// Where the folders of jobs are. Nowhere if nobody said where: then nothing is left of them but their records.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    root: Option<PathBuf>,
    /// The file with the server's name, locked for as long as it serves: two that took each other's jobs for left-overs
    /// would end them.
    alone: Option<Arc<File>>,
}

impl Folders {
    pub(super) fn new(root: Option<PathBuf>) -> Self {
        Self { root, alone: None }
    }

    /// The name by which this server knows its jobs again. It lies with its folders, so that servers which share a
    /// store do not take each other's jobs. From then on the folders are this server's.
    ///
    /// # Errors
    ///
    /// Another server has them ([`io::ErrorKind::ResourceBusy`]), or the file cannot be had.
    pub(super) fn server(&mut self) -> io::Result<String> {
        let Some(root) = &self.root else { return Ok(String::new()) };
        fs::create_dir_all(root)?;
        let path = root.join(SERVER);
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::ResourceBusy, "another server has the jobs in this folder")
            }
            TryLockError::Error(error) => error,
        })?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let mut id = text.trim().to_owned();
        if id.is_empty() {
            id = uuid::Uuid::new_v4().to_string();
            file.write_all(format!("{id}\n").as_bytes())?;
        }
        self.alone = Some(Arc::new(file));
        Ok(id)
    }

    /// The folder of all of them.
    pub(super) fn root(&self) -> Option<PathBuf> {
        self.root.clone()
    }

    /// The folder of a job.
    pub(super) fn of(&self, job: JobId) -> Option<PathBuf> {
        self.root.as_ref().map(|root| root.join(job.to_string()))
    }

    /// Makes the folder of a job.
    pub(super) fn make(&self, job: JobId) -> io::Result<Option<PathBuf>> {
        self.of(job).map(|folder| fs::create_dir_all(&folder).map(|()| folder)).transpose()
    }

    /// Removes the oldest folders, but none of a job that `is_over` denies.
    pub(super) fn tidy(&self, is_over: impl Fn(JobId) -> bool) {
        let Some(root) = &self.root else { return };
        let mut jobs = jobs_in(root);
        // Ids of jobs sort by the time at which they were made.
        jobs.sort_unstable_by(|a, b| b.cmp(a));
        for job in jobs.into_iter().skip(KEPT).filter(|job| is_over(*job)) {
            let folder = root.join(job.to_string());
            if let Err(error) = fs::remove_dir_all(&folder) {
                tracing::warn!(target: "hil_server", folder = %folder.display(), %error, "an old job's folder stays");
            }
        }
    }
}

/// The jobs that have a folder. What else lies there is not ours.
fn jobs_in(root: &Path) -> Vec<JobId> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_folders_stay_and_those_at_work() {
        let root = tempfile::tempdir().unwrap();
        let new = || Folders::new(Some(root.path().join("jobs")));
        let mut folders = new();
        let server = folders.server().unwrap();
        assert_eq!(new().server().unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        drop(folders);
        let mut folders = new();
        assert_eq!(folders.server().unwrap(), server);
        let id = |number: u32| -> JobId { format!("01a1ff13-8728-7111-a8e9-{number:012}").parse().unwrap() };
        for number in 0..205 {
            fs::write(folders.make(id(number)).unwrap().unwrap().join("x"), "x").unwrap();
        }
        fs::create_dir(root.path().join("jobs/mine")).unwrap();
        folders.tidy(|job| job != id(1));
        let left = |number| folders.of(id(number)).unwrap().exists();
        assert_eq!([0, 1, 2, 3, 4, 5, 204].map(left), [false, true, false, false, false, true, true]);
        assert!(root.path().join("jobs/mine").exists());
    }
}
