//! Many at once.

use std::sync::Arc;

use hil_model::run::Run;
use hil_store::{Actor, ErrorKind, RunFilter, StoreError};
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
        tokio::time::sleep(std::time::Duration::from_micros(i * 300)).await;
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
