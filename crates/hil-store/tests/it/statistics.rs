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

    let yields = store.first_pass_yield(RunFilter::default(), Page::default()).await.unwrap().items;
    let numbers: Vec<_> = yields.iter().map(|y| (y.procedure.id, y.units, y.passed)).collect();
    assert_eq!(numbers, [(one.id, 3, 2), (two.id, 1, 0)]);

    let late =
        RunFilter { started_after: Some(sample::at(3)), procedures: vec![one.id], ..RunFilter::default() };
    let yields = store.first_pass_yield(late, Page::default()).await.unwrap().items;
    assert_eq!((yields[0].units, yields[0].passed, yields[0].share()), (1, 1, 1.0));
    let none = RunFilter::of_unit("unknown".parse().unwrap());
    assert_eq!(store.first_pass_yield(none, Page::default()).await.unwrap().items, []);
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
    let found = store.capability(RunFilter::default(), None, Page::default()).await.unwrap().items;
    let [rail] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (rail.phase.as_str(), rail.measurement.as_str(), rail.unit.as_deref()),
        ("supply", "rail", Some("V"))
    );
    assert_eq!((rail.count, rail.mean, rail.deviation), (3, Some(5.0), Some(1.0)));
    assert_eq!((rail.least, rail.greatest), (4.0, 6.0));
    assert_eq!(rail.limits, Limits { low: Some(2.0), high: Some(11.0) });
    assert_eq!((rail.cp(), rail.cpk()), (Some(1.5), Some(1.0)));
    let other = store.capability(RunFilter::default(), Some("other".into()), Page::default()).await.unwrap();
    assert_eq!(other.items, []);

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

    let found = store.drift(RunFilter::default(), None, 2, Page::default()).await.unwrap().items;
    let [drift] = &found[..] else { panic!("{found:?}") };
    let names = (drift.phase.as_str(), drift.measurement.as_str(), drift.unit.as_deref());
    assert_eq!(names, ("supply", "rail", Some("V")));
    assert_eq!(drift.limits, Limits { low: Some(0.0), high: Some(10.0) });
    let periods: Vec<_> = drift
        .periods
        .iter()
        .map(|p| (p.from.unix_millis(), p.until.unix_millis(), p.count, p.marginal, p.mean))
        .collect();
    assert_eq!(periods, [(0, 3, 3, 0, Some(19.0 / 3.0)), (4, 5, 2, 2, Some(8.0))]);
    // From 3 2/3 below the limit to 2 below it.
    let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
    assert!(close(drift.approach(), 5.0 / 11.0), "{:?}", drift.approach());
    assert!(close(drift.shift(), 5.0 / 3.0), "{:?}", drift.shift());
    assert_eq!(drift.marginal_rise(), Some(1.0));

    let drift =
        |name: &str, periods| store.drift(RunFilter::default(), Some(name.into()), periods, Page::default());
    let each = drift("rail", 100).await.unwrap();
    assert_eq!(each.items[0].periods.len(), 5, "as many periods as values at most");
    assert_eq!(drift("other", 2).await.unwrap().items, []);
    let one = RunFilter::of_unit("A".parse().unwrap());
    let alone = store.drift(one, None, 2, Page::default()).await.unwrap().items;
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
    assert_eq!(units, [("A", 2, Some(5.0), 4.0, 6.0, 0, 0), ("B", 2, Some(9.5), 8.0, 11.0, 1, 1)]);
    assert_eq!(trend.items[0].limits, Limits { low: Some(0.0), high: Some(10.0) });
    let newest = Page::new(1, 0);
    let newest =
        store.unit_trend(RunFilter::default(), "rail".into(), newest, Direction::Descending).await.unwrap();
    assert_eq!((newest.items[0].serial_number.as_str(), newest.next), ("B", Some(1)));
}

#[rstest]
#[case::sums_beyond_a_double([1e200, -1e200, 1e308, -1e308], None, None)]
#[case::squares_beyond_a_double([1e155, -1e155, 0.0, 0.0], None, None)]
#[case::large([1e130, -1e130, 1e130, -1e130], Some(0.0), Some(1.1547e130))]
#[case::tiny([5e-324, 5e-324, 0.0, 0.0], None, None)]
#[tokio::test]
async fn numbers_of_any_size_are_answered_alike(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] values: [f64; 4],
    #[case] mean: Option<f64>,
    #[case] deviation: Option<f64>,
) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    save_values(store, &procedure, &values.map(|value| ("A", value))).await;
    let (all, page) = (RunFilter::default, Page::default());
    let capability = &store.capability(all(), None, page).await.unwrap().items[0];
    assert_eq!((capability.count, capability.least), (4, values.into_iter().fold(f64::MAX, f64::min)));
    let near = |found: Option<f64>, wanted: Option<f64>| match (found, wanted) {
        (Some(found), Some(wanted)) => (found - wanted).abs() <= wanted.abs() * 1e-4,
        (found, wanted) => found.unwrap_or(0.0) == wanted.unwrap_or(0.0),
    };
    assert!(near(capability.mean, mean) && near(capability.deviation, deviation), "{capability:?}");
    let drift = &store.drift(all(), None, 2, page).await.unwrap().items[0];
    assert_eq!(drift.periods.iter().map(|period| period.count).collect::<Vec<_>>(), [2, 2]);
    let units = store.unit_trend(all(), "rail".into(), page, Direction::Ascending).await.unwrap();
    assert!(near(units.items[0].mean, mean), "{units:?}");
}

/// A run with measurements of one name in several phases, twice in each.
async fn save_ties(store: &Store, procedure: &ProcedureBrief) {
    let phases = (0..5).map(|p| {
        let mut phase = sample::phase(&format!("p{p}"), PhaseOutcome::Pass, 0);
        phase.measurements = (0..2).map(|m| sample::measurement("rail", f64::from(2 * p + m))).collect();
        phase
    });
    save(store, procedure, "A", 1, RunOutcome::Pass, phases.collect()).await;
}

#[rstest]
#[case(Direction::Ascending)]
#[case(Direction::Descending)]
#[tokio::test]
async fn pages_of_a_trend_have_each_value_once(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] direction: Direction,
) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    save_ties(store, &procedure).await;
    let (mut values, mut next) = (Vec::new(), Some(0));
    while let Some(offset) = next {
        let page = Page::new(3, offset);
        let trend = store.trend(RunFilter::default(), "rail".into(), page, direction).await.unwrap();
        values.extend(trend.items.into_iter().map(|point| point.value));
        next = trend.next;
    }
    let mut wanted: Vec<f64> = (0..10).map(f64::from).collect();
    if direction == Direction::Descending {
        wanted.reverse();
    }
    assert_eq!(values, wanted);
}

#[rstest]
#[tokio::test]
async fn statistics_come_in_pages(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let (one, two) = (sample::procedure(store).await, sample::procedure(store).await);
    for procedure in [&one, &two] {
        let run = sample::filled(procedure, "SN-1", 2, 150);
        store.save_run(run, Actor::Local).await.unwrap();
    }
    let all = RunFilter::default;
    let yields = store.first_pass_yield(all(), Page::new(1, 1)).await.unwrap();
    assert_eq!((yields.items[0].procedure.id, yields.next), (two.id, None));

    let (mut capabilities, mut drifts) = (Vec::new(), Vec::new());
    let mut next = Some(0);
    while let Some(offset) = next {
        let found = store.capability(all(), None, Page::new(250, offset)).await.unwrap();
        capabilities.extend(found.items.into_iter().map(|c| (c.procedure.id, c.phase, c.measurement)));
        next = found.next;
    }
    let mut next = Some(0);
    while let Some(offset) = next {
        let found = store.drift(all(), None, 100, Page::new(1000, offset)).await.unwrap();
        assert!(found.items.len() <= 200, "20 000 periods");
        drifts.extend(found.items.into_iter().map(|d| (d.procedure.id, d.phase, d.measurement)));
        next = found.next;
    }
    assert_eq!(capabilities.len(), 600);
    assert_eq!(capabilities, drifts);
    let mut once = capabilities.clone();
    once.dedup();
    assert_eq!(once, capabilities);
}
