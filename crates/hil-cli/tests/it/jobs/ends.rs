//! However a job ends, the bench is safe, the server alive, and the record there.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::Lab;
use crate::imitation::Imitation;
use crate::program::{Program, wait_until};

fn long() -> Value {
    json!({ "plugins": ["bench::waits_long"], "config": { "simulation.realtime": true } })
}

#[test]
fn a_test_that_takes_its_process_along_leaves_the_server_alone() {
    let lab = Lab::start();
    let id = lab.job(&json!({ "plugins": ["verdicts::passes", "crashes::aborts", "verdicts::fails"] }));
    let job = lab.over(&id);
    assert_eq!(
        (&job["status"], &job["progress"], &job["result"]["outcome"]),
        (&json!("failed"), &json!(100), &json!("ABORTED")),
        "{job}"
    );
    let errors = lab.payloads(&id, "error");
    assert_eq!(errors[0]["plugin"], "crashes::aborts");
    let last = errors.last().unwrap();
    assert!(last["details"]["message"].as_str().unwrap().contains("SIGABRT"), "{last}");
    let run = lab.run(&job);
    let phases: Vec<&Value> = run["phases"].as_array().unwrap().iter().map(|phase| &phase["name"]).collect();
    assert_eq!(phases, ["verdicts::passes", "crashes::aborts"], "in the order that was asked for");
    let next = lab.over(&lab.job(&json!({ "plugins": ["verdicts::passes"] })));
    assert_eq!(next["result"]["outcome"], "PASS");
}

#[test]
fn a_job_that_is_cancelled_ends_in_order() {
    let lab = Lab::start();
    let id = lab.job(&long());
    lab.wait_for_test(&id, "bench::waits_long");
    assert_eq!(lab.get("/v1/benches")["benches"][0]["job_id"], id);
    assert_eq!(lab.cancel(&id), 202);
    let job = lab.over(&id);
    assert_eq!((&job["status"], &job["result"]["outcome"]), (&json!("aborted"), &json!("ABORTED")), "{job}");
    let proof = lab.payloads(&id, "partial_result");
    let proof = proof.iter().find_map(|said| said["result"].get("output_verified")).unwrap();
    assert_eq!(proof["confirmed"], true);
    assert_eq!(lab.run(&job)["outcome"], "ABORTED");
    assert_eq!(lab.cancel(&id), 200);
}

#[test]
fn a_server_that_is_told_to_end_ends_its_job_in_order() {
    let lab = Lab::start();
    let first = lab.job(&long());
    let second = lab.job(&json!({ "plugins": ["verdicts::passes"] }));
    lab.wait_for_test(&first, "bench::waits_long");
    assert_eq!(lab.end(Signal::SIGTERM), Some(0));
    let proof = lab.journal(&first);
    assert!(proof.iter().any(|entry| entry["event"]["output_verified"]["confirmed"] == true));
    lab.restart();
    let job = lab.over(&first);
    assert_eq!(
        (&job["status"], &job["result"]["outcome"]),
        (&json!("interrupted"), &json!("ABORTED")),
        "{job}"
    );
    assert!(job["progress"].as_u64().unwrap() < 100);
    assert_eq!(lab.run(&job)["outcome"], "ABORTED");
    assert_eq!(lab.over(&second)["result"]["outcome"], "PASS");
}

#[test]
fn a_server_that_is_killed_leaves_nothing_on_and_nothing_lost() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let lab = Lab::of(|program| imitation.supply(program));
    let id = lab.job(&json!({ "plugins": ["bench::waits_long"] }));
    lab.wait_for_test(&id, "bench::waits_long");
    assert!(imitation.is_on());
    lab.end(Signal::SIGKILL);
    wait_until("the output to go off", || !imitation.is_on());
    lab.restart();
    let job = lab.state(&id);
    assert_eq!(job["status"], "interrupted", "{job}");
    assert!((1..100).contains(&job["progress"].as_u64().unwrap()), "{job}");
    let run = format!("/api/hil/v1/runs/{}", job["result"]["run_id"].as_str().unwrap());
    wait_until("the record", || lab.ask("GET", &run, "").0 == 200);
    let run = lab.get(&run);
    assert_eq!(
        (&run["outcome"], &run["phases"][0]["name"]),
        (&json!("ABORTED"), &json!("bench::waits_long"))
    );
    assert!(!imitation.is_on());
}

#[test]
fn a_run_that_is_killed_with_its_server_is_kept_from_its_journal() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let lab = Lab::of(|program| imitation.supply(program));
    let id = lab.job(&json!({ "plugins": ["bench::waits_long"] }));
    lab.wait_for_test(&id, "bench::waits_long");
    let owner = lab.folder(&id).join("reports/.lock");
    let owner: Value = serde_json::from_str(&std::fs::read_to_string(owner).unwrap()).unwrap();
    let child = nix::unistd::Pid::from_raw(owner["pid"].as_i64().unwrap().try_into().unwrap());
    // Stopped, it cannot end in order when its server dies.
    nix::sys::signal::kill(child, Signal::SIGSTOP).unwrap();
    lab.end(Signal::SIGKILL);
    nix::sys::signal::kill(child, Signal::SIGKILL).unwrap();
    wait_until("the output to go off", || !imitation.is_on());
    lab.restart();
    let job = lab.state(&id);
    assert_eq!(job["status"], "interrupted", "{job}");
    let run = format!("/api/hil/v1/runs/{}", job["result"]["run_id"].as_str().unwrap());
    wait_until("the record", || lab.ask("GET", &run, "").0 == 200);
    assert_eq!(lab.get(&run)["outcome"], "ABORTED");
}

#[test]
fn a_job_waits_for_whoever_holds_the_bench() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let stranger: Program = imitation.program(&["waits_long"]);
    let mut running = stranger.start();
    wait_until("the stranger's test", || stranger.read("events.jsonl").contains("\"test_started\""));
    let lab = Lab::of(|program| imitation.supply(program));
    let owner = lab.get("/v1/benches")["benches"][0].clone();
    assert_eq!(owner["state"], "busy", "{owner}");
    assert!(owner["owner"].as_str().unwrap().contains("waits_long"), "{owner}");
    let id = lab.job(&json!({ "plugins": ["bench::is_at_nominal"] }));
    wait_until("the job to wait", || {
        let said = lab.payloads(&id, "progress");
        said.iter()
            .any(|said| said["stage"].as_str().unwrap_or_default().starts_with("waiting for the bench"))
    });
    assert_eq!(lab.state(&id)["progress"], 0);
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    let job = lab.over(&id);
    assert_eq!((&job["status"], &job["result"]["outcome"]), (&json!("completed"), &json!("PASS")), "{job}");
}
