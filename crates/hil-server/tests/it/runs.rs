//! Runs in and out.

use hil_model::run::{LogLevel, MeasuredValue, MeasurementOutcome, Operator, RunOutcome};
use hil_store::{SerialPattern, StoreOptions};
use hyper::{Method, StatusCode};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use crate::database::{Backend, Postgres, Sqlite};
use crate::lab::Lab;

#[rstest]
#[tokio::test]
async fn a_run_comes_back_as_it_was_sent(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(lab) = Lab::open(backend).await else { return };
    lab.create(&lab.submission("SUB-1")).await;
    let mut sent = lab.submission("SN-1/ä b");
    sent["unit_under_test"]["revision"] = json!("B");
    sent["unit_under_test"]["batch_number"] = json!("LOT-7");
    sent["run_passed"] = json!(false);
    sent["procedure_name"] = json!("something else");
    sent["procedure_version"] = json!("1.2.20");
    sent["started_at"] = json!("2025-06-15T10:30:00.123456Z");
    sent["duration"] = json!("PT1.000005S");
    sent["sub_units"] = json!([{ "serial_number": "SUB-1" }]);
    sent["logs"] = json!([{
        "level": "CRITICAL", "timestamp": "2025-06-15T10:30:00.5Z", "message": "smoke\u{0}!",
        "source_file": "main.py", "line_number": 7,
    }]);
    sent["phases"] = json!([
        {
            "name": "voltage", "outcome": "FAIL", "docstring": "Measures.",
            "start_time_millis": 1_749_983_400_123.7, "end_time_millis": 1_749_983_400_900_i64,
            "measurements": [
                { "name": "rail", "outcome": "FAIL", "measured_value": 3, "units": "V", "lower_limit": 3.1, "upper_limit": 3.5 },
                { "name": "word", "outcome": "PASS", "measured_value": "ok", "validators": ["x == 'ok'"] },
                { "name": "flag", "outcome": "PASS", "measured_value": true },
                { "name": "deep", "outcome": "PASS", "measured_value": { "a": [[{}]] } },
                { "name": "never", "outcome": "UNSET" },
                { "name": "odd", "outcome": "ERROR", "measured_value": 1 },
                { "name": "sweep", "outcome": "PASS", "units": ["s", "V"], "measured_value": [[0, 1.5], [1, 1.6]] },
            ],
        },
        { "name": "later", "outcome": "SKIP", "start_time_millis": 1_749_983_400_900_i64, "end_time_millis": null },
    ]);
    let id = lab.create(&sent).await;

    let stored = lab.store.run(id.parse().unwrap()).await.unwrap();
    assert_eq!(stored.run.outcome, RunOutcome::Fail);
    assert_eq!(stored.run.started_at.unix_millis(), 1_749_983_400_123);
    assert_eq!(stored.run.ended_at.unix_millis(), 1_749_983_401_123);
    assert_eq!(stored.run.duration.as_micros(), 1_000_005);
    assert_eq!(stored.run.procedure.name.as_ref().unwrap().as_str(), "Final test");
    assert_eq!(stored.sub_units[0].serial_number.as_str(), "SUB-1");
    assert_eq!(stored.run.logs[0].level, LogLevel::Critical);
    let measurements = &stored.run.phases[0].measurements;
    assert_eq!(stored.run.phases[0].started_at.unix_millis(), 1_749_983_400_124);
    assert_eq!(measurements[0].validators[0].operator, Some(Operator::AtLeast));
    assert_eq!(measurements[0].validators[0].outcome, MeasurementOutcome::Fail);
    assert_eq!(measurements[0].validators[1].outcome, MeasurementOutcome::Pass);
    assert_eq!(measurements[5].outcome, MeasurementOutcome::Unset);
    assert!(matches!(&measurements[6].value, MeasuredValue::Series(series) if series.axes.len() == 2));

    let listed = lab.get("/api/v1/runs?serial_number=sn-1%2F%C3%A4%20b").await;
    assert_eq!(listed.header("content-type"), "application/json");
    let listed = listed.json();
    assert_eq!((&listed["success"], &listed["result"]), (&json!(true), &listed["data"]));
    let run = &listed["result"][0];
    for (pointer, expected) in [
        ("/id", json!(id)),
        ("/outcome", json!("FAIL")),
        ("/started_at", json!("2025-06-15T10:30:00.123Z")),
        ("/duration", json!("PT1.000005S")),
        ("/unit/serial_number", json!("SN-1/ä b")),
        ("/unit/batch/number", json!("LOT-7")),
        ("/unit/revision/identifier", json!("B")),
        ("/unit/revision/component/part_number", json!("ALM")),
        ("/procedure/name", json!("Final test")),
        ("/procedure_version/value", json!("1.2.20")),
        ("/created_by_station", json!(null)),
        ("/phases/1/outcome", json!("SKIP")),
        ("/phases/0/measurements/0/measured_value", json!(3.0)),
        ("/phases/0/measurements/0/lower_limit", json!(3.1)),
        ("/phases/0/measurements/1/validators", json!(["x == 'ok'"])),
        ("/phases/0/measurements/3/measured_value", json!({ "a": [[{}]] })),
        ("/phases/0/measurements/4/measured_value", json!(null)),
        ("/phases/0/measurements/6/units", json!(["s", "V"])),
        ("/phases/0/measurements/6/measured_value", json!([[0.0, 1.5], [1.0, 1.6]])),
        ("/logs/0/level", json!("CRITICAL")),
        ("/logs/0/message", json!("smoke\u{0}!")),
        ("/attachments", json!([])),
        ("/file_import", json!(null)),
    ] {
        assert_eq!(run.pointer(pointer), Some(&expected), "{pointer}");
    }
}

#[rstest]
#[case::of_the_phases(json!([{ "name": "a", "outcome": "PASS", "start_time_millis": 2000, "end_time_millis": 5000 },
    { "name": "b", "outcome": "PASS", "start_time_millis": 1000, "end_time_millis": 4000 }]), json!(null), Some((1000, 5000)))]
#[case::said(json!([{ "name": "a", "outcome": "PASS", "start_time_millis": 2000, "end_time_millis": 5000 }]),
    json!("1970-01-01T00:00:01"), Some((1000, 5000)))]
#[case::before_its_phases_end(json!([{ "name": "a", "outcome": "PASS", "start_time_millis": 2000, "end_time_millis": 500 }]),
    json!(null), Some((2000, 2000)))]
#[case::nobody_says(json!(null), json!(null), None)]
#[tokio::test]
async fn a_run_has_times_whatever_is_said(
    #[case] phases: Value,
    #[case] started_at: Value,
    #[case] expected: Option<(i64, i64)>,
) {
    let lab = Lab::sqlite().await;
    let mut sent = lab.submission("SN-1");
    (sent["phases"], sent["started_at"]) = (phases, started_at);
    let run = lab.store.run(lab.create(&sent).await.parse().unwrap()).await.unwrap();
    let times = (run.run.started_at.unix_millis(), run.run.ended_at.unix_millis());
    match expected {
        Some(expected) => assert_eq!(times, expected),
        None => {
            assert!(times.0 == times.1 && times.0 <= run.summary.created_at.unix_millis() && times.0 > 1_000)
        }
    }
}

#[tokio::test]
async fn steps_of_old_clients_are_phases() {
    let lab = Lab::sqlite().await;
    let mut sent = lab.submission("SN-1");
    sent["steps"] = json!([
        { "name": "rail", "started_at": "2025-06-15T10:30:00Z", "duration": "PT2S", "step_passed": false,
          "measurement_unit": "V", "measurement_value": 5.5, "limit_low": 4.5, "limit_high": 5.25 },
        { "name": "visual", "started_at": "2025-06-15T10:30:02Z", "duration": "PT1S", "step_passed": true },
    ]);
    let run = lab.store.run(lab.create(&sent).await.parse().unwrap()).await.unwrap().run;
    let [rail, visual] = &run.phases[..] else { panic!("{:?}", run.phases) };
    assert_eq!(rail.measurements[0].outcome, MeasurementOutcome::Fail);
    assert!(visual.measurements.is_empty());
    assert_eq!(run.duration.as_secs(), 3);
}

/// Small ones are read once for both lists of the answer, large ones twice.
#[rstest]
#[tokio::test]
async fn the_latest_runs_come_first_and_show_the_part_of_their_time(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(1, 1_900_000)] length: usize,
) {
    let Some(lab) = Lab::open(backend).await else { return };
    let mut ids = Vec::new();
    for (part, start) in
        [("A", "2025-01-02T00:00:00Z"), ("B", "2025-01-03T00:00:00Z"), ("C", "2025-01-01T00:00:00Z")]
    {
        let mut sent = lab.submission("SN-1");
        sent["unit_under_test"]["part_number"] = json!(part);
        sent["started_at"] = json!(start);
        sent["docstring"] = json!("x".repeat(length));
        ids.push(lab.create(&sent).await);
    }
    let listed = lab.get("/api/v1/runs?serial_number=SN-1").await.json();
    assert_eq!(listed["data"], listed["result"]);
    let listed: Vec<_> = listed["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["id"].clone(), run["unit"]["revision"]["component"]["part_number"].clone()))
        .collect();
    let expected: Vec<_> =
        [(1, "B"), (0, "A"), (2, "C")].map(|(i, part)| (json!(ids[i]), json!(part))).to_vec();
    assert_eq!(listed, expected);
}

#[rstest]
#[case("", 400, "serial_number")]
#[case("?serial_number=", 400, "serial number must not be empty")]
#[case("?serial_number=%20", 400, "serial number must not be empty")]
#[case("?serial_number=a%00b", 400, "serial number must not contain")]
#[case("?serial_number=%FF", 200, "")]
#[case("?serial_number=nobody", 200, "")]
#[case("?serial_number=%27%20OR%201%3D1%20--", 200, "")]
#[tokio::test]
async fn unknown_units_have_no_runs(#[case] query: &str, #[case] status: u16, #[case] message: &str) {
    let lab = Lab::sqlite().await;
    lab.create(&lab.submission("SN-1")).await;
    let answer = lab.get(&format!("/api/v1/runs{query}")).await;
    assert_eq!(answer.status, status);
    if status == 200 {
        assert_eq!(answer.json(), json!({ "success": true, "result": [], "data": [] }));
    } else {
        assert!(answer.message().contains(message), "{}", answer.message());
    }
}

#[rstest]
#[case("/unit_under_test", json!(null), 400, "unit_under_test")]
#[case("/unit_under_test", json!({ "part_number": "A" }), 400, "serial_number")]
#[case("/unit_under_test/serial_number", json!(""), 400, "unit_under_test.serial_number: serial number must not be empty")]
#[case("/unit_under_test/serial_number", json!(7), 400, "unit_under_test.serial_number")]
#[case("/unit_under_test/serial_number", json!("a\u{0}b"), 400, "serial number must not contain")]
#[case("/unit_under_test/serial_number", json!("x".repeat(10_000_000)), 400, "at most 60 characters")]
#[case("/unit_under_test/batch_number", json!("../LOT"), 400, "batch number must not contain")]
#[case("/unit_under_test/part_number", json!(""), 400, "part number")]
#[case("/unit_under_test/part_number", json!([]), 400, "unit_under_test.part_number")]
#[case("/run_passed", json!("yes"), 400, "run_passed")]
#[case("/run_passed", json!(null), 400, "run_passed")]
#[case("/procedure_id", json!(null), 400, "procedure_id")]
#[case("/procedure_id", json!(" "), 400, "procedure_id")]
#[case("/procedure_id", json!("FVT999"), 404, "procedure")]
#[case("/procedure_id", json!("0193a5c0-0000-7000-8000-000000000001"), 404, "procedure")]
#[case("/procedure_version", json!("x".repeat(61)), 400, "procedure_version: version tag must have at most 60")]
#[case("/started_at", json!("yesterday"), 400, "started_at: \"yesterday\" is no time")]
#[case("/duration", json!("PT-1S"), 400, "duration")]
#[case("/duration", json!("P99999999999999W"), 400, "duration")]
#[case("/duration", json!(5), 400, "duration")]
#[case("/phases", json!({}), 400, "phases")]
#[case("/phases", json!([{ "name": "a" }]), 400, "phases[0]: missing field `outcome`")]
#[case("/phases", json!([{ "name": "a", "outcome": "GREEN", "start_time_millis": 0 }]), 400, "phases[0].outcome: \"GREEN\"")]
#[case("/phases", json!([{ "name": "a", "outcome": "PASS", "start_time_millis": 1e300 }]), 400, "phases[0].start_time_millis")]
#[case("/phases", json!([{ "name": "x".repeat(601), "outcome": "PASS", "start_time_millis": 0 }]), 400, "phase name")]
#[case("/phases", json!([{ "name": "a", "outcome": "PASS", "start_time_millis": 0, "measurements": [{ "name": "m", "outcome": "PASS", "units": 7 }] }]), 400, "phases[0].measurements[0].units")]
#[case("/phases", json!([{ "name": "a", "outcome": "PASS", "start_time_millis": 0, "measurements": [{ "name": "m", "lower_limit": "low" }] }]), 400, "phases[0].measurements[0].lower_limit")]
#[case("/logs", json!([{ "level": "LOUD", "timestamp": "2025-01-01T00:00:00Z", "message": "" }]), 400, "logs[0].level")]
#[case("/logs", json!([{ "level": "INFO", "timestamp": "2025-01-01T00:00:00Z", "message": "", "line_number": -1 }]), 400, "logs[0].line_number")]
#[case("/sub_units", json!([{ "serial_number": "nobody" }]), 404, "sub-unit not found: \"nobody\"")]
#[case("/sub_units", json!([{ "serial_number": "SN-1" }]), 400, "SN-1")]
#[case("/steps", json!([{ "name": "a", "started_at": "x", "step_passed": true }]), 400, "steps[0].started_at")]
#[tokio::test]
async fn a_wrong_field_is_named(
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] status: u16,
    #[case] message: &str,
) {
    let lab = Lab::sqlite().await;
    let mut sent = lab.submission("SN-1");
    match pointer.rsplit_once('/').unwrap() {
        ("", key) => sent[key] = value,
        (parent, key) => sent.pointer_mut(parent).unwrap()[key] = value,
    }
    let answer = lab.post("/api/v1/runs", &sent).await;
    assert_eq!(answer.status, status, "{}", answer.message());
    assert!(answer.message().contains(message), "{}", answer.message());
    let listed = lab.get("/api/v1/runs?serial_number=SN-1").await.json();
    assert_eq!(listed["result"], json!([]), "what was refused left a run");
}

#[tokio::test]
async fn the_part_follows_from_the_serial_number_if_a_pattern_says_so() {
    let pattern = SerialPattern::new(r"(?<part>[A-Z]+)-(?<revision>[A-Z])-\d+").unwrap();
    let store = StoreOptions { serial_pattern: Some(pattern), ..StoreOptions::default() };
    let lab = Lab::start(Sqlite, store, |_| {}).await.unwrap();
    let mut sent = lab.submission("ALM-C-0001");
    sent["unit_under_test"] = json!({ "serial_number": "ALM-C-0001" });
    let run = lab.store.run(lab.create(&sent).await.parse().unwrap()).await.unwrap();
    assert_eq!(run.summary.unit.part.number.as_str(), "ALM");
    assert_eq!(run.summary.unit.revision.number.as_str(), "C");
    sent["unit_under_test"] = json!({ "serial_number": "what else" });
    let answer = lab.post("/api/v1/runs", &sent).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.message().contains("part number"));
}

#[tokio::test]
async fn units_of_old_clients_change_and_go() {
    let lab = Lab::sqlite().await;
    for serial in ["SN-1", "SUB/1"] {
        lab.create(&lab.submission(serial)).await;
    }
    let change = json!({ "sub_units": [{ "serial_number": "SUB/1" }] }).to_string();
    let answer = lab.call(Method::PATCH, "/api/v1/units/SN-1", Some(&lab.user), change.clone()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let unit = lab.store.unit("SN-1".parse().unwrap()).await.unwrap();
    assert_eq!(unit.children[0].serial_number.as_str(), "SUB/1");
    let circle = lab.call(Method::PATCH, "/api/v1/units/SUB%2F1", Some(&lab.user), change).await;
    assert_eq!(circle.status, StatusCode::BAD_REQUEST);
    let gone = lab.call(Method::DELETE, "/api/v1/units/SUB%2F1", Some(&lab.user), "").await;
    assert_eq!(gone.status, StatusCode::OK);
    assert!(lab.store.unit("SN-1".parse().unwrap()).await.unwrap().children.is_empty());
}

/// Where a client may send anything.
const FIELDS: &[&str] =
    &["phases", "logs", "sub_units", "steps", "started_at", "duration", "unit_under_test", "procedure_id"];

/// JSON that looks like something.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "PASS|FAIL|SN-1|INFO|PT1S|2025-01-01T00:00:00Z".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = "name|outcome|start_time_millis|measurements|measured_value|units|level|timestamp|message|serial_number";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn no_body_breaks_the_server() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let lab = runtime.block_on(Lab::sqlite());
    let mutation = (prop::sample::select(FIELDS), any_json());
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(mutations in prop::collection::vec(mutation, 1..4))| {
        let mut sent = lab.submission("SN-1");
        for (field, value) in mutations {
            sent[field] = value;
        }
        let status = runtime.block_on(lab.post("/api/v1/runs", &sent)).status;
        prop_assert!(!status.is_server_error(), "{status} for {sent}");
    });
}
