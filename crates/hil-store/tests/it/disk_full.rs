//! The disk fills up: a clean error, nothing lost, and reading goes on.

#![expect(clippy::print_stderr, reason = "whoever runs the tests must see what was skipped")]

use std::process::Command;

use hil_store::{Actor, Direction, ErrorKind, Page, RunFilter, RunOrder, Store, StoreError, StoreOptions};

use crate::sample;

const DIRECTORY: &str = "HIL_STORE_TEST_SMALL_DISK";

/// Runs in a mount namespace of its own, where `DIRECTORY` is a disk of a few megabytes.
#[tokio::test]
#[ignore = "started by the test below"]
async fn child() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let url = format!("{directory}/runs.db");
    let store = Store::open(&url, StoreOptions::default()).await.unwrap();
    let procedure = sample::procedure(&store).await;

    let mut saved = Vec::new();
    let error = loop {
        let run = sample::filled(&procedure, &format!("SN-{}", saved.len()), 4, 100);
        match store.save_run(run, Actor::Local).await {
            Ok(id) => saved.push(id),
            Err(error) => break error,
        }
        assert!(saved.len() < 10_000, "the disk never fills up");
    };
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::DiskFull);

    // A file does not fit either, and leaves nothing behind.
    let mut content = store.begin_content().await;
    if let Ok(content) = &mut content {
        let mut written = Ok(());
        for _ in 0..100 {
            written = content.write(&[0; 65_536]).await;
            if written.is_err() {
                break;
            }
        }
        assert_eq!(written.unwrap_err().kind(), ErrorKind::DiskFull);
    }
    drop(content);

    for _ in 0..3 {
        assert_eq!(store.count_runs(RunFilter::default()).await.unwrap(), saved.len() as u64);
        for id in &saved {
            assert_eq!(store.run(id.clone()).await.unwrap().run.phases.len(), 4);
        }
        let (order, direction) = (RunOrder::SerialNumber, Direction::Descending);
        store.runs(RunFilter::default(), order, Page::default(), direction).await.unwrap();
        store.first_pass_yield(RunFilter::default(), Page::default()).await.unwrap();
        store.capability(RunFilter::default(), None, Page::default()).await.unwrap();
        // Trying again fails again, and changes nothing.
        let run = sample::filled(&procedure, "SN-X", 4, 500);
        assert_eq!(store.save_run(run, Actor::Local).await.unwrap_err().kind(), ErrorKind::DiskFull);
    }
    store.close().await;

    // A new process reads it as well.
    let store = Store::open(&url, StoreOptions::default()).await.unwrap();
    assert_eq!(store.count_runs(RunFilter::default()).await.unwrap(), saved.len() as u64);
}

#[test]
fn a_full_disk_is_a_clean_error_and_reading_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=3m none \"$1\"";
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--map-root-user", "sh", "-c", script, "sh"]).arg(directory.path());
        command
    };
    match unshare(mount).output() {
        Ok(output) if output.status.success() => {}
        tried => {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI is set, and no small disk can be mounted: {tried:?}"
            );
            eprintln!("skipped: no small disk can be mounted here (unshare --mount)");
            return;
        }
    }
    let script = format!("{mount} && exec \"$2\" --exact disk_full::child --ignored --nocapture");
    let output = unshare(&script)
        .arg(std::env::current_exe().unwrap())
        .env(DIRECTORY, directory.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
