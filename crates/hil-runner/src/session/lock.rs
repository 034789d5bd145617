//! One owner to a bench (BEN-01).
//!
//! A lock is a file that its owner holds with `flock`: the system frees it the moment the owner dies,
//! however it dies. What stands in the file says who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hil_config::Config;
use hil_model::Clock;
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
            command: std::env::args().collect::<Vec<_>>().join(" "),
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
    take(&Lockable::Device(same_port(port)), false).map(DeviceLock)
}

/// The lock of a device, held until it is dropped.
#[derive(Debug)]
pub struct DeviceLock(#[expect(dead_code, reason = "the lock lives as long as what it holds")] Held);

/// The locks of a run, held until they are dropped.
#[derive(Debug)]
pub(crate) struct Locks {
    held: Vec<Held>,
    what: Vec<String>,
}

impl Locks {
    /// Takes the folder of the reports, and what of the bench is real: the bench by its name, and each
    /// device.
    ///
    /// A simulated bench is private to its folder, so any number of them can run side by side.
    pub(crate) fn take(folder: &Path, world: &World, config: &Config, wait: bool) -> Result<Self, RunError> {
        let mut wanted = vec![Lockable::Reports(folder.to_owned())];
        wanted.extend(real(world, config));
        Self::take_all(wanted, wait)
    }

    /// Takes what of the bench is real, for somebody who tries things by hand and writes no reports.
    pub(super) fn take_bench(world: &World, config: &Config) -> Result<Self, RunError> {
        Self::take_all(real(world, config), false)
    }

    fn take_all(wanted: Vec<Lockable>, wait: bool) -> Result<Self, RunError> {
        let mut locks = Self { held: Vec::new(), what: Vec::new() };
        for what in wanted {
            locks.held.push(take(&what, wait)?);
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

fn take(what: &Lockable, wait: bool) -> Result<Held, RunError> {
    loop {
        match try_lock(what)? {
            Ok(held) => return Ok(held),
            Err(owner) if !wait => return Err(RunError::Busy { what: what.to_string(), owner }),
            Err(_) => SystemClock::new().sleep(RETRY),
        }
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
