//! Runs that wait, and go in order.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use hil_archive::{Archive, Contents, Fate, Spool, SpoolError};
use hil_model::RunId;
use hil_model::run::Run;
use rstest::rstest;
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
                Fate::Waits(_) => {}
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
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(&folder);
    let endless = Run { ended_at: run(1, 0).started_at, ..run(1, 1000) };
    for run in [endless.clone(), run(2, 2000), run(3, 3000)] {
        spool.push(&run, Contents::Files(&[])).unwrap();
    }
    // Somebody's disk was not kind to this one.
    let broken = fs::read_dir(spool.folder().join("runs")).unwrap().map(|entry| entry.unwrap().path());
    let broken = broken.max().unwrap();
    fs::write(broken.join("run.json"), "{").unwrap();
    let mut fates = Vec::new();
    // A store, which says why it refuses a run; of a server's words nobody can tell whether it always will.
    let archive = store(&folder, "runs.sqlite");
    spool.drain(&archive, &mut |drained| fates.push(format!("{:?}", drained.fate))).unwrap();
    assert_eq!(fates.len(), 3);
    assert_eq!(stored(&archive), [id(2)]);
    let mut reasons: Vec<_> = fs::read_dir(spool.rejected())
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path().join("reason.txt")).unwrap())
        .collect();
    reasons.sort();
    assert!(reasons[1].contains("the document of a run is wrong"), "{reasons:?}");
    assert!(reasons[0].contains("ends before it starts"), "{reasons:?}");
    // The same run may be refused again.
    spool.push(&endless, Contents::Files(&[])).unwrap();
    assert_eq!(drain(&spool, &archive), (Vec::new(), vec![id(1)]));
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

/// Answers each request with that status, in words that are not those of `hil`'s server; where it does.
pub(crate) fn somebody_else(status: u16, page: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // It ends with the test's process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let head = format!(
                "HTTP/1.1 {status} No\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                page.len()
            );
            let _ = stream.write_all((head + page).as_bytes());
        }
    });
    url
}

#[rstest]
#[case::wrong_url(404)]
#[case::wrong_method(405)]
#[case::plain_http_to_tls(400)]
#[case::bad_gateway(502)]
fn whoever_is_no_server_of_hil_costs_no_run(#[case] status: u16) {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(&folder);
    let (with, contents) = with_file(run(1, 1000), &folder, b"trace");
    spool.push(&with, Contents::Files(&contents)).unwrap();
    spool.push(&run(2, 2000), Contents::Files(&[])).unwrap();
    let stopped = spool
        .drain(&client(&somebody_else(status, "<html>no</html>"), "hil_x"), &mut |_| panic!("nothing left"));
    assert!(matches!(stopped, Err(SpoolError::Stopped { left: 2, .. })), "{stopped:?}");
    assert_eq!((spool.len().unwrap(), spool.rejected().exists()), (2, false));
}

#[test]
fn a_wrong_path_of_the_right_server_costs_no_run() {
    let (lab, folder) = (Lab::open(), tempfile::tempdir().unwrap());
    let spool = spool(&folder);
    spool.push(&run(1, 1000), Contents::Files(&[])).unwrap();
    let wrong = client(&format!("{}/elsewhere", lab.url), &lab.user_key);
    let _ =
        spool.drain(&wrong, &mut |drained| assert!(matches!(drained.fate, Fate::Waits(_)), "{drained:?}"));
    assert_eq!((spool.len().unwrap(), spool.rejected().exists()), (1, false));
    assert_eq!(drain(&spool, &lab.user()), (vec![id(1)], Vec::new()));
}

#[rstest]
fn a_sub_unit_may_arrive_later(#[values(true, false)] at_server: bool) {
    let (lab, folder) = (Lab::open(), tempfile::tempdir().unwrap());
    let archive = if at_server { lab.user() } else { store(&folder, "runs.sqlite") };
    let spool = spool(&folder);
    let whole = Run { sub_units: vec!["SN-2".parse().unwrap()], ..run(1, 1000) };
    spool.push(&whole, Contents::Files(&[])).unwrap();
    spool.push(&run(3, 3000), Contents::Files(&[])).unwrap();
    assert_eq!(drain(&spool, &archive), (vec![id(3)], Vec::new()));
    assert_eq!(spool.len().unwrap(), 1);
    archive.save(&run(2, 2000), Contents::Files(&[])).unwrap();
    assert_eq!(drain(&spool, &archive), (vec![id(1)], Vec::new()));
}

#[rstest]
fn the_same_id_of_another_run_is_refused_for_good(#[values(true, false)] at_server: bool) {
    let (lab, folder) = (Lab::open(), tempfile::tempdir().unwrap());
    let archive = if at_server { lab.user() } else { store(&folder, "runs.sqlite") };
    let spool = spool(&folder);
    archive.save(&run(1, 1000), Contents::Files(&[])).unwrap();
    spool.push(&Run { operator: Some("eve".into()), ..run(1, 1000) }, Contents::Files(&[])).unwrap();
    assert_eq!(drain(&spool, &archive), (Vec::new(), vec![id(1)]));
}

#[rstest]
fn a_unit_of_no_known_part_is_of_the_part_unknown(#[values(true, false)] at_server: bool) {
    let (lab, folder) = (Lab::open(), tempfile::tempdir().unwrap());
    let archive = if at_server { lab.user() } else { store(&folder, "runs.sqlite") };
    let spool = spool(&folder);
    let nameless = |number| {
        let mut run = run(number, 1000);
        run.unit.part_number = None;
        run
    };
    spool.push(&nameless(1), Contents::Files(&[])).unwrap();
    assert_eq!(drain(&spool, &archive), (vec![id(1)], Vec::new()));
    archive.save_finished(&nameless(2), Contents::Files(&[])).unwrap();
    for number in [1, 2] {
        assert_eq!(archive.run(&id(number)).unwrap().unit.part_number.unwrap().as_str(), "unknown");
    }
    // Whoever sends a run that is not over can be asked.
    assert!(archive.save(&nameless(3), Contents::Files(&[])).is_err());
}

#[test]
fn what_is_no_run_stays_and_blocks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, archive) = (spool(&folder), store(&folder, "runs.sqlite"));
    for number in [1, 2] {
        spool.push(&run(number, 1000), Contents::Files(&[])).unwrap();
    }
    let runs = spool.folder().join("runs");
    fs::write(runs.join(".DS_Store"), "").unwrap();
    fs::write(runs.join(format!("{:020}-0193", 0)), "a file").unwrap();
    fs::create_dir(runs.join("00-lost+found")).unwrap();
    // One whose document cannot be read now.
    let entries = fs::read_dir(&runs).unwrap().map(|entry| entry.unwrap().path());
    let broken = entries.filter(|entry| entry.join("run.json").exists()).min().unwrap();
    fs::remove_file(broken.join("run.json")).unwrap();
    fs::create_dir(broken.join("run.json")).unwrap();
    assert_eq!(spool.len().unwrap(), 2);
    let mut fates = Vec::new();
    spool.drain(&archive, &mut |drained| fates.push(format!("{:?}", drained.fate))).unwrap();
    assert_eq!((fates.len(), spool.len().unwrap()), (2, 1));
    assert!(fates[0].starts_with("Waits") && fates[1] == "Arrived", "{fates:?}");
    assert_eq!(fs::read_dir(&runs).unwrap().count(), 4);
}

#[test]
fn whoever_made_a_run_sends_it() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, archive) = (spool(&folder), store(&folder, "runs.sqlite"));
    let mine = spool.push(&run(1, 1000), Contents::Files(&[])).unwrap();
    let other = spool.push(&run(2, 2000), Contents::Files(&[])).unwrap();
    assert_eq!(drain(&spool, &archive), (Vec::new(), Vec::new()));
    let sent = spool.send(&mine, &archive).unwrap();
    assert!(matches!(sent.fate, Fate::Arrived), "{sent:?}");
    // Whose maker is gone is everybody's.
    drop(other);
    assert_eq!(drain(&spool, &archive), (vec![id(2)], Vec::new()));
    assert_eq!(stored(&archive), [id(1), id(2)]);
}
