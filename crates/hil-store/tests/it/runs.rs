//! Saving, finding, loading and removing runs.

use hil_model::Property;
use hil_model::run::{MeasuredValue, Measurement, PhaseOutcome, Run, RunOutcome};
use hil_store::{
    Actor, Direction, ErrorKind, Page, RunCursor, RunFilter, RunOrder, SerialPattern, Store, StoreError,
    StoreOptions,
};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

async fn save(store: &Store, run: &Run) {
    store.save_run(run.clone(), Actor::Local).await.unwrap();
}

async fn serials(store: &Store, filter: RunFilter, order: RunOrder, direction: Direction) -> Vec<String> {
    let listed = store.runs(filter, order, Page::default(), direction).await.unwrap();
    listed.items.iter().map(|run| run.unit.serial_number.to_string()).collect()
}

#[rstest]
#[tokio::test]
async fn a_run_is_stored_once_however_often_it_is_sent(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let run = sample::filled(&procedure, "SN-1", 3, 4);
    for _ in 0..3 {
        assert_eq!(store.save_run(run.clone(), Actor::Local).await.unwrap(), run.id);
    }
    assert_eq!(store.count_runs(RunFilter::default()).await.unwrap(), 1);
    assert_eq!(store.run(run.id.clone()).await.unwrap().run.phases, run.phases);

    let other = Run { outcome: RunOutcome::Fail, ..run };
    let error = store.save_run(other, Actor::Local).await.unwrap_err();
    assert!(matches!(error, StoreError::RunDiffers { .. }), "{error:?}");
}

#[rstest]
#[tokio::test]
async fn a_run_that_is_refused_leaves_no_trace(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(&bench.store).await;
    let run =
        Run { sub_units: vec!["NEVER-TESTED".parse().unwrap()], ..sample::filled(&procedure, "SN-1", 3, 4) };
    let error = bench.store.save_run(run, Actor::Local).await.unwrap_err();
    assert!(matches!(error, StoreError::SubUnitMissing { .. }), "{error:?}");
    for table in ["runs", "phases", "measurements", "logs", "units", "parts", "revisions"] {
        assert_eq!(bench.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
}

#[rstest]
#[tokio::test]
async fn what_is_wrong_with_a_run_can_be_told_apart(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let good = sample::run(&procedure, "SN-1", 1000);

    let mut run = good.clone();
    run.procedure.id = "FVT77".into();
    let error = store.save_run(run, Actor::Local).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::NotFound, "procedure not found: \"FVT77\"".into())
    );

    let mut run = good.clone();
    run.unit.part_number = None;
    let error = store.save_run(run, Actor::Local).await.unwrap_err();
    assert!(
        matches!(error, StoreError::PartNumberMissing { .. }) && error.to_string().contains("part number")
    );
    assert_eq!(error.kind(), ErrorKind::Invalid);

    let run = Run { ended_at: sample::at(999), ..good.clone() };
    let error = store.save_run(run, Actor::Local).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}");

    let mut run = good.clone();
    let mut deep = serde_json::Value::Null;
    for _ in 0..110 {
        deep = serde_json::Value::Array(vec![deep]);
    }
    let mut phase = sample::phase("p", PhaseOutcome::Pass, 0);
    phase.measurements.push(Measurement { value: MeasuredValue::Json(deep), ..Measurement::new("m") });
    run.phases.push(phase);
    assert_eq!(store.save_run(run, Actor::Local).await.unwrap_err().kind(), ErrorKind::Invalid);

    let mut run = good;
    run.phases.push(sample::phase(&"x".repeat(601), PhaseOutcome::Pass, 0));
    let error = store.save_run(run, Actor::Local).await.unwrap_err();
    assert_eq!(error.to_string(), "phase name must have at most 600 characters");
    assert_eq!(store.count_runs(RunFilter::default()).await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn names_are_data_whatever_they_look_like(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let hostile =
        ["'; DROP TABLE runs; --", "../../etc/passwd", "<script>alert(1)</script>", "100% _\\", "$1", "?"];
    for serial in hostile {
        let mut run = sample::run(&procedure, serial, 1000);
        run.docstring = Some(format!("\0{serial}\0\u{10}0"));
        save(store, &run).await;
        let found = store.run(run.id.clone()).await.unwrap().run;
        assert_eq!((found.unit.serial_number.as_str(), found.docstring), (serial, run.docstring));
        let filter = RunFilter::of_unit(serial.parse().unwrap());
        assert_eq!(serials(store, filter, RunOrder::StartedAt, Direction::Ascending).await, [serial]);
        let filter = RunFilter { search: Some(serial.into()), ..RunFilter::default() };
        assert_eq!(serials(store, filter, RunOrder::StartedAt, Direction::Ascending).await, [serial]);
    }
    assert_eq!(store.count_runs(RunFilter::default()).await.unwrap(), 6);
}

#[rstest]
#[tokio::test]
async fn numbers_match_without_regard_to_case(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let procedure = sample::procedure(store).await;
    for (serial, part, revision, batch, tag, at) in
        [("SN-Ä1", "Part-A", "b", "Lot_1", "V1", 1), ("sn-ä1", "PART-a", "B", "LOT_1", "v1", 2)]
    {
        let mut run = sample::run(&procedure, serial, at);
        run.unit.part_number = Some(part.parse().unwrap());
        run.unit.revision = Some(revision.parse().unwrap());
        run.unit.batch = Some(batch.parse().unwrap());
        run.procedure.version = Some(tag.parse().unwrap());
        run.procedure.id = "fvt1".into();
        save(store, &run).await;
    }
    for table in ["units", "parts", "revisions", "batches", "versions"] {
        assert_eq!(bench.count(&format!("SELECT COUNT(*) FROM {table}")).await, 1, "{table}");
    }
    let filter = RunFilter::of_unit("sN-ä1".parse().unwrap());
    assert_eq!(serials(store, filter, RunOrder::StartedAt, Direction::Ascending).await, ["SN-Ä1", "SN-Ä1"]);
}

#[rstest]
#[tokio::test]
async fn old_runs_keep_what_their_unit_was(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let first = sample::run(&procedure, "SN-1", 1000);
    save(store, &first).await;
    let mut second = sample::run(&procedure, "SN-1", 2000);
    second.unit.part_number = Some("OTHER".parse().unwrap());
    second.unit.part_name = Some("Other part".parse().unwrap());
    second.unit.batch = Some("LOT".parse().unwrap());
    save(store, &second).await;

    let numbers = |run: hil_store::StoredRun| {
        let unit = run.run.unit;
        (unit.part_number.unwrap().to_string(), unit.part_name.unwrap().to_string(), unit.batch.is_some())
    };
    assert_eq!(numbers(store.run(first.id).await.unwrap()), ("ALM".into(), "ALM".into(), false));
    assert_eq!(numbers(store.run(second.id).await.unwrap()), ("OTHER".into(), "Other part".into(), true));

    // Nothing but the serial number: the unit is what it was last.
    let mut third = sample::run(&procedure, "SN-1", 3000);
    third.unit.part_number = None;
    save(store, &third).await;
    assert_eq!(numbers(store.run(third.id).await.unwrap()), ("OTHER".into(), "Other part".into(), false));
}

#[rstest]
#[tokio::test]
async fn a_serial_number_yields_what_the_pattern_says(#[values(Sqlite, Postgres)] backend: Backend) {
    let pattern = SerialPattern::new(r"(?<part>[A-Z]{3})(?<revision>\d)-(?<batch>L\d+)-\d+").unwrap();
    let options = StoreOptions { serial_pattern: Some(pattern), ..StoreOptions::default() };
    let Some(Bench { store, .. }) = &Bench::open_with(backend, options).await else { return };
    let procedure = sample::procedure(store).await;
    let mut run = sample::run(&procedure, "XYZ7-L12-0001", 1000);
    run.unit.part_number = None;
    save(store, &run).await;
    let unit = store.run(run.id).await.unwrap().run.unit;
    let words = (unit.part_number.unwrap(), unit.revision.unwrap(), unit.batch.unwrap());
    assert_eq!((words.0.as_str(), words.1.as_str(), words.2.as_str()), ("XYZ", "7", "L12"));
}

#[rstest]
#[tokio::test]
async fn runs_are_found_by_everything(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let (one, two) = (sample::procedure(store).await, sample::procedure(store).await);
    assert_eq!((one.identifier.as_str(), two.identifier.as_str()), ("FVT1", "FVT2"));
    let mut a = sample::run(&one, "A", 1000);
    a.procedure.version = Some("v1".parse().unwrap());
    a.station = Some("Bench 1".parse().unwrap());
    a.requirements = vec!["REQ-ALM-012".parse().unwrap()];
    a.properties = vec![Property::new("build", "77")];
    let mut b = sample::run(&two, "B", 2000);
    b.outcome = RunOutcome::Fail;
    b.unit.part_number = Some("PSU".parse().unwrap());
    b.unit.batch = Some("LOT".parse().unwrap());
    b.duration = std::time::Duration::from_secs(9);
    let c = sample::run(&two, "C", 3000);
    for run in [&a, &b, &c] {
        save(store, run).await;
    }
    let all = RunFilter::default;
    let cases = [
        (all(), "C B A"),
        (RunFilter { ids: vec![a.id.clone(), c.id.clone()], ..all() }, "C A"),
        (RunFilter { outcomes: vec![RunOutcome::Fail, RunOutcome::Error], ..all() }, "B"),
        (RunFilter { procedures: vec![two.id], ..all() }, "C B"),
        (RunFilter { versions: vec!["V1".parse().unwrap()], ..all() }, "A"),
        (RunFilter { serial_numbers: vec!["a".parse().unwrap(), "b".parse().unwrap()], ..all() }, "B A"),
        (RunFilter { serial_numbers: vec!["unknown".parse().unwrap()], ..all() }, ""),
        (RunFilter { part_numbers: vec!["psu".parse().unwrap()], ..all() }, "B"),
        (RunFilter { revision_numbers: vec!["a".parse().unwrap()], ..all() }, "C B A"),
        (RunFilter { batch_numbers: vec!["lot".parse().unwrap()], ..all() }, "B"),
        (RunFilter { stations: vec!["bench 1".parse().unwrap()], ..all() }, "A"),
        (RunFilter { requirements: vec!["req-alm-012".parse().unwrap()], ..all() }, "A"),
        (RunFilter { duration_min: Some(std::time::Duration::from_secs(5)), ..all() }, "B"),
        (RunFilter { duration_max: Some(std::time::Duration::from_secs(5)), ..all() }, "C A"),
        (RunFilter { started_after: Some(sample::at(2000)), ..all() }, "C B"),
        (RunFilter { started_before: Some(sample::at(2000)), ..all() }, "B A"),
        (RunFilter { ended_after: Some(sample::at(3501)), ..all() }, "C"),
        (RunFilter { ended_before: Some(sample::at(2500)), ..all() }, "A"),
        (RunFilter { created_after: Some(sample::at(1000)), ..all() }, "C B A"),
        (RunFilter { created_before: Some(sample::at(1000)), ..all() }, ""),
        (RunFilter { search: Some("ps".into()), ..all() }, "B"),
        (RunFilter { search: Some("FINAL".into()), ..all() }, "C B A"),
        (RunFilter { search: Some(a.id.to_string()), ..all() }, "A"),
        (RunFilter { procedures: vec![two.id], outcomes: vec![RunOutcome::Pass], ..all() }, "C"),
    ];
    for (filter, expected) in cases {
        let found = serials(store, filter.clone(), RunOrder::StartedAt, Direction::Descending).await;
        assert_eq!(found.join(" "), expected, "{filter:?}");
        let count = store.count_runs(filter).await.unwrap();
        assert_eq!(count, found.len() as u64);
    }
    let orders = [
        (RunOrder::StartedAt, "A B C"),
        (RunOrder::CreatedAt, "A B C"),
        (RunOrder::Duration, "A C B"),
        (RunOrder::Outcome, "B A C"),
        (RunOrder::SerialNumber, "A B C"),
        (RunOrder::PartNumber, "A C B"),
        (RunOrder::RevisionNumber, "A B C"),
    ];
    for (order, expected) in orders {
        assert_eq!(serials(store, all(), order, Direction::Ascending).await.join(" "), expected, "{order:?}");
    }
    let found = store.run(a.id.clone()).await.unwrap();
    assert_eq!((found.run.properties, found.run.requirements), (a.properties, a.requirements));
}

#[rstest]
#[tokio::test]
async fn pages_follow_each_other(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    for i in 0..5 {
        // The same time for all: the order must be stable nevertheless.
        save(store, &sample::run(&procedure, &format!("SN-{i}"), 1000)).await;
    }
    let (mut found, mut next) = (Vec::new(), Some(0));
    while let Some(offset) = next {
        let page = Page::new(2, offset);
        let listed =
            store.runs(RunFilter::default(), RunOrder::StartedAt, page, Direction::Ascending).await.unwrap();
        assert_eq!(listed.has_more(), found.len() + listed.items.len() < 5);
        found.extend(listed.items.into_iter().map(|run| run.unit.serial_number.to_string()));
        next = listed.next;
    }
    assert_eq!(found, ["SN-0", "SN-1", "SN-2", "SN-3", "SN-4"]);
}

#[rstest]
#[tokio::test]
async fn too_many_values_are_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let filter = RunFilter { ids: (0..10_001).map(|_| sample::id()).collect(), ..RunFilter::default() };
    assert_eq!(store.count_runs(filter).await.unwrap_err().kind(), ErrorKind::Invalid);
}

#[rstest]
#[tokio::test]
async fn runs_go_together_or_not_at_all(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let procedure = sample::procedure(store).await;
    let (one, two) = (sample::filled(&procedure, "A", 2, 2), sample::filled(&procedure, "B", 2, 2));
    save(store, &one).await;
    save(store, &two).await;
    let error = store.delete_runs(vec![one.id.clone(), sample::id()]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(store.count_runs(RunFilter::default()).await.unwrap(), 2);
    store.delete_runs(vec![one.id, two.id]).await.unwrap();
    for table in ["runs", "phases", "measurements", "logs"] {
        assert_eq!(bench.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
}

#[rstest]
#[tokio::test]
async fn going_through_all_runs_meets_each_once_whatever_others_do(
    #[values(Sqlite, Postgres)] backend: Backend,
) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let mut ids = Vec::new();
    for i in 0..1100 {
        let run = sample::run(&procedure, &format!("SN-{i}"), 1);
        save(store, &run).await;
        ids.push(run.id);
    }
    let first = store.runs_after(RunFilter::default(), RunCursor::default()).await.unwrap();
    // What was met goes, and something new comes.
    store.delete_runs(ids[..10].to_vec()).await.unwrap();
    let late = sample::run(&procedure, "LATE", 1);
    save(store, &late).await;
    let second = store.runs_after(RunFilter::default(), first.next.unwrap()).await.unwrap();
    let met: Vec<_> = first.runs.into_iter().chain(second.runs).map(|run| run.id).collect();
    ids.push(late.id);
    assert_eq!((met, second.next), (ids, None));
}

#[rstest]
#[case::beginning_of_an_id("ABCDEF01", true)]
#[case::the_same_in_lower_case("abcdef01", true)]
#[case::middle_of_an_id("bcdef012", false)]
#[case::too_short("ABCDEF0", false)]
#[tokio::test]
async fn an_id_is_found_by_its_beginning(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("ABCDEF01-2345", "abcdef01-2345")] id: &str,
    #[case] search: &str,
    #[case] found: bool,
) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    save(store, &Run { id: id.parse().unwrap(), ..sample::run(&procedure, "SN-1", 1) }).await;
    let filter = RunFilter { search: Some(search.into()), ..RunFilter::default() };
    assert_eq!(store.count_runs(filter).await.unwrap(), u64::from(found));
}

#[rstest]
#[case::as_much_as_is_looked_for(2000, None)]
#[case::too_much_for_a_pattern(60_000, Some(ErrorKind::Invalid))]
#[tokio::test]
async fn a_search_has_a_limit(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] length: usize,
    #[case] refused: Option<ErrorKind>,
) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let filter = RunFilter { search: Some("%".repeat(length)), ..RunFilter::default() };
    let found = store.count_runs(filter).await;
    assert_eq!(found.map_err(|error| error.kind()).err(), refused);
}

#[rstest]
#[tokio::test]
async fn a_refused_run_leaves_no_procedure(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(&bench.store).await;
    let mut run = sample::run(&procedure, "SN-1", 1);
    (run.procedure.id, run.unit.part_number) = ("new".into(), None);
    let refused = bench.store.place_run(run, Actor::Local).await.unwrap_err();
    assert!(matches!(refused, StoreError::PartNumberMissing { .. }), "{refused:?}");
    assert_eq!(bench.count("SELECT COUNT(*) FROM procedures").await, 1);
}
