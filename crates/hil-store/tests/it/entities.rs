//! Procedures, versions, parts, revisions and batches, with what they refuse.

use std::time::Duration;

use hil_model::run::{self, MeasuredValue, Run};
use hil_store::{
    Actor, BatchFilter, BatchOrder, Direction, ErrorKind, Page, PartFilter, PartOrder, ProcedureFilter,
    RevisionChange, RunFilter, StoreError,
};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

fn refused<T: std::fmt::Debug>(answer: Result<T, StoreError>, kind: ErrorKind) {
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
}

#[rstest]
#[tokio::test]
async fn procedures_are_numbered_and_take_their_runs_with_them(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let one = sample::procedure(store).await;
    let mut run = sample::filled(&one, "SN-1", 1, 1);
    run.procedure.version = Some("v1".parse().unwrap());
    store.save_run(run.clone(), Actor::Local).await.unwrap();

    let found = store.procedure(one.id).await.unwrap();
    assert_eq!((found.runs_count, found.recent_runs[0].id.clone()), (1, run.id));
    for reference in [one.id.to_string(), one.id.to_string().to_uppercase(), "FVT1".into(), "fvt1".into()] {
        assert_eq!(store.find_procedure(&reference).await.unwrap(), one);
    }
    refused(store.find_procedure("Final test").await, ErrorKind::NotFound);
    assert_eq!(store.ensure_procedure("final TEST".parse().unwrap(), Actor::Local).await.unwrap(), one);
    let renamed = store.rename_procedure(one.id, "Other".parse().unwrap()).await.unwrap();
    assert_eq!(renamed.brief.name, "Other");

    store.delete_procedure(one.id).await.unwrap();
    refused(store.procedure(one.id).await, ErrorKind::NotFound);
    for table in ["runs", "versions", "measurements"] {
        assert_eq!(bench.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
    // Its number is not given out again.
    let two = store.ensure_procedure("final test".parse().unwrap(), Actor::Local).await.unwrap();
    assert_eq!(two.identifier, "FVT2");
    let filter = ProcedureFilter { search: Some("fvt".into()), ..ProcedureFilter::default() };
    let listed = store.procedures(filter, Page::default(), Direction::Descending).await.unwrap();
    assert_eq!(listed.items.len(), 1);
}

#[rstest]
#[tokio::test]
async fn versions_with_runs_stay(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let tag = || "v1.0".parse().unwrap();
    let version = store.create_version(procedure.id, tag(), Actor::Local).await.unwrap();
    refused(
        store.create_version(procedure.id, "V1.0".parse().unwrap(), Actor::Local).await,
        ErrorKind::Conflict,
    );
    let mut run = sample::run(&procedure, "SN-1", 1);
    run.procedure.version = Some("V1.0".parse().unwrap());
    store.save_run(run.clone(), Actor::Local).await.unwrap();
    let found = store.version_of(procedure.id, tag()).await.unwrap();
    assert_eq!((found.id, found.tag.as_str(), found.runs_count), (version.id, "v1.0", 1));
    refused(store.delete_version(procedure.id, tag()).await, ErrorKind::Conflict);
    store.delete_runs(vec![run.id]).await.unwrap();
    store.delete_version(procedure.id, tag()).await.unwrap();
    refused(store.version_of(procedure.id, tag()).await, ErrorKind::NotFound);
}

#[rstest]
#[tokio::test]
async fn parts_and_revisions_are_renamed_everywhere(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let part = |text: &str| text.parse().unwrap();
    let rev = |text: &str| text.parse().unwrap();
    let made = store.create_part(part("ALM"), None, Some(rev("R1")), Actor::Local).await.unwrap();
    assert_eq!((made.brief.name.as_str(), made.revisions[0].number.as_str()), ("ALM", "R1"));
    refused(store.create_part(part("alm"), None, None, Actor::Local).await, ErrorKind::Conflict);
    store.create_part(part("PSU"), Some("Supply".parse().unwrap()), None, Actor::Local).await.unwrap();
    refused(store.update_part(part("ALM"), Some(part("psu")), None).await, ErrorKind::Conflict);
    refused(store.update_part(part("ALM"), None, None).await, ErrorKind::Invalid);
    refused(store.update_part(part("XXX"), Some(part("YYY")), None).await, ErrorKind::NotFound);

    let procedure = sample::procedure(store).await;
    let run = sample::run(&procedure, "SN-1", 1);
    store.save_run(run.clone(), Actor::Local).await.unwrap();
    // The spelling may change.
    store.update_part(part("ALM"), Some(part("Alm-2")), Some("Light".parse().unwrap())).await.unwrap();
    let change = RevisionChange { number: Some(rev("R2")), image_id: Some(Some("x".into())) };
    let revision = store.update_revision(part("alm-2"), rev("r1"), change).await.unwrap();
    assert_eq!((revision.brief.number.as_str(), revision.image_id.as_deref()), ("R2", Some("x")));
    let unit = store.run(run.id.clone()).await.unwrap().run.unit;
    let words = (unit.part_number.unwrap(), unit.part_name.unwrap(), unit.revision.unwrap());
    assert_eq!((words.0.as_str(), words.1.as_str(), words.2.as_str()), ("Alm-2", "Light", "R2"));
    let filter = RunFilter { part_numbers: vec![part("ALM-2")], ..RunFilter::default() };
    assert_eq!(store.count_runs(filter).await.unwrap(), 1);

    refused(store.delete_part(part("alm-2")).await, ErrorKind::Conflict);
    refused(store.delete_revision(part("alm-2"), rev("R2")).await, ErrorKind::Conflict);
    store.create_revision(part("alm-2"), rev("R3"), Actor::Local).await.unwrap();
    refused(store.create_revision(part("alm-2"), rev("r3"), Actor::Local).await, ErrorKind::Conflict);
    store.delete_revision(part("alm-2"), rev("R3")).await.unwrap();
    store.delete_units(vec!["SN-1".parse().unwrap()]).await.unwrap();
    let (_, revisions) = store.delete_part(part("alm-2")).await.unwrap();
    assert_eq!(revisions.len(), 1);
    store.run(run.id).await.unwrap();
    // A part goes with its last revision.
    store.create_part(part("ONE"), None, None, Actor::Local).await.unwrap();
    store.delete_revision(part("one"), rev("A")).await.unwrap();
    refused(store.part(part("ONE")).await, ErrorKind::NotFound);

    let filter = PartFilter { search: Some("suppl".into()), ..PartFilter::default() };
    let listed = store.parts(filter, PartOrder::Name, Page::default(), Direction::Ascending).await.unwrap();
    assert_eq!(listed.items[0].brief.number.as_str(), "PSU");
    let filter = PartFilter { procedures: vec![procedure.id], ..PartFilter::default() };
    let listed = store.parts(filter, PartOrder::Number, Page::default(), Direction::Ascending).await.unwrap();
    assert_eq!(listed.items, []);
}

#[rstest]
#[tokio::test]
async fn batches_leave_their_units_behind(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let batch = |text: &str| text.parse().unwrap();
    store.create_batch(batch("LOT-1"), Actor::Local).await.unwrap();
    refused(store.create_batch(batch("lot-1"), Actor::Local).await, ErrorKind::Conflict);
    let procedure = sample::procedure(store).await;
    let mut run = sample::run(&procedure, "SN-1", 1);
    run.unit.batch = Some(batch("lot-1"));
    store.save_run(run.clone(), Actor::Local).await.unwrap();
    let renamed = store.rename_batch(batch("LOT-1"), batch("LOT-2")).await.unwrap();
    assert_eq!(renamed.unit_count, 1);
    let unit = &renamed.units[0];
    let texts = (unit.serial_number.as_str(), unit.part.number.as_str(), unit.revision.number.as_str());
    assert_eq!(texts, ("SN-1", "ALM", "A"));
    assert_eq!(store.run(run.id.clone()).await.unwrap().run.unit.batch, Some(batch("LOT-2")));
    let filter = BatchFilter { search: Some("t-2".into()), ..BatchFilter::default() };
    let listed =
        store.batches(filter, BatchOrder::CreatedAt, Page::default(), Direction::Ascending).await.unwrap();
    assert_eq!(listed.items.len(), 1);
    store.delete_batch(batch("lot-2")).await.unwrap();
    refused(store.batch(batch("LOT-2")).await, ErrorKind::NotFound);
    assert_eq!(store.unit("SN-1".parse().unwrap()).await.unwrap().batch, None);
    assert_eq!(store.run(run.id).await.unwrap().summary.unit.batch.unwrap().number, batch("LOT-2"));
}

#[rstest]
#[tokio::test]
async fn a_run_from_elsewhere_finds_its_procedure(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let known = sample::procedure(store).await;
    let place = async |id: &str, name: Option<&str>| {
        let name = name.map(|name| name.parse().unwrap());
        let procedure = run::Procedure { id: id.into(), name, version: None };
        let run = run::Run { procedure, ..sample::run(&known, "SN-0", 1) };
        let id = store.place_run(run, Actor::Local).await?;
        store.run(id).await.map(|run| run.summary.procedure)
    };
    for (id, name) in [
        (known.id.to_string().as_str(), None),
        ("fvt1", Some("another name")),
        ("0193c0de-0000-7000-8000-000000000000", Some("final TEST")),
        ("Final test", None),
    ] {
        assert_eq!(place(id, name).await.unwrap().id, known.id, "{id}");
    }
    let made = place("hardware", None).await.unwrap();
    assert_eq!((made.name.as_str(), place("HARDWARE", None).await.unwrap().id), ("hardware", made.id));
    assert!(matches!(place(" ", None).await, Err(StoreError::Field(_))));

    store.save_run(sample::run(&made, "SN-1", 1), Actor::Local).await.unwrap();
    for (name, count) in
        [(made.id.to_string().as_str(), 3), ("fvt2", 3), (" Hardware ", 3), ("Final test", 4)]
    {
        let filter = RunFilter { procedure_names: vec![name.into()], ..RunFilter::default() };
        assert_eq!(store.count_runs(filter).await.unwrap(), count, "{name}");
    }
}

#[rstest]
#[tokio::test]
async fn a_run_of_the_same_id_must_say_the_same(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let run = sample::filled(&sample::procedure(store).await, "SN-1", 1, 2);
    store.save_run(run.clone(), Actor::Local).await.unwrap();
    // The store says more of it than the run does, and spells numbers as they became known.
    let mut spelt = run.clone();
    spelt.unit.serial_number = "sn-1".parse().unwrap();
    spelt.unit.part_number = None;
    store.save_run(spelt, Actor::Local).await.unwrap();

    let change = |change: fn(&mut Run)| {
        let mut run = run.clone();
        change(&mut run);
        run
    };
    for other in [
        change(|run| run.phases[0].measurements[1].value = MeasuredValue::Number(5.000_000_000_000_001)),
        change(|run| run.phases[0].logs.clear()),
        change(|run| run.operator = Some("somebody".into())),
        change(|run| run.unit.serial_number = "SN-2".parse().unwrap()),
        change(|run| run.unit.revision = Some("Z".parse().unwrap())),
        change(|run| run.requirements.push("REQ-1".parse().unwrap())),
        change(|run| run.duration += Duration::from_micros(1)),
    ] {
        let error = store.save_run(other, Actor::Local).await.unwrap_err();
        assert!(matches!(error, StoreError::RunDiffers { .. }), "{error:?}");
    }
}
