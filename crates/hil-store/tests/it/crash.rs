//! A process that saves runs is killed. What it acknowledged is there; nothing is there twice, or in part.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hil_store::{Actor, Direction, Page, RunFilter, RunOrder, Store, StoreOptions};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

const URL: &str = "HIL_STORE_TEST_CRASH";
const ROUNDS: u64 = 5;
const PHASES: usize = 3;
const MEASUREMENTS: usize = 10;

/// The process that is killed: four tasks save runs for ever, and each says which ones were acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the test below"]
async fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    let store = Arc::new(Store::open(&url, StoreOptions::default()).await.unwrap());
    let procedure = store.ensure_procedure("Crash".parse().unwrap(), Actor::Local).await.unwrap();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (store, procedure) = (Arc::clone(&store), procedure.clone());
            tokio::spawn(async move {
                for i in 0.. {
                    let serial = format!("SN-{writer}-{}", i % 7);
                    let run = sample::filled(&procedure, &serial, PHASES, MEASUREMENTS);
                    let id = store.save_run(run, Actor::Local).await.unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "saved {id}").unwrap();
                    out.flush().unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

/// Runs the child, kills it some time after its first word, and answers what it acknowledged.
fn killed(url: &str, after: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored", "--nocapture"])
        .env(URL, url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut saved = Vec::new();
    // Test harnesses print on the same line.
    let id = |line: &str| line.split_once("saved ").map(|(_, id)| id.to_owned());
    for line in lines.by_ref() {
        if let Some(id) = id(&line.unwrap()) {
            saved.push(id);
            break;
        }
    }
    let killer = std::thread::spawn(move || {
        std::thread::park_timeout(after);
        child.kill().unwrap();
        child.wait().unwrap();
    });
    // The last line may be cut short.
    saved.extend(lines.map_while(Result::ok).filter_map(|line| id(&line)).filter(|id| id.len() == 36));
    killer.join().unwrap();
    saved
}

#[rstest]
#[tokio::test]
async fn what_was_acknowledged_survives_a_kill(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = Bench::open(backend).await else { return };
    bench.store.close().await;
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let jitter = u64::from(uuid::Uuid::new_v4().as_bytes()[0]);
        acknowledged.extend(killed(&bench.url, Duration::from_millis(round * 40 + jitter / 4)));
    }
    assert!(acknowledged.len() >= usize::try_from(ROUNDS).unwrap());

    let store = Store::open(&bench.url, StoreOptions::default()).await.unwrap();
    for id in &acknowledged {
        store.run(id.parse().unwrap()).await.unwrap();
    }
    let (mut offset, mut runs) = (Some(0), 0);
    while let Some(from) = offset {
        let page = Page::new(Page::MAX, from);
        let listed =
            store.runs(RunFilter::default(), RunOrder::CreatedAt, page, Direction::Ascending).await.unwrap();
        for run in &listed.items {
            let phases = store.run(run.id.clone()).await.unwrap().run.phases;
            let whole = phases.len() == PHASES
                && phases
                    .iter()
                    .all(|phase| phase.measurements.len() == MEASUREMENTS && phase.logs.len() == 1);
            assert!(whole, "{} is there in part", run.id);
        }
        runs += listed.items.len();
        offset = listed.next;
    }
    // Ids are unique by the schema: as many runs as ids means none twice. Acknowledgements may be lost, runs not.
    assert!(runs >= acknowledged.len());
    let leftovers = "SELECT COUNT(*) FROM phases WHERE run NOT IN (SELECT seq FROM runs)";
    assert_eq!(bench.count(leftovers).await, 0);
    store.close().await;
}
