//! Runs from OpenHTF reports.

use hyper::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::database::{Backend, Postgres, Sqlite};
use crate::lab::Lab;

fn report(lab: &Lab) -> Value {
    json!({
        "dut_id": "SN-1", "start_time_millis": 1_749_983_400_000_i64, "end_time_millis": 1_749_983_402_000_i64,
        "outcome": "PASS", "outcome_details": [], "station_id": "host", "marginal": false,
        "metadata": {
            "procedure_id": lab.procedure.id.to_string(), "procedure_version": "1.0", "part_number": "ALM",
            "serial_number": "not this one", "test_name": "openhtf_test", "config": {},
        },
        "phases": [{
            "name": "measure", "outcome": "PASS", "start_time_millis": 1_749_983_400_500_i64,
            "end_time_millis": 1_749_983_401_500_i64, "descriptor_id": 1, "options": {}, "codeinfo": { "docstring": null },
            "result": { "phase_result": "CONTINUE" }, "attachments": {}, "diagnosis_results": [], "marginal": false,
            "measurements": {
                "rail": { "name": "rail", "outcome": "PASS", "measured_value": 3.3, "validators": ["3.1 <= x <= 3.5"] },
                "wild": { "name": "wild", "outcome": "PASS", "measured_value": "NAN", "validators": [] },
            },
        }],
        "subtests": [], "branches": [], "checkpoints": [], "diagnosers": [], "diagnoses": [],
        "log_records": [{
            "level": 20, "logger_name": "openhtf", "source": "main.py", "lineno": 3,
            "timestamp_millis": 1_749_983_400_600_i64, "message": "hello",
        }],
        "code_info": { "name": "main.py", "docstring": null, "sourcecode": "" },
    })
}

async fn upload(lab: &Lab, text: String) -> String {
    let (id, path) = lab.announce("SN-1.openhtf_test.2025-06-15_10-30-00-000.json").await;
    assert_eq!(lab.call(Method::PUT, &path, None, text).await.status, StatusCode::OK);
    id
}

async fn import(lab: &Lab, upload: &str) -> crate::lab::Answer {
    let body =
        json!({ "upload_id": upload, "importer": "OPENHTF", "client": "Python", "client_version": "2.2.4" });
    lab.post("/api/v1/import", &body).await
}

#[rstest]
#[tokio::test]
async fn a_report_becomes_one_run(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(lab) = Lab::open(backend).await else { return };
    // Python writes such tokens.
    let text = report(&lab).to_string().replace("\"NAN\"", "NaN");
    let upload = upload(&lab, text).await;
    let first = import(&lab, &upload).await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    let (first, second) = (first.json(), import(&lab, &upload).await.json());
    assert_eq!(first, second);
    assert_eq!(first.as_object().unwrap().keys().collect::<Vec<_>>(), ["id"], "a url would hide the id");

    let listed = lab.get("/api/v1/runs?serial_number=SN-1").await.json();
    let [run] = &listed["result"].as_array().unwrap()[..] else { panic!("{listed}") };
    for (pointer, expected) in [
        ("/id", first["id"].clone()),
        ("/outcome", json!("PASS")),
        ("/procedure_version/value", json!("1.0")),
        ("/phases/0/measurements/0/measured_value", json!(3.3)),
        ("/phases/0/measurements/1/measured_value", json!("nan")),
        ("/attachments/0/id", json!(upload)),
        ("/file_import/upload/id", json!(upload)),
        ("/logs/0/message", json!("hello")),
    ] {
        assert_eq!(run.pointer(pointer), Some(&expected), "{pointer}");
    }
    let stored = lab.store.run(first["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
    assert!(stored.run.attachments[0].is_report);
    assert_eq!(stored.import.unwrap().importer, "OPENHTF");
}

#[rstest]
#[case::no_part("/metadata/part_number", 400, "part number")]
#[case::no_unit("/dut_id", 400, "serial number")]
#[case::no_procedure("/metadata/procedure_id", 400, "procedure")]
#[tokio::test]
async fn a_report_that_lacks_something_stays_a_file(
    #[case] pointer: &str,
    #[case] status: u16,
    #[case] message: &str,
) {
    let lab = Lab::sqlite().await;
    let mut report = report(&lab);
    *report.pointer_mut(pointer).unwrap() = Value::Null;
    let upload = upload(&lab, report.to_string()).await;
    let answer = import(&lab, &upload).await;
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.message().contains(message), "{}", answer.message());
    assert!(lab.store.upload(upload.parse().unwrap()).await.unwrap().size.is_some());
}

#[rstest]
#[case::nothing("")]
#[case::no_json("once upon a time")]
#[case::no_report("[]")]
#[case::half_a_report("{\"dut_id\": \"SN-1\"")]
#[case::no_text("\u{0}\u{1}\u{2}")]
#[tokio::test]
async fn what_is_no_report_is_refused(#[case] text: &str) {
    let lab = Lab::sqlite().await;
    let upload = upload(&lab, text.to_owned()).await;
    let answer = import(&lab, &upload).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    assert!(answer.message().contains("OpenHTF report"), "{}", answer.message());
}

#[tokio::test]
async fn what_was_not_sent_cannot_be_imported() {
    let lab = Lab::sqlite().await;
    let (announced, _) = lab.announce("a").await;
    assert_eq!(import(&lab, &announced).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(import(&lab, "0193a5c0-0000-7000-8000-000000000001").await.status, StatusCode::NOT_FOUND);
    assert_eq!(import(&lab, "nonsense").await.status, StatusCode::BAD_REQUEST);
    let other = json!({ "upload_id": announced, "importer": "WATS" });
    let answer = lab.post("/api/v1/import", &other).await;
    assert!(answer.status == StatusCode::BAD_REQUEST && answer.message().contains("importer"), "{answer:?}");
}
