//! Processes that die while they fill or empty a spool, and a disk that fills up.
//!
//! The test runs itself again as another process, and says by an environment variable what that one is to do.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hil_archive::{Archive, Contents, Spool, SpoolError};
use hil_model::run::{Attachment, Digest, Run};
use hil_store::{BlockingStore, StoreOptions};
use sha2::{Digest as _, Sha256};

use crate::bench::{id, run, store, stored, with_file};

const ROLE: &str = "HIL_SPOOL_ROLE";
const FOLDER: &str = "HIL_SPOOL_FOLDER";
const LARGE: &str = "large.bin";

/// How many runs there are to send.
const RUNS: u128 = 40;

fn child(role: &str, folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::in_another_process", "--nocapture"])
        .env(ROLE, role)
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn numbered(folder: &tempfile::TempDir, number: u128) -> (Run, Vec<(Digest, PathBuf)>) {
    let started = i64::try_from(number).unwrap() * 1000;
    with_file(run(number, started), folder, format!("content {number}").repeat(1000).as_bytes())
}

/// What the other process does; nothing in the test's own.
#[test]
fn in_another_process() {
    let (Ok(role), Ok(folder)) = (env::var(ROLE), env::var(FOLDER)) else { return };
    let folder = PathBuf::from(folder);
    let spool = Spool::new(folder.join("spool"));
    match role.as_str() {
        "fill" => {
            let files = tempfile::tempdir_in(&folder).unwrap();
            for number in 0..RUNS {
                let (run, contents) = numbered(&files, number);
                spool.push(&run, Contents::Files(&contents)).unwrap();
            }
        }
        "empty" => {
            let path = folder.join("runs.sqlite");
            let store = BlockingStore::open(path.to_str().unwrap(), StoreOptions::default()).unwrap();
            spool.drain(&Archive::Store(store), &mut |_| {}).unwrap();
        }
        "overfill" => {
            spool.push(&run(2, 2000), Contents::Files(&[])).unwrap();
            let (large, contents) = large(&folder);
            let error = spool.push(&large, Contents::Files(&contents)).unwrap_err();
            assert!(matches!(error, SpoolError::Write { .. }), "{error:?}");
            assert_eq!(spool.len().unwrap(), 1);
            assert_eq!(fs::read_dir(spool.folder().join("incoming")).unwrap().count(), 0);
        }
        other => panic!("{other:?} is no role"),
    }
}

/// A run with a file that was made before the disk was full.
fn large(folder: &Path) -> (Run, Vec<(Digest, PathBuf)>) {
    let content = fs::read(folder.join(LARGE)).unwrap();
    let digest = Digest::new(Sha256::digest(&content).into());
    let size = content.len() as u64;
    let attachment = Attachment { name: LARGE.into(), content_type: None, size, digest, is_report: false };
    (Run { attachments: vec![attachment], ..run(1, 1000) }, vec![(digest, folder.join(LARGE))])
}

/// Kills the process after so long; whether it had come to its end before.
fn killed(mut child: Child, after: Duration) -> bool {
    pause(after);
    let ended = child.try_wait().unwrap().is_some_and(|status| status.success());
    let _ = child.kill();
    let _ = child.wait();
    ended
}

#[expect(clippy::disallowed_methods, reason = "another process is given time, which has no clock of ours")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[test]
fn a_kill_at_any_point_loses_no_run_and_sends_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::new(folder.path().join("spool"));
    // Each begins where the one before was killed, a little later every time.
    let mut after = Duration::from_millis(5);
    while !killed(child("fill", folder.path()), after) {
        after = after.mul_f64(1.3);
    }
    assert_eq!(spool.len().unwrap(), usize::try_from(RUNS).unwrap());

    let (mut after, mut kills) = (Duration::from_millis(5), 0);
    while !killed(child("empty", folder.path()), after) {
        after = after.mul_f64(1.15);
        kills += 1;
    }
    assert!(kills > 3, "the process was too fast to be killed");
    assert!(spool.is_empty().unwrap());
    assert!(!spool.rejected().exists(), "a run was torn");
    let archive = store(&folder, "runs.sqlite");
    assert_eq!(stored(&archive), (0..RUNS).map(id).collect::<Vec<_>>());
    let files = tempfile::tempdir().unwrap();
    for number in 0..RUNS {
        let (sent, _) = numbered(&files, number);
        let found = archive.run(&sent.id).unwrap();
        assert_eq!((found.started_at, found.attachments), (sent.started_at, sent.attachments));
    }
}

#[test]
fn a_full_disk_leaves_nothing_half() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(LARGE), vec![1; 300_000]).unwrap();
    // A limit on the size of files stands in for a disk that is full; the signal that comes with it is ignored.
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 400; exec \"$@\"", "sh"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "crash::in_another_process"])
        .env(ROLE, "overfill")
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .status();
    assert!(status.unwrap().success());
    // Without the limit it goes in.
    let spool = Spool::new(folder.path().join("spool"));
    assert_eq!(spool.len().unwrap(), 1);
    let (large, contents) = large(folder.path());
    spool.push(&large, Contents::Files(&contents)).unwrap();
    assert_eq!(spool.len().unwrap(), 2);
}
