//! Runs that wait, and go in order.

use std::fs;
use std::net::TcpListener;

use hil_archive::{Archive, Contents, Fate, Spool, SpoolError};
use hil_model::RunId;
use hil_model::run::Run;
use tempfile::TempDir;

use crate::bench::{Lab, client, id, run, store, stored, with_file};

fn spool(folder: &TempDir) -> Spool {
    Spool::new(folder.path().join("deep/spool"))
}

/// What became of what waited: the runs that arrived, and those that were set aside.
fn drain(spool: &Spool, archive: &Archive) -> (Vec<RunId>, Vec<RunId>) {
    let (mut arrived, mut rejected) = (Vec::new(), Vec::new());
    spool
        .drain(archive, &mut |drained| {
            let run = drained.run.parse().unwrap();
            match drained.fate {
                Fate::Arrived => arrived.push(run),
                Fate::Rejected(_) => rejected.push(run),
            }
        })
        .unwrap();
    (arrived, rejected)
}

#[test]
fn runs_go_later_in_the_order_in_which_they_began_and_once() {
    let (lab, folder) = (Lab::open(), tempfile::tempdir().unwrap());
    let spool = spool(&folder);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let unreachable = client(&format!("http://{closed}"), &lab.user_key);
    let (third, contents) = with_file(run(3, 3000), &folder, b"trace");
    spool.push(&third, Contents::Files(&contents)).unwrap();
    // The file may change once the run waits.
    fs::write(&contents[0].1, "another run's").unwrap();
    for (number, started) in [(1, -5), (2, 2000), (2, 2000)] {
        spool.push(&run(number, started), Contents::Files(&[])).unwrap();
    }
    assert_eq!(spool.len().unwrap(), 3);

    let stopped = spool.drain(&unreachable, &mut |_| panic!("nothing left")).unwrap_err();
    assert!(matches!(stopped, SpoolError::Stopped { left: 3, .. }), "{stopped:?}");
    assert_eq!(spool.len().unwrap(), 3);

    let archive = lab.user();
    assert_eq!(drain(&spool, &archive), (vec![id(1), id(2), id(3)], Vec::new()));
    assert!(spool.is_empty().unwrap());
    assert_eq!(stored(&archive), [id(1), id(2), id(3)]);
    let found = archive.run(&id(3)).unwrap();
    assert_eq!((found.started_at, found.attachments), (third.started_at, third.attachments));
    assert_eq!(drain(&spool, &archive), (Vec::new(), Vec::new()));
}

#[test]
fn a_run_that_is_refused_does_not_hold_up_the_others() {
    let (lab, folder) = (Lab::open(), tempfile::tempdir().unwrap());
    let spool = spool(&folder);
    let never_tested = Run { sub_units: vec!["NEVER".parse().unwrap()], ..run(1, 1000) };
    for run in [never_tested, run(2, 2000), run(3, 3000)] {
        spool.push(&run, Contents::Files(&[])).unwrap();
    }
    // Somebody's disk was not kind to this one.
    let broken = fs::read_dir(spool.folder().join("runs")).unwrap().map(|entry| entry.unwrap().path());
    let broken = broken.max().unwrap();
    fs::write(broken.join("run.json"), "{").unwrap();
    let mut fates = Vec::new();
    spool.drain(&lab.user(), &mut |drained| fates.push(format!("{:?}", drained.fate))).unwrap();
    assert_eq!(fates.len(), 3);
    assert_eq!(stored(&lab.user()), [id(2)]);
    let mut reasons: Vec<_> = fs::read_dir(spool.rejected())
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path().join("reason.txt")).unwrap())
        .collect();
    reasons.sort();
    assert!(reasons[0].contains("the document of a run is wrong"), "{reasons:?}");
    assert!(reasons[1].contains("sub-unit") && reasons[1].contains("NEVER"), "{reasons:?}");
    // The same run may be refused again.
    spool
        .push(&Run { sub_units: vec!["NEVER".parse().unwrap()], ..run(1, 1000) }, Contents::Files(&[]))
        .unwrap();
    assert_eq!(drain(&spool, &lab.user()), (Vec::new(), vec![id(1)]));
    assert_eq!(fs::read_dir(spool.rejected()).unwrap().count(), 2);
}

#[test]
fn a_key_that_is_not_taken_costs_no_run() {
    let (lab, folder) = (Lab::open(), tempfile::tempdir().unwrap());
    let spool = spool(&folder);
    spool.push(&run(1, 1000), Contents::Files(&[])).unwrap();
    let stopped = spool.drain(&lab.client("hil_0000000000"), &mut |_| panic!("nothing left"));
    assert!(matches!(stopped, Err(SpoolError::Stopped { left: 1, .. })), "{stopped:?}");
    assert_eq!(spool.len().unwrap(), 1);
}

#[test]
fn a_spool_empties_into_a_store_too() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, archive) = (spool(&folder), store(&folder, "runs.sqlite"));
    let (with, contents) = with_file(run(1, 1000), &folder, b"trace");
    spool.push(&with, Contents::Files(&contents)).unwrap();
    assert_eq!(drain(&spool, &archive), (vec![id(1)], Vec::new()));
    assert_eq!(archive.run(&id(1)).unwrap().attachments, with.attachments);
}

#[test]
fn two_do_not_send_the_same_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, archive) = (spool(&folder), store(&folder, "runs.sqlite"));
    spool.push(&run(1, 1000), Contents::Files(&[])).unwrap();
    let mut told = 0;
    spool
        .drain(&archive, &mut |_| {
            told += 1;
            let other = spool.drain(&archive, &mut |_| panic!("sent twice"));
            assert!(matches!(other, Err(SpoolError::Locked { .. })), "{other:?}");
            // Whoever has a run to add need not wait.
            spool.push(&run(2, 2000), Contents::Files(&[])).unwrap();
        })
        .unwrap();
    assert_eq!((told, spool.len().unwrap()), (1, 1));
}

#[test]
fn a_run_whose_file_is_gone_leaves_nothing_in_the_spool() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(&folder);
    let (with, contents) = with_file(run(1, 1000), &folder, b"trace");
    fs::remove_file(&contents[0].1).unwrap();
    assert!(matches!(spool.push(&with, Contents::Files(&contents)), Err(SpoolError::Content(_))));
    assert!(spool.is_empty().unwrap());
    assert_eq!(fs::read_dir(spool.folder().join("incoming")).unwrap().count(), 0);
}
