//! What is refused, by its field; what is taken, in both forms.

use hyper::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use super::{lab, over, start};
use crate::lab::Lab;

#[rstest]
#[case(json!({}), "suite")]
#[case(json!([]), "body")]
#[case(json!({ "suite": 5 }), "suite")]
#[case(json!({ "suite": "nothing" }), "suite")]
#[case(json!({ "suite": "hardware" }), "suite")]
#[case(json!({ "suite": null, "sim": {} }), "suite")]
#[case(json!({ "suite": "sim", "more": 1 }), "more")]
#[case(json!({ "plugins": [] }), "plugins")]
#[case(json!({ "plugins": "sim" }), "plugins")]
#[case(json!({ "plugins": ["sim", 5] }), "plugins")]
#[case(json!({ "plugins": ["sim", "sim"] }), "plugins")]
#[case(json!({ "plugins": ["sim", "other"] }), "plugins")]
#[case(json!({ "plugins": ["other"] }), "plugins")]
#[case(json!({ "suite": "sim", "plugins": ["hardware::x"] }), "plugins")]
#[case(json!({ "source": "file://x" }), "source")]
#[case(json!({ "source": "sim://x", "suite": "hardware" }), "source")]
#[case(json!({ "source": "sim://x", "plugins": ["hardware::x"] }), "source")]
#[case(json!({ "suite": "sim", "device_requested": "" }), "device_requested")]
#[case(json!({ "suite": "sim", "device_requested": 1 }), "device_requested")]
#[case(json!({ "suite": "sim", "filters": ["nothing"] }), "filters")]
#[case(json!({ "suite": "sim", "filters": [1] }), "filters")]
#[case(json!({ "suite": "sim", "config": { "a": 1 } }), "config")]
#[case(json!({ "suite": "sim", "config": [] }), "config")]
#[case(json!({ "suite": "sim", "unit": { "serial_number": "" } }), "unit.serial_number")]
#[case(json!({ "suite": "sim", "unit": { "colour": "red" } }), "unit.colour")]
#[case(json!({ "suite": "sim", "unit": { "sub_units": [""] } }), "unit.sub_units")]
#[case(json!({ "suite": "sim", "options": { "sim2": {} } }), "options.sim2")]
#[case(json!({ "suite": "sim", "options": { "other": {} } }), "options.other")]
#[case(json!({ "suite": "sim", "sim": {}, "options": { "sim": {} } }), "sim")]
#[case(json!({ "plugins": ["sim2"], "sim": {} }), "sim")]
#[case(json!({ "suite": "sim", "sim": [] }), "sim")]
#[case(json!({ "suite": "sim", "sim": { "frame": 1 } }), "sim.frame")]
#[case(json!({ "suite": "sim", "sim": { "frames": -1 } }), "sim.frames")]
#[case(json!({ "suite": "sim", "sim": { "frames": 1_000_001 } }), "sim.frames")]
#[case(json!({ "suite": "sim", "sim": { "frames": 3.0 } }), "sim.frames")]
#[case(json!({ "suite": "sim", "sim": { "frames": "3" } }), "sim.frames")]
#[case(json!({ "suite": "sim", "sim": { "frames": true } }), "sim.frames")]
#[case(json!({ "suite": "sim", "sim": { "interval_ms": -0.1 } }), "sim.interval_ms")]
#[case(json!({ "suite": "sim", "sim": { "interval_ms": 60_000.5 } }), "sim.interval_ms")]
#[case(json!({ "suite": "sim", "sim": { "sleep_ms": 600_001 } }), "sim.sleep_ms")]
#[case(json!({ "suite": "sim", "sim": { "sleep_ms": "1" } }), "sim.sleep_ms")]
#[case(json!({ "suite": "sim", "sim": { "warnings": "w" } }), "sim.warnings")]
#[case(json!({ "suite": "sim", "sim": { "warnings": [1] } }), "sim.warnings")]
#[case(json!({ "suite": "sim", "sim": { "warnings": vec!["w"; 1001] } }), "sim.warnings")]
#[case(json!({ "suite": "sim", "sim": { "fail_at": -2 } }), "sim.fail_at")]
#[case(json!({ "suite": "sim", "sim": { "pad": 1_000_001 } }), "sim.pad")]
#[case(json!({ "suite": "sim", "sim": { "fatal": 1 } }), "sim.fatal")]
#[case(json!({ "suite": "sim", "options": { "sim": { "fatal": 1 } } }), "options.sim.fatal")]
#[tokio::test]
async fn a_refusal_names_the_field(#[case] body: Value, #[case] field: &str) {
    let lab = Lab::sqlite().await;
    let answer = lab.post("/v1/jobs", &body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
    let told = answer.json();
    assert_eq!(told["details"]["field"], field, "{told}");
    assert!(!told["error"].as_str().unwrap().is_empty() && told["details"]["error_code"].is_string());
    assert_eq!(lab.get("/v1/jobs").await.json(), json!({ "jobs": [] }));
}

#[rstest]
#[case("")]
#[case("{")]
#[case("{\"suite\":\"sim\"} x")]
#[case("{\"suite\":NaN}")]
#[case("\u{feff}{}")]
#[tokio::test]
async fn what_is_no_json_is_no_request(#[case] body: &'static str) {
    let lab = Lab::sqlite().await;
    let answer = lab.call(Method::POST, "/v1/jobs", Some(&lab.user), body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["details"]["error_code"], "MSG_INVALID_JSON");
}

#[rstest]
#[case(json!({ "suite": "sim", "sim": { "frames": 2, "interval_ms": 0, "warnings": ["rail sagged"] } }), Value::Null, false)]
#[case(json!({ "source": "sim://demo", "device_requested": "sim", "plugins": ["sim"],
    "options": { "sim": { "frames": 2, "interval_ms": 0.0, "warnings": ["rail sagged"] } } }), json!("sim"), false)]
#[case(json!({ "plugins": ["sim"], "device_requested": "bench-7", "suite": null, "filters": [], "unit": null, "config": {},
    "sim": { "frames": 2, "interval_ms": 0, "sleep_ms": null, "fail_at": -1, "pad": null, "fatal": null,
             "warnings": ["rail sagged"] } }), json!("bench-7"), true)]
#[tokio::test]
async fn every_form_is_the_same_job(#[case] body: Value, #[case] requested: Value, #[case] fallback: bool) {
    let lab = lab().await;
    let answer = lab.post("/v1/jobs", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let queued = answer.json();
    let mut names: Vec<&str> = queued.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let base = [
        "created_at",
        "device_requested",
        "device_used",
        "fallback",
        "finished_at",
        "frames",
        "job_id",
        "result",
        "started_at",
        "status",
    ];
    assert_eq!(names, base);
    assert_eq!(queued["status"], "queued");
    assert_eq!((&queued["device_requested"], &queued["device_used"]), (&requested, &json!("sim")));
    assert_eq!(queued["fallback"], fallback);
    assert_eq!(
        (&queued["frames"], &queued["result"], &queued["started_at"]),
        (&json!([]), &json!(null), &json!(null))
    );

    let id = queued["job_id"].as_str().unwrap();
    let done = over(&lab, id).await;
    assert_eq!((&done["status"], &done["progress"]), (&json!("completed"), &json!(100)));
    assert_eq!(done["warnings"], json!(["rail sagged"]));
    assert!(done["plugin_timings"]["sim"].as_f64().unwrap() >= 0.0);
    let frames: Vec<&Value> =
        done["frames"].as_array().unwrap().iter().map(|frame| &frame["frame_id"]).collect();
    assert_eq!(frames, ["sim-0", "sim-1"]);
    assert_eq!(done["result"]["outcome"], "PASS");
    let plain = lab.get(&format!("/v1/jobs/{id}")).await.json();
    let mut names: Vec<&str> = plain.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, base);
}

#[tokio::test]
async fn lists_are_newest_first_and_what_is_unknown_is_404() {
    let lab = lab().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = start(&lab, &json!({ "suite": "sim", "sim": { "frames": 0 } })).await;
        over(&lab, &id).await;
        ids.insert(0, id);
    }
    let listed = |answer: Value| -> Vec<String> {
        let jobs = answer["jobs"].as_array().unwrap().clone();
        jobs.iter().map(|job| job["job_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed(lab.get("/v1/jobs").await.json()), ids);
    assert_eq!(listed(lab.get("/v1/jobs?limit=2&status=completed").await.json()), ids[..2]);
    assert_eq!(listed(lab.get("/v1/jobs?status=failed&status=queued").await.json()), [""; 0]);
    for bad in ["status=done", "limit=0", "limit=1001", "limit=x"] {
        let answer = lab.get(&format!("/v1/jobs?{bad}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    for unknown in ["01a1ff13-8728-7111-a8e9-c6f48db3576f", "42", "%F0%9F%9A%80", "%FF", "sim"] {
        for path in [format!("/v1/jobs/{unknown}"), format!("/v1/jobs/{unknown}/extended")] {
            assert_eq!(lab.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(super::cancel(&lab, unknown).await, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn only_people_start_and_cancel() {
    let lab = lab().await;
    let body = json!({ "suite": "sim" }).to_string();
    for (key, status) in [(None, StatusCode::UNAUTHORIZED), (Some(&*lab.station), StatusCode::FORBIDDEN)] {
        let answer = lab.call(Method::POST, "/v1/jobs", key, body.clone()).await;
        assert_eq!(answer.status, status);
        let path = "/v1/jobs/01a1ff13-8728-7111-a8e9-c6f48db3576f";
        assert_eq!(lab.call(Method::DELETE, path, key, "").await.status, status);
    }
    for path in ["/v1/jobs", "/v1/benches", "/v1/plugins"] {
        assert_eq!(lab.call(Method::GET, path, Some(&lab.station), "").await.status, StatusCode::OK);
        assert_eq!(lab.call(Method::GET, path, None, "").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn plugins_declare_what_they_are() {
    let lab = lab().await;
    let listed = lab.get("/v1/plugins").await.json();
    let names: Vec<&Value> =
        listed["plugins"].as_array().unwrap().iter().map(|plugin| &plugin["plugin"]).collect();
    assert_eq!(names, ["sim", "sim2"]);
    for (at, name) in ["sim", "sim2"].iter().enumerate() {
        assert_eq!(lab.get(&format!("/v1/plugins/{name}")).await.json(), listed["plugins"][at]);
    }
    assert_eq!(lab.get("/v1/plugins/sim3").await.status, StatusCode::NOT_FOUND);
}
