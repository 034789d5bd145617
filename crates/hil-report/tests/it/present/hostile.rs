//! Runs that no honest client sends.

use std::time::{Duration, Instant};

use hil_model::run::*;
use hil_model::{Limits, Property, WallTime};
use hil_report::present::{Comparison, Logs, Terminal, html, series_svg, text};
use proptest::prelude::*;

use super::sample::{bare, column, number, phase, series};
use crate::unicode::text as any_text;
use crate::xml;

/// Elements are closed in order, and none of them runs anything.
fn check_page(page: &str) {
    let void = ["meta", "link", "img", "!DOCTYPE"];
    let body = page.split_once("</style>").unwrap().1;
    let mut open: Vec<&str> = vec!["html", "head"];
    for tag in body.split('<').skip(1).map(|rest| &rest[..rest.find('>').unwrap()]) {
        let name = tag.split([' ', '\n']).next().unwrap();
        assert_ne!(name, "script");
        assert!(!tag.contains("javascript:") && !tag.contains(" onload"), "{tag}");
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') && !void.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for picture in body.split("<svg").skip(1).map(|rest| &rest[..rest.find("</svg>").unwrap()]) {
        xml::parse(&format!("<svg{picture}</svg>")).unwrap();
        for coordinates in picture.split(" d=\"").skip(1).map(|rest| &rest[..rest.find('"').unwrap()]) {
            assert!(!coordinates.contains("NaN") && !coordinates.contains("inf"), "{coordinates}");
        }
    }
}

/// Nothing that a terminal obeys, and nothing that turns the direction of writing.
fn check_text(text: &str) {
    let obeyed = |char: char| {
        (char.is_control() && char != '\n')
            || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(obeyed), "{text:?}");
}

fn check(run: &Run) {
    check_text(&text(run, Logs::Listed, &Terminal::plain(80)));
    check_page(&html(run, &|file| Some(file.name.clone())).unwrap());
    let comparison = Comparison::of(&[run, &bare("2"), run]);
    check_text(&comparison.text(&Terminal::plain(80)));
    check_page(&comparison.html().unwrap());
}

#[test]
fn markup_stays_text() {
    let evil = "<script>alert(1)</script>\" onload='x\u{202e}\x1b[31m";
    let mut run = bare("1");
    let validator = Validator::expression(evil);
    let axis = Axis {
        name: Some(evil.into()),
        unit: Some(evil.into()),
        validators: vec![validator.clone()],
        data: vec![Cell::Text(evil.into()), 1.0.into()],
        ..column("", "", [])
    };
    run.phases = vec![Phase {
        docstring: Some(evil.into()),
        measurements: vec![
            Measurement {
                unit: Some(evil.into()),
                validators: vec![validator],
                ..number(evil, 1.0, "", None, None)
            },
            series(evil, vec![axis.clone(), axis]),
        ],
        ..phase(evil, PhaseOutcome::Fail, 0, 1)
    }];
    run.properties = vec![Property::new(evil, evil), Property::new("simulated", evil)];
    run.attachments = vec![Attachment {
        name: evil.into(),
        content_type: Some(evil.into()),
        size: u64::MAX,
        digest: Digest::new([0; 32]),
        is_report: true,
    }];
    check(&run);
    let page = html(&run, &|_| None).unwrap();
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("\\u{202e}␛[31m"));
}

#[test]
fn ten_megabytes_of_text_are_cut_and_it_is_said() {
    let mut run = bare("1");
    let long = "ab".repeat(5 << 20);
    let value = Measurement { value: MeasuredValue::Text(long.clone()), ..Measurement::new(long.clone()) };
    run.phases = vec![Phase {
        docstring: Some(long.clone()),
        measurements: vec![value],
        ..phase(&long, PhaseOutcome::Fail, 0, 1)
    }];
    run.operator = Some(long);
    let (shown, page) = (text(&run, Logs::Listed, &Terminal::plain(80)), html(&run, &|_| None).unwrap());
    assert!(shown.len() < 20_000 && page.len() < 60_000, "{} {}", shown.len(), page.len());
    assert!(shown.contains("[… 10485560 more characters]") && page.contains("more characters]"));
}

#[test]
fn a_million_rows_are_a_small_picture() {
    let rows = 1_000_000_u32;
    let spike = |x: u32| if x == 654_321 { 1000.0 } else { f64::from(x % 100) };
    let measurement = series(
        "long",
        vec![column("t", "s", (0..rows).map(f64::from)), column("y", "V", (0..rows).map(spike))],
    );
    let began = Instant::now();
    let svg = series_svg(&measurement).unwrap();
    assert!(svg.len() < 60_000, "{}", svg.len());
    let mut run = bare("1");
    run.phases = vec![Phase { measurements: vec![measurement], ..phase("long", PhaseOutcome::Pass, 0, 1) }];
    check_page(&html(&run, &|_| None).unwrap());
    assert!(text(&run, Logs::Counted, &Terminal::plain(100)).contains("1000000 rows of 2 columns"));
    assert!(began.elapsed() < Duration::from_secs(60));
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -10.0..10.0,
        prop::sample::select(vec![
            0.0,
            -0.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN,
            5e-324,
            1.0
        ])
    ]
}

fn any_limits() -> impl Strategy<Value = Limits> {
    (prop::option::of(any_number()), prop::option::of(any_number()))
        .prop_map(|(low, high)| Limits { low, high })
}

fn any_outcome() -> impl Strategy<Value = MeasurementOutcome> {
    prop::sample::select(MeasurementOutcome::ALL)
}

fn any_validator() -> impl Strategy<Value = Validator> {
    let operator =
        prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">=", "range", "in", "matches", "~"]);
    let expected = prop_oneof![
        any_number().prop_map(Expected::from),
        any_text().prop_map(|text| Expected::One(Scalar::Text(text))),
        any::<bool>().prop_map(Expected::from),
        prop::collection::vec(any_number(), 0..4).prop_map(Expected::Numbers),
        prop::collection::vec(any_text(), 0..3).prop_map(Expected::Texts),
    ];
    (
        prop::option::of(operator),
        prop::option::of(expected),
        any_text(),
        any::<bool>(),
        prop::option::of(any::<bool>()),
        any_outcome(),
    )
        .prop_map(|(operator, expected, expression, has_custom_expression, is_decisive, outcome)| {
            Validator {
                outcome,
                operator: operator.map(Operator::from),
                expected,
                expression,
                has_custom_expression,
                is_decisive,
            }
        })
}

fn any_axis() -> impl Strategy<Value = Axis> {
    let cell = prop_oneof![
        6 => any_number().prop_map(Cell::Number),
        2 => (0..3_i32).prop_map(|x| Cell::Number(x.into())),
        1 => any_text().prop_map(Cell::Text),
        1 => any::<bool>().prop_map(Cell::Bool),
        1 => Just(Cell::Null),
    ];
    let data = prop_oneof![
        prop::collection::vec(cell, 0..30),
        prop::collection::vec((0..3_i32).prop_map(|x| Cell::Number(x.into())), 0..12),
        prop::collection::vec(any_text().prop_map(Cell::Text), 0..60),
    ];
    (
        prop::option::of(any_text()),
        prop::option::of(any_text()),
        data,
        prop::collection::vec(any_validator(), 0..3),
    )
        .prop_map(|(name, unit, data, validators)| Axis {
            name,
            unit,
            data,
            validators,
            ..Axis::default()
        })
}

fn any_value() -> impl Strategy<Value = MeasuredValue> {
    prop_oneof![
        Just(MeasuredValue::Unset),
        any_number().prop_map(MeasuredValue::Number),
        any_text().prop_map(MeasuredValue::Text),
        any::<bool>().prop_map(MeasuredValue::Bool),
        any_text().prop_map(|text| MeasuredValue::Json(serde_json::json!({ text: [null, 1] }))),
        prop::collection::vec(any_axis(), 0..5).prop_map(|axes| MeasuredValue::Series(Series { axes })),
    ]
}

fn any_measurement() -> impl Strategy<Value = Measurement> {
    let aggregation = (any_text(), any_number()).prop_map(|(kind, x)| Aggregation {
        kind,
        outcome: None,
        value: Some(Scalar::Number(x)),
        unit: None,
        validators: vec![],
    });
    (
        (any_text(), any_value(), prop::option::of(any_text()), any_outcome()),
        (any_limits(), any_limits(), any::<bool>(), any::<bool>()),
        prop::collection::vec(any_validator(), 0..3),
        prop::collection::vec(aggregation, 0..2),
        prop::option::of(any_text()),
    )
        .prop_map(
            |(
                (name, value, unit, outcome),
                (limits, marginal_limits, marginal, optional),
                validators,
                aggregations,
                docstring,
            )| {
                Measurement {
                    name,
                    outcome,
                    marginal,
                    optional,
                    value,
                    unit,
                    limits,
                    marginal_limits,
                    validators,
                    aggregations,
                    docstring,
                }
            },
        )
}

fn any_log() -> impl Strategy<Value = Log> {
    (prop::sample::select(LogLevel::ALL), any::<i64>(), any_text(), any_text(), any::<u32>()).prop_map(
        |(level, at, message, source_file, line_number)| Log {
            level,
            at: WallTime::from_unix_millis(at),
            message,
            source_file,
            line_number,
        },
    )
}

fn any_phase() -> impl Strategy<Value = Phase> {
    let name = prop_oneof![any_text(), prop::sample::select(vec!["a", "b"]).prop_map(str::to_owned)];
    (
        (
            name,
            prop::sample::select(PhaseOutcome::ALL),
            any::<i64>(),
            prop::option::of(any::<i64>()),
            any::<u32>(),
        ),
        prop::option::of(any_text()),
        prop::collection::vec(any_measurement(), 0..4),
        prop::collection::vec(any_log(), 0..2),
    )
        .prop_map(|((name, outcome, from, to, retry_count), docstring, measurements, logs)| Phase {
            name,
            outcome,
            started_at: WallTime::from_unix_millis(from),
            ended_at: to.map(WallTime::from_unix_millis),
            retry_count,
            docstring,
            requirements: Vec::new(),
            measurements,
            logs,
        })
}

fn any_run() -> impl Strategy<Value = Run> {
    (
        prop::collection::vec(any_phase(), 0..4),
        prop::sample::select(RunOutcome::ALL),
        prop::option::of(any_text()),
        any_text(),
        any_log(),
        any::<i64>(),
    )
        .prop_map(|(phases, outcome, operator, text, log, started)| Run {
            phases,
            outcome,
            operator,
            docstring: Some(text.clone()),
            started_at: WallTime::from_unix_millis(started),
            duration: Duration::from_millis(started.unsigned_abs()),
            procedure: Procedure { id: text.clone(), name: None, version: None },
            properties: vec![Property::new(text.clone(), text.clone())],
            attachments: vec![Attachment {
                name: text.clone(),
                content_type: Some(text),
                size: 1 << 40,
                digest: Digest::new([0; 32]),
                is_report: false,
            }],
            logs: vec![log],
            ..bare("1")
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_run_can_be_presented(run in any_run()) {
        check(&run);
    }
}
