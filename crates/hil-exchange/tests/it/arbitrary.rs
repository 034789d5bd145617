//! Any run, and what is left of it in a report of OpenHTF.

use std::time::Duration;

use hil_model::run::{
    Axis, Cell, Expected, Log, LogLevel, MeasuredValue, Measurement, MeasurementOutcome, Operator, Phase,
    PhaseOutcome, Procedure, Run, RunOutcome, Scalar, Series, UnitUnderTest, Validator,
};
use hil_model::{Limits, Property, WallTime};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::sample;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![6 => "(?s).{0,12}", 1 => select(vec!["nan".to_owned(), "inf".into(), "=1".into(), "\0".into()])]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![(-400i32..400).prop_map(|quarters| f64::from(quarters) / 4.0), proptest::num::f64::ANY]
}

fn moment() -> impl Strategy<Value = WallTime> {
    (-1_000_000_000_000i64..4_000_000_000_000).prop_map(WallTime::from_unix_millis)
}

fn validator() -> impl Strategy<Value = Validator> {
    let operator = select(vec!["==", "<=", ">=", "range", "in", "matches", "~ foreign"]);
    let scalar = prop_oneof![
        number().prop_map(Scalar::Number),
        text().prop_map(Scalar::Text),
        any::<bool>().prop_map(Scalar::Bool)
    ];
    let expected = prop_oneof![
        scalar.prop_map(Expected::One),
        vec(number(), 0..3).prop_map(Expected::Numbers),
        vec(text(), 0..3).prop_map(Expected::Texts)
    ];
    let expression = prop_oneof![
        4 => Just(String::new()),
        1 => text(),
        2 => select(vec!["0 <= Marginal:4 <= x <= Marginal:8 <= 10".to_owned(), "'x' is within 5% of 10.".into()])
    ];
    (option::of(operator), option::of(expected), expression, any::<Option<bool>>()).prop_map(
        |(operator, expected, expression, is_decisive)| Validator {
            operator: operator.map(Operator::from),
            expected,
            is_decisive,
            ..Validator::expression(expression)
        },
    )
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        4 => number().prop_map(Cell::Number),
        1 => text().prop_map(Cell::Text),
        1 => any::<bool>().prop_map(Cell::Bool),
        1 => Just(Cell::Null)
    ]
}

fn axis() -> impl Strategy<Value = Axis> {
    (option::of(text()), option::of(text()), option::of(text()), vec(cell(), 0..5))
        .prop_map(|(name, unit, description, data)| Axis { name, unit, description, data, ..Axis::default() })
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<u64>().prop_map(Into::into), text().prop_map(Into::into)];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((text(), inner), 0..3).prop_map(|fields| fields.into_iter().collect()),
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
        vec(axis(), 1..4).prop_map(|axes| MeasuredValue::Series(Series { axes })),
    ]
}

fn limits() -> impl Strategy<Value = Limits> {
    let limit = || option::of(number().prop_filter("a limit is a number", |number| number.is_finite()));
    (limit(), limit()).prop_map(|(low, high)| Limits { low, high })
}

fn measurement() -> impl Strategy<Value = Measurement> {
    let words = (text(), option::of(text()), option::of(text()));
    let flags = (select(MeasurementOutcome::ALL), any::<bool>(), any::<bool>());
    (words, flags, value(), limits(), limits(), vec(validator(), 0..3)).prop_map(
        |(
            (name, unit, docstring),
            (outcome, marginal, optional),
            value,
            limits,
            marginal_limits,
            validators,
        )| {
            Measurement {
                outcome,
                marginal,
                optional,
                value,
                unit,
                limits,
                marginal_limits,
                validators,
                docstring,
                ..Measurement::new(name)
            }
        },
    )
}

fn log() -> impl Strategy<Value = Log> {
    (select(LogLevel::ALL), moment(), text(), text(), any::<u32>()).prop_map(
        |(level, at, message, source_file, line_number)| Log { level, at, message, source_file, line_number },
    )
}

fn phase() -> impl Strategy<Value = Phase> {
    let times = (moment(), option::of(moment()));
    (text(), select(PhaseOutcome::ALL), times, option::of(text()), vec(measurement(), 0..4), vec(log(), 0..2))
        .prop_map(|(name, outcome, (started_at, ended_at), docstring, measurements, logs)| Phase {
            outcome,
            started_at,
            ended_at,
            docstring,
            measurements,
            logs,
            ..Phase::new(name)
        })
}

/// A phase, and how often it was repeated.
fn attempts() -> impl Strategy<Value = Vec<Phase>> {
    (phase(), 1..4u32).prop_map(|(phase, times)| {
        (0..times).map(|retry_count| Phase { retry_count, ..phase.clone() }).collect()
    })
}

pub(crate) fn run() -> impl Strategy<Value = Run> {
    let names = ("[^\\p{Cc}]{0,20}x", option::of("[a-zA-Z0-9_-]{1,20}"), option::of("[^\\p{Cc}]{0,20}x"));
    let times = (moment(), 0..100_000_000i64);
    let contents = (vec(attempts(), 0..3), vec(log(), 0..3), vec((text(), text()), 0..3));
    (names, times, select(RunOutcome::ALL), option::of(text()), contents).prop_map(
        |((name, batch, station), (started_at, millis), outcome, docstring, (phases, logs, properties))| {
            Run {
                procedure: Procedure {
                    id: name.clone(),
                    name: name.parse().ok(),
                    version: name.parse().ok(),
                },
                unit: UnitUnderTest {
                    batch: batch.and_then(|batch| batch.parse().ok()),
                    ..UnitUnderTest::new(name.parse().unwrap())
                },
                station: station.map(|station| station.parse().unwrap()),
                operator: docstring.clone(),
                started_at,
                ended_at: WallTime::from_unix_millis(started_at.unix_millis() + millis),
                duration: Duration::from_millis(u64::try_from(millis).unwrap()),
                outcome,
                docstring,
                phases: phases.into_iter().flatten().collect(),
                logs,
                properties: properties.into_iter().map(|(key, value)| Property { key, value }).collect(),
                ..sample::full()
            }
        },
    )
}

/// What `openhtf::write` says is left of a run, but for conditions and properties.
pub(crate) fn as_openhtf_tells_it(run: Run) -> Run {
    let mut run = without_conditions(run);
    run.procedure.name = None;
    run.unit.part_name = None;
    run.operator = None;
    run.attachments.clear();
    run.requirements.clear();
    for phase in &mut run.phases {
        run.logs.append(&mut phase.logs);
        for measurement in &mut phase.measurements {
            measurement.optional = false;
            if matches!(measurement.outcome, MeasurementOutcome::Skip | MeasurementOutcome::Error) {
                measurement.outcome = MeasurementOutcome::Unset;
            }
            told(measurement);
        }
    }
    run
}

fn word(text: &str) -> Option<f64> {
    ["nan", "inf", "-inf"].contains(&text).then(|| text.parse().unwrap())
}

fn told(measurement: &mut Measurement) {
    let filled = |text: &mut Option<String>| *text = text.take().filter(|text| !text.is_empty());
    if let MeasuredValue::Series(series) = &mut measurement.value {
        let length = series.len();
        for axis in &mut series.axes {
            axis.data.resize(length, Cell::Null);
            for cell in &mut axis.data {
                if let Cell::Text(text) = cell
                    && let Some(number) = word(text)
                {
                    *cell = Cell::Number(number);
                }
            }
            filled(&mut axis.name);
            filled(&mut axis.unit);
            filled(&mut axis.description);
        }
        let last = series.axes.last_mut().unwrap();
        measurement.unit = measurement.unit.take().or(last.unit.take());
        filled(&mut measurement.unit);
        *last =
            Axis { unit: measurement.unit.clone(), data: std::mem::take(&mut last.data), ..Axis::default() };
    }
    filled(&mut measurement.unit);
    measurement.value = match std::mem::take(&mut measurement.value) {
        MeasuredValue::Text(text) => word(&text).map_or(MeasuredValue::Text(text), MeasuredValue::Number),
        MeasuredValue::Json(Value::String(text)) => {
            word(&text).map_or(MeasuredValue::Text(text), MeasuredValue::Number)
        }
        MeasuredValue::Json(Value::Number(number)) => {
            let double = number.as_f64().unwrap();
            if double as u128 == u128::from(number.as_u64().unwrap()) {
                MeasuredValue::Number(double)
            } else {
                MeasuredValue::Json(Value::Number(number))
            }
        }
        MeasuredValue::Number(number) if number.is_nan() => MeasuredValue::Number(f64::NAN),
        other => other,
    };
}

/// Without limits, validators and properties.
pub(crate) fn without_conditions(mut run: Run) -> Run {
    run.properties.clear();
    for measurement in run.phases.iter_mut().flat_map(|phase| &mut phase.measurements) {
        measurement.limits = Limits::default();
        measurement.marginal_limits = Limits::default();
        measurement.validators.clear();
    }
    run
}
