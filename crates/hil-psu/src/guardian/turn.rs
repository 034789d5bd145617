//! One guardian to a bench at a time.
//!
//! A guardian that is switching off after its harness was killed must not meet the next run, which would
//! switch on between its commands. It holds a lock as long as it lives, and the next run waits for it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hil_model::{Clock, PollError, poll_until};
use nix::fcntl::OFlag;

use super::GuardianError;
use super::lines::pause;
use super::note::safe;

/// How long the guardian of an earlier run is waited for: it is done within ten seconds.
const PATIENCE: Duration = Duration::from_secs(12);
/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// The right to guard a bench, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

impl Turn {
    /// Takes it as soon as no other guardian has it.
    pub(super) fn take(folder: &Path, bench: &str) -> Result<Self, GuardianError> {
        let until = Instant::now() + PATIENCE;
        loop {
            match try_take(folder, bench)? {
                Some(turn) => return Ok(turn),
                None if Instant::now() >= until => {
                    return Err(GuardianError::Busy { lock: lock(folder, bench) });
                }
                None => pause(LOOK),
            }
        }
    }
}

/// Waits until no guardian of an earlier run is at work on this bench. To be called before the supply's port
/// is looked for, which such a guardian still holds open.
///
/// # Errors
///
/// [`GuardianError::Busy`] when there still is one after twelve seconds, [`GuardianError::Turn`].
pub fn wait_for_turn(folder: &Path, bench: &str, clock: &dyn Clock) -> Result<(), GuardianError> {
    let free = || try_take(folder, bench).map(|turn| turn.map(drop));
    poll_until(clock, "the guardian of an earlier run to end", LOOK, PATIENCE, free).map_err(|error| {
        match error {
            PollError::TimedOut { .. } => GuardianError::Busy { lock: lock(folder, bench) },
            PollError::Failed(error) => error,
        }
    })
}

fn try_take(folder: &Path, bench: &str) -> Result<Option<Turn>, GuardianError> {
    let lock = lock(folder, bench);
    let failed = |source| GuardianError::Turn { lock: lock.clone(), source };
    let file = open(&lock).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Turn(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Opens the lock file. A bench is shared between users, and another user's file in a folder such as `/tmp`
/// cannot be opened for writing, nor in a way that might create it.
fn open(lock: &Path) -> io::Result<File> {
    // What waits for a writer must not keep us.
    match OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(lock) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o666).open(lock)
        }
        opened => opened,
    }
}

fn lock(folder: &Path, bench: &str) -> PathBuf {
    folder.join(format!("hil-guardian-{}.lock", safe(bench)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_at_a_time_and_each_bench_has_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let turn = try_take(folder.path(), "a").unwrap().unwrap();
        assert!(try_take(folder.path(), "a").unwrap().is_none());
        assert!(try_take(folder.path(), "b/../c").unwrap().is_some());
        drop(turn);
        assert!(try_take(folder.path(), "a").unwrap().is_some());
    }
}
