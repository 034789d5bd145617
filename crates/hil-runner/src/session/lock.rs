//! One owner to a bench (BEN-01).
//!
//! A lock is a file that its owner holds with `flock`: the system frees it the moment the owner dies,
//! however it dies. What stands in the file says who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hil_config::Config;
use hil_model::{Clock, shown_url};
use serde::{Deserialize, Serialize};

use super::World;
use super::world::same_port;
use crate::bench::SystemClock;
use crate::run::RunError;

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Its process id.
    pub pid: u32,
    /// The machine that it runs on.
    pub host: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Its command line.
    pub command: String,
}

impl Owner {
    /// This process.
    fn this_process() -> Self {
        Self {
            pid: std::process::id(),
            host: host_name(),
            since: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            // Everybody on the machine may read it.
            command: std::env::args().map(|argument| shown_url(&argument)).collect::<Vec<_>>().join(" "),
        }
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} on {} since {} ({})", self.pid, self.host, self.since, self.command)
    }
}

/// The machine's name.
pub(crate) fn host_name() -> String {
    nix::unistd::gethostname()
        .map_or_else(|_| "unknown".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What can be locked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lockable {
    /// A folder of reports, and with it a simulated bench: two runs must not write into one folder.
    Reports(PathBuf),
    /// A real bench, by its name.
    Bench(String),
    /// A device of a real bench, by its port or address.
    Device(String),
}

impl Lockable {
    fn path(&self) -> PathBuf {
        let shared = |kind: &str, name: &str| {
            let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
            let name: String = name.chars().map(safe).collect();
            std::env::temp_dir().join(format!("hil-{kind}-{name}.lock"))
        };
        match self {
            Self::Reports(folder) => folder.join(".lock"),
            Self::Bench(name) => shared("bench", name),
            Self::Device(name) => shared("device", name),
        }
    }
}

impl std::fmt::Display for Lockable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reports(folder) => write!(f, "the reports folder {}", folder.display()),
            Self::Bench(name) => write!(f, "the bench {name:?}"),
            Self::Device(name) => write!(f, "the device {name}"),
        }
    }
}

/// How often a bench that is in use is asked for again.
const RETRY: Duration = Duration::from_millis(200);

/// Takes the lock of the device at `port`, for somebody who tries it by hand.
///
/// # Errors
///
/// [`RunError::Busy`] names who uses it.
pub fn lock_device(port: &str) -> Result<DeviceLock, RunError> {
    take(&Lockable::Device(same_port(port)), None).map(DeviceLock)
}

/// Waits until nobody writes reports into `folder`, and holds it then, unless that takes longer than `most`.
pub fn lock_reports(folder: &Path, most: Duration) -> Option<FolderLock> {
    let (clock, what) = (SystemClock::new(), Lockable::Reports(folder.to_owned()));
    let until = clock.now() + most;
    loop {
        match try_lock(&what) {
            Ok(Ok(held)) => return Some(FolderLock(held)),
            Ok(Err(_)) if clock.now() < until => clock.sleep(RETRY),
            Ok(Err(_)) | Err(_) => return None,
        }
    }
}

/// Who holds the real bench of that name on this machine. Nothing is locked for the question.
pub fn bench_owner(name: &str) -> Option<Owner> {
    let mut file = File::open(Lockable::Bench(name.to_owned()).path()).ok()?;
    let owner = read_owner(&mut file)?;
    // The name of an owner stays in the file; the lock does not outlive its process.
    let pid = nix::unistd::Pid::from_raw(i32::try_from(owner.pid).ok()?);
    let lives = !matches!(nix::sys::signal::kill(pid, None), Err(nix::errno::Errno::ESRCH));
    (lives && owner.host == host_name()).then_some(owner)
}

/// The lock of a device, held until it is dropped.
#[derive(Debug)]
pub struct DeviceLock(#[expect(dead_code, reason = "the lock lives as long as what it holds")] Held);

/// The lock of a folder of reports, held until it is dropped: what a run left there is its own until then.
#[derive(Debug)]
pub struct FolderLock(#[expect(dead_code, reason = "the lock lives as long as what it holds")] Held);

/// How somebody waits for what is in use.
pub(crate) struct Patience<'a> {
    /// Told what is in use, and by whom, as often as that changes.
    pub(crate) waiting: &'a mut dyn FnMut(&str, Option<&Owner>),
    /// When it is given up, if ever.
    pub(crate) until: Option<Instant>,
}

impl Patience<'_> {
    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// The locks of a run on its bench, held until they are dropped.
#[derive(Debug)]
pub(crate) struct Locks {
    held: Vec<Held>,
    what: Vec<String>,
}

impl Locks {
    /// Takes the folder of the reports, and what of the bench is real: the bench by its name, and each
    /// device.
    ///
    /// A simulated bench is private to its folder, so any number of them can run side by side. The folder's lock is
    /// apart: it outlives the session, until what the run left is kept.
    ///
    /// Without patience nobody waits.
    pub(crate) fn take(
        folder: &Path,
        world: &World,
        config: &Config,
        mut patience: Option<&mut Patience<'_>>,
    ) -> Result<(FolderLock, Self), RunError> {
        let reports = Lockable::Reports(folder.to_owned());
        let held = FolderLock(take(&reports, patience.as_deref_mut())?);
        let mut locks = Self::take_all(real(world, config), patience)?;
        locks.what.insert(0, reports.to_string());
        Ok((held, locks))
    }

    /// Takes what of the bench is real, for somebody who tries things by hand and writes no reports.
    pub(super) fn take_bench(world: &World, config: &Config) -> Result<Self, RunError> {
        Self::take_all(real(world, config), None)
    }

    fn take_all(wanted: Vec<Lockable>, mut patience: Option<&mut Patience<'_>>) -> Result<Self, RunError> {
        let mut locks = Self { held: Vec::new(), what: Vec::new() };
        for what in wanted {
            locks.held.push(take(&what, patience.as_deref_mut())?);
            locks.what.push(what.to_string());
        }
        Ok(locks)
    }

    /// What is locked, in words.
    pub(crate) fn what(&self) -> String {
        self.what.join(", ")
    }
}

/// The bench by its name and each real device; nothing where all is simulated.
fn real(world: &World, config: &Config) -> Vec<Lockable> {
    let mut wanted: Vec<_> = world.real_devices(config).into_iter().map(Lockable::Device).collect();
    if !wanted.is_empty() {
        wanted.insert(0, Lockable::Bench(config.bench.name.clone()));
    }
    wanted
}

fn take(what: &Lockable, mut patience: Option<&mut Patience<'_>>) -> Result<Held, RunError> {
    let mut told = None;
    loop {
        let owner = match try_lock(what)? {
            Ok(held) => return Ok(held),
            Err(owner) => owner,
        };
        let Some(Patience { waiting, .. }) = patience.as_mut().filter(|patience| !patience.is_over()) else {
            return Err(RunError::Busy { what: what.to_string(), owner });
        };
        if told.as_ref() != Some(&owner) {
            waiting(&what.to_string(), owner.as_ref());
            told = Some(owner);
        }
        SystemClock::new().sleep(RETRY);
    }
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
struct Held(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

/// Takes the lock on `what`, or says who holds it.
fn try_lock(what: &Lockable) -> Result<Result<Held, Option<Owner>>, RunError> {
    let path = what.path();
    let failed = |source| RunError::Lock { path: path.clone(), source };
    let mut file = open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            let owner = serde_json::to_vec(&Owner::this_process()).unwrap_or_default();
            file.set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(&owner))
                .map_err(failed)?;
            Ok(Ok(Held(file)))
        }
        Err(TryLockError::WouldBlock) => Ok(Err(read_owner(&mut file))),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Opens the lock file for everyone on the machine: a bench is shared between users.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o666);
    }
    options.open(path)
}

fn read_owner(file: &mut File) -> Option<Owner> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_names_its_owner_and_is_free_once_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let what = Lockable::Reports(folder.path().to_owned());
        let held = try_lock(&what).unwrap().unwrap();
        let owner = try_lock(&what).unwrap().unwrap_err().unwrap();
        assert_eq!(owner.pid, std::process::id());
        drop(held);
        assert!(try_lock(&what).unwrap().is_ok());
    }
}
