//! What is ordered, and what is recorded.

use rstest::rstest;
use serde_json::{Value, json};

use super::Lab;

#[test]
fn a_suite_runs_to_its_end_and_leaves_its_record() {
    let lab = Lab::start();
    let tests = ["bench::rail_is_back", "bench::answers"];
    let unit = json!({ "serial_number": "SN-9", "part_number": "ALM" });
    let id = lab.job(
        &json!({ "suite": "bench", "plugins": tests, "unit": unit, "config": { "run": { "retries": 1 } } }),
    );
    let job = lab.over(&id);
    assert_eq!((&job["status"], &job["result"]["outcome"]), (&json!("completed"), &json!("PASS")), "{job}");
    let run = lab.run(&job);
    assert_eq!(
        (&run["unit"]["serial_number"], &run["operator"]),
        (&json!("SN-9"), &json!("ada@example.com"))
    );
    let phases: Vec<&Value> = run["phases"].as_array().unwrap().iter().map(|phase| &phase["name"]).collect();
    assert_eq!(phases, tests, "in the order in which they were asked for");

    let statuses: Vec<String> = lab
        .payloads(&id, "plugin_status")
        .iter()
        .map(|status| {
            format!("{} {}", status["plugin"].as_str().unwrap(), status["status"].as_str().unwrap())
        })
        .collect();
    let steps = ["setup:config", "setup:lock", "setup:lin", "setup:ldf", "setup:psu"];
    let expected: Vec<String> = steps
        .into_iter()
        .chain(tests)
        .chain(["teardown:psu", "teardown:lin"])
        .flat_map(|name| [format!("{name} started"), format!("{name} completed")])
        .collect();
    assert_eq!(statuses, expected);
    let progress: Vec<u64> =
        lab.payloads(&id, "progress").iter().map(|said| said["progress"].as_u64().unwrap()).collect();
    assert!(
        progress.is_sorted() && progress.first() == Some(&0) && progress.last() == Some(&100),
        "{progress:?}"
    );
    assert_eq!(progress.iter().filter(|said| **said == 100).count(), 1);
    assert!(job["plugin_timings"]["bench::answers"].is_f64(), "{job}");

    // Each number of the stream leads to the entry of the journal that it was made from.
    let journal = lab.journal(&id);
    let mut frames = 0;
    for line in lab.published(&id) {
        let Some(event) = line["event"].as_u64() else { continue };
        let entry = &journal[usize::try_from(event - 1).unwrap()];
        assert_eq!(entry["seq"], event);
        if line["type"] == "frame" {
            frames += 1;
            let is_frame = entry["event"].get("frame").is_some() || entry["event"].get("supply").is_some();
            assert!(is_frame, "{line} is not of {entry}");
        }
    }
    let sent = journal
        .iter()
        .filter(|entry| entry["event"].get("frame").is_some() || entry["event"].get("supply").is_some());
    assert_eq!(frames, sent.count());
}

#[test]
fn verdicts_are_those_of_the_run() {
    let lab = Lab::start();
    let names = ["verdicts::passes", "verdicts::fails", "verdicts::skips", "verdicts::panics"];
    let job = lab.over(&lab.job(&json!({ "plugins": names })));
    assert_eq!((&job["status"], &job["result"]["outcome"]), (&json!("completed"), &json!("ERROR")), "{job}");
    let id = job["job_id"].as_str().unwrap();
    let errors = lab.payloads(id, "error");
    let codes: Vec<&Value> = errors.iter().map(|error| &error["details"]["error_code"]).collect();
    assert_eq!(codes, ["TEST_FAILED", "TEST_ERROR"], "{errors:?}");
    let partial = lab.payloads(id, "partial_result");
    let skipped = partial.iter().find(|said| said["result"]["outcome"] == "SKIP").unwrap();
    assert_eq!(
        (&skipped["plugin"], &skipped["result"]["reason"]),
        (&json!("verdicts::skips"), &json!("the moon is not full"))
    );
    let measured = partial.iter().find_map(|said| said["result"].get("measurement")).unwrap();
    assert_eq!(
        (&measured["name"], &measured["limits"]),
        (&json!("ratio"), &json!({ "low": 0.0, "high": 1.0 }))
    );
    let job = lab.over(&lab.job(&json!({ "suite": "verdicts", "filters": ["fails"] })));
    assert_eq!(job["result"]["outcome"], "FAIL");
    let job = lab.over(&lab.job(&json!({ "suite": "sim" })));
    assert_eq!(job["result"]["outcome"], "PASS");
}

#[rstest]
#[case(json!({ "suite": "nothing" }), "suite", "UNKNOWN_SUITE")]
#[case(json!({ "plugins": ["bench::nothing"] }), "plugins", "UNKNOWN_PLUGIN")]
#[case(json!({ "suite": "verdicts", "plugins": ["bench::answers"] }), "plugins", "UNKNOWN_PLUGIN")]
#[case(json!({ "plugins": ["sim", "bench::answers"] }), "plugins", "UNKNOWN_PLUGIN")]
#[case(json!({ "suite": "bench", "device_requested": "bench-7" }), "device_requested", "DEVICE_UNAVAILABLE")]
#[case(json!({ "suite": "bench", "filters": ["nothing"] }), "filters", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "bench", "plugins": ["bench::answers"], "filters": ["rail"] }), "filters", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "bench", "options": { "bench::answers": {} } }), "options.bench::answers", "UNKNOWN_PLUGIN")]
#[case(json!({ "suite": "bench", "sim": {} }), "sim", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "bench", "source": "sim://x" }), "source", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "bench", "config": { "run.retrys": 1 } }), "config.run.retrys", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "bench", "config": { "run": { "retries": -1 } } }), "config.run.retries", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "bench", "config": { "bench": { "name": "other" } } }), "config.bench.name", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "bench", "config": { "record.store": "x" } }), "config.record.store", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "bench", "config": { " record.store": "x" } }), "config. record.store", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "bench", "config": { "interface": { "python": "/bin/sh" } } }), "config.interface.python", "MSG_BAD_VALUE")]
#[case(json!({ "suite": "sim", "config": { "nothing": 1 } }), "config.nothing", "MSG_BAD_VALUE")]
fn a_refusal_names_the_field(#[case] body: Value, #[case] field: &str, #[case] code: &str) {
    let lab = Lab::start();
    let (status, answer) = lab.ask("POST", "/v1/jobs", &body.to_string());
    assert_eq!((status, &answer["details"]["field"]), (422, &json!(field)), "{answer}");
    assert_eq!(answer["details"]["error_code"], code);
}

#[test]
fn benches_and_plugins_are_told() {
    let lab = Lab::start();
    let benches = lab.get("/v1/benches");
    let bench = &benches["benches"][0];
    assert_eq!(
        (&bench["simulated"], &bench["state"], &bench["queued"]),
        (&json!(true), &json!("idle"), &json!(0))
    );
    assert!(bench["suites"].as_array().unwrap().contains(&json!("bench")), "{bench}");
    assert_eq!(benches["benches"][1]["name"], "sim");
    for name in ["run", "setup:psu", "bench::answers", "sim2"] {
        assert_eq!(lab.get(&format!("/v1/plugins/{name}"))["plugin"], name);
    }
}
