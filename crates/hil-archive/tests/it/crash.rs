//! Processes that die while they fill or empty a spool, and a disk that fills up.
//!
//! The test runs itself again as another process, and says by an environment variable what that one is to do.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
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
/// After so many runs the other process does one more, and then stands still until it is killed.
const STAY_AFTER: &str = "HIL_SPOOL_STAY_AFTER";
const LARGE: &str = "large.bin";

/// How many runs there are to send.
const RUNS: u128 = 40;

/// A process that says on its output when it is done with a run.
fn child(role: &str, folder: &Path, stay_after: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::in_another_process", "--nocapture"])
        .env(ROLE, role)
        .env(FOLDER, folder)
        .env(STAY_AFTER, stay_after.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

const DONE: &str = "done with a run";

/// The other process is done with a run.
fn done(so_far: &mut usize) {
    let stay_after: usize = env::var(STAY_AFTER).unwrap().parse().unwrap();
    *so_far += 1;
    if *so_far > stay_after {
        // Nobody writes there: it waits for its end.
        let _ = std::io::stdin().read(&mut [0]);
    }
    // Past the capture of the test, to the process that waits for it.
    let mut out = std::io::stdout();
    writeln!(out, "\n{DONE}").unwrap();
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
            let mut so_far = 0;
            let files = tempfile::tempdir_in(&folder).unwrap();
            for number in 0..RUNS {
                let (run, contents) = numbered(&files, number);
                spool.push(&run, Contents::Files(&contents)).unwrap();
                done(&mut so_far);
            }
        }
        "empty" => {
            let path = folder.join("runs.sqlite");
            let store = BlockingStore::open(path.to_str().unwrap(), StoreOptions::default()).unwrap();
            let mut so_far = 0;
            spool.drain(&Archive::Store(store), &mut |_| done(&mut so_far)).unwrap();
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

/// Kills the process in the middle of what follows so many runs; whether it came to its end before.
fn killed(mut child: Child, runs: usize, after: Duration) -> bool {
    // It stays where it is as long as this is held.
    let _stdin = child.stdin.take();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let all = lines.filter(|line| line == DONE).take(runs).count() < runs;
    if all {
        assert!(child.wait().unwrap().success());
    } else {
        pause(after);
        let _ = child.kill();
        let _ = child.wait();
    }
    all
}

#[expect(clippy::disallowed_methods, reason = "another process is given time, which has no clock of ours")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[test]
fn a_kill_at_any_point_loses_no_run_and_sends_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::new(folder.path().join("spool"));
    let runs = usize::try_from(RUNS).unwrap();
    // Where within a run each is killed is left to the pause, how many runs it comes to is not: so there are kills on
    // a machine of any speed.
    let mut pauses = (0..).map(|kill| Duration::from_micros(kill * 700 % 10_000));
    for reached in (0..runs).step_by(4) {
        assert!(!killed(child("fill", folder.path(), reached), reached, pauses.next().unwrap()));
    }
    assert!(killed(child("fill", folder.path(), runs), runs + 1, Duration::ZERO));
    assert_eq!(spool.len().unwrap(), runs);

    let at_a_time = 3;
    let mut kills = 0;
    while spool.len().unwrap() > at_a_time {
        assert!(!killed(child("empty", folder.path(), at_a_time), at_a_time, pauses.next().unwrap()));
        kills += 1;
    }
    assert!(kills >= runs / (at_a_time + 2), "{kills}");
    assert!(killed(child("empty", folder.path(), runs), runs, Duration::ZERO));
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
