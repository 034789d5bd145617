//! Statistics, on numbers that can be checked by hand.

use std::time::Duration;

use hil_model::Limits;
use hil_model::run::{
    Expected, MeasuredValue, Measurement, Operator, Phase, PhaseOutcome, Run, RunOutcome, Validator,
};
use hil_store::{Actor, Direction, Page, ProcedureBrief, RunFilter, Store};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

async fn save(
    store: &Store,
    procedure: &ProcedureBrief,
    serial: &str,
    at: i64,
    outcome: RunOutcome,
    phases: Vec<Phase>,
) {
    let run = Run { outcome, phases, ..sample::run(procedure, serial, at) };
    store.save_run(run, Actor::Local).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn yield_counts_the_first_run_of_each_unit(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let (one, two) = (sample::procedure(store).await, sample::procedure(store).await);
    let (pass, fail) = (RunOutcome::Pass, RunOutcome::Fail);
    // The later run of C arrives first.
    let runs = [
        (&one, "A", 1, pass),
        (&one, "B", 2, fail),
        (&one, "B", 3, pass),
        (&one, "C", 9, fail),
        (&one, "C", 4, pass),
    ];
    for (procedure, serial, at, outcome) in runs {
        save(store, procedure, serial, at, outcome, Vec::new()).await;
    }
    save(store, &two, "A", 5, fail, Vec::new()).await;

    let yields = store.first_pass_yield(RunFilter::default()).await.unwrap();
    let numbers: Vec<_> = yields.iter().map(|y| (y.procedure.id, y.units, y.passed)).collect();
    assert_eq!(numbers, [(one.id, 3, 2), (two.id, 1, 0)]);

    let late =
        RunFilter { started_after: Some(sample::at(3)), procedures: vec![one.id], ..RunFilter::default() };
    let yields = store.first_pass_yield(late).await.unwrap();
    assert_eq!((yields[0].units, yields[0].passed, yields[0].share()), (1, 1, 1.0));
    let none = RunFilter::of_unit("unknown".parse().unwrap());
    assert_eq!(store.first_pass_yield(none).await.unwrap(), []);
}

#[rstest]
#[tokio::test]
async fn capability_is_that_of_the_textbook(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let values = [4.0, 5.0, 6.0, f64::NAN, f64::INFINITY];
    for (i, value) in values.into_iter().enumerate() {
        let mut phase = sample::phase("supply", PhaseOutcome::Pass, 0);
        phase.measurements.push(Measurement {
            value: MeasuredValue::Number(value),
            unit: Some("V".into()),
            limits: Limits { low: Some(2.0), high: None },
            validators: vec![Validator::new(Operator::Range, Expected::Numbers(vec![0.0, 11.0]))],
            ..Measurement::new("rail")
        });
        phase
            .measurements
            .push(Measurement { value: MeasuredValue::Number(1.0), ..Measurement::new("no limits") });
        save(store, &procedure, &format!("SN-{i}"), i64::try_from(i).unwrap(), RunOutcome::Pass, vec![phase])
            .await;
    }
    let found = store.capability(RunFilter::default(), None).await.unwrap();
    let [rail] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (rail.phase.as_str(), rail.measurement.as_str(), rail.unit.as_deref()),
        ("supply", "rail", Some("V"))
    );
    assert_eq!((rail.count, rail.mean, rail.deviation), (3, 5.0, Some(1.0)));
    assert_eq!((rail.least, rail.greatest), (4.0, 6.0));
    assert_eq!(rail.limits, Limits { low: Some(2.0), high: Some(11.0) });
    assert_eq!((rail.cp(), rail.cpk()), (Some(1.5), Some(1.0)));
    assert_eq!(store.capability(RunFilter::default(), Some("other".into())).await.unwrap(), []);

    let trend = store
        .trend(RunFilter::default(), "rail".into(), Page::new(2, 0), Direction::Ascending)
        .await
        .unwrap();
    let points: Vec<_> = trend.items.iter().map(|p| (p.serial_number.as_str(), p.value)).collect();
    assert_eq!((points, trend.next), (vec![("SN-0", 4.0), ("SN-1", 5.0)], Some(2)));
}

#[rstest]
#[tokio::test]
async fn flaky_and_slow_phases_are_found(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let timed = |name: &str, outcome, retry, end: i64| Phase {
        ended_at: Some(sample::at(10 + end)),
        ..sample::phase(name, outcome, retry)
    };
    let phases = vec![
        timed("steady", PhaseOutcome::Pass, 0, 5),
        timed("wobbly", PhaseOutcome::Fail, 0, 100),
        timed("retried", PhaseOutcome::Fail, 0, 20),
        timed("retried", PhaseOutcome::Pass, 1, 40),
        timed("skipped", PhaseOutcome::Skip, 0, 90_000),
    ];
    save(store, &procedure, "A", 1, RunOutcome::Fail, phases).await;
    let phases = vec![timed("wobbly", PhaseOutcome::Pass, 0, 300), timed("steady", PhaseOutcome::Pass, 0, 5)];
    save(store, &procedure, "A", 2, RunOutcome::Pass, phases).await;
    // Failing for one unit and passing for another is a difference between units.
    save(store, &procedure, "B", 3, RunOutcome::Fail, vec![timed("steady", PhaseOutcome::Fail, 0, 5)]).await;

    let flaky = store.flaky_phases(RunFilter::default(), 10).await.unwrap();
    let numbers: Vec<_> =
        flaky.iter().map(|f| (f.phase.as_str(), f.units, f.passed, f.failed, f.retried)).collect();
    assert_eq!(numbers, [("retried", 1, 1, 1, 1), ("wobbly", 1, 1, 1, 0)]);

    let slow = store.slowest_phases(RunFilter::default(), 2).await.unwrap();
    let numbers: Vec<_> = slow.iter().map(|s| (s.phase.as_str(), s.count, s.mean, s.longest)).collect();
    let ms = Duration::from_millis;
    assert_eq!(numbers, [("wobbly", 2, ms(200), ms(300)), ("retried", 2, ms(30), ms(40))]);
}

/// Saves one run a value, in the order of the values.
async fn save_values(store: &Store, procedure: &ProcedureBrief, values: &[(&str, f64)]) {
    for (at, (serial, value)) in (0..).zip(values) {
        let mut phase = sample::phase("supply", PhaseOutcome::Pass, 0);
        let mut rail = Measurement {
            value: MeasuredValue::Number(*value),
            unit: Some("V".into()),
            limits: Limits { low: Some(0.0), high: Some(10.0) },
            marginal_limits: Limits { low: None, high: Some(7.0) },
            ..Measurement::new("rail")
        };
        rail.judge();
        phase.measurements.push(rail);
        save(store, procedure, serial, at, RunOutcome::Pass, vec![phase]).await;
    }
}

#[rstest]
#[tokio::test]
async fn drift_is_seen_between_periods(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let values = [("A", 5.0), ("B", 7.0), ("C", f64::NAN), ("D", 7.0), ("E", 7.5), ("F", 8.5)];
    save_values(store, &procedure, &values).await;

    let found = store.drift(RunFilter::default(), None, 2).await.unwrap();
    let [drift] = &found[..] else { panic!("{found:?}") };
    let names = (drift.phase.as_str(), drift.measurement.as_str(), drift.unit.as_deref());
    assert_eq!(names, ("supply", "rail", Some("V")));
    assert_eq!(drift.limits, Limits { low: Some(0.0), high: Some(10.0) });
    let periods: Vec<_> = drift
        .periods
        .iter()
        .map(|p| (p.from.unix_millis(), p.until.unix_millis(), p.count, p.marginal, p.mean))
        .collect();
    assert_eq!(periods, [(0, 3, 3, 0, 19.0 / 3.0), (4, 5, 2, 2, 8.0)]);
    // From 3 2/3 below the limit to 2 below it.
    let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
    assert!(close(drift.approach(), 5.0 / 11.0), "{:?}", drift.approach());
    assert!(close(drift.shift(), 5.0 / 3.0), "{:?}", drift.shift());
    assert_eq!(drift.marginal_rise(), Some(1.0));

    let each = store.drift(RunFilter::default(), Some("rail".into()), 100).await.unwrap();
    assert_eq!(each[0].periods.len(), 5, "as many periods as values at most");
    assert_eq!(store.drift(RunFilter::default(), Some("other".into()), 2).await.unwrap(), []);
    let one = RunFilter::of_unit("A".parse().unwrap());
    let alone = store.drift(one, None, 2).await.unwrap();
    assert_eq!((alone[0].shift(), alone[0].approach(), alone[0].marginal_rise()), (None, None, None));
}

#[rstest]
#[tokio::test]
async fn a_trend_over_units_has_one_entry_a_unit(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let values = [("A", 4.0), ("B", 8.0), ("a", 6.0), ("B", 11.0), ("C", f64::NAN)];
    save_values(store, &procedure, &values).await;

    let trend = store
        .unit_trend(RunFilter::default(), "rail".into(), Page::default(), Direction::Ascending)
        .await
        .unwrap();
    let units: Vec<_> = trend
        .items
        .iter()
        .map(|u| (u.serial_number.as_str(), u.count, u.mean, u.least, u.greatest, u.marginal, u.failed))
        .collect();
    assert_eq!(units, [("A", 2, 5.0, 4.0, 6.0, 0, 0), ("B", 2, 9.5, 8.0, 11.0, 1, 1)]);
    assert_eq!(trend.items[0].limits, Limits { low: Some(0.0), high: Some(10.0) });
    let newest = Page::new(1, 0);
    let newest =
        store.unit_trend(RunFilter::default(), "rail".into(), newest, Direction::Descending).await.unwrap();
    assert_eq!((newest.items[0].serial_number.as_str(), newest.next), ("B", Some(1)));
}
