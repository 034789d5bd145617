//! Reports that OpenHTF itself wrote (`fixtures/openhtf/make.py`), and reports that we write.

use hil_exchange::openhtf::{self, Given, Report};
use hil_model::run::{MeasuredValue, RunOutcome};
use proptest::prelude::*;
use rstest::rstest;

use crate::{arbitrary, outline, sample};

const MEASUREMENTS: &str = include_str!("../fixtures/openhtf/measurements.json");
const NOT_FINITE: &str = include_str!("../fixtures/openhtf/not_finite.json");
const NOT_FINITE_ALLOWED: &str = include_str!("../fixtures/openhtf/not_finite_allowed.json");
const DIMENSIONS: &str = include_str!("../fixtures/openhtf/dimensions.json");
const FLOW: &str = include_str!("../fixtures/openhtf/flow.json");
const STOP: &str = include_str!("../fixtures/openhtf/stop.json");
const TIMEOUT: &str = include_str!("../fixtures/openhtf/timeout.json");
const EXCEPTION: &str = include_str!("../fixtures/openhtf/exception.json");
const ATTACHMENTS: &str = include_str!("../fixtures/openhtf/attachments.json");
const ATTACHMENTS_APART: &str = include_str!("../fixtures/openhtf/attachments_apart.json");
const ABORTED: &str = include_str!("../fixtures/openhtf/aborted.json");
const CONDITIONAL: &str = include_str!("../fixtures/openhtf/conditional.json");

pub(crate) const REPORTS: [&str; 12] = [
    MEASUREMENTS,
    NOT_FINITE,
    NOT_FINITE_ALLOWED,
    DIMENSIONS,
    FLOW,
    STOP,
    TIMEOUT,
    EXCEPTION,
    ATTACHMENTS,
    ATTACHMENTS_APART,
    ABORTED,
    CONDITIONAL,
];

fn read(json: &str) -> Report {
    openhtf::read(json.as_bytes(), sample::id(), Given::default()).unwrap()
}

fn refusal(json: &str) -> String {
    openhtf::read(json.as_bytes(), sample::id(), Given::default()).unwrap_err().to_string()
}

#[rstest]
#[case("measurements", MEASUREMENTS)]
#[case("not_finite", NOT_FINITE)]
#[case("dimensions", DIMENSIONS)]
#[case("flow", FLOW)]
#[case("stop", STOP)]
#[case("timeout", TIMEOUT)]
#[case("exception", EXCEPTION)]
#[case("attachments", ATTACHMENTS)]
#[case("aborted", ABORTED)]
#[case("conditional", CONDITIONAL)]
fn reports_become_runs(#[case] name: &str, #[case] json: &str) {
    insta::assert_snapshot!(format!("openhtf_{name}"), outline::of(&read(json).run));
}

#[test]
fn files_in_the_report_come_out_of_it() {
    let Report { attachments, test_name, .. } = read(ATTACHMENTS);
    let facts: Vec<_> = attachments
        .iter()
        .map(|file| (file.name.as_str(), file.content_type.as_deref(), &file.bytes[..], file.phase.as_str()))
        .collect();
    assert_eq!(
        facts,
        [
            ("log.txt", Some("text/plain"), &b"hello"[..], "attaching"),
            ("../../etc/passwd", None, &b"\x00\xff"[..], "attaching"),
            ("empty", None, &b""[..], "attaching"),
            ("attached.csv", Some("text/csv"), &b"time,voltage\n0,3.3\n"[..], "attaching"),
        ]
    );
    assert_eq!(test_name.as_deref(), Some("attachments"));
    assert_eq!(read(ATTACHMENTS_APART).attachments, []);
}

/// A report with nothing in it but these.
fn report(fields: &str) -> String {
    format!(
        r#"{{"dut_id": "SN", "start_time_millis": 5, "metadata": {{"procedure_id": "FVT1"}}, "phases": [{fields}]}}"#
    )
}

#[rstest]
#[case("NaN", f64::NAN)]
#[case("Infinity", f64::INFINITY)]
#[case("-Infinity", f64::NEG_INFINITY)]
#[case("\"nan\"", f64::NAN)]
#[case("\"-inf\"", f64::NEG_INFINITY)]
fn numbers_that_json_does_not_have_are_read(#[case] token: &str, #[case] expected: f64) {
    let json = format!(
        r#"{{"name": "p", "outcome": "PASS", "measurements": {{"m": {{"measured_value": {token}}}}}}}"#
    );
    let run = read(&report(&json)).run;
    let MeasuredValue::Number(number) = run.phases[0].measurements[0].value else { panic!("no number") };
    assert_eq!(number.to_bits() & !(1 << 51), expected.to_bits() & !(1 << 51));
}

#[test]
fn measurements_keep_their_order() {
    let names: Vec<String> = (0..100).map(|i| format!("m{}", (i * 37) % 100)).collect();
    let entries: Vec<_> = names.iter().map(|name| format!("\"{name}\": {{}}")).collect();
    let json = format!(r#"{{"name": "p", "outcome": "PASS", "measurements": {{{}}}}}"#, entries.join(","));
    let run = read(&report(&json)).run;
    assert_eq!(run.phases[0].measurements.iter().map(|m| m.name.clone()).collect::<Vec<_>>(), names);
}

#[test]
fn a_report_that_was_cut_short_is_an_error() {
    let run = read(&report(r#"{"name": "p", "outcome": null, "start_time_millis": 7.5}"#)).run;
    assert_eq!((run.outcome, run.phases[0].ended_at), (RunOutcome::Error, None));
}

#[test]
fn numbers_stand_for_texts_where_stations_write_them() {
    let json =
        r#"{"dut_id": 4711, "start_time_millis": 5, "metadata": {"procedure_id": 7, "part_number": 12.5}}"#;
    let run = read(json).run;
    assert_eq!(run.unit.serial_number.as_str(), "4711");
    assert_eq!(run.procedure.id, "7");
    assert_eq!(run.unit.part_number.unwrap().as_str(), "12.5");
}

/// A station's author may set what there is nothing to say of.
#[test]
fn what_is_blank_is_not_there() {
    let text = r#"{"dut_id": "a", "start_time_millis": 5, "metadata": {"procedure_id": "FVT", "procedure_version": "",
        "part_number": " ", "revision": "", "batch_number": "", "test_name": ""}}"#;
    let run = read(text).run;
    assert_eq!((run.procedure.version, run.unit.part_number), (None, None));
    assert_eq!((run.unit.revision, run.unit.batch), (None, None));
}

#[rstest]
#[case("", "OpenHTF report, line 1, column 0: EOF while parsing a value")]
#[case("[1, 2", "OpenHTF report, line 1, column 5: EOF while parsing a list")]
#[case(
    "{\"dut_id\": [1]}",
    "OpenHTF report, line 1, column 12, at dut_id: invalid type: sequence, expected a text"
)]
#[case("{\"dut_id\": \"SN\"} x", "OpenHTF report, line 1, column 18: trailing characters")]
#[case(
    "{\"phases\": [NaN,\n NaN, {]}",
    "OpenHTF report, line 1, column 15, at phases[0]: invalid type: string \"nan\", expected struct WirePhase"
)]
#[case("{}", "OpenHTF report: no procedure id (metadata.procedure_id is missing)")]
#[case(
    r#"{"metadata": {"procedure_id": " "}}"#,
    "OpenHTF report: no procedure id (metadata.procedure_id is missing)"
)]
#[case(
    r#"{"metadata": {"procedure_id": "a\u0000b"}}"#,
    "OpenHTF report: procedure id must not contain '\\0' (metadata.procedure_id)"
)]
#[case(r#"{"metadata": {"procedure_id": "a"}}"#, "OpenHTF report: no serial number (dut_id is missing)")]
#[case(
    r#"{"metadata": {"procedure_id": "a"}, "dut_id": ""}"#,
    "OpenHTF report: serial number must not be empty (dut_id)"
)]
#[case(
    r#"{"metadata": {"procedure_id": "a"}, "dut_id": "a\u0000"}"#,
    "OpenHTF report: serial number must not contain '\\0' (dut_id)"
)]
#[case(
    r#"{"metadata": {"procedure_id": "a", "batch_number": "W 46"}, "dut_id": "a"}"#,
    "OpenHTF report: batch number must not contain ' ' (metadata.batch_number)"
)]
#[case(
    r#"{"metadata": {"procedure_id": "a", "part_number": {"a": 1}}, "dut_id": "a"}"#,
    "OpenHTF report: metadata.part_number is {\"a\":1}, where a text is expected"
)]
#[case(
    r#"{"metadata": {"procedure_id": "a", "sub_units": [{}]}, "dut_id": "a"}"#,
    "OpenHTF report: metadata.sub_units[0].serial_number is null, where a text is expected"
)]
#[case(
    r#"{"metadata": {"procedure_id": "a"}, "dut_id": "a"}"#,
    "OpenHTF report: no start (start_time_millis is missing)"
)]
#[case(
    r#"{"metadata": {"procedure_id": "a"}, "dut_id": "a", "start_time_millis": 1, "outcome": "GOOD"}"#,
    "OpenHTF report: outcome is \"GOOD\", which is not the outcome of a run"
)]
#[case(
    r#"{"start_time_millis": 1e17}"#,
    "OpenHTF report, line 1, column 27, at start_time_millis: 100000000000000000 is not a time in the years 1 to 9999"
)]
#[case(r#"{"start_time_millis": 1e999}"#, "OpenHTF report, line 1, column 27: number out of range")]
#[case(
    r#"{"phases": [{"name": "p", "measurements": {"m": {"validators": [1]}}}]}"#,
    "OpenHTF report, line 1, column 65, at phases[0].measurements.m.validators[0]: invalid type: integer `1`, expected a string"
)]
#[case(
    r#"{"phases": [{"name": "p", "attachments": {"a": {"data": "?"}}}]}"#,
    "OpenHTF report, line 1, column 59, at phases[0].attachments.a.data: no base64: Invalid symbol 63, offset 0."
)]
fn what_is_no_report_is_refused_with_the_place(#[case] json: &str, #[case] expected: &str) {
    assert_eq!(refusal(json), expected);
}

#[test]
fn what_is_read_again_is_the_same() {
    for json in REPORTS {
        let run = read(json).run;
        let mut written = Vec::new();
        openhtf::write(&run, &mut written).unwrap();
        let again = openhtf::read(&written, sample::id(), Given::default()).unwrap().run;
        assert_eq!(outline::of(&lossless(again)), outline::of(&lossless(run)));
    }
}

/// Without what [`openhtf::write`] says is lost: validators that nobody asked keep their words, not their place.
fn lossless(mut run: hil_model::run::Run) -> hil_model::run::Run {
    run.properties.retain(|property| property.key != "run_id");
    run.properties.sort();
    for measurement in run.phases.iter_mut().flat_map(|phase| &mut phase.measurements) {
        for validator in &mut measurement.validators {
            validator.outcome = hil_model::run::MeasurementOutcome::Unset;
        }
    }
    run
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_run_is_a_report(run in arbitrary::run()) {
        let mut json = Vec::new();
        openhtf::write(&run, &mut json).unwrap();
        let read = openhtf::read(&json, run.id.clone(), Given::default()).unwrap().run;
        let expected = arbitrary::as_openhtf_tells_it(run);
        prop_assert_eq!(format!("{:#?}", arbitrary::without_conditions(read.clone())), format!("{expected:#?}"));

        // What was lost once is not lost again.
        let mut json = Vec::new();
        openhtf::write(&read, &mut json).unwrap();
        let again = openhtf::read(&json, read.id.clone(), Given::default()).unwrap().run;
        prop_assert_eq!(format!("{:#?}", lossless(again)), format!("{:#?}", lossless(read)));
    }
}

#[rstest]
#[case::nothing(r#"{"start_time_millis": 1}"#, "SN-G", "given")]
#[case::empty(
    r#"{"start_time_millis": 1, "dut_id": " ", "metadata": {"procedure_id": ""}}"#,
    "SN-G",
    "given"
)]
#[case::all(
    r#"{"start_time_millis": 1, "dut_id": "SN-1", "metadata": {"procedure_id": "FVT1"}}"#,
    "SN-1",
    "FVT1"
)]
fn what_a_report_lacks_may_be_given(#[case] json: &str, #[case] serial: &str, #[case] procedure: &str) {
    let given = Given { serial_number: "SN-G".parse().ok(), procedure: Some("given".into()) };
    let run = openhtf::read(json.as_bytes(), sample::id(), given).unwrap().run;
    assert_eq!((run.unit.serial_number.as_str(), run.procedure.id.as_str()), (serial, procedure));
}

#[test]
fn a_nul_in_a_log_is_kept() {
    let json = r#"{"start_time_millis": 1, "dut_id": "SN-1", "metadata": {"procedure_id": "P"},
        "log_records": [{"level": 20, "message": "a\u0000b"}]}"#;
    assert_eq!(read(json).run.logs[0].message, "a\0b");
}

#[test]
fn what_is_cut_is_counted() {
    let many: Vec<_> = (0..300)
        .map(|i| format!(r#""k{i}": {{"a": "{}"}}"#, "x".repeat(if i < 2 { 5000 } else { 1 })))
        .collect();
    let json = format!(
        r#"{{"start_time_millis": 1, "dut_id": "S", "metadata": {{"procedure_id": "P", {}}}}}"#,
        many.join(",")
    );
    let report = read(&json);
    assert_eq!(report.run.properties.len(), 200);
    assert_eq!(report.cut, hil_exchange::Cut { left_out: 100, shortened: 2 });
}
