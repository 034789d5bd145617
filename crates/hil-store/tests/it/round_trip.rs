//! Any run comes back as it was stored.

use std::time::Duration;

use hil_model::run::{
    Aggregation, Axis, Cell, Expected, Log, LogLevel, MeasuredValue, Measurement, MeasurementOutcome,
    Operator, Phase, PhaseOutcome, Procedure, Run, RunOutcome, Scalar, Series, UnitUnderTest, Validator,
};
use hil_model::{Limits, Property, ReqId};
use hil_store::{Actor, ProcedureBrief, RunFilter};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

/// Any text, with control characters, NUL and all planes of Unicode, now and then a long one.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "(?s).{0,20}",
        2 => "[\\x00\\x10a0]{0,6}",
        1 => "(?s).".prop_map(|c| c.repeat(100_000)),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        proptest::num::f64::ANY,
        select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, f64::MAX, f64::MIN_POSITIVE, 0.1])
    ]
}

fn outcome() -> impl Strategy<Value = MeasurementOutcome> {
    select(MeasurementOutcome::ALL)
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        number().prop_map(Scalar::Number),
        text().prop_map(Scalar::Text),
        any::<bool>().prop_map(Scalar::Bool)
    ]
}

fn validator() -> impl Strategy<Value = Validator> {
    let operator = select(vec!["==", "!=", "<", "<=", ">", ">=", "range", "in", "matches", "~ foreign"]);
    let expected = prop_oneof![
        scalar().prop_map(Expected::One),
        vec(number(), 0..4).prop_map(Expected::Numbers),
        vec(text(), 0..3).prop_map(Expected::Texts)
    ];
    (outcome(), option::of(operator), option::of(expected), text(), any::<bool>(), any::<Option<bool>>())
        .prop_map(|(outcome, operator, expected, expression, has_custom_expression, is_decisive)| Validator {
            outcome,
            operator: operator.map(Operator::from),
            expected,
            expression,
            has_custom_expression,
            is_decisive,
        })
}

fn aggregation() -> impl Strategy<Value = Aggregation> {
    (text(), option::of(outcome()), option::of(scalar()), option::of(text()), vec(validator(), 0..2))
        .prop_map(|(kind, outcome, value, unit, validators)| Aggregation {
            kind,
            outcome,
            value,
            unit,
            validators,
        })
}

fn axis() -> impl Strategy<Value = Axis> {
    let cell = prop_oneof![
        4 => number().prop_map(Cell::Number),
        1 => text().prop_map(Cell::Text),
        1 => Just(Cell::Text("NaN".into())),
        1 => any::<bool>().prop_map(Cell::Bool),
        1 => Just(Cell::Null),
    ];
    let words = (option::of(text()), option::of(text()), option::of(text()));
    (words, vec(cell, 0..8), vec(validator(), 0..2), vec(aggregation(), 0..2)).prop_map(
        |((name, unit, description), data, validators, aggregations)| Axis {
            name,
            unit,
            description,
            data,
            validators,
            aggregations,
        },
    )
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        number().prop_map(Into::into),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            vec((text(), inner), 0..4).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

fn value() -> impl Strategy<Value = MeasuredValue> {
    prop_oneof![
        Just(MeasuredValue::Unset),
        number().prop_map(MeasuredValue::Number),
        text().prop_map(MeasuredValue::Text),
        any::<bool>().prop_map(MeasuredValue::Bool),
        json().prop_map(MeasuredValue::Json),
        vec(axis(), 0..4).prop_map(|axes| MeasuredValue::Series(Series { axes })),
    ]
}

fn limits() -> impl Strategy<Value = Limits> {
    (option::of(number()), option::of(number())).prop_map(|(low, high)| Limits { low, high })
}

fn measurement() -> impl Strategy<Value = Measurement> {
    let words = ("(?s).{0,30}", option::of(text()), option::of(text()));
    let flags = (outcome(), any::<bool>(), any::<bool>());
    (words, flags, value(), limits(), limits(), vec(validator(), 0..3), vec(aggregation(), 0..2)).prop_map(
        |((name, unit, docstring), (outcome, marginal, optional), value, limits, marginal_limits, v, a)| {
            Measurement {
                name,
                outcome,
                marginal,
                optional,
                value,
                unit,
                limits,
                marginal_limits,
                validators: v,
                aggregations: a,
                docstring,
            }
        },
    )
}

fn log() -> impl Strategy<Value = Log> {
    (select(LogLevel::ALL), any::<i64>(), text(), text(), any::<u32>()).prop_map(
        |(level, at, message, source_file, line_number)| Log {
            level,
            at: sample::at(at),
            message,
            source_file,
            line_number,
        },
    )
}

fn phase() -> impl Strategy<Value = Phase> {
    let times = (any::<i64>(), option::of(any::<i64>()), any::<u32>());
    (
        "(?s).{0,30}",
        select(PhaseOutcome::ALL),
        times,
        (option::of(text()), vec(requirement(), 0..3)),
        vec(measurement(), 0..5),
        vec(log(), 0..3),
    )
        .prop_map(|(name, outcome, (started_at, ended_at, retry_count), words, measurements, logs)| {
            Phase {
                name,
                outcome,
                started_at: sample::at(started_at),
                ended_at: ended_at.map(sample::at),
                retry_count,
                docstring: words.0,
                requirements: words.1,
                measurements,
                logs,
            }
        })
}

fn requirement() -> impl Strategy<Value = ReqId> {
    "[A-Z]{3}-[0-9./_]{1,9}".prop_map(|id| id.parse().unwrap())
}

/// A run whose numbers nobody used before, so that they keep their spelling.
fn run(procedure: ProcedureBrief) -> impl Strategy<Value = Run> {
    let printable = "[^\\x00-\\x1f\\x7f-\\u{9f}\\s]{1,20}";
    let numbers = (printable, printable, printable, option::of("[A-Za-z0-9_-]{1,40}"), printable);
    let times = (any::<i64>(), any::<i64>(), 0..=i64::MAX.unsigned_abs());
    let words = (option::of(printable), option::of(text()), option::of(text()));
    let lists = (vec(phase(), 0..4), vec(log(), 0..3), vec((text(), text()), 0..3), vec(requirement(), 0..3));
    (numbers, times, words, lists, select(RunOutcome::ALL)).prop_map(
        move |((serial, part, name, batch, tag), (a, b, micros), words, lists, outcome)| {
            let unique = |text: String| format!("{}{text}", uuid::Uuid::new_v4().simple());
            let (station, operator, docstring) = words;
            let (phases, logs, properties, requirements) = lists;
            Run {
                id: sample::id(),
                procedure: Procedure {
                    id: procedure.id.to_string(),
                    name: Some(procedure.name.parse().unwrap()),
                    version: Some(unique(tag).parse().unwrap()),
                },
                unit: UnitUnderTest {
                    serial_number: unique(serial).parse().unwrap(),
                    part_number: Some(unique(part.clone()).parse().unwrap()),
                    part_name: Some(name.parse().unwrap()),
                    revision: Some(part.parse().unwrap()),
                    batch: batch.map(|batch| unique(batch).parse().unwrap()),
                },
                sub_units: Vec::new(),
                station: station.map(|station| station.parse().unwrap()),
                operator,
                started_at: sample::at(a.min(b)),
                ended_at: sample::at(a.max(b)),
                duration: Duration::from_micros(micros),
                outcome,
                docstring,
                phases,
                logs,
                attachments: Vec::new(),
                properties: properties.into_iter().map(|(key, value)| Property { key, value }).collect(),
                requirements,
            }
        },
    )
}

#[rstest]
fn any_run_comes_back_as_it_was_and_is_stored_once(#[values(Sqlite, Postgres)] backend: Backend) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let Some(bench) = runtime.block_on(Bench::open(backend)) else { return };
    let procedure = runtime.block_on(sample::procedure(&bench.store));
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&run(procedure), |run| {
        let store = &bench.store;
        runtime.block_on(async {
            for _ in 0..2 {
                store.save_run(run.clone(), Actor::Local).await.unwrap();
            }
            // NaN is not equal to itself, but it looks the same.
            let found = store.run(run.id.clone()).await.unwrap().run;
            prop_assert_eq!(format!("{found:?}"), format!("{run:?}"));
            let count = store.count_runs(RunFilter::of_unit(run.unit.serial_number.clone())).await.unwrap();
            prop_assert_eq!(count, 1);
            Ok(())
        })
    });
    checked.unwrap();
}
