//! Any run comes back from its document, and what is wrong with one is said.

use std::time::Duration;

use hil_model::run::{
    Aggregation, Attachment, Axis, Cell, Digest, Expected, Log, LogLevel, MeasuredValue, Measurement,
    MeasurementOutcome, Operator, Phase, PhaseOutcome, Procedure, Run, RunOutcome, Scalar, Series,
    UnitUnderTest, Validator,
};
use hil_model::{Limits, Property, ReqId, WallTime};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;

use super::{DocumentError, from_slice, is_document, to_writer};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "(?s).{0,20}", 1 => Just("NaN".to_owned())]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        proptest::num::f64::ANY,
        select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1e16, f64::MAX, 5e-324, 0.1])
    ]
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        number().prop_map(Scalar::Number),
        text().prop_map(Scalar::Text),
        any::<bool>().prop_map(Scalar::Bool)
    ]
}

fn validator() -> impl Strategy<Value = Validator> {
    let expected = prop_oneof![
        scalar().prop_map(Expected::One),
        vec(number(), 0..4).prop_map(Expected::Numbers),
        vec(text(), 0..3).prop_map(Expected::Texts)
    ];
    let operator = select(vec!["==", "!=", "<", "<=", ">", ">=", "range", "in", "matches", "~ foreign"]);
    let words = (option::of(operator), option::of(expected), text());
    (select(MeasurementOutcome::ALL), words, any::<bool>(), any::<Option<bool>>()).prop_map(
        |(outcome, (operator, expected, expression), has_custom_expression, is_decisive)| Validator {
            outcome,
            operator: operator.map(Operator::from),
            expected,
            expression,
            has_custom_expression,
            is_decisive,
        },
    )
}

fn aggregation() -> impl Strategy<Value = Aggregation> {
    let outcome = option::of(select(MeasurementOutcome::ALL));
    (text(), outcome, option::of(scalar()), option::of(text()), vec(validator(), 0..2)).prop_map(
        |(kind, outcome, value, unit, validators)| Aggregation { kind, outcome, value, unit, validators },
    )
}

fn axis() -> impl Strategy<Value = Axis> {
    let cell = prop_oneof![
        4 => number().prop_map(Cell::Number),
        1 => text().prop_map(Cell::Text),
        1 => any::<bool>().prop_map(Cell::Bool),
        1 => Just(Cell::Null),
    ];
    let words = (option::of(text()), option::of(text()), option::of(text()));
    (words, vec(cell, 0..6), vec(validator(), 0..2), vec(aggregation(), 0..2)).prop_map(
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
        vec(axis(), 0..3).prop_map(|axes| MeasuredValue::Series(Series { axes })),
    ]
}

fn limits() -> impl Strategy<Value = Limits> {
    (option::of(number()), option::of(number())).prop_map(|(low, high)| Limits { low, high })
}

fn measurement() -> impl Strategy<Value = Measurement> {
    let words = (text(), option::of(text()), option::of(text()));
    let flags = (select(MeasurementOutcome::ALL), any::<bool>(), any::<bool>());
    let lists = (vec(validator(), 0..2), vec(aggregation(), 0..2));
    (words, flags, value(), limits(), limits(), lists).prop_map(
        |(words, (outcome, marginal, optional), value, limits, marginal_limits, lists)| Measurement {
            name: words.0,
            outcome,
            marginal,
            optional,
            value,
            unit: words.1,
            limits,
            marginal_limits,
            validators: lists.0,
            aggregations: lists.1,
            docstring: words.2,
        },
    )
}

fn at(millis: i64) -> WallTime {
    WallTime::from_unix_millis(millis)
}

fn log() -> impl Strategy<Value = Log> {
    (select(LogLevel::ALL), any::<i64>(), text(), text(), any::<u32>()).prop_map(
        |(level, millis, message, source_file, line_number)| Log {
            level,
            at: at(millis),
            message,
            source_file,
            line_number,
        },
    )
}

fn phase() -> impl Strategy<Value = Phase> {
    let times = (any::<i64>(), option::of(any::<i64>()), any::<u32>());
    let words = (text(), option::of(text()), vec(requirement(), 0..3));
    (words, select(PhaseOutcome::ALL), times, vec(measurement(), 0..3), vec(log(), 0..3)).prop_map(
        |((name, docstring, requirements), outcome, (started, ended, retry_count), measurements, logs)| {
            Phase {
                name,
                outcome,
                started_at: at(started),
                ended_at: ended.map(at),
                retry_count,
                docstring,
                requirements,
                measurements,
                logs,
            }
        },
    )
}

fn requirement() -> impl Strategy<Value = ReqId> {
    "[A-Z]{3}-[0-9]{1,4}".prop_map(|id| id.parse().unwrap())
}

fn attachment() -> impl Strategy<Value = Attachment> {
    (text(), option::of(text()), any::<u64>(), any::<[u8; 32]>(), any::<bool>()).prop_map(
        |(name, content_type, size, digest, is_report)| Attachment {
            name,
            content_type,
            size,
            digest: Digest::new(digest),
            is_report,
        },
    )
}

fn procedure() -> impl Strategy<Value = Procedure> {
    (text(), option::of("[^\\p{C}\\s]{1,9}"), option::of("[^\\p{C}\\s]{1,9}")).prop_map(
        |(id, name, version)| Procedure {
            id,
            name: name.map(|name| name.parse().unwrap()),
            version: version.map(|version| version.parse().unwrap()),
        },
    )
}

fn unit() -> impl Strategy<Value = UnitUnderTest> {
    let word = || option::of("[^\\p{C}\\s]{1,20}");
    ("[^\\p{C}\\s]{1,20}", word(), word(), word(), option::of("[A-Za-z0-9_-]{1,20}")).prop_map(
        |(serial, part, name, revision, batch)| UnitUnderTest {
            serial_number: serial.parse().unwrap(),
            part_number: part.map(|part| part.parse().unwrap()),
            part_name: name.map(|name| name.parse().unwrap()),
            revision: revision.map(|revision| revision.parse().unwrap()),
            batch: batch.map(|batch| batch.parse().unwrap()),
        },
    )
}

fn run() -> impl Strategy<Value = Run> {
    let names = (vec("[a-z]{1,9}", 0..3), option::of("[a-z]{1,9}"), vec(requirement(), 0..3));
    let words = (option::of(text()), option::of(text()));
    let times = (any::<i64>(), any::<i64>(), any::<u64>(), select(RunOutcome::ALL));
    let lists = (vec(phase(), 0..3), vec(log(), 0..3), vec(attachment(), 0..3), vec((text(), text()), 0..3));
    ("[a-z0-9-]{1,36}", procedure(), unit(), names, words, times, lists).prop_map(
        |(id, procedure, unit, (sub_units, station, requirements), words, times, lists)| Run {
            id: id.parse().unwrap(),
            procedure,
            unit,
            sub_units: sub_units.into_iter().map(|serial| serial.parse().unwrap()).collect(),
            station: station.map(|station| station.parse().unwrap()),
            operator: words.0,
            started_at: at(times.0),
            ended_at: at(times.1),
            duration: Duration::from_micros(times.2),
            outcome: times.3,
            docstring: words.1,
            phases: lists.0,
            logs: lists.1,
            attachments: lists.2,
            properties: lists.3.into_iter().map(|(key, value)| Property { key, value }).collect(),
            requirements,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_run_comes_back(run in run()) {
        let mut json = Vec::new();
        to_writer(&run, &mut json).unwrap();
        prop_assert!(!json.contains(&b'\n'), "one line");
        // NaN is not equal to itself, but it looks the same.
        prop_assert_eq!(format!("{:?}", from_slice(&json).unwrap()), format!("{run:?}"));
    }

    #[test]
    fn any_bytes_are_a_run_or_an_error(run in run(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut json = Vec::new();
        to_writer(&run, &mut json).unwrap();
        let at = at.index(json.len());
        json[at] = byte;
        let _ = from_slice(&json);
        prop_assert!(from_slice(&json[..at]).is_err());
    }
}

const SMALL: &str = r#"{"schema":1,"id":"r-1","procedure":{"id":"FVT1"},"unit":{"serial_number":"SN-1"},
    "started_ms":1000,"ended_ms":2500,"duration_us":1500000,"outcome":"PASS","phases":[{"name":"supply",
    "outcome":"PASS","started_ms":1000,"measurements":[{"name":"u","outcome":"PASS","value":{"number":12}}]}]}"#;

#[test]
fn a_document_by_hand_is_read() {
    let run = from_slice(SMALL.as_bytes()).unwrap();
    assert_eq!(run.unit.serial_number.as_str(), "SN-1");
    assert_eq!(run.phases[0].measurements[0].value, MeasuredValue::Number(12.0));
    assert_eq!(run.duration, Duration::from_millis(1500));
}

#[rstest]
#[case(r#""name":"u""#, r#""nome":"u""#, "phases[0].measurements[0].nome", "unknown field `nome`")]
#[case(
    r#"{"number":12}"#,
    r#"{"number":"x"}"#,
    "phases[0].measurements[0].value.number",
    "\"x\" is no number"
)]
#[case(r#""SN-1""#, r#""""#, "unit.serial_number", "serial number must not be empty")]
#[case(
    r#""outcome":"PASS","phases""#,
    r#""outcome":"GOOD","phases""#,
    "outcome",
    "\"GOOD\" is not the outcome of a run"
)]
#[case(r#""schema":1,"#, "", ".", "missing field `schema`")]
#[case(r#""ended_ms":2500,"#, "", ".", "missing field `ended_ms`")]
fn what_is_wrong_is_said(#[case] from: &str, #[case] to: &str, #[case] at: &str, #[case] why: &str) {
    let broken = SMALL.replace(from, to);
    assert_ne!(broken, SMALL);
    let Err(DocumentError::Read { path, source }) = from_slice(broken.as_bytes()) else { panic!("read") };
    assert_eq!(path, at);
    assert!(source.to_string().contains(why), "{source}");
}

#[test]
fn another_schema_is_named_whatever_else_is_in_it() {
    let newer = r#"{"schema": 2, "everything": "is different"}"#;
    assert_eq!(
        from_slice(newer.as_bytes()).unwrap_err().to_string(),
        "the document of the run has schema 2, this program reads up to 1: update hil"
    );
    assert!(is_document(newer.as_bytes()));
    assert!(matches!(from_slice(br#"{"schema": 0}"#), Err(DocumentError::Unknown { schema: 0 })));
    assert!(!is_document(br#"{"dut_id": "x"}"#));
}

#[test]
fn what_stands_behind_a_document_is_an_error() {
    let two = format!("{SMALL} {SMALL}");
    assert!(matches!(from_slice(two.as_bytes()), Err(DocumentError::Trailing(_))));
}

#[test]
fn a_value_that_could_not_be_read_again_is_not_written() {
    let mut run = from_slice(SMALL.as_bytes()).unwrap();
    let nested = |depth: usize| (0..depth).fold(serde_json::Value::Null, |inner, _| vec![inner].into());
    run.phases[0].measurements[0].value = MeasuredValue::Json(nested(100));
    let mut json = Vec::new();
    to_writer(&run, &mut json).unwrap();
    assert_eq!(from_slice(&json).unwrap(), run);
    run.phases[0].measurements[0].value = MeasuredValue::Json(nested(101));
    assert!(matches!(to_writer(&run, Vec::new()), Err(DocumentError::TooDeep { max: 100, .. })));
}
