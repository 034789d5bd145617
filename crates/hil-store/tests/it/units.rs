//! Units, and which is part of which.

use hil_model::run::{Run, RunOutcome};
use hil_store::{
    Actor, BatchFilter, BatchOrder, Direction, ErrorKind, Page, Store, StoreError, UnitChange, UnitFilter,
    UnitOrder,
};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

async fn tested(store: &Store, serials: &[&str]) -> hil_store::ProcedureBrief {
    let procedure = sample::procedure(store).await;
    for (at, serial) in (1000..).zip(serials) {
        store.save_run(sample::run(&procedure, serial, at), Actor::Local).await.unwrap();
    }
    procedure
}

async fn children(store: &Store, serial: &str) -> Vec<String> {
    let unit = store.unit(serial.parse().unwrap()).await.unwrap();
    unit.children.iter().map(|child| child.serial_number.to_string()).collect()
}

#[rstest]
#[tokio::test]
async fn sub_units_move_and_never_go_round(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = tested(store, &["PCB", "LED"]).await;
    for (serial, at) in [("BOX", 2000), ("CRATE", 3000)] {
        let sub_units = vec!["pcb".parse().unwrap(), "LED".parse().unwrap()];
        let run = Run { sub_units, ..sample::run(&procedure, serial, at) };
        store.save_run(run.clone(), Actor::Local).await.unwrap();
        let found = store.run(run.id).await.unwrap();
        assert_eq!(
            found.sub_units.iter().map(|u| u.serial_number.as_str()).collect::<Vec<_>>(),
            ["PCB", "LED"]
        );
    }
    assert_eq!(children(store, "BOX").await, [""; 0]);
    assert_eq!(children(store, "CRATE").await, ["PCB", "LED"]);
    let parent = store.unit("PCB".parse().unwrap()).await.unwrap().parent.unwrap();
    assert_eq!((parent.serial_number.as_str(), parent.revision.number.as_str()), ("CRATE", "A"));

    store.add_child("BOX".parse().unwrap(), "crate".parse().unwrap()).await.unwrap();
    for (parent, child) in [("PCB", "PCB"), ("PCB", "CRATE"), ("LED", "BOX")] {
        let error = store.add_child(parent.parse().unwrap(), child.parse().unwrap()).await.unwrap_err();
        assert!(matches!(error, StoreError::Cycle { .. }), "{error:?}");
        let run = Run { sub_units: vec![child.parse().unwrap()], ..sample::run(&procedure, parent, 9000) };
        let error = store.save_run(run, Actor::Local).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    let error = store.remove_child("BOX".parse().unwrap(), "LED".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("is not a child of"), "{error}");
    store.remove_child("CRATE".parse().unwrap(), "LED".parse().unwrap()).await.unwrap();
    assert_eq!(children(store, "CRATE").await, ["PCB"]);

    store.delete_units(vec!["CRATE".parse().unwrap()]).await.unwrap();
    assert_eq!(store.unit("PCB".parse().unwrap()).await.unwrap().parent, None);
    // The run of a unit that is gone stays.
    let filter = hil_store::RunFilter::of_unit("CRATE".parse().unwrap());
    assert_eq!(store.count_runs(filter).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn units_are_made_changed_and_removed(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let (serial, part, revision) = ("U-1".parse().unwrap(), "ALM".parse().unwrap(), "B".parse().unwrap());
    let create = |serial, part, revision| store.create_unit(serial, part, revision, Actor::Local);
    let clone = |text: &hil_model::run::PartNumber| text.clone();
    let error = create("U-1".parse().unwrap(), clone(&part), "B".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().starts_with("part not found: \"ALM\""), "{error}");
    store.create_part(clone(&part), None, None, Actor::Local).await.unwrap();
    let error = create("U-1".parse().unwrap(), clone(&part), "B".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().starts_with("revision not found: \"B\""), "{error}");
    store.create_revision(clone(&part), revision, Actor::Local).await.unwrap();
    let unit = create(serial, clone(&part), "b".parse().unwrap()).await.unwrap();
    assert_eq!((unit.part.number.as_str(), unit.revision.number.as_str()), ("ALM", "B"));
    let error = create("u-1".parse().unwrap(), part, "A".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("already exists"), "{error}");

    let procedure = sample::procedure(store).await;
    let mut run = sample::run(&procedure, "U-1", 1000);
    run.unit.batch = Some("LOT".parse().unwrap());
    store.save_run(run.clone(), Actor::Local).await.unwrap();
    let unit = store.unit("U-1".parse().unwrap()).await.unwrap();
    assert_eq!((unit.revision.number.as_str(), unit.batch.unwrap().number.as_str()), ("B", "LOT"));
    assert_eq!((unit.last_run.unwrap().id, unit.created_during), (run.id.clone(), None));

    let change = UnitChange {
        serial_number: Some("U-2".parse().unwrap()),
        revision_number: Some("A".parse().unwrap()),
        batch_number: Some(None),
        ..UnitChange::default()
    };
    let unit = store.update_unit("U-1".parse().unwrap(), change, Actor::Local).await.unwrap();
    assert_eq!((unit.serial_number.as_str(), unit.revision.number.as_str(), unit.batch), ("U-2", "A", None));
    // It is the same unit, and the run was made on revision B.
    let summary = store.run(run.id).await.unwrap().summary;
    assert_eq!((summary.unit.serial_number.as_str(), summary.unit.revision.number.as_str()), ("U-2", "B"));

    let error = store.delete_units(vec!["U-2".parse().unwrap(), "U-9".parse().unwrap()]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    store.unit("U-2".parse().unwrap()).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn units_are_found_by_everything(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let one = tested(store, &["A", "B"]).await;
    let two = sample::procedure(store).await;
    let mut run = sample::run(&two, "C", 5000);
    run.unit.part_number = Some("PSU".parse().unwrap());
    run.unit.batch = Some("LOT".parse().unwrap());
    run.sub_units = vec!["A".parse().unwrap()];
    store.save_run(run, Actor::Local).await.unwrap();
    let run = Run { outcome: RunOutcome::Fail, ..sample::run(&two, "B", 6000) };
    store.save_run(run, Actor::Local).await.unwrap();

    let all = UnitFilter::default;
    let pass = vec![RunOutcome::Pass];
    let cases = [
        (all(), "A B C"),
        (UnitFilter { search: Some("ps".into()), ..all() }, "C"),
        (UnitFilter { serial_numbers: vec!["b".parse().unwrap()], ..all() }, "B"),
        (UnitFilter { part_numbers: vec!["alm".parse().unwrap()], ..all() }, "A B"),
        (UnitFilter { revision_numbers: vec!["a".parse().unwrap()], ..all() }, "A B C"),
        (UnitFilter { batch_numbers: vec!["lot".parse().unwrap()], ..all() }, "C"),
        (UnitFilter { procedures: vec![one.id], ..all() }, "A B"),
        (UnitFilter { procedures: vec![two.id], outcomes: pass.clone(), ..all() }, "C"),
        (UnitFilter { outcomes: pass.clone(), ..all() }, "A B C"),
        (UnitFilter { outcomes: pass, latest_only: true, ..all() }, "A C"),
        (UnitFilter { started_after: Some(sample::at(5000)), ..all() }, "B C"),
        (UnitFilter { started_before: Some(sample::at(1000)), ..all() }, "A"),
        (UnitFilter { run_count_min: Some(2), ..all() }, "B"),
        (UnitFilter { run_count_max: Some(1), ..all() }, "A C"),
        (UnitFilter { created_before: Some(sample::at(1)), ..all() }, ""),
        (UnitFilter { without_parent: true, ..all() }, "B C"),
    ];
    let list = async |filter: UnitFilter, order| {
        let listed = store.units(filter, order, Page::default(), Direction::Ascending).await.unwrap();
        listed.items.iter().map(|unit| unit.serial_number.to_string()).collect::<Vec<_>>().join(" ")
    };
    for (filter, expected) in cases {
        assert_eq!(list(filter.clone(), UnitOrder::SerialNumber).await, expected, "{filter:?}");
    }
    for (order, expected) in [
        (UnitOrder::CreatedAt, "A B C"),
        (UnitOrder::PartNumber, "A B C"),
        (UnitOrder::LastRunAt, "A C B"),
        (UnitOrder::LastRunProcedure, "A B C"),
    ] {
        assert_eq!(list(all(), order).await, expected, "{order:?}");
    }

    let filter = BatchFilter { part_numbers: vec!["PSU".parse().unwrap()], ..BatchFilter::default() };
    let batches =
        store.batches(filter, BatchOrder::Number, Page::default(), Direction::Ascending).await.unwrap();
    assert_eq!((batches.items.len(), batches.items[0].unit_count), (1, 1));
    let revision = store.revision("ALM".parse().unwrap(), "A".parse().unwrap()).await.unwrap();
    assert_eq!(revision.units.len(), 2);
}

#[rstest]
#[tokio::test]
async fn children_come_together_or_not_at_all(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    for serial in ["BOX", "A", "B"] {
        store.save_run(sample::run(&procedure, serial, 1), Actor::Local).await.unwrap();
    }
    let add = |children: &[&str]| {
        let children = children.iter().map(|child| child.parse().unwrap()).collect();
        store.add_children("BOX".parse().unwrap(), children)
    };
    assert_eq!(add(&["A", "NONE"]).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(add(&["A", "BOX"]).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(store.unit("BOX".parse().unwrap()).await.unwrap().children.len(), 0);
    add(&["A", "B"]).await.unwrap();
    assert_eq!(store.unit("BOX".parse().unwrap()).await.unwrap().children.len(), 2);
}
