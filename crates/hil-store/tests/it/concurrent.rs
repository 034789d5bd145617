//! Many at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hil_model::run::Run;
use hil_store::{Actor, Direction, ErrorKind, Page, RunFilter, RunOrder, StoreError, StoreOptions};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_need_the_same_new_things_get_the_same(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = Bench::open(backend).await else { return };
    let (procedure, bench) = (sample::procedure(&bench.store).await, Arc::new(bench));
    let twice = sample::filled(&procedure, "TWICE", 2, 2);
    let tasks: Vec<_> = (0..40)
        .map(|i| {
            let (bench, twice) = (Arc::clone(&bench), twice.clone());
            let mut run = sample::filled(&procedure, &format!("SN-{}", i % 5), 2, 2);
            run.unit.part_number = Some(format!("NEW-{}", i % 3).parse().unwrap());
            run.unit.batch = Some(format!("LOT-{}", i % 2).parse().unwrap());
            run.procedure.version = Some("v1".parse().unwrap());
            tokio::spawn(async move {
                bench.store.save_run(run, Actor::Local).await.unwrap();
                bench.store.save_run(twice, Actor::Local).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(bench.store.count_runs(RunFilter::default()).await.unwrap(), 41);
    for (table, rows) in [("units", 6), ("parts", 4), ("batches", 2), ("versions", 1), ("phases", 82)] {
        assert_eq!(bench.count(&format!("SELECT COUNT(*) FROM {table}")).await, rows, "{table}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_does_not_disturb_its_neighbours(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = Bench::open(backend).await else { return };
    let (procedure, bench) = (sample::procedure(&bench.store).await, Arc::new(bench));
    let tasks: Vec<_> = (0..40)
        .map(|i| {
            let bench = Arc::clone(&bench);
            let run = sample::filled(&procedure, &format!("SN-{i}"), 1, 1);
            let bad = i % 4 == 0;
            let run = if bad { Run { sub_units: vec!["NONE".parse().unwrap()], ..run } } else { run };
            tokio::spawn(async move { (bad, bench.store.save_run(run, Actor::Local).await) })
        })
        .collect();
    for task in tasks {
        let (bad, answer) = task.await.unwrap();
        assert_eq!(bad, matches!(answer, Err(StoreError::SubUnitMissing { .. })), "{answer:?}");
    }
    assert_eq!(bench.store.count_runs(RunFilter::default()).await.unwrap(), 30);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_would_close_a_circle_do_not(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = Bench::open(backend).await else { return };
    let store = &bench.store;
    let procedure = sample::procedure(store).await;
    for serial in ["A", "B"] {
        store.save_run(sample::run(&procedure, serial, 1), Actor::Local).await.unwrap();
    }
    for _ in 0..20 {
        let (a, b) = ("A".parse::<hil_model::run::SerialNumber>().unwrap(), "B".parse().unwrap());
        let (one, two) =
            tokio::join!(store.add_child(a.clone(), b), store.add_child("B".parse().unwrap(), a));
        let refused =
            [one, two].into_iter().filter_map(Result::err).map(|error| error.kind()).collect::<Vec<_>>();
        assert_eq!(refused, [ErrorKind::Invalid]);
        let _ = store.remove_child("A".parse().unwrap(), "B".parse().unwrap()).await;
        let _ = store.remove_child("B".parse().unwrap(), "A".parse().unwrap()).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waiting_for_the_answer_does_no_harm(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = Bench::open(backend).await else { return };
    let (procedure, bench) = (sample::procedure(&bench.store).await, Arc::new(bench));
    for i in 0..20 {
        let (bench, run) = (Arc::clone(&bench), sample::filled(&procedure, &format!("SN-{i}"), 4, 20));
        let task = tokio::spawn(async move { bench.store.save_run(run, Actor::Local).await });
        tokio::time::sleep(Duration::from_micros(i * 300)).await;
        task.abort();
    }
    let run = sample::filled(&procedure, "LAST", 1, 1);
    bench.store.save_run(run, Actor::Local).await.unwrap();
    let runs = bench.store.count_runs(RunFilter::default()).await.unwrap();
    let phases = bench.count("SELECT COUNT(*) FROM phases").await;
    let measurements = bench.count("SELECT COUNT(*) FROM measurements").await;
    // Each of the others is there whole or not at all.
    assert_eq!(phases, i64::try_from(runs - 1).unwrap() * 4 + 1);
    assert_eq!(measurements, i64::try_from(runs - 1).unwrap() * 80 + 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_name_makes_one_procedure(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = Bench::open(backend).await else { return };
    let (procedure, bench) = (sample::procedure(&bench.store).await, Arc::new(bench));
    for round in 0..10 {
        let tasks: Vec<_> = (0..6)
            .map(|i| {
                let bench = Arc::clone(&bench);
                let mut run = sample::filled(&procedure, &format!("SN-{i}"), 2, 20);
                run.procedure.id = format!("new {round}");
                tokio::spawn(async move { bench.store.place_run(run, Actor::Local).await.unwrap() })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
    assert_eq!(bench.count("SELECT COUNT(*) FROM procedures").await, 11);
}

/// Two that arrive at the same moment: the second one begins while the first has not committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_somebody_else_is_about_to_make_is_waited_for() {
    let Some(bench) = Bench::open(Postgres).await else { return };
    let name = || "late".parse().unwrap();
    // What `ensure_procedure` holds while it makes one.
    let other = bench.session().await;
    other.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7523663882711163749)").await.unwrap();
    let ensured = bench.store.ensure_procedure(name(), Actor::Local);
    tokio::pin!(ensured);
    let early = tokio::time::timeout(Duration::from_millis(500), &mut ensured).await;
    assert!(early.is_err(), "the lock is not taken");
    let insert = "INSERT INTO procedures (id, identifier, identifier_key, name, name_key, created_at)
        VALUES ('01a1fea7-c6ae-77b0-bea8-86c1e25a6ff4', 'FVT7', 'fvt7', 'Late', 'late', 1); COMMIT";
    other.batch_execute(insert).await.unwrap();
    assert_eq!(ensured.await.unwrap().identifier, "FVT7");
}

/// Measurements without end, so that whoever looks at all of them looks for ever.
const ENDLESS: &str = "
    ALTER TABLE measurements RENAME TO some_measurements;
    CREATE VIEW measurements AS
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 0 FROM n)
        SELECT r.seq AS run, 0 AS phase, n.i AS position, 'rail' AS name, 'PASS' AS outcome, 0 AS marginal,
               1.0 AS number, 'V' AS unit, 0.0 AS low, 2.0 AS high
        FROM n CROSS JOIN runs r";

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_takes_too_long_ends_and_holds_nobody_up(
    #[values(Sqlite, Postgres)] backend: Backend,
) {
    let patience = Duration::from_secs(2);
    let options = StoreOptions { patience: Some(patience), ..StoreOptions::default() };
    let Some(bench) = Bench::open_with(backend, options).await else { return };
    let procedure = sample::procedure(&bench.store).await;
    bench.store.save_run(sample::filled(&procedure, "SN-1", 1, 1), Actor::Local).await.unwrap();
    bench.sql(ENDLESS).await;
    let (bench, all) = (Arc::new(bench), RunFilter::default);
    let began = Instant::now();
    let slow: Vec<_> = (0..9)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.store.drift(all(), None, 100, Page::default()).await })
        })
        .collect();
    // Nobody who is given up on goes on.
    let given_up = tokio::time::timeout(patience / 8, bench.store.capability(all(), None, Page::default()));
    assert!(given_up.await.is_err());
    bench.store.ping().await.unwrap();
    assert!(matches!(bench.store.authenticate("none").await, Err(StoreError::KeyUnknown)));
    let listed = bench.store.runs(all(), RunOrder::StartedAt, Page::default(), Direction::Descending).await;
    assert_eq!(listed.unwrap().items.len(), 1);
    for task in slow {
        let error = task.await.unwrap().unwrap_err();
        assert!(matches!(error, StoreError::TooSlow { .. }), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
    assert!(began.elapsed() < 5 * patience, "{:?}", began.elapsed());
    assert_eq!(bench.store.first_pass_yield(all(), Page::default()).await.unwrap().items.len(), 1);
}
